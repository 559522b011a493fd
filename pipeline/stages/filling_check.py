"""Whether a filling made a print calmer: one that draws a new edge is worse than the damage.

Damage stands out against what is around it; once it is filled, the change from px to px in and
around the place must be smaller than it was. Where it is not, what was there is kept.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.core.samples import to_float
from pipeline.stages.pieces import Piece, each_piece, pieces

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

SIDE = 512
_MARGIN = 64
_RIM = 2
_CALMER = 1.0


def calmed(before: Photo, after: Photo, mask: Mask) -> tuple[Photo, Mask]:
    """Take back fillings that left the print more restless than it was.

    Args:
        before: the photo as it was.
        after: the photo with the masked px filled; other px are the same.
        mask: bool (H, W).

    Returns:
        The photo with those places as they were before, and the mask without them. Each part of
        the mask is judged within some 64 px.
    """
    made = after.samples.copy()
    kept = mask.copy()

    def judge(piece: Piece) -> None:
        outer = (piece.outer_rows, piece.outer_columns)
        holes = mask[outer].astype(np.uint8)
        count, labels = cv2.connectedComponents(holes, connectivity=8)
        rim = cv2.dilate(labels.astype(np.float32), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8))
        near = rim.astype(np.int32)
        was, now = (
            np.bincount(near.ravel(), _restlessness(p.samples[outer]).ravel(), count)
            for p in (before, after)
        )
        worse = now > _CALMER * was
        worse[0] = False
        back = worse[labels][piece.inner]
        if back.any():
            made[piece.rows, piece.columns][back] = before.samples[piece.rows, piece.columns][back]
            kept[piece.rows, piece.columns] &= ~back

    cut = [
        piece
        for piece in pieces(before.height, before.width, margin=_MARGIN, side=SIDE)
        if mask[piece.rows, piece.columns].any()
    ]
    each_piece(cut, judge)
    return after.with_samples(made), kept


def _restlessness(samples: NDArray[np.uint16]) -> Plane:
    """Change from px to px, all channels together, float32 (h, w)."""
    pixels = to_float(samples)
    total: Any = np.zeros(pixels.shape[:2], np.float32)
    for channel in np.moveaxis(pixels, 2, 0):
        plane = np.ascontiguousarray(channel)
        total = total + np.abs(cv2.Sobel(plane, cv2.CV_32F, 1, 0))
        total = total + np.abs(cv2.Sobel(plane, cv2.CV_32F, 0, 1))
    return np.asarray(total, np.float32)
