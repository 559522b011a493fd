"""Where the pictures of a contact sheet lie on its pages, and how much room their captions get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.errors import UsageError

POINTS = 72.0
"""Of an inch."""
MARGIN = 36.0
GAP = 4.0
"""Points between a picture and its caption."""
TEXT_SIZE = 8.0
LINE = 1.36 * TEXT_SIZE
"""Points from line to line: ascent and descent of Noto Sans together, so that none touch."""

_HEADER, _FOOTER = 40.0, 26.0
_BETWEEN = 16.0
_WIDEST_CELL = 190.0
_FLATTEST, _TALLEST = 0.62, 1.0  # height of the place for a picture, in widths


@dataclass(frozen=True)
class Grid:
    """The places of the pictures, the same on every page; all lengths in points.

    Args:
        width, height: of the paper.
        columns, rows: pictures on a page.
        cell: width of a place.
        picture: height of the place for a picture.
        text: height of the place for the caption below it.
    """

    width: float
    height: float
    columns: int
    rows: int
    cell: float
    picture: float
    text: float

    @property
    def on_a_page(self) -> int:
        """Pictures on a full page."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """The left bottom corner of a picture's place, from the page's left bottom corner."""
        row, column = divmod(place, self.columns)
        top = self.height - MARGIN - _HEADER - row * (self.picture + self.text + _BETWEEN)
        return MARGIN + column * (self.cell + _BETWEEN), top - self.picture


def grid_for(page: tuple[float, float], lines_in: Callable[[float], int]) -> Grid:
    """As many pictures on a page as there is room for, and those as large as then is left.

    Args:
        page: (width, height) of the paper in inches.
        lines_in: how many lines the longest caption needs in a width of so many points.

    Raises:
        UsageError: there is no room for one picture.
    """
    width, height = page[0] * POINTS, page[1] * POINTS
    across = width - 2 * MARGIN + _BETWEEN
    columns = max(1, -int(-across // (_WIDEST_CELL + _BETWEEN)))
    cell = across / columns - _BETWEEN
    down = height - 2 * MARGIN - _HEADER - _FOOTER + _BETWEEN
    text = GAP + lines_in(max(cell, TEXT_SIZE)) * LINE
    rows = int(down // (cell * _FLATTEST + text + _BETWEEN))
    if rows < 1 or cell < POINTS:
        raise UsageError(
            f"a page of {page[0]:.3g} x {page[1]:.3g} in has no room for a picture and its caption",
            remedy="Choose A4 or letter.",
        )
    picture = min(cell * _TALLEST, down / rows - _BETWEEN - text)
    return Grid(width, height, columns, rows, cell, picture, text)
