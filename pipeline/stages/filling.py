"""Filling what is masked from its surroundings, piece by piece, in 16-bit samples.

A first guess by Navier-Stokes (Bertalmio et al. 2001, doi:10.1109/CVPR.2001.990497), channel by
channel at full depth, is led along the structures that run into the hole (`coherence`). That leaves
wide cracks too smooth, so they are given the grain of the print right beside them.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Samples, rounded
from pipeline.core.progress import Progress
from pipeline.core.samples import to_float
from pipeline.stages.coherence import REACH, continued
from pipeline.stages.pieces import Piece, each_piece, pieces

Mask = NDArray[np.bool_]
Pixels = NDArray[np.float32]

SIDE = 512
"""px of a piece; only pieces that hold damage are worked on."""

_GRAIN_SIDE = 128
_GRAIN_FROM_DEPTH = 2.0
_GRAIN_SIGMA = 2.0
_GRAIN_LIMIT = 3.0
_MOST_DAMAGED_BESIDE = 0.3


def filled(
    photo: Photo, mask: Mask, radius: float, grain: float = 0.0, progress: Progress | None = None
) -> Photo:
    """Fill the masked px from their surroundings; for the arguments see `fillings`.

    Returns:
        The photo; its samples are the same wherever the mask is False.
    """
    return photo.with_samples(fillings(photo, mask, radius, grain, progress))


def fillings(
    photo: Photo, mask: Mask, radius: float, grain: float = 0.0, progress: Progress | None = None
) -> Samples:
    """The samples of a photo with the masked px filled from their surroundings.

    Args:
        photo: any photo.
        mask: bool (H, W), True where to fill.
        radius: px around each filled px that are looked at.
        grain: 0..1 of the neighbouring grain that wide fillings are given.
        progress: told of every piece that holds damage.

    Returns:
        uint16 (H, W, C), the caller's to change; the same wherever the mask is False.
    """
    made = photo.samples.copy()
    cut = [
        piece
        for piece in pieces(
            photo.height, photo.width, margin=max(int(8 * radius) + 8, REACH), side=SIDE
        )
        if mask[piece.rows, piece.columns].any()
    ]

    def fill(piece: Piece) -> None:
        part = mask[piece.rows, piece.columns]
        inside = _filled_piece(photo.samples, mask, piece, radius)
        if grain > 0:
            inside = _grained(inside, photo.samples, mask, piece, grain)
        made[piece.rows, piece.columns][part] = inside[part]

    each_piece(cut, fill, progress=progress, label="repair")
    return made


def _filled_piece(
    samples: NDArray[np.uint16], mask: Mask, piece: Piece, radius: float
) -> NDArray[np.uint16]:
    """The samples (h, w, C) of a piece without its margin, filled."""
    outer = (piece.outer_rows, piece.outer_columns)
    holes = mask[outer]
    # 16 bit, not float: OpenCV rounds a float plane to whole numbers while it fills.
    planes = [
        cv2.inpaint(np.ascontiguousarray(plane), holes.astype(np.uint8), radius, cv2.INPAINT_NS)
        for plane in np.moveaxis(samples[outer], 2, 0)
    ]
    guess = to_float(np.stack(planes, axis=2).astype(np.uint16))
    return rounded(continued(guess, holes)[piece.inner])


def _grained(
    inside: NDArray[np.uint16],
    samples: NDArray[np.uint16],
    mask: Mask,
    piece: Piece,
    share: float,
) -> NDArray[np.uint16]:
    """A filled piece with grain on what is wide: uint16 (h, w, C).

    Long damage is given grain by the stretch, each from what is beside it there.
    """
    holes = mask[piece.outer_rows, piece.outer_columns].astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(holes, 1), cv2.DIST_L2, 3)[1:-1, 1:-1][piece.inner]
    if depth.max() < _GRAIN_FROM_DEPTH:
        return inside
    result = inside.copy()
    for cell in pieces(*depth.shape, margin=0, side=_GRAIN_SIDE):
        deepest = depth[cell.rows, cell.columns]
        if deepest.max() < _GRAIN_FROM_DEPTH:
            continue
        top, left = cell.rows.start, cell.columns.start
        _, labels, boxes, _ = cv2.connectedComponentsWithStats(
            (deepest > 0).astype(np.uint8), connectivity=8
        )
        deep = np.unique(labels[deepest >= _GRAIN_FROM_DEPTH])
        for label in deep[deep > 0]:
            x, y, width, height = (int(v) for v in boxes[label, :4])
            part = labels[y : y + height, x : x + width] == label
            away = float(deepest[y : y + height, x : x + width][part].max()) * 2.0 + 3.0
            window = result[top + y : top + y + height, left + x : left + x + width]
            here = to_float(window[part])
            corner = (piece.rows.start + top + y, piece.columns.start + left + x)
            grain = _grain_beside(samples, mask, here, part, corner, away)
            if grain is not None:
                window[part] = rounded(here + np.float32(share) * grain)
    return result


def _grain_beside(
    samples: NDArray[np.uint16],
    mask: Mask,
    here: Pixels,
    part: Mask,
    corner: tuple[int, int],
    away: float,
) -> Pixels | None:
    """Fine detail (n, C) of the most similar undamaged place beside a filling, if there is one."""
    (y, x), (height, width) = corner, part.shape
    best: tuple[float, Pixels] | None = None
    for turn in range(8):
        angle = turn * np.pi / 4
        top, left = y + round(away * np.sin(angle)), x + round(away * np.cos(angle))
        if top < 0 or left < 0 or top + height > mask.shape[0] or left + width > mask.shape[1]:
            continue
        beside = np.s_[top : top + height, left : left + width]
        damaged = mask[beside][part]
        if damaged.mean() > _MOST_DAMAGED_BESIDE:
            continue
        source = to_float(samples[beside])
        smooth = _smooth(source, mask[beside])[part]
        fine = source[part] - smooth
        # Strong detail is an edge of the picture, not grain: it stays where it is.
        limit = _GRAIN_LIMIT * float(np.median(np.abs(fine[~damaged]))) + 1e-4
        unlike = float((np.abs(smooth - here) + np.abs(fine))[~damaged].mean())
        unlike /= 1.0 - float(damaged.mean())
        fine[damaged] = 0.0
        if best is None or unlike < best[0]:
            best = unlike, np.clip(fine, -limit, limit)
    return None if best is None else best[1]


def _smooth(source: Pixels, damaged: Mask) -> NDArray[Any]:
    """What is around each px, (h, w, C), without what is damaged."""
    sound = (~damaged).astype(np.float32)[..., None]
    weight = cv2.GaussianBlur(sound, (0, 0), _GRAIN_SIGMA).reshape(sound.shape)
    light = cv2.GaussianBlur(source * sound, (0, 0), _GRAIN_SIGMA).reshape(source.shape)
    return np.asarray(light / np.maximum(weight, np.float32(1e-3)))
