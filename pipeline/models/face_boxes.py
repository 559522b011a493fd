"""Boxes of faces: how far they overlap, which of them are one face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_OVERLAP = 0.3
"""Intersection over union above which two boxes are one face."""


def distinct(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> list[int]:
    """Indices of boxes that hide behind no better one (greedy non-maximum suppression).

    Args:
        boxes: (N, 4) left, top, right, bottom, best score first.
        scores: (N,).
    """
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept: list[int] = []
    for index in range(len(scores)):
        if area[index] <= 0:
            continue
        low = np.maximum(boxes[index, :2], boxes[kept, :2])
        high = np.minimum(boxes[index, 2:], boxes[kept, 2:])
        shared = np.prod(np.clip(high - low, 0, None), axis=1)
        if (shared <= MOST_OVERLAP * (area[index] + area[kept] - shared)).all():
            kept.append(index)
    return kept


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom), 0..1."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)
