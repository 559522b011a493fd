"""Cut marks and the ruler of a page of prints.

A mark is a hairline that prolongs the edge of a trimmed print. It lies just outside the edge, so
that a knife laid along its inner side takes it away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Samples
from pipeline.export.sheet_page import font

Rect = tuple[int, int, int, int]
"""left, top, right, bottom in px; the last two are not part of it."""

_MM = 1 / 25.4
_LINE = 0.25 / 72
"""Inches: a quarter of a point, as print shops draw them."""

_LENGTH = 5 * _MM
_AWAY = 1 * _MM
"""Between a print and its mark."""

_SHORTEST = 1 * _MM
_EDGE = 3 * _MM
"""Most printers cannot print nearer to the paper's edge."""

RULER_MM = 50
_TICK = 3 * _MM
_TEXT = 2.5 * _MM
_TOLD = (f"{RULER_MM} mm - print at 100 %, not fitted to the page", f"{RULER_MM} mm")
"""What stands beside the ruler: the first that there is room for."""


def cut_marks(prints: Sequence[Rect], bleed: int, page: tuple[int, int], dpi: float) -> list[Rect]:
    """Marks for every edge along which prints are cut.

    Args:
        prints: with their bleed, px of the page; they do not overlap.
        bleed: px of each print that are cut off on each side.
        page: (width, height), px.
        dpi: of the page.

    Returns:
        Rectangles of ink, none of which touches a print.
    """
    line = max(1, round(_LINE * dpi))
    across = [_turned(box) for box in prints]
    marks = _upright_marks(prints, bleed, page, line, dpi)
    marks += [_turned(m) for m in _upright_marks(across, bleed, (page[1], page[0]), line, dpi)]
    return [mark for mark in sorted(set(marks)) if not any(_meet(mark, box) for box in prints)]


def _upright_marks(
    prints: Sequence[Rect], bleed: int, page: tuple[int, int], line: int, dpi: float
) -> list[Rect]:
    """Vertical marks above and below each print, for its left and right edge."""
    away, length, shortest = (round(inches * dpi) for inches in (_AWAY, _LENGTH, _SHORTEST))
    marks = []
    for left, top, right, bottom in prints:
        for x in (left + bleed - line, right - bleed):
            # A mark that passed along a neighbour's edge would look like a part of it.
            beside = [box for box in prints if box[0] <= x + line and x <= box[2]]
            ceiling = max((box[3] + away for box in beside if box[3] <= top), default=0)
            floor = min((box[1] - away for box in beside if box[1] >= bottom), default=page[1])
            above = max(ceiling, top - away - length), top - away
            below = bottom + away, min(floor, bottom + away + length)
            for start, end in (above, below):
                if end - start >= shortest:
                    marks.append((x, start, x + line, end))
    return marks


def ruler_height(dpi: float) -> int:
    """px below the prints that marks, ruler and the paper's edge need together."""
    inches = 2 * _AWAY + _LENGTH + _TICK + _EDGE
    return int(np.ceil(inches * dpi)) + 2


def ruler(sheet: Samples, foot: int, dpi: float) -> Rect | None:
    """Draw a line of 50 mm with its length beneath the prints, when there is room.

    Args:
        sheet: uint16 (H, W, C), drawn on in place.
        foot: px from the top where the lowest print ends.
        dpi: of the page.

    Returns:
        Where it lies, or None when there is no room.
    """
    height, width = sheet.shape[:2]
    if height - foot < ruler_height(dpi):
        return None
    length, tick = round(RULER_MM * _MM * dpi), round(_TICK * dpi)
    line = max(1, round(2 * _LINE * dpi))
    gap, edge = round(2 * _MM * dpi), round(_EDGE * dpi)
    room = width - 2 * edge - length - gap
    if room < -gap:
        return None
    told = (_words(text, max(8, round(_TEXT * dpi))) for text in _TOLD)
    words = next((text for text in told if text.shape[1] <= room), None)
    taken = length if words is None else length + gap + words.shape[1]
    left = (width - taken) // 2
    bottom = height - edge
    top = bottom - tick
    # The outer edges of the outer ticks are 50 mm apart.
    for centimetre in range(RULER_MM // 10 + 1):
        at = left + round(centimetre * length / (RULER_MM // 10))
        at = min(max(left, at - line // 2), left + length - line)
        reach = tick if centimetre in (0, RULER_MM // 10) else tick // 2
        sheet[bottom - reach : bottom, at : at + line] = 0
    sheet[bottom - line : bottom, left : left + length] = 0
    if words is not None:
        words = words[-tick:]
        start = left + length + gap
        sheet[bottom - len(words) : bottom, start : start + words.shape[1]][words] = 0
    return left, top, left + taken, bottom


def _words(text: str, size: int) -> NDArray[np.bool_]:
    """A line of text as ink, (height, width)."""
    from PIL import Image, ImageDraw

    typeface = font(size)
    left, top, right, bottom = typeface.getbbox(text)
    drawn = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2), 0)
    ImageDraw.Draw(drawn).text((1 - left, 1 - top), text, fill=255, font=typeface)
    return np.asarray(drawn) >= 128


def _turned(rect: Rect) -> Rect:
    left, top, right, bottom = rect
    return top, left, bottom, right


def _meet(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
