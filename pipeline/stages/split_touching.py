"""Prints that were pushed together: one outline, taken apart into rectangles.

Every print of such a group shows most of its sides in the common outline. The straight pieces of
the outline give the lines on which sides lie; two pairs of lines of one direction make a
rectangle. Of all rectangles that lie on the outline's inside, the few are chosen that cover it
exactly, without overlapping, and whose sides show best: as outline, or as a seam between two
prints. When two ways of covering it come near each other, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.split_covering import Way, alike, ways_to_cover
from pipeline.stages.split_edge import Look
from pipeline.stages.split_evidence import TOOTH_DEPTH_MM, seam_share
from pipeline.stages.split_outline import Mask, Rectangle
from pipeline.stages.split_pieces import (
    SHORTEST_PIECE_MM,
    Line,
    axes,
    directions,
    straight_pieces,
    upright,
)

SAME_LINE_MM = 0.5
"""Parallel pieces nearer than this are one line."""
INSIDE = 0.93
"""Share of a rectangle that lies within the outline, at least."""
SHOWN_SIDES = 0.8
"""Sum over a rectangle's sides of the share that lies on the outline, at least."""
MOST_PIECES = 96
"""An outline of more straight pieces is not one of prints."""
LEAST_MEAN = 0.75
LEAST_SIDE = 0.15
"""Each print of a group shows at least so much of its sides on average, and of every one."""
AS_GOOD = 0.04
CLEAR_SIDE = 0.9
"""Two prints show as well as one in their place when they cost no more than the first beyond it,
and each side shows at least so far."""
CLEARLY = 0.03
"""The best way to cover the outline leads the next by at least this much."""


def take_apart(
    part: Mask, look: Look, shortest_mm: float, *, one_would_do: bool = False
) -> list[Rectangle]:
    """The rectangles that make up one outline, or an empty list when that is not certain.

    Args:
        part: bool (H, W), one solid part.
        look: the image against its lid.
        shortest_mm: the shortest side of a print, mm.
        one_would_do: the outline is nearly a rectangle, so that a photograph would be cut in two
            if this went wrong. Then every side must be clear, and a white lid, on which outlines
            waver, is not trusted at all.

    Returns:
        Two or more rectangles; `sides` holds the share of each side that shows as outline or seam.
    """
    pieces = straight_pieces(part, look.per_mm)
    if (one_would_do and look.white) or len(pieces) > MOST_PIECES:
        return []
    rectangles = [
        rectangle
        for angle, lines in directions(pieces)
        for rectangle in _rectangles(part, look, angle, lines, shortest_mm)
        if np.mean(rectangle.sides) >= LEAST_MEAN and rectangle.support >= LEAST_SIDE
    ]
    ways = ways_to_cover(part, rectangles, look.per_mm)
    several = [way for way in ways if len(way.pieces) > 1]
    alone = min((way.cost for way in ways if len(way.pieces) == 1), default=np.inf)
    if not several or alone < several[0].cost - AS_GOOD:
        return []
    best = several[0]
    one_would_do |= bool(np.isfinite(alone))
    if one_would_do and (look.white or not _all_clear(best)):
        return []
    near = [way for way in several[1:] if way.cost <= best.cost + CLEARLY]
    prints = [piece.rectangle for piece in best.pieces]
    if not all(alike(best, other) for other in near) or _goes_on_below(prints, look.per_mm):
        return []
    return [_sure(found, look.per_mm) for found in prints]


def _all_clear(way: Way) -> bool:
    """Whether hardly a bit of any side is missing, as is asked where one print would do."""
    return min(min(piece.rectangle.sides) for piece in way.pieces) >= CLEAR_SIDE


def _sure(found: Rectangle, per_mm: float) -> Rectangle:
    """A rectangle of a group that fits together: a seam that hardly shows counts half.

    Its lines run through the middle of wavy cuts, so it is grown by the depth of a tooth; at a
    seam that shows a little of the neighbour, which loses nothing by it.
    """
    right, bottom, left, top = ((1 + share) / 2 for share in found.sides)
    grown = 2 * TOOTH_DEPTH_MM * per_mm
    size = (found.size[0] + grown, found.size[1] + grown)
    return replace(found, size=size, sides=(right, bottom, left, top))


