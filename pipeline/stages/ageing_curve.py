"""The tone curves that take ageing back, one per channel: veil off, stain off, dyes as before.

A print's density (logarithm of the light that it takes away) is what ages: a faded dye leaves a
share of it, a stain adds to it, and a veil adds light to the whole. So every grey of the fresh
print is aged, and both are looked up in the scan's profile: the curve leads from one to the other,
and greys come back exactly in any profile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import rounded
from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.measure.ageing import Ageing
from pipeline.stages.measure.cast import Cast

Pixels = NDArray[np.float32]
Curve = NDArray[np.float64]

_LEVELS = 65536
_STEPS = 1024
_FRESH_WHITE = 94.0
_WHITE_OF_PAPER = 85.0
_BLACKEST = 3.0
_PALEST_BLACK = 8.0
_FLOOR_TO_BLACK = 40.0
_DEEPEST = 2.8
_LEAST_LEFT = 0.3


def fresh_black(cast: Cast) -> float:
    """Lab lightness that the print's black is believed to have had when it was fresh.

    Args:
        cast: as measured; the blunter the floor of its tones, the surer its black was black.
    """
    return float(min(_BLACKEST + _FLOOR_TO_BLACK * cast.floor, _PALEST_BLACK))


def fresh_white(white: float, unfade: float) -> float:
    """Lab lightness that a white shall have, half of the way to fresh paper for 1.

    Args:
        white: Lab lightness now; what is darker than any paper stays.
        unfade: 0..1, share of the lost contrast to give back.
    """
    if white < _WHITE_OF_PAPER:
        return white
    return white + 0.5 * unfade * max(0.0, _FRESH_WHITE - white)


class AgeingCurve:
    """The per-channel curve that takes an ageing back.

    Args:
        ageing: as estimated.
        strength: 0..1, share of the stain to take away.
        unfade: 0..1, share of the lost density and of the veil to take back.
        icc: profile of the values; None for sRGB.
    """

    def __init__(self, ageing: Ageing, strength: float, unfade: float, icc: bytes | None) -> None:
        depth = np.linspace(_DEEPEST, 0.0, _STEPS)
        veil = unfade * ageing.veil
        left = np.maximum(ageing.left, _LEAST_LEFT) ** unfade
        aged = 10.0 ** -(depth[:, None] * left + strength * np.array(ageing.stain))
        seen = _in_profile((1.0 - veil) * aged + veil, icc)
        fresh = _in_profile(np.repeat(10.0 ** -depth[:, None], 3, axis=1), icc)
        levels = np.linspace(0.0, 1.0, _LEVELS)
        planes = [_through(seen[:, c], fresh[:, c], levels) for c in range(3)]
        self.table = np.stack(planes).astype(np.float32)

    def __call__(self, pixels: Pixels) -> Pixels:
        """float32 (H, W, 3) in 0..1, corrected; read off the curve at 16 bit."""
        index = (pixels * (_LEVELS - 1.0) + 0.5).astype(np.uint16)
        result = np.empty_like(pixels)
        for c in range(3):
            np.take(self.table[c], index[..., c], out=result[..., c])
        return result

    @property
    def samples(self) -> NDArray[np.uint16]:
        """The curve as one table a channel, uint16 (3, 65536)."""
        return rounded(self.table)

    def towards_identity(self, share: float) -> None:
        """Go only `share` (0..1) of the way from now on."""
        tones = np.linspace(0.0, 1.0, _LEVELS, dtype=np.float32)
        self.table = tones + np.float32(share) * (self.table - tones)


def _in_profile(light: Curve, icc: bytes | None) -> Curve:
    """Values of a profile, float64 (n, 3), for linear light in the primaries of sRGB."""
    low = light * 12.92
    srgb = np.where(light <= 0.0031308, low, 1.055 * light ** (1 / 2.4) - 0.055)
    values = srgb.astype(np.float32)[None]
    if icc is not None:
        values = from_lab(to_lab(values, None), icc)
    return np.asarray(values[0], np.float64)


def _through(seen: Curve, fresh: Curve, levels: Curve) -> Curve:
    """The curve on which what is seen of every grey becomes the fresh grey; 0 stays 0."""
    seen = np.maximum.accumulate(np.concatenate([[0.0], seen]))
    fresh = np.maximum.accumulate(np.concatenate([[0.0], fresh]))
    kept = np.concatenate([[True], np.diff(seen) > 1e-9])
    return np.asarray(np.interp(levels, seen[kept], fresh[kept]))
