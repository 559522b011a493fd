"""Boxes that face detectors give: which of them are one face."""

from __future__ import annotations

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
