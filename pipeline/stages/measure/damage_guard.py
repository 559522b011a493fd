"""Where nothing is believed to be damage: the eyes and mouths of faces, and the rim of the print.

A catch light in an eye, a gap between teeth and a nostril look like specks, and a mistake there is
the worst there can be. The rim of a print is where paper, lid and shadow meet: lines along it are
no scratches.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]

_RIM = 0.025
_EYE = 0.32
_MOUTH = 0.3
_NOSE = 0.2
_AROUND = 1.0
_MOSTLY = 0.5


def sparing(mask: Mask, landmarks: Sequence[NDArray[np.float32]]) -> Mask:
    """A mask without what lies for the most part in the eyes, nostrils or mouth of a face.

    A scratch that goes right across a face stays.

    Args:
        mask: bool (H, W).
        landmarks: per face float32 (5, 2): x, y in px of both eyes, the nose tip and both corners
            of the mouth.

    Returns:
        bool (H, W): the very mask when there was nothing to take out.
    """
    kept = mask
    for points in landmarks:
        at = np.asarray(points, np.float64)
        reach = _AROUND * _size(at)
        left, top = np.maximum(np.floor(at.min(axis=0) - reach), 0).astype(int).tolist()
        right, bottom = np.ceil(at.max(axis=0) + reach).astype(int).tolist()
        here = np.s_[top : max(bottom, top), left : max(right, left)]
        part = kept[here]
        if not part.any():
            continue
        tender = _tender(at - (left, top), part.shape)
        count, labels = cv2.connectedComponents(part.astype(np.uint8), connectivity=8)
        sizes = np.bincount(labels.ravel(), minlength=count)
        within = np.bincount(labels[tender], minlength=count) >= _MOSTLY * sizes
        within[0] = False
        if within.any():
            kept = kept.copy() if kept is mask else kept
            kept[here] &= ~within[labels]
    return kept


def rim_px(shape: tuple[int, ...]) -> int:
    """How wide the rim is within which what lies there alone is not judged, px."""
    return max(2, round(_RIM * min(shape[:2])))


def _tender(at: NDArray[np.float64], shape: tuple[int, ...]) -> Mask:
    """The eyes, nostrils and mouth of one face, bool (h, w)."""
    plane = np.zeros(shape, np.uint8)
    size, mouth = _size(at), at[3:]
    spots = [(at[0], _EYE), (at[1], _EYE), (at[2], _NOSE)]
    spots += [(mouth[0] + share * (mouth[1] - mouth[0]), _MOUTH) for share in (0.0, 0.5, 1.0)]
    for spot, radius in spots:
        centre = (round(float(spot[0])), round(float(spot[1])))
        cv2.circle(plane, centre, max(1, round(radius * size)), 1, -1)
    return np.asarray(plane > 0)


def _size(at: NDArray[np.float64]) -> float:
    """Between the eyes, or from the eyes to the mouth where the face is turned aside, px."""
    across = float(np.hypot(*(at[1] - at[0])))
    return max(across, float(np.hypot(*(at[3:].mean(axis=0) - at[:2].mean(axis=0)))))
