"""Cutting a face out upright at the size a face network was trained on, and putting it back.

The template is the mean position of five landmarks in FFHQ pictures of 512 px (Karras, Laine,
Aila 2019, doi:10.1109/CVPR.2019.00453), as the GFPGAN checkpoints expect it. What is put back is
not the network's face but its *difference* from the face cut out, so that everything finer than
the network can draw (the paper's grain) stays where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.core.samples import to_float

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


def cut_out(pixels: NDArray[Any], alignment: Alignment) -> Pixels:
    """The face at the template's size.

    Args:
        pixels: uint16 samples (H, W, 3) or (H, W, 1) when grey, or float32 (H, W, 3) in 0..1. Only
            the face is made float, and a large one only after it was averaged down.
        alignment: where the face lies.

    Returns:
        float32 (512, 512, 3) in 0..1; beyond the picture's edge it is mirrored.
    """
    left, top, right, bottom = _mirrored(alignment, pixels.shape)
    piece = pixels[top:bottom, left:right]
    steps = (1.0, 1.0)
    if alignment.scale < 1.0:
        # Averaged down before it is turned: a warp alone would alias.
        height, width = piece.shape[:2]
        size = tuple(max(1, round(side * alignment.scale)) for side in (width, height))
        piece = cv2.resize(piece, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], -1)
        steps = (width / size[0], height / size[1])
    face = cv2.warpAffine(
        to_float(piece) if piece.dtype == np.uint16 else piece,
        _after(alignment.matrix, steps, (left, top)),
        (SIDE, SIDE),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    face = np.clip(_array(face), 0.0, 1.0)
    return np.repeat(face[..., None], 3, axis=2) if face.ndim == 2 else face


def put_back(
    difference: NDArray[np.float32],
    alignment: Alignment,
    shape: tuple[int, ...],
    within: tuple[slice, slice] | None = None,
) -> tuple[NDArray[np.float32], tuple[slice, slice]]:
    """What was drawn in the template, in px of the picture.

    Args:
        difference: float32 (512, 512) or (512, 512, C), zero at its border.
        alignment: where the face lies.
        shape: (H, W, ...) of the picture.
        within: the rows and columns of the picture wanted; all when None.

    Returns:
        float32 of the part of the face's footprint that is wanted, and the rows and columns it
        covers, counted from the first that are wanted. Both are empty where the face is not.
    """
    wanted = within or (slice(0, shape[0]), slice(0, shape[1]))
    rows, columns = (
        slice(max(one.start, other.start), min(one.stop, other.stop))
        for one, other in zip(wanted, footprint(alignment, shape), strict=True)
    )
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return np.zeros((0, 0, *difference.shape[2:]), np.float32), (slice(0, 0), slice(0, 0))
    height, width = rows.stop - rows.start, columns.stop - columns.start
    finer = max(1, int(np.ceil(alignment.scale)))
    placed = cv2.warpAffine(
        difference,
        _after(alignment.matrix, (1 / finer, 1 / finer), (columns.start, rows.start)),
        (width * finer, height * finer),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    if finer > 1:
        placed = cv2.resize(placed, (width, height), interpolation=cv2.INTER_AREA)
    return _array(placed), (_from(rows, wanted[0]), _from(columns, wanted[1]))


def footprint(alignment: Alignment, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a picture (H, W, ...) that the template covers; never empty."""
    left, top, right, bottom = _within(*_corners(alignment, margin=2), shape)
    return slice(top, bottom), slice(left, right)


def face_mask() -> NDArray[np.float32]:
    """How much of an aligned face is replaced: float32 (512, 512), 1 on the face, 0 at the border.

    An upright ellipse over the face, its edge fading over more than a third of its radius so
    that no seam shows.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    radius = np.hypot((x - _CENTRE[0]) / _RADII[0], (y - _CENTRE[1]) / _RADII[1])
    fade = np.clip((1.0 - radius) / (1.0 - _FULL_WITHIN), 0.0, 1.0)
    return np.asarray(fade * fade * (3 - 2 * fade), dtype=np.float32)


def _corners(alignment: Alignment, margin: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """(left, top) and (right, bottom) of the template in the picture's plane, px."""
    inverse = cv2.invertAffineTransform(alignment.matrix)
    corners = np.array([[0, 0, 1], [SIDE, 0, 1], [0, SIDE, 1], [SIDE, SIDE, 1]], dtype=np.float64)
    points = corners @ inverse.T
    low = np.floor(points.min(axis=0)).astype(int) - margin
    high = np.ceil(points.max(axis=0)).astype(int) + margin
    return low, high


def _within(
    low: NDArray[np.int_], high: NDArray[np.int_], shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """What of it lies on a picture: left, top, right, bottom, px."""
    left, top = (int(np.clip(low[i], 0, shape[1 - i] - 1)) for i in (0, 1))
    right = int(np.clip(high[0], left + 1, shape[1]))
    bottom = int(np.clip(high[1], top + 1, shape[0]))
    return left, top, right, bottom


def _mirrored(alignment: Alignment, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The part of a picture that a face is made of: left, top, right, bottom, px.

    What the template covers, and what lies as far inside an edge as the template reaches beyond.
    """
    low, high = _corners(alignment, margin=8)
    beyond = np.array([shape[1] - 1, shape[0] - 1])
    return _within(np.minimum(low, 2 * beyond - high), np.maximum(high, -low), shape)


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


def _from(part: slice, origin: slice) -> slice:
    return slice(part.start - origin.start, part.stop - origin.start)


def _array(value: object) -> NDArray[np.float32]:
    return np.asarray(value, dtype=np.float32)