def _goes_on_below(prints: list[Rectangle], per_mm: float) -> bool:
    """Whether two pieces on either side of a print are one print that it lies across."""
    for one, other in combinations(prints, 2):
        if abs(upright(one.angle - other.angle)) > 0.1:
            continue
        offset = (np.array(other.centre) - np.array(one.centre)) @ axes(one.angle).T
        for axis in (0, 1):
            apart = abs(offset[axis]) - (one.size[axis] + other.size[axis]) / 2
            in_line = abs(offset[1 - axis]) < SAME_LINE_MM * per_mm / 2
            as_wide = abs(one.size[1 - axis] - other.size[1 - axis]) < SAME_LINE_MM * per_mm
            if in_line and as_wide and apart > SHORTEST_PIECE_MM * per_mm:
                return True
    return False


def _rectangles(
    part: Mask, look: Look, angle: float, lines: list[Line], shortest_mm: float
) -> Iterator[Rectangle]:
    """All rectangles between the lines that fill the part's inside and reach its outline."""
    frame = axes(angle)
    across = [line for line in lines if abs(abs(line.angle - angle) % 180 - 90) < 45]
    level = [line for line in lines if abs(abs(line.angle - angle) % 180 - 90) >= 45]
    us = _offsets([(float(frame[0] @ line.middle), line.weight) for line in across], look.per_mm)
    vs = _offsets([(float(frame[1] @ line.middle), line.weight) for line in level], look.per_mm)
    if len(us) < 2 or len(vs) < 2:
        return
    height, width = part.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ frame.T
    low = np.floor(corners.min(axis=0))
    size = np.ceil(corners.max(axis=0) - low).astype(int) + 1
    shift = -low + frame @ np.array([0.5, 0.5]) - 0.5
    matrix = np.concatenate([frame, shift[:, None]], axis=1)
    turned = cv2.warpAffine(part.astype(np.float32), matrix, (int(size[0]), int(size[1])))
    sums = cv2.integral(turned)
    least = shortest_mm * look.per_mm
    for u1, u2 in combinations(us, 2):
        for v1, v2 in combinations(vs, 2):
            if u2 - u1 < least or v2 - v1 < least:
                continue
            box = (u1 - low[0], v1 - low[1], u2 - low[0], v2 - low[1])
            if _mean(sums, *box) < INSIDE:
                continue
            shown = _shown(sums, box, look.per_mm)
            if sum(shown) < SHOWN_SIDES:
                continue
            centre = np.array([(u1 + u2) / 2, (v1 + v2) / 2]) @ frame
            place = (float(centre[0]), float(centre[1]))
            made = Rectangle(place, (u2 - u1, v2 - v1), angle, (0, 0, 0, 0), 1.0, 0.0)
            seams = [
                1.0 if share > 0.95 else seam_share(look, made.corners, side)
                for side, share in enumerate(shown)
            ]
            right, bottom, left, top = (
                share + (1 - share) * seam for share, seam in zip(shown, seams, strict=True)
            )
            yield Rectangle(place, made.size, angle, (right, bottom, left, top), 1.0, 0.0)


def _offsets(found: list[tuple[float, float]], per_mm: float) -> list[float]:
    """Offsets of the distinct lines among (offset, weight) of all."""
    merged: list[list[tuple[float, float]]] = []
    for offset, weight in sorted(found):
        if merged and offset - merged[-1][-1][0] < SAME_LINE_MM * per_mm:
            merged[-1].append((offset, weight))
        else:
            merged.append([(offset, weight)])
    return [
        float(np.average([o for o, _ in group], weights=[w for _, w in group])) for group in merged
    ]


def _mean(sums: NDArray[np.float64], left: float, top: float, right: float, bottom: float) -> float:
    """Mean of a summed image over a box, which is cut off at the image's edge."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    x1, x2 = (int(np.clip(round(v), 0, width)) for v in (left, right))
    y1, y2 = (int(np.clip(round(v), 0, height)) for v in (top, bottom))
    if x2 <= x1 or y2 <= y1:
        return 0.0
    total = sums[y2, x2] - sums[y1, x2] - sums[y2, x1] + sums[y1, x1]
    return float(total) / ((x2 - x1) * (y2 - y1))


def _shown(
    sums: NDArray[np.float64], box: tuple[float, float, float, float], per_mm: float
) -> tuple[float, float, float, float]:
    """Share of the right, bottom, left and top side just outside of which nothing lies."""
    left, top, right, bottom = box
    near, far = 1.2 * per_mm, 2.4 * per_mm
    x, y = 0.05 * (right - left), 0.05 * (bottom - top)
    return (
        1 - _mean(sums, right + near, top + y, right + far, bottom - y),
        1 - _mean(sums, left + x, bottom + near, right - x, bottom + far),
        1 - _mean(sums, left - far, top + y, left - near, bottom - y),
        1 - _mean(sums, left + x, top - far, right - x, top - near),
    )
