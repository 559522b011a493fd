"""The shape of a face in the template: what of it a network may draw.

An egg from the forehead to the chin, laid through the five landmarks. It lives in the aligned
template, so it follows every tilt; hair, ears, neck and what is behind the face stay the print's.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE, TEMPLATE, Alignment

_TOP = 0.85
"""Of the way from the eyes to the mouth: how far above the eyes the egg ends, on the forehead."""

_BOTTOM = 1.72
"""How far below the eyes it ends, at the chin. A chin lies some 1.6 below (Farkas 1994)."""

_HALF_WIDTH = 1.08
"""Of the distance between the eyes: from the middle of the face to its side."""

_TAPER = 0.16
"""How much narrower it is at the chin, and wider at the forehead, than in the middle."""

_TURN = 0.8
"""How much of the nose's shift to one side the near and the far cheek follow."""

_FULL, _NOTHING = 0.72, 1.12
"""Shares of the way from the middle to the egg's line at which the mask is 1 and 0."""

_EDGE_PX = 16.0
"""px of the template from the print's edge over which the mask fades out: beyond the edge there
is nothing but a mirrored face, and close to it a network draws what it takes from there."""


def face_shape(landmarks: NDArray[np.floating] | None = None) -> NDArray[np.float32]:
    """How much of an aligned face is replaced.

    Args:
        landmarks: float (5, 2) of the aligned face, px of the template (x, y); the template's
            own when None.

    Returns:
        float32 (512, 512): 1 on the face, 0 beyond its outline, soft between.
    """
    points = TEMPLATE if landmarks is None else np.asarray(landmarks, np.float64)
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    apart, drop = np.linalg.norm(points[1] - points[0]), np.linalg.norm(mouth - eyes)
    usual = np.linalg.norm(TEMPLATE[1] - TEMPLATE[0])
    # Seen from the side the eyes move together, from above or below the mouth comes nearer: what
    # is foreshortened is told by the other.
    across, along = max(apart, 0.85 * usual, 0.85 * drop), max(drop, 0.85 * apart)
    down = (mouth - eyes) / max(float(drop), 1e-6)
    aside = np.array([down[1], -down[0]])
    turned = float((points[2] - (eyes + mouth) / 2) @ aside) / float(across)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    middle = eyes + down * along * (_BOTTOM - _TOP) / 2
    height = (
        (x - np.float32(middle[0])) * np.float32(down[0])
        + (y - np.float32(middle[1])) * np.float32(down[1])
    ) / np.float32(along * (_BOTTOM + _TOP) / 2)
    side = (x - np.float32(middle[0])) * np.float32(aside[0]) + (
        y - np.float32(middle[1])
    ) * np.float32(aside[1])
    lean = np.float32(np.clip(_TURN * turned, -0.4, 0.4))
    width = np.where(side > 0, 1 - lean, 1 + lean) * (1 - _TAPER * np.clip(height, -1.0, 1.0))
    radius = np.hypot(side / (width * np.float32(_HALF_WIDTH * across)), height)
    return _soft((_NOTHING - radius) / (_NOTHING - _FULL))


def shape_within(alignment: Alignment, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """How far inside a print the template lies: float32 (512, 512), 0 beyond the print's edge.

    Args:
        alignment: where the face lies.
        shape: (H, W, ...) of the print.
    """
    height, width = shape[:2]
    inverse = cv2.invertAffineTransform(alignment.matrix)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    columns = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]
    rows = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]
    near = np.minimum.reduce(
        [columns + 0.5, width - 0.5 - columns, rows + 0.5, height - 0.5 - rows]
    )
    return _soft(near * alignment.scale / _EDGE_PX)


def mask_of(
    landmarks: NDArray[np.floating], alignment: Alignment, shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """How much of a face of a print is replaced, in the template.

    Args:
        landmarks: float (5, 2), px of the print.
        alignment: where the face lies.
        shape: (H, W, ...) of the print.

    Returns:
        float32 (512, 512) in 0..1, 0 at the template's border and beyond the print's edge.
    """
    landed = np.asarray(landmarks, np.float64) @ alignment.matrix[:, :2].T + alignment.matrix[:, 2]
    return np.asarray(face_shape(landed) * shape_within(alignment, shape) * _inside(), np.float32)


def _inside() -> NDArray[np.float32]:
    """Fades out towards the template's border, which the face of an odd alignment may reach."""
    place = np.arange(SIDE, dtype=np.float32)
    fade = _soft((np.minimum(place, SIDE - 1 - place) - 2) / np.float32(_EDGE_PX))
    return np.minimum(fade[:, None], fade[None, :])


def _soft(share: NDArray[np.floating]) -> NDArray[np.float32]:
    """A smooth step from 0 at 0 and below to 1 at 1 and above."""
    held = np.clip(share, 0.0, 1.0)
    return np.asarray(held * held * (3 - 2 * held), dtype=np.float32)
