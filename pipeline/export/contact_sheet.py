"""The contact sheet: before and after side by side, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw

from pipeline.core.photo import Photo
from pipeline.export.sheet_page import (
    FAINT,
    INK,
    as_shown,
    blank_sheet,
    finished,
    font,
    shortened,
)

Pair = tuple[str, Photo, Photo]

EDGE = 40
GAP = 10
BETWEEN_PAIRS = 44
HEADER = 58
CAPTION = 34
TEXT = 19
SMALL = 15


def contact_sheet(
    pairs: Sequence[Pair], *, title: str = "before | after", columns: int = 0, cell_px: int = 460
) -> Photo:
    """Lay pairs of photos out on one sheet, each with its caption and its size.

    Args:
        pairs: (caption, before, after); both are shown equally wide, whatever their size in px.
        title: at the top of the sheet.
        columns: pairs side by side; 0 chooses 1 up to four pairs, 2 up to sixteen, else 3.
        cell_px: width and greatest height of one picture on the sheet, px.

    Returns:
        An 8-bit photo in sRGB at 150 dpi.

    Raises:
        ValueError: no pairs, or a cell too small to see anything in.
    """
    if not pairs:
        raise ValueError("a contact sheet needs at least one pair")
    if cell_px < 64:
        raise ValueError(f"a cell of {cell_px} px is too small")
    columns = min(len(pairs), columns or _columns(len(pairs)))
    pair_width = 2 * cell_px + GAP
    thumbs = [
        (_thumbnail(before, cell_px), _thumbnail(after, cell_px)) for _, before, after in pairs
    ]
    rows = [range(i, min(i + columns, len(pairs))) for i in range(0, len(pairs), columns)]
    heights = [max(t.shape[0] for i in row for t in thumbs[i]) for row in rows]
    width = 2 * EDGE + columns * pair_width + (columns - 1) * BETWEEN_PAIRS
    height = (
        2 * EDGE + HEADER + sum(heights) + len(rows) * (CAPTION + BETWEEN_PAIRS) - BETWEEN_PAIRS
    )
    sheet, draw = blank_sheet(width, height)
    draw.text((EDGE, EDGE - 6), title, fill=INK, font=font(TEXT + 7))
    draw.line((EDGE, EDGE + 36, width - EDGE - 1, EDGE + 36), fill=FAINT, width=1)
    top = EDGE + HEADER
    for row, row_height in zip(rows, heights, strict=True):
        for place, i in enumerate(row):
            left = EDGE + place * (pair_width + BETWEEN_PAIRS)
            for side, thumb in enumerate(thumbs[i]):
                x = left + side * (cell_px + GAP) + (cell_px - thumb.shape[1]) // 2
                y = top + (row_height - thumb.shape[0]) // 2
                sheet.paste(PillowImage.fromarray(thumb), (x, y))
            _caption(draw, pairs[i], left, top + row_height + 8, pair_width)
        top += row_height + CAPTION + BETWEEN_PAIRS
    return finished(sheet)


def _columns(count: int) -> int:
    if count <= 4:
        return 1
    return 2 if count <= 16 else 3


def _thumbnail(photo: Photo, cell: int) -> NDArray[np.uint8]:
    """The photo in sRGB, uint8, as large as the cell allows; reduced by area, so nothing rings."""
    factor = min(cell / photo.width, cell / photo.height)
    size = (max(1, round(photo.width * factor)), max(1, round(photo.height * factor)))
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return as_shown(_resized(photo, size, way), photo.icc)


def _resized(photo: Photo, size: tuple[int, int], way: int) -> NDArray[np.float32]:
    """float32 (H, W, 3) at another size; reduced as integers, so a large scan is not copied."""
    made = cv2.resize(photo.samples, size, interpolation=way)
    return photo.with_samples(made.reshape(size[1], size[0], -1)).pixels


def _caption(draw: ImageDraw.ImageDraw, pair: Pair, left: int, top: int, width: int) -> None:
    name, before, after = pair
    sizes = f"{_size(before)}  |  {_size(after)}"
    small = font(SMALL)
    sizes_width = draw.textlength(sizes, font=small)
    draw.text((left + width - sizes_width, top + 3), sizes, fill=FAINT, font=small)
    large = font(TEXT)
    room = width - sizes_width - 2 * GAP
    draw.text((left, top), shortened(draw, name, large, room), fill=INK, font=large)


def _size(photo: Photo) -> str:
    size = f"{photo.width} x {photo.height} px"
    if photo.size_inches is None:
        return size
    across, down = photo.size_inches
    return f"{size}, {across:.1f} x {down:.1f} in"
