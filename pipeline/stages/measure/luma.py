"""Lightness planes and quick reductions that the other measurements start from."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]


def luma(pixels: NDArray[np.float32]) -> Plane:
    """Encoded lightness of a picture.

    Args:
        pixels: float32 (H, W, 3), RGB in 0..1.

    Returns:
        float32 (H, W) in 0..1, Rec. 601 weights on the encoded values. Grey pictures give back
        their channel to within float rounding.
    """
    return _plane(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY))


def reduce_to(pixels: NDArray[np.float32], long_side: int) -> NDArray[np.float32]:
    """The picture averaged down so that its longer side is at most `long_side` px.

    Args:
        pixels: float32 (H, W) or (H, W, C).
        long_side: px; a picture already small enough is returned as it is.
    """
    height, width = pixels.shape[:2]
    longest = max(height, width)
    if longest <= long_side:
        return pixels
    size = (max(1, round(width * long_side / longest)), max(1, round(height * long_side / longest)))
    return _plane(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _plane(array: Any) -> NDArray[np.float32]:
    return np.asarray(array, dtype=np.float32)
