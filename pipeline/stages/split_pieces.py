"""The straight pieces of an outline: the lines on which the sides of prints lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.stages.split_outline import Mask, Points

SHORTEST_PIECE_MM = 8.0
"""A straight piece of outline has at least this length."""
ROUGHNESS_MM = (0.4, 0.9, 2.2)
"""Pieces are straight to within one of these; the last is for wavy cuts."""
SAME_DIRECTION = 1.2
"""Pieces of outline within so many degrees belong to prints that lie alike."""
STRAIGHT_SHARE = 0.7
"""Share of an outline that is straight where it is the outline of prints."""


@dataclass(frozen=True, eq=False)
class Line:
    """A straight piece of outline.

    Args:
        angle: of its direction, degrees.
        middle: (2,) x, y of a point on it, continuous px.
        length: px.
        weight: how far its place and direction are trusted.
        ends: (2, 2), where it begins and ends as one follows the outline, px.
    """

    angle: float
    middle: Points
    length: float
    weight: float
    ends: Points


def straight_pieces(part: Mask, per_mm: float) -> list[Line]:
    """The straight pieces of an outline, each fitted by least squares to its points."""
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=len)
    points = contour[:, 0, :].astype(np.float64) + 0.5
    lines: list[Line] = []
    around, most = cv2.arcLength(contour, True), 0.0
    for rough in ROUGHNESS_MM:
        before = len(lines)
        corners = cv2.approxPolyDP(contour, max(1.5, rough * per_mm), True)[:, 0, :]
        places = [int(np.abs(contour[:, 0, :] - corner).sum(axis=1).argmin()) for corner in corners]
        for first, last in zip(places, [*places[1:], places[0]], strict=True):
            end = last if last > first else last + len(points)
            trim = max(2, (end - first) // 10)
            index = np.arange(first + trim, end - trim) % len(points)
            if len(index) < 8:
                continue
            line = _fitted(points[index], rough, points[[first, end % len(points)]])
            if line.length >= 0.8 * SHORTEST_PIECE_MM * per_mm:
                lines.append(line)
        lines += _jogs(lines[before:], per_mm)
        most = max(most, sum(line.length for line in lines[before:] if line.length > 1))
    # one pass must see most of the outline as straight, else these are no prints
    return lines if most > STRAIGHT_SHARE * around else []


def _jogs(pieces: list[Line], per_mm: float) -> list[Line]:
    """Lines across the outline where it goes on a little further in or out: a seam ends there.

    The step itself is too short to be a piece.
    """
    across: list[Line] = []
    for one, other in zip(pieces, [*pieces[1:], *pieces[:1]], strict=True):
        if abs((one.angle - other.angle + 90) % 180 - 90) > SAME_DIRECTION:
            continue
        step = one.ends[1], other.ends[0]
        if np.hypot(*(step[0] - step[1])) > SHORTEST_PIECE_MM * per_mm:
            continue
        angle = upright(one.angle) + (90.0 if abs(one.angle) <= 45 else 0.0)
        middle = (step[0] + step[1]) / 2
        across.append(Line(angle, middle, 1.0, 1e-3, np.stack([middle, middle])))
    return across


def _fitted(points: Points, rough: float, ends: Points) -> Line:
    vx, vy, x, y = (
        float(v) for v in cv2.fitLine(points.astype(np.float32), 4, 0, 0.01, 0.01).ravel()
    )
    along = points @ np.array([vx, vy])
    length = float(np.ptp(along))
    angle = float(np.degrees(np.arctan2(vy, vx)))
    return Line(angle, np.array([x, y]), length, (length / rough) ** 2, ends)


def directions(lines: list[Line]) -> Iterator[tuple[float, list[Line]]]:
    """Groups of lines that are parallel or at right angles, with their common angle."""
    left = sorted(lines, key=lambda line: -line.weight)
    while left:
        seed = left[0].angle
        near = [line for line in lines if abs(upright(line.angle - seed)) <= SAME_DIRECTION]
        left = [line for line in left if abs(upright(line.angle - seed)) > SAME_DIRECTION]
        if len(near) < 3:
            continue
        turns = np.array([upright(line.angle - seed) for line in near])
        weights = np.array([line.weight for line in near])
        yield upright(seed + float(np.average(turns, weights=weights))), near


def upright(angle: float) -> float:
    """An angle brought to -45..45 by quarter turns."""
    return (angle + 45.0) % 90.0 - 45.0


def axes(angle: float) -> Points:
    """Unit vectors (along, down) of a frame turned clockwise by `angle` degrees, as rows."""
    turn = np.radians(angle)
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
