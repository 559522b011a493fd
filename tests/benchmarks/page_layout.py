"""Where prints lie on the glass: apart from each other, or pushed together."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.page_prints import print_size

Points = NDArray[np.float64]

GRIDS: dict[int, tuple[int, int]] = {
    1: (1, 1), 2: (1, 2), 3: (2, 2), 4: (2, 2), 5: (2, 3), 6: (2, 3), 7: (2, 4), 8: (2, 4),
}  # fmt: skip
"""Columns and rows in which so many prints are laid on an upright bed."""
CLEARANCE_MM = 3.0
"""Prints laid apart leave at least this much glass to each other and to the bed's edge."""


@dataclass(frozen=True)
class Place:
    """Where one print lies: centre (x, y) and size (width, height) in mm, angle in degrees."""

    centre: tuple[float, float]
    size: tuple[float, float]
    angle: float

    @property
    def corners(self) -> Points:
        """(4, 2) in mm, clockwise from the top left."""
        turn = np.radians(self.angle)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        local = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array(self.size) / 2
        corners: Points = np.array(self.centre) + local @ axes
        return corners


def skew(random: np.random.Generator, steepest: float) -> float:
    """An angle: half of the prints nearly straight, the others anywhere up to `steepest`."""
    if random.random() < 0.5:
        return float(np.clip(random.normal(0, 1.5), -steepest, steepest))
    return float(random.uniform(-steepest, steepest))


def laid_apart(
    bed: tuple[float, float], count: int, random: np.random.Generator, steepest: float
) -> list[Place]:
    """`count` prints with glass between them."""
    columns, rows = GRIDS[count]
    cell = (bed[0] / columns, bed[1] / rows)
    cells = random.permutation(columns * rows)[:count]
    places = []
    for number in sorted(cells.tolist()):
        angle = skew(random, steepest)
        room = (cell[0] - 2 * CLEARANCE_MM, cell[1] - 2 * CLEARANCE_MM)
        size, taken = _fitting(room, angle, random)
        free = (room[0] - taken[0], room[1] - taken[1])
        shift = random.uniform(-0.5, 0.5, 2) * np.maximum(free, 0)
        x = (number % columns + 0.5) * cell[0] + shift[0]
        y = (number // columns + 0.5) * cell[1] + shift[1]
        places.append(Place((float(x), float(y)), size, angle))
    return places


def _fitting(
    room: tuple[float, float], angle: float, random: np.random.Generator
) -> tuple[tuple[float, float], tuple[float, float]]:
    """A print's size and the upright box it takes when turned, both within `room`, mm."""
    cos, sin = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    most = room
    for _ in range(40):
        size = print_size(random, most)
        taken = (size[0] * cos + size[1] * sin, size[0] * sin + size[1] * cos)
        if taken[0] <= room[0] and taken[1] <= room[1]:
            return size, taken
        most = (most[0] * 0.96, most[1] * 0.96)
    return size, taken


def laid_touching(bed: tuple[float, float], random: np.random.Generator) -> list[Place]:
    """2 to 4 prints pushed together: flush along a side, or a corner against a side."""
    small = bed[1] < 160
    count = 2 if small else int(random.integers(2, 5))
    longest = 0.5 * min(bed) if small or count > 2 else 130.0
    for attempt in range(200):
        angle = skew(random, 20.0 if attempt < 60 else 6.0)
        most = longest * 0.985**attempt
        places = [Place((0.0, 0.0), print_size(random, (most, most)), angle)]
        for _ in range(count - 1):
            places.append(_pushed_against(places, print_size(random, (most, most)), random))
        fitted = _onto(bed, places, random)
        if fitted:
            return fitted
    return laid_apart(bed, 2, random, 5.0)


def _pushed_against(
    places: list[Place], size: tuple[float, float], random: np.random.Generator
) -> Place:
    """A further print, slid towards one that lies there until it touches."""
    host = places[int(random.integers(len(places)))]
    flush = random.random() < 0.7
    angle = host.angle if flush else host.angle + float(random.uniform(-15, 15))
    angle = float(np.clip(angle, -20, 20))
    turn = np.radians(host.angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    side = int(random.integers(4))
    way = axes[side % 2] * (1 if side < 2 else -1)
    along = axes[1 - side % 2] * random.uniform(-0.35, 0.35) * host.size[1 - side % 2]
    near, far = 0.0, 500.0
    for _ in range(30):
        middle = (near + far) / 2
        x, y = np.array(host.centre) + along + way * middle
        tried = Place((float(x), float(y)), size, angle)
        if any(_overlap(tried, other) for other in places):
            near = middle
        else:
            far = middle
    gap = random.uniform(0.0, 0.3)
    x, y = np.array(host.centre) + along + way * (far + gap)
    return Place((float(x), float(y)), size, angle)


def _overlap(first: Place, second: Place) -> bool:
    shared = cv2.intersectConvexConvex(
        first.corners.astype(np.float32), second.corners.astype(np.float32)
    )[0]
    return bool(shared > 0.01)


def _onto(
    bed: tuple[float, float], places: list[Place], random: np.random.Generator
) -> list[Place]:
    """The group moved onto the bed, or an empty list when it is too large."""
    corners = np.concatenate([place.corners for place in places])
    low, high = corners.min(axis=0), corners.max(axis=0)
    free = np.array(bed) - (high - low) - 2 * CLEARANCE_MM
    if (free < 0).any():
        return []
    shift = CLEARANCE_MM - low + random.uniform(0, 1, 2) * free
    return [
        Place((p.centre[0] + float(shift[0]), p.centre[1] + float(shift[1])), p.size, p.angle)
        for p in places
    ]
