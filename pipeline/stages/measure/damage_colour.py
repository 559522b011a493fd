"""Which colours a print has, and how a speck's colour differs from them.

On a grey or toned print all tones lie on one curve through colour; what lies off it is not the
picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.luma import luma

_TONES = 16
_SAMPLE_PX = 60_000
_SAMPLE_SIDE = 500


@dataclass(frozen=True, eq=False)
class UsualColours:
    """The colours of one print.

    Args:
        white: float32 (3,): as white as the print gets, channel by channel.
        centres: float64 (T,), ascending: lightnesses.
        medians: float (T, 2): the usual colour there, red and blue less green.
        spreads: float64 (T,): how far colours stray from it there, on average.
        spread: how far they stray at all, 90 % quantile.
    """

    white: NDArray[np.float32]
    centres: NDArray[np.float64]
    medians: NDArray[Any]
    spreads: NDArray[np.float64]
    spread: float

    def away(self, pixels: NDArray[np.float32], light: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far colours are from the usual one at their lightness.

        Args:
            pixels: float32 (n, 3).
            light: float32 (n,), their lightness.

        Returns:
            float64 (n, 2), red and blue less green.
        """
        return np.asarray(_colour(pixels) - _usual(light, self.centres, self.medians))

    def strayed(self, light: NDArray[np.float32]) -> NDArray[np.float64]:
        """How far colours stray at a lightness, on average: (n,)."""
        return np.asarray(np.interp(light, self.centres, self.spreads))


def usual_colours(view: View) -> UsualColours:
    """Measure the colours of a print on some of its px."""
    sample = view.every(max(1, view.height // _SAMPLE_SIDE), max(1, view.width // _SAMPLE_SIDE))
    white = np.maximum(np.quantile(sample, 0.998, axis=(0, 1)), 0.3).astype(np.float32)
    step = max(1, int(np.sqrt(view.height * view.width / _SAMPLE_PX)))
    sample = view.every(step, step)
    some, tones = _colour(sample.reshape(-1, 3)), luma(sample).ravel()
    groups = np.array_split(np.argsort(tones, kind="stable"), min(_TONES, len(tones)))
    centres = np.array([tones[group].mean() for group in groups])
    medians = np.array([np.median(some[group], axis=0) for group in groups])
    off = np.hypot(*(some - _usual(tones, centres, medians)).T)
    spreads = np.array([off[group].mean() for group in groups])
    return UsualColours(white, centres, medians, spreads, float(np.quantile(off, 0.9)))


def mixture(
    seen: NDArray[np.float32],
    behind: NDArray[np.uint8],
    white: NDArray[np.float32],
    lighter: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """How badly a px is explained as its surroundings mixed with paper white (or with black).

    Paper that shows through, or dirt, adds white (takes away to black); detail of the picture
    mostly changes the strength of the light and keeps its colour.

    Args:
        seen: float32 (n, 3), 0..1.
        behind: uint8 (n, 3): the median of the surroundings, 0..255.
        white: float32 (3,), the print's white.
        lighter: bool (n,): white was added, else black.

    Returns:
        float32 (n,), 0 explained .. 1 not at all.
    """
    ground = behind.astype(np.float32) / 255
    change = seen - ground
    towards = np.where(lighter[:, None], white - ground, -ground)
    along = _dot(change, towards) / np.maximum(_dot(towards, towards), 1e-4)
    rest = change - along[:, None] * towards
    share = np.sqrt(_dot(rest, rest)) / np.maximum(np.sqrt(_dot(change, change)), 1e-3)
    return np.asarray(np.minimum(share, 1.0), np.float32)


def _dot(one: NDArray[Any], two: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("ij,ij->i", one, two), np.float32)


def _colour(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Red and blue less green, (n, 2)."""
    return np.asarray(pixels[:, ::2] - pixels[:, 1:2], np.float32)


def _usual(
    light: NDArray[Any], centres: NDArray[np.float64], medians: NDArray[Any]
) -> NDArray[np.float64]:
    """Colour on the print's one curve; past its light end, colour grows with the light."""
    beyond = np.maximum(light / max(float(centres[-1]), 0.05), 1.0)
    return np.stack([np.interp(light, centres, medians[:, c]) * beyond for c in (0, 1)], axis=-1)
