"""Aligned faces that were tampered with: what a guard of identity has to catch.

Each forgery takes a face and another person's, both float32 (512, 512, 3) in 0..1 on the FFHQ
template, and gives a face of the same shape. Another person's parts come in the face's own coarse
tones, so that it is not a step in brightness that betrays them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE, TEMPLATE
from pipeline.stages.face_shape import face_shape
from pipeline.stages.fidelity import coarse

Image = NDArray[np.float32]
Plane = NDArray[np.float32]
Forgery = Callable[[Image, Image], Image]
Move = tuple[NDArray[np.float64], tuple[float, float]]

_LEFT_EYE, _RIGHT_EYE, _, _LEFT_CORNER, _RIGHT_CORNER = TEMPLATE
_MOUTH = (_LEFT_CORNER + _RIGHT_CORNER) / 2
_LID = np.array([0.0, 12.0])

_TONES = 20.0
"""Sigma, px, of the blur above which tones are the face's own."""


def in_the_tones_of(face: Image, other: Image) -> Image:
    """Another face with the coarse tones and colours of this one."""
    return np.asarray(np.clip(other + coarse(face - other, _TONES), 0, 1), np.float32)


def laid_over(face: Image, other: Image, mask: Plane) -> Image:
    """Parts of another person, in the face's tones, where the mask (512, 512) is above 0."""
    return np.asarray(face + mask[..., None] * (in_the_tones_of(face, other) - face), np.float32)


def warped(face: Image, moves: Sequence[Move], reach: float) -> Image:
    """A face with points of it moved, and what lies within about `reach` px along with them."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    right, down = np.zeros_like(x), np.zeros_like(y)
    for (at_x, at_y), (by_x, by_y) in moves:
        weight = np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2 * reach**2))
        right += (weight * by_x).astype(np.float32)
        down += (weight * by_y).astype(np.float32)
    moved = cv2.remap(face, x - right, y - down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(np.clip(moved, 0, 1), np.float32)


def smiling(face: Image, px: float) -> Image:
    """The corners of the mouth moved outwards and up by so many px of the template."""
    return warped(face, [(_LEFT_CORNER, (-px, -px)), (_RIGHT_CORNER, (px, -px))], 34.0)


def wide_eyed(face: Image) -> Image:
    """The lids drawn apart, 7 px up and 5 px down."""
    lids: list[Move] = []
    for eye in (_LEFT_EYE, _RIGHT_EYE):
        lids += [(eye - _LID, (0.0, -7.0)), (eye + _LID, (0.0, 5.0))]
    return warped(face, lids, 14.0)


def with_eyes_of(face: Image, other: Image) -> Image:
    """Another person's eyes."""
    mask = np.maximum(_spot(_LEFT_EYE, 38, 26), _spot(_RIGHT_EYE, 38, 26))
    return laid_over(face, other, mask)


def with_mouth_of(face: Image, other: Image) -> Image:
    """Another person's mouth."""
    return laid_over(face, other, _spot(_MOUTH, 70, 34))


def mixed(face: Image, other: Image, share: float) -> Image:
    """A face that is another person's by a share of 0..1."""
    return laid_over(face, other, share * face_shape())


def displaced(face: Image, px: int) -> Image:
    """A face drawn so many px of the template too low."""
    return np.roll(face, px, axis=0)


def invented(face: Image, other: Image, real_px: float) -> Image:
    """Another person's detail finer than the scan's px, over the face's own coarser features.

    The scan itself cannot disprove it: what a generative network does where it knows nothing.
    """
    sigma = 0.84 * real_px
    strange = in_the_tones_of(face, other)
    strange = strange - cv2.GaussianBlur(strange, (0, 0), sigma)
    own = face - cv2.GaussianBlur(face, (0, 0), sigma)
    return np.asarray(np.clip(face + face_shape()[..., None] * (strange - own), 0, 1), np.float32)


FORGERIES: dict[str, Forgery] = {
    "slight smile": lambda face, other: smiling(face, 8.0),
    "smile": lambda face, other: smiling(face, 14.0),
    "eyes widened": lambda face, other: wide_eyed(face),
    "displaced": lambda face, other: displaced(face, 20),
    "eyes of another": with_eyes_of,
    "mouth of another": with_mouth_of,
    "20 % another": lambda face, other: mixed(face, other, 0.2),
    "40 % another": lambda face, other: mixed(face, other, 0.4),
    "60 % another": lambda face, other: mixed(face, other, 0.6),
    "another person": lambda face, other: mixed(face, other, 1.0),
}
"""From hardly to be seen to quite another person; a corner of the mouth that moves by 14 px has
moved by a ninth of the distance between the eyes."""

GRAVE = (
    "smile",
    "displaced",
    "eyes of another",
    "mouth of another",
    "60 % another",
    "another person",
)
"""Those that a family would notice."""


def _spot(centre: NDArray[np.float64], half_width: float, half_height: float) -> Plane:
    """1 within an ellipse, 0 outside of one half as large again, soft between."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    radius = np.hypot((x - centre[0]) / half_width, (y - centre[1]) / half_height)
    fade = np.clip(2 * (1.5 - radius), 0.0, 1.0)
    return np.asarray(fade * fade * (3 - 2 * fade), np.float32)
