"""Whether a filling made a print calmer: one that draws a new edge is worse than the damage.

Damage stands out against what is around it; once it is filled, the change from px to px in and
around the place must be smaller than it was. Where it is not, what was there is kept.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Samples
from pipeline.core.samples import to_float
from pipeline.stages.pieces import Piece, each_piece, pieces

Mask = NDArray[np.bool_]
Plane = NDArray[np.float32]

SIDE = 512
_MARGIN = 64
_RIM = 2
_CALMER = 1.0


def calm(before: Samples, made: Samples, mask: Mask) -> Mask:
    """Take back, in place, fillings that left the print more restless than it was.

    Args:
        before: uint16 (H, W, C), as it was.
        made: uint16 (H, W, C), with the masked px filled; other px are the same.
        mask: bool (H, W).

    Returns:
        The mask without the places that are as they were. Each part of the mask is judged within
        some 64 px.
    """
    worse: list[tuple[Piece, Mask]] = []

    def judge(piece: Piece) -> None:
        back = _worse(before, made, mask, piece)
        if back.any():
            worse.append((piece, back))

    cut = [
        piece
        for piece in pieces(*mask.shape, margin=_MARGIN, side=SIDE)
        if mask[piece.rows, piece.columns].any()
    ]
    each_piece(cut, judge)
    # Only now, so that no piece is judged by what was taken back beside it.
    kept = mask.copy()
    for piece, back in worse:
        place = piece.rows, piece.columns
        made[place][back] = before[place][back]
        kept[place] &= ~back
    return kept


def _worse(before: Samples, made: Samples, mask: Mask, piece: Piece) -> Mask:
    """Where in a piece, without its margin, filling left more unrest than there was."""
    outer = (piece.outer_rows, piece.outer_columns)
    holes = mask[outer].astype(np.uint8)
    count, labels = cv2.connectedComponents(holes, connectivity=8)
    rim = cv2.dilate(labels.astype(np.float32), np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8))
    near = rim.astype(np.int32)
    was, now = (
        np.bincount(near.ravel(), _restlessness(samples[outer]).ravel(), count)
        for samples in (before, made)
    )
    worse = now > _CALMER * was
    worse[0] = False
    return np.asarray(worse[labels][piece.inner])


def _restlessness(samples: NDArray[np.uint16]) -> Plane:
    """Change from px to px, all channels together, float32 (h, w)."""
    pixels = to_float(samples)
    total: Any = np.zeros(pixels.shape[:2], np.float32)
    for channel in np.moveaxis(pixels, 2, 0):
        plane = np.ascontiguousarray(channel)
        total = total + np.abs(cv2.Sobel(plane, cv2.CV_32F, 1, 0))
        total = total + np.abs(cv2.Sobel(plane, cv2.CV_32F, 0, 1))
    return np.asarray(total, np.float32)
