"""Where the parts of a face lie on a print: the eyes, the skin, the hair, the mouth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE, align

Window = tuple[slice, slice]
"""Rows and columns of a print, px; never empty, never beyond its edge."""

PARTS: Mapping[str, tuple[float, float, float, float]] = {
    "eyes": (256.0, 240.0, 250.0, 100.0),
    "skin": (180.0, 306.0, 110.0, 110.0),
    "hair": (256.0, 72.0, 250.0, 120.0),
    "mouth": (257.0, 372.0, 170.0, 110.0),
}
"""Of each part its centre x, y, width and height in an upright face of 512 px."""

_BOX_LEFT, _BOX_TOP, _BOX_WIDTH = 130.0, 120.0, 252.0
"""Where a detector's box lies in an upright face of 512 px."""


@dataclass(frozen=True)
class FacePlace:
    """One face of a print.

    Args:
        number: as in the history.
        box: left, top, right, bottom, px of the print.
        landmarks: float (5, 2), px of the print, or None when they are not known.
    """

    number: int
    box: tuple[float, float, float, float]
    landmarks: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> FacePlace:
        """From what a faces step measured of the face."""
        left, top, right, bottom = entry["box_px"]
        points = entry.get("landmarks_px")
        landmarks = np.asarray(points, dtype=np.float32) if points else None
        return cls(int(entry["face"]), (left, top, right, bottom), landmarks)

    def whole(self, shape: tuple[int, ...]) -> Window:
        """The face with its hair and neck on a print of shape (H, W, ...)."""
        return self._window((SIDE / 2, SIDE / 2, SIDE, SIDE), shape)

    def part(self, name: str, shape: tuple[int, ...]) -> Window:
        """One of `PARTS`; the same px for every variant of the print."""
        x, y, width, height = PARTS[name]
        if name == "skin" and self._looks_left():
            x = SIDE - x
        return self._window((x, y, width, height), shape)

    def _looks_left(self) -> bool:
        """Whether more is seen of the cheek to the right in the picture."""
        if self.landmarks is None:
            return False
        left, right = (np.linalg.norm(self.landmarks[2] - self.landmarks[eye]) for eye in (0, 1))
        return bool(left < right)

    def _window(self, wanted: tuple[float, float, float, float], shape: tuple[int, ...]) -> Window:
        """An upright window of the print around a turned one of the template."""
        x, y, width, height = wanted
        linear, origin = self._from_template()
        centre = linear @ np.array([x, y]) + origin
        across, down = np.abs(linear) @ np.array([width, height])
        return _cut(centre[1], down, shape[0]), _cut(centre[0], across, shape[1])

    def _from_template(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What takes px of an upright face of 512 px to px of the print."""
        alignment = None if self.landmarks is None else align(self.landmarks)
        if alignment is not None:
            inverse = np.asarray(np.linalg.inv(alignment.matrix[:, :2]), dtype=np.float64)
            return inverse, np.asarray(-inverse @ alignment.matrix[:, 2], dtype=np.float64)
        step = (self.box[2] - self.box[0]) / _BOX_WIDTH
        corner = np.array(self.box[:2]) - step * np.array([_BOX_LEFT, _BOX_TOP])
        return np.diag([step, step]), corner


def _cut(centre: float, length: float, side: int) -> slice:
    """So many px around a place, those of them that a side of the print has; at least one."""
    size = max(1, round(length))
    start = round(centre - size / 2)
    first = min(max(start, 0), side - 1)
    return slice(first, min(max(start + size, first + 1), side))
