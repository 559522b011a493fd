"""The tone curves that take a stain and fading back, one per channel.

Two models of fading are known, and which one a print followed is read off its black. Dyes that
lose strength leave a coloured black, and their densities shrink by a factor: in pixel values an
exponent. A veil (silvering, flare, a pale copy) lies evenly over everything and leaves black as
neutral as white: a straight line. What lies between the two gets a mixture of both curves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import rounded
from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.measure.cast import Cast

Pixels = NDArray[np.float32]
Curve = NDArray[np.float64]

_LEVELS = 65536
_FRESH_WHITE = 94.0
_WHITE_OF_PAPER = 85.0
_BLACKEST = 3.0
_PALEST_BLACK = 8.0
_FLOOR_TO_BLACK = 40.0
_STEEPEST = 2.2
_VEIL = 0.5
_ALL_VEIL = 0.35
_ALL_DYES = 0.65


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


def dye_share(cast: Cast, icc: bytes | None) -> float:
    """How far the fading looks like lost dyes (1) and not like an even veil (0).

    Args:
        cast: as measured. Its black is judged as it would look under a white white: a stain
            that lies over everything tints a veiled black as well.
        icc: profile of the RGB values.
    """
    white = from_lab(np.array([[cast.white]], np.float32), icc)[0, 0]
    black = from_lab(np.array([[cast.black]], np.float32), icc)[0, 0]
    unstained = black * (white.max() / np.maximum(white, 0.05))
    lab = to_lab(unstained.reshape(1, 1, 3).astype(np.float32), icc)[0, 0]
    ratio = float(np.hypot(*lab[1:])) / max(float(lab[0]), 1.0)
    return float(np.clip((ratio - _ALL_VEIL) / (_ALL_DYES - _ALL_VEIL), 0.0, 1.0))


def unstained_white(cast: Cast, strength: float, icc: bytes | None) -> tuple[float, ...]:
    """Lab of the white without its stain.

    A stain only takes light away: the channel it spared most is as light as white ever was.

    Args:
        cast: as measured.
        strength: 0..1, share of the stain to take away.
        icc: profile of the RGB values.
    """
    now = np.array(cast.white)
    rgb = from_lab(np.array([[cast.white]], np.float32), icc)
    goal = to_lab(np.full((1, 1, 3), rgb.max(), np.float32), icc)[0, 0] * [1.0, 0.0, 0.0]
    return tuple(float(v) for v in now + strength * (goal - now))


class AgeingCurve:
    """The per-channel curve that brings white and black back.

    Args:
        cast: as measured.
        white: Lab that white shall have.
        black: Lab lightness that black shall have; None leaves the shadows alone.
        stained: white is paper with a stain on it, which tints a veil as well.
        dyes: 0..1, how far to follow the model of lost dyes; the rest is the even veil.
        share: 0..1, share of the way from the black that is there to the one that shall be.
        icc: profile that turns Lab into RGB.
    """

    def __init__(
        self,
        cast: Cast,
        white: tuple[float, ...],
        black: float | None,
        stained: bool,
        dyes: float,
        share: float,
        icc: bytes | None,
    ) -> None:
        dark = cast.black[0] if black is None else black
        ends = np.array([[cast.white, cast.black, (dark, 0.0, 0.0)]], np.float32)
        found = np.maximum(from_lab(ends, icc)[0].astype(float), 1e-3)
        goal = from_lab(np.array([[white]], np.float32), icc)[0, 0].astype(float)
        tones = np.linspace(0.0, 1.0, _LEVELS)
        tint = found[0] / found[0].max() if stained else np.ones(3)
        veil = tint * _veil(found, tint, cast)
        planes = []
        for c in range(3):
            was, now = max(found[0, c], 0.05), max(goal[c], 0.05)
            gain = tones * (now / was)
            curve = gain
            if black is not None and share > 0:
                even = now * np.maximum(tones - veil[c], 0.0) / max(was - veil[c], 0.05)
                lost = _dye_curve(tones, was, found[1, c], now, found[2, c])
                curve = gain + share * (dyes * lost + (1.0 - dyes) * even - gain)
            planes.append(np.clip(curve, 0.0, 1.0))
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


def _veil(found: Curve, tint: Curve, cast: Cast) -> float:
    """Strength of an even veil, 0..1; no stronger than the darkest thing in any channel allows."""
    white, black, wanted = found.mean(axis=1)
    veil = white * (black - wanted) / max(white - wanted, 0.05)
    most = float(np.min(np.array(cast.black_rgb) / tint))
    return float(np.clip(veil, 0.0, max(most, 0.0)))


def _dye_curve(tones: Curve, white: float, black: float, new_white: float, new: float) -> Curve:
    """One channel's curve through (white -> new_white) and (black -> new).

    A part of the lift of black is taken off as veil, the rest as lost density: this mixture is
    never far off for either.
    """
    veil = _VEIL * max(0.0, black - new)
    seen = np.maximum(tones - veil, 0.0) / (white - veil)
    exponent = 1.0
    if black - new > 1e-3:
        depth = np.log(max(black - veil, 0.01) / (white - veil))
        exponent = np.log(max(new, 0.01) / new_white) / depth
    return np.asarray(new_white * seen ** float(np.clip(exponent, 1.0, _STEEPEST)))
