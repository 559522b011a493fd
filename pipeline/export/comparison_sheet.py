"""The comparison sheet: one print treated in several ways, side by side, with its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image as PillowImage
from PIL import ImageDraw

from pipeline.core.photo import Photo
from pipeline.export.comparison_views import GAP, Layout, Picture
from pipeline.export.sheet_page import FAINT, INK, blank_sheet, finished, font, shortened, wrapped

EDGE = 32
GUTTER = 108
TITLE = 26
TEXT = 17
SMALL = 14
LINE = 20

_FOOT = "100 %: one px of the print is one px here.  100 % x 2: each px is drawn as 2 x 2 px."


@dataclass(frozen=True)
class Variant:
    """One column.

    Args:
        title: at its top: the model, the strength.
        looks: what `Layout.look_at` gave of the print so treated; None when that failed.
        told: a few words under the whole picture.
        figures: what is written under each face, by its number, line by line.
    """

    title: str
    looks: tuple[Picture, ...] | None
    told: str = ""
    figures: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Row:
    """Pictures side by side, one for each column, and the lines of text under each."""

    label: tuple[str, ...]
    cells: tuple[Picture | None, ...]
    lines: tuple[tuple[str, ...], ...]

    @property
    def picture_height(self) -> int:
        tallest = max((cell.shape[0] for cell in self.cells if cell is not None), default=LINE)
        return max(tallest, LINE * len(self.label))

    @property
    def height(self) -> int:
        return self.picture_height + GAP + LINE * max(len(own) for own in self.lines)


def comparison_sheet(title: str, layout: Layout, variants: Sequence[Variant]) -> Photo:
    """Draw a column for every variant and a row for every view.

    Args:
        title: at the top of the sheet.
        layout: what is shown.
        variants: from left to right, the print before first.

    Returns:
        An 8-bit photo in sRGB.

    Raises:
        ValueError: there is no variant.
    """
    if not variants:
        raise ValueError("a comparison needs at least one variant")
    rows = [_row(layout, place, variants) for place in range(len(layout.views))]
    return _drawn(title, [variant.title for variant in variants], rows, layout.column)


def _row(layout: Layout, place: int, variants: Sequence[Variant]) -> _Row:
    view = layout.views[place]
    cells = tuple(variant.looks[place] if variant.looks else None for variant in variants)
    texts: list[Sequence[str]] = [() for _ in variants]
    if place == 0:
        texts = [[variant.told] for variant in variants]
    elif view.face is not None:
        texts = [variant.figures.get(view.face, ()) for variant in variants]
    return _Row(view.label, cells, tuple(_on_lines(own, layout.column) for own in texts))


def _on_lines(texts: Sequence[str], column: int) -> tuple[str, ...]:
    return tuple(line for text in texts for line in wrapped(text, SMALL, column))


def _drawn(title: str, titles: Sequence[str], rows: Sequence[_Row], column: int) -> Photo:
    width = 2 * EDGE + GUTTER + len(titles) * (column + GAP) - GAP
    top = EDGE + TITLE + 2 * GAP + LINE
    height = top + GAP + sum(row.height + GAP for row in rows) + LINE + EDGE
    sheet, draw = blank_sheet(width, height)
    large = font(TITLE)
    told = shortened(draw, title, large, width - 2 * EDGE)
    draw.text((EDGE, EDGE - 8), told, fill=INK, font=large)
    lefts = [EDGE + GUTTER + place * (column + GAP) for place in range(len(titles))]
    for left, name in zip(lefts, titles, strict=True):
        _write(draw, left, top - LINE, name, TEXT, column)
    draw.line((EDGE, top + 4, width - EDGE - 1, top + 4), fill=FAINT, width=1)
    top += GAP
    for row in rows:
        _draw_row(sheet, draw, row, top, lefts, column)
        top += row.height + GAP
    _write(draw, EDGE, top, _FOOT, SMALL, width - 2 * EDGE)
    return finished(sheet)


def _draw_row(
    sheet: PillowImage.Image,
    draw: ImageDraw.ImageDraw,
    row: _Row,
    top: int,
    lefts: Sequence[int],
    column: int,
) -> None:
    for place, words in enumerate(row.label):
        size = SMALL if place == len(row.label) - 1 else TEXT
        _write(draw, EDGE, top + place * LINE, words, size, GUTTER)
    for left, cell in zip(lefts, row.cells, strict=True):
        if cell is None:
            _write(draw, left, top, "failed", TEXT, column)
        else:
            sheet.paste(PillowImage.fromarray(cell), (left, top))
    below = top + row.picture_height + GAP // 2
    for left, lines in zip(lefts, row.lines, strict=True):
        for place, words in enumerate(lines):
            _write(draw, left, below + place * LINE, words, SMALL, column)


def _write(
    draw: ImageDraw.ImageDraw, left: int, top: int, words: str, size: int, room: int
) -> None:
    typeface = font(size)
    told = shortened(draw, words, typeface, room)
    draw.text((left, top), told, fill=INK if size >= TEXT else FAINT, font=typeface)
