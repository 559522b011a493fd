"""Cutting a face out upright at the size a face network was trained on, and putting it back.

The template is the mean position of five landmarks in FFHQ pictures of 512 px (Karras, Laine,
Aila 2019, doi:10.1109/CVPR.2019.00453), as the GFPGAN checkpoints expect it. What is put back is
not the network's face but its *difference* from the face cut out, so that everything finer than
the network can draw (the paper's grain) stays where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels

SIDE = 512
"""Side of an aligned face, px."""

TEMPLATE = np.array(
    [
        [192.98, 239.95],  # left eye, as seen in the picture
        [318.90, 240.19],  # right eye
        [256.63, 314.02],  # tip of the nose
        [201.26, 371.41],  # left corner of the mouth
        [313.09, 371.15],  # right corner of the mouth
    ],
    dtype=np.float64,
)
"""Landmarks of an aligned face, px (x, y)."""

_CENTRE = (256.0, 272.0)
_RADII = (186.0, 226.0)
_FULL_WITHIN = 0.62


@dataclass(frozen=True)
class Alignment:
    """Where an aligned face lies in its picture.

    Args:
        matrix: float64 (2, 3), a similarity that takes px of the picture to px of the template.
        scale: template px per picture px; above 1 the face is smaller than the template.
        misfit: root mean square distance of the landmarks from the template, as a share of the
            distance between the eyes. A frontal face gives about 0.05, a profile 0.3 and more.
    """

    matrix: NDArray[np.float64]
    scale: float
    misfit: float


def align(landmarks: NDArray[np.float32]) -> Alignment | None:
    """The similarity that takes five landmarks nearest to the template, by least squares.

    Closed form of Umeyama (1991, doi:10.1109/34.88573) without reflection.

    Args:
        landmarks: float (5, 2), px of the picture.

    Returns:
        The alignment, or None when the landmarks fall together or are not finite.
    """
    points = np.asarray(landmarks, dtype=np.float64)
    if points.shape != TEMPLATE.shape or not np.isfinite(points).all():
        return None
    centre, target = points.mean(axis=0), TEMPLATE.mean(axis=0)
    # As complex numbers a similarity is z -> a z + b, which least squares solves directly.
    source = (points - centre) @ np.array([1, 1j])
    wanted = (TEMPLATE - target) @ np.array([1, 1j])
    spread = float((np.abs(source) ** 2).sum())
    if spread < 1e-6:
        return None
    turn = complex((np.conj(source) * wanted).sum() / spread)
    if abs(turn) < 1e-6:
        return None
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    matrix = np.hstack([linear, (target - linear @ centre)[:, None]])
    misfit = np.sqrt((np.abs(turn * source - wanted) ** 2).mean())
    eyes = float(np.linalg.norm(TEMPLATE[1] - TEMPLATE[0]))
    return Alignment(matrix, abs(turn), float(misfit) / eyes)


def cut_out(pixels: Pixels, alignment: Alignment) -> Pixels:
    """The face at the template's size.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        alignment: where the face lies.

    Returns:
        float32 (512, 512, 3) in 0..1; beyond the picture's edge it is mirrored.
    """
    matrix = alignment.matrix
    shrink = min(1.0, alignment.scale)
    if shrink < 1.0:
        # Averaged down before it is turned: a warp alone would alias.
        left, top, right, bottom = _footprint(alignment, pixels.shape, margin=8)
        piece = pixels[top:bottom, left:right]
        size = (max(1, round(piece.shape[1] * shrink)), max(1, round(piece.shape[0] * shrink)))
        reduced = _array(cv2.resize(piece, size, interpolation=cv2.INTER_AREA))
        steps = (piece.shape[1] / size[0], piece.shape[0] / size[1])
        matrix = _after(matrix, steps, (left, top))
        pixels = reduced
    face = cv2.warpAffine(
        pixels, matrix, (SIDE, SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.clip(_array(face), 0.0, 1.0)


def put_back(
    difference: NDArray[np.float32], alignment: Alignment, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], tuple[slice, slice]]:
    """What was drawn in the template, in px of the picture.

    Args:
        difference: float32 (512, 512) or (512, 512, C), zero at its border.
        alignment: where the face lies.
        shape: (H, W, ...) of the picture.

    Returns:
        float32 of the face's footprint in the picture, and the rows and columns it covers.
    """
    left, top, right, bottom = _footprint(alignment, shape, margin=2)
    finer = max(1, int(np.ceil(alignment.scale)))
    size = ((right - left) * finer, (bottom - top) * finer)
    matrix = _after(alignment.matrix, (1 / finer, 1 / finer), (left, top))
    placed = cv2.warpAffine(
        difference,
        matrix,
        size,
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    if finer > 1:
        placed = cv2.resize(placed, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return _array(placed), (slice(top, bottom), slice(left, right))


def face_mask() -> NDArray[np.float32]:
    """How much of an aligned face is replaced: float32 (512, 512), 1 on the face, 0 at the border.

    An upright ellipse over the face, its edge fading over more than a third of its radius so
    that no seam shows.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    radius = np.hypot((x - _CENTRE[0]) / _RADII[0], (y - _CENTRE[1]) / _RADII[1])
    fade = np.clip((1.0 - radius) / (1.0 - _FULL_WITHIN), 0.0, 1.0)
    return np.asarray(fade * fade * (3 - 2 * fade), dtype=np.float32)


def _footprint(
    alignment: Alignment, shape: tuple[int, ...], margin: int
) -> tuple[int, int, int, int]:
    """The part of the picture the template covers: left, top, right, bottom, px."""
    inverse = cv2.invertAffineTransform(alignment.matrix)
    corners = np.array([[0, 0, 1], [SIDE, 0, 1], [0, SIDE, 1], [SIDE, SIDE, 1]], dtype=np.float64)
    points = corners @ inverse.T
    low = np.floor(points.min(axis=0)).astype(int) - margin
    high = np.ceil(points.max(axis=0)).astype(int) + margin
    left, top = (int(np.clip(low[i], 0, shape[1 - i] - 1)) for i in (0, 1))
    right = int(np.clip(high[0], left + 1, shape[1]))
    bottom = int(np.clip(high[1], top + 1, shape[0]))
    return left, top, right, bottom


def _after(
    matrix: NDArray[np.float64], step: tuple[float, float], origin: tuple[int, int]
) -> NDArray[np.float64]:
    """The same mapping for a piece of the picture that begins at `origin`, in px of `step`.

    Centres of px are at whole numbers, so a px of another size also moves by half a px.
    """
    offset = np.array([origin[i] + 0.5 * step[i] - 0.5 for i in (0, 1)])
    linear = matrix[:, :2]
    moved = matrix[:, 2] + linear @ offset
    return np.hstack([linear * np.array(step), moved[:, None]])


def _array(value: object) -> NDArray[np.float32]:
    return np.asarray(value, dtype=np.float32)
