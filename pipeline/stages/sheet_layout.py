"""Where a picture comes to lie on a sheet of paper: px reckoned before any px is made.

The words are those of printers. The sheet is the file; its bleed is cut off all round and leaves
the trim, the print as it is held; a border is white paper inside the trim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pipeline.core.errors import SizeRefused
from pipeline.core.photo import Dpi

if TYPE_CHECKING:
    from pipeline.stages.resample import Box

Fit = Literal["pad", "crop", "shrink"]

MOST_SHEET_PX = 60_000
"""px of a sheet's side at most."""


@dataclass(frozen=True)
class Layout:
    """Where a picture comes to lie on its sheet.

    Args:
        sheet: (width, height), px, bleed included.
        content: (width, height) of the picture on the sheet, px.
        origin: (left, top) of the picture on the sheet, px.
        source: the part of the picture used, (left, top, right, bottom) in its px.
        bleed: px on each side of the sheet that are cut off.
    """

    sheet: tuple[int, int]
    content: tuple[int, int]
    origin: tuple[int, int]
    source: Box
    bleed: int = 0

    @property
    def scale(self) -> tuple[float, float]:
        """px on the sheet for each px of the picture, (across, down)."""
        left, top, right, bottom = self.source
        return self.content[0] / (right - left), self.content[1] / (bottom - top)

    @property
    def enlargement(self) -> float:
        """The same along the axis that grows more."""
        return max(self.scale)

    @property
    def trim(self) -> tuple[int, int]:
        """(width, height) of the sheet once it is cut, px."""
        return self.sheet[0] - 2 * self.bleed, self.sheet[1] - 2 * self.bleed

    @property
    def cut_off(self) -> tuple[float, float]:
        """px of the picture that the bleed takes on each side, (left and right, top and bottom)."""
        across, down = self.scale
        return (
            max(0, self.bleed - self.origin[0]) / across,
            max(0, self.bleed - self.origin[1]) / down,
        )

    @property
    def shown(self) -> Box:
        """The part of the picture that is left once the sheet is cut, in its px."""
        left, top, right, bottom = self.source
        across, down = self.cut_off
        return left + across, top + down, right - across, bottom - down

    def moved_to(self, left: float, top: float) -> Layout:
        """The same with the used part of the picture beginning elsewhere, px of the picture."""
        width, height = self.source[2] - self.source[0], self.source[3] - self.source[1]
        return replace(self, source=(left, top, left + width, top + height))


def lay_out(
    picture: tuple[int, int],
    dpi: Dpi | None,
    sheet: tuple[int, int],
    fit: Fit,
    *,
    border: int = 0,
    bleed: int = 0,
) -> Layout:
    """Fit a picture on a sheet.

    The sheet is turned to stand or lie as the picture does. Unequal resolutions of the scan in
    x and y are made good, so that a circle on the paper stays one.

    Args:
        picture: (width, height), px.
        dpi: its resolution, (across, down), or None for square px.
        sheet: (width, height), px, of square px, bleed included.
        fit: `pad` shows all of it with even margins, `crop` fills the room with its middle,
            `shrink` cuts the sheet down to the picture's shape.
        border: px of white on each side inside the trim.
        bleed: px on each side that are cut off. Without a border the picture runs through it.

    Raises:
        SizeRefused: border and bleed leave no room for the picture.
    """
    paper = float(picture[0]), float(picture[1])
    if dpi is not None:
        paper = picture[0] / dpi[0], picture[1] / dpi[1]
    if (paper[0] > paper[1]) != (sheet[0] > sheet[1]) and paper[0] != paper[1]:
        sheet = (sheet[1], sheet[0])
    if min(sheet) - 2 * (border + bleed) < 1:
        raise SizeRefused(
            f"a border of {border} px and a bleed of {bleed} px leave nothing of a sheet of "
            f"{sheet[0]} x {sheet[1]} px",
            remedy="Choose a narrower --border or a larger --size.",
        )
    inset = border + bleed if border else 0
    room = sheet[0] - 2 * inset, sheet[1] - 2 * inset
    across, down = room[0] / paper[0], room[1] / paper[1]
    whole = 0.0, 0.0, float(picture[0]), float(picture[1])
    if fit == "crop":
        grow = max(across, down)
        used = picture[0] * across / grow, picture[1] * down / grow
        left, top = (picture[0] - used[0]) / 2, (picture[1] - used[1]) / 2
        middle = left, top, left + used[0], top + used[1]
        return Layout(sheet, room, (inset, inset), middle, bleed)
    grow = min(across, down)
    content = _at_most(paper[0] * grow, room[0]), _at_most(paper[1] * grow, room[1])
    if fit == "shrink":
        sheet = content[0] + 2 * inset, content[1] + 2 * inset
        return Layout(sheet, content, (inset, inset), whole, bleed)
    origin = (sheet[0] - content[0]) // 2, (sheet[1] - content[1]) // 2
    return Layout(sheet, content, origin, whole, bleed)


def _at_most(length: float, limit: int) -> int:
    return max(1, min(limit, round(length)))
