"""Imposition: many small prints on one page, with marks that show where to cut.

Cells stand in rows and columns. Cut marks lie on the lines that the trims' edges prolong, in the
paper between and around the prints; no mark ever touches a print or its bleed. A ruler at the foot
shows whether the page was printed at its true size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from pipeline.core.errors import ProfileRefused, SizeRefused, StageContractBroken
from pipeline.core.photo import Photo, Samples
from pipeline.export.cut_marks import cut_marks, ruler, ruler_height

_MM = 1 / 25.4
_WHITE = 65535

DEFAULT_MARGIN_INCHES = 8 * _MM
"""Paper kept free of prints at the page's edge: most printers reach to about 5 mm."""

DEFAULT_GAP_INCHES = 4 * _MM


@dataclass(frozen=True)
class Slot:
    """A place on a page.

    Args:
        left, top: px of the page where the trimmed print begins.
    """

    left: int
    top: int


@dataclass(frozen=True)
class Page:
    """One page, before anything is on it.

    Args:
        size: (width, height), px.
        dpi: of the page, both ways.
        cell: (width, height) of a trimmed print, px.
        bleed: px around each trimmed print.
        slots: where prints go, row by row.
    """

    size: tuple[int, int]
    dpi: float
    cell: tuple[int, int]
    bleed: int
    slots: tuple[Slot, ...]


def arrange(
    count: int,
    cell: tuple[int, int],
    page: tuple[int, int],
    *,
    dpi: float,
    bleed_px: int = 0,
    margin_px: int = 0,
    gap_px: int = 0,
) -> list[Page]:
    """Where so many prints of one size go, on as few pages as they need.

    The page is turned when it then holds more; prints stay as they are.

    Args:
        count: of prints, at least 1.
        cell: (width, height) of a trimmed print, px.
        page: (width, height), px.
        dpi: of page and prints.
        bleed_px: around each print.
        margin_px: kept free of prints at each edge of the page.
        gap_px: between the bleeds of neighbours, at least.

    Raises:
        SizeRefused: not even one print fits.
    """
    outer = cell[0] + 2 * bleed_px, cell[1] + 2 * bleed_px
    held = [(_fits(outer, size, margin_px, gap_px), size) for size in (page, (page[1], page[0]))]
    # The page as it was given, unless turning it saves paper.
    (columns, rows), size = max(held, key=lambda one: one[0][0] * one[0][1])
    each = columns * rows
    if each < 1:
        raise SizeRefused(
            f"a print of {_mm(cell, dpi)} does not fit on a page of {_mm(page, dpi)}; it may be "
            f"at most {_mm(_room(page, cell, margin_px + bleed_px), dpi)}",
            remedy="Choose a larger --sheet, or a smaller --size.",
        )
    pages = []
    for first in range(0, max(1, count), each):
        on_page = min(each, max(1, count) - first)
        across = min(columns, on_page)
        down = -(-on_page // columns)
        # A page that is not full looks like one that is: its prints begin at the same place.
        left, top = _corner(outer, (columns, rows), size, margin_px, gap_px, dpi)
        slots = tuple(
            Slot(
                left + column * (outer[0] + gap_px) + bleed_px,
                top + row * (outer[1] + gap_px) + bleed_px,
            )
            for row in range(down)
            for column in range(across)
            if row * columns + column < on_page
        )
        pages.append(Page(size, dpi, cell, bleed_px, slots))
    return pages


def impose(pages: Iterable[Page], prints: Iterable[Photo]) -> Iterator[Photo]:
    """Put prints on their pages, one page in memory at a time.

    Args:
        pages: as `arrange` gives them.
        prints: in order, at least as many as there are slots; each of the cell's size with its
            bleed, or of that size turned by a quarter. All in one colour encoding.

    Yields:
        Pages, uint16, grey when all prints on them are.

    Raises:
        ProfileRefused: two prints have different colour profiles.
        StageContractBroken: a print has another size, or there are too few.
    """
    source = iter(prints)
    icc: list[bytes | None] = []
    for number, page in enumerate(pages, start=1):
        photos = list(islice(source, len(page.slots)))
        if len(photos) < len(page.slots):
            raise StageContractBroken(f"page {number} has more places than prints")
        icc = icc or [photos[0].icc]
        if any(photo.icc != icc[0] for photo in photos):
            raise ProfileRefused(
                "the prints of one sheet have different colour profiles",
                remedy="Convert them all to one: add --profile srgb.",
            )
        yield _page(page, photos)


def _page(page: Page, photos: list[Photo]) -> Photo:
    channels = max(photo.samples.shape[2] for photo in photos)
    sheet: Samples = np.full((page.size[1], page.size[0], channels), _WHITE, np.uint16)
    boxes = []
    for slot, photo in zip(page.slots, photos, strict=True):
        samples = _upright(photo, page)
        left, top = slot.left - page.bleed, slot.top - page.bleed
        height, width = samples.shape[:2]
        # A grey print has one channel, which is written to all three.
        sheet[top : top + height, left : left + width] = samples
        boxes.append((left, top, left + width, top + height))
    for mark in cut_marks(boxes, page.bleed, page.size, page.dpi):
        sheet[mark[1] : mark[3], mark[0] : mark[2]] = 0
    foot = max(box[3] for box in boxes)
    ruler(sheet, foot, page.dpi)
    depth = max(photo.bit_depth for photo in photos)
    return Photo(sheet, (page.dpi, page.dpi), photos[0].icc, depth)


def _upright(photo: Photo, page: Page) -> Samples:
    """The samples of a print, turned by a quarter when it lies across its cell."""
    wanted = page.cell[0] + 2 * page.bleed, page.cell[1] + 2 * page.bleed
    if (photo.width, photo.height) == wanted:
        return photo.samples
    if (photo.height, photo.width) == wanted:
        return np.rot90(photo.samples)
    raise StageContractBroken(
        f"a print of {photo.width} x {photo.height} px where {wanted[0]} x {wanted[1]} was due"
    )


def _fits(outer: tuple[int, int], page: tuple[int, int], margin: int, gap: int) -> tuple[int, int]:
    """(columns, rows) that a page holds."""
    columns, rows = (
        max(0, (length - 2 * margin + gap) // (side + gap))
        for length, side in zip(page, outer, strict=True)
    )
    return columns, rows


def _corner(
    outer: tuple[int, int],
    grid: tuple[int, int],
    page: tuple[int, int],
    margin: int,
    gap: int,
    dpi: float,
) -> tuple[int, int]:
    """(left, top) px of the first bleed: in the middle, raised when the ruler needs the room."""
    taken = [n * (side + gap) - gap for n, side in zip(grid, outer, strict=True)]
    left, top = ((length - side) // 2 for length, side in zip(page, taken, strict=True))
    raised = page[1] - taken[1] - ruler_height(dpi)
    return left, raised if margin <= raised < top else top


def _room(page: tuple[int, int], cell: tuple[int, int], edge: int) -> tuple[int, int]:
    """The largest trimmed print a page takes, lying as the cell does."""
    width, height = sorted(page) if cell[0] <= cell[1] else sorted(page, reverse=True)
    return max(0, width - 2 * edge), max(0, height - 2 * edge)


def _mm(size: tuple[int, int], dpi: float) -> str:
    width, height = (int(side / dpi * 25.4 * 10) / 10 for side in size)
    return f"{width:g} x {height:g} mm"
