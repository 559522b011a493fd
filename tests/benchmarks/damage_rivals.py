"""What a person would use instead to find and fill damage: OpenCV and scikit-image by the book."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

_MEDIAN_PX = 9
_DIFFERS = 30
_HAT_PX = 9
_HAT = 40
_OUTLIERS = 3.0
_RADIUS = 3


def by_median(picture: Image) -> Mask:
    """What differs by 30 levels from a median of 9 px: "remove dust and scratches"."""
    grey = _grey(picture)
    return np.asarray(cv2.absdiff(grey, cv2.medianBlur(grey, _MEDIAN_PX)) > _DIFFERS)


def by_hats(picture: Image) -> Mask:
    """White and black top-hat by a disc of 9 px over a fixed threshold of 40 levels."""
    grey = _grey(picture)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_HAT_PX, _HAT_PX))
    white = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, disc)
    black = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, disc)
    return np.asarray(np.maximum(white, black) > _HAT)


def by_adaptive_hats(picture: Image) -> Mask:
    """The same with a threshold of its own for the picture: the mean and three deviations."""
    grey = _grey(picture)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_HAT_PX, _HAT_PX))
    hats = [cv2.morphologyEx(grey, kind, disc) for kind in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)]
    strongest = np.maximum(*hats).astype(np.float32)
    return np.asarray(strongest > strongest.mean() + _OUTLIERS * strongest.std())


def inpainted(picture: Image, mask: Mask, method: int) -> Image:
    """`cv2.inpaint` at 8 bit with a radius of 3 px, float32 (h, w, 3)."""
    eight = np.rint(picture * 255).astype(np.uint8)
    filled = cv2.inpaint(eight, mask.astype(np.uint8), _RADIUS, method)
    return np.asarray(filled, np.float32) / np.float32(255)


def _grey(picture: Image) -> NDArray[np.uint8]:
    return np.asarray(np.rint(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) * 255), np.uint8)


DETECTORS: dict[str, Callable[[Image], Mask]] = {
    "median_difference": by_median,
    "top_hats": by_hats,
    "top_hats_adaptive": by_adaptive_hats,
}
FILLINGS = {"telea": cv2.INPAINT_TELEA, "navier_stokes": cv2.INPAINT_NS}
