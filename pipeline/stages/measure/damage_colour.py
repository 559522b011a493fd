"""Colours that a toned print cannot have: bare paper and dirt among sepia.

On a toned print all tones lie on one curve through colour; what lies off it is not the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.luma import luma

Pixels = NDArray[np.float32]
Plane = NDArray[np.float32]

_TONES = 16
_SAMPLE_PX = 60_000
_TONED_SPREAD = 0.045
_GREY_SPREAD = 0.002
_LEAST_STRAY = 0.015
_SMOOTH = 1.0


@dataclass(frozen=True, eq=False)
class Tones:
    """The colours of one print.

    Args:
        centres: float64 (T,), ascending: lightnesses.
        medians: float (T, 2): the usual colour there, red and blue less green.
        strays: float64 (T,): how far colours stray from it there, on average.
        spread: how far they stray at all, 90 % quantile.
        chroma: how strong the tone is at its strongest; below 0 for a tone that is not brown.
    """

    centres: NDArray[np.float64]
    medians: NDArray[Any]
    strays: NDArray[np.float64]
    spread: float
    chroma: float

    @property
    def toned(self) -> bool:
        """Whether all tones lie on one curve, and that is one of browns, as aged silver has."""
        return self.spread < _TONED_SPREAD and self.chroma > 4 * max(self.spread, _GREY_SPREAD)

    def strangeness(self, pixels: Pixels) -> Plane:
        """How far each px is off the curve, float32 (h, w), in units of what is usual there.

        Args:
            pixels: float32 (h, w, 3).
        """
        # Scanners and JPEG leave colour coarser than light, and grain in each channel.
        soft = cv2.GaussianBlur(pixels, (0, 0), _SMOOTH)
        light = luma(soft).ravel()
        away = _colour(soft.reshape(-1, 3)) - _usual(light, self.centres, self.medians)
        usual = np.interp(light, self.centres, self.strays) + _LEAST_STRAY
        return np.asarray((np.hypot(*away.T) / usual).reshape(pixels.shape[:2]), np.float32)


def tones_of(view: View) -> Tones:
    """Measure the colours of a print on some of its px."""
    step = max(1, int(np.sqrt(view.height * view.width / _SAMPLE_PX)))
    sample = view.every(step, step)
    some, light = _colour(sample.reshape(-1, 3)), luma(sample).ravel()
    groups = np.array_split(np.argsort(light, kind="stable"), min(_TONES, len(light)))
    centres = np.array([light[group].mean() for group in groups])
    medians = np.array([np.median(some[group], axis=0) for group in groups])
    off = np.hypot(*(some - _usual(light, centres, medians)).T)
    strays = np.array([off[group].mean() for group in groups])
    strongest = medians[np.argmax(np.hypot(*medians.T))]
    brown = strongest[0] >= 0.0 > strongest[1]
    chroma = float(np.hypot(*strongest)) * (1.0 if brown else -1.0)
    return Tones(centres, medians, strays, float(np.quantile(off, 0.9)), chroma)


def _colour(pixels: Pixels) -> Pixels:
    """Red and blue less green, (n, 2)."""
    return np.asarray(pixels[:, ::2] - pixels[:, 1:2], np.float32)


def _usual(
    light: NDArray[Any], centres: NDArray[np.float64], medians: NDArray[Any]
) -> NDArray[np.float64]:
    """Colour on the print's one curve; past its light end, colour grows with the light."""
    beyond = np.maximum(light / max(float(centres[-1]), 0.05), 1.0)
    return np.stack([np.interp(light, centres, medians[:, c]) * beyond for c in (0, 1)], axis=-1)
