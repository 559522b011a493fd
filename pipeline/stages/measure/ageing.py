"""How far a colour print has aged: dyes lost, paper stained, a veil over it, and how sure that is.

Estimated from the signs in its tones (`ageing_signs`) by a few small networks that were shown
several ten thousand fresh and aged pictures, the hard ones among them: sunsets, candlelight, fog,
cats. How they were made: `tests/benchmarks/ageing_training.py`. What they give has a physical
meaning and bounds, so that whatever they say stays an ageing: densities only shrink, paper only
darkens, a veil only adds light.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.measure.ageing_signs import signs
from pipeline.stages.measure.ageing_weights import networks
from pipeline.stages.measure.luma import reduce_to

Pixels = NDArray[np.float32]
Values = NDArray[np.float64]
Triple = tuple[float, float, float]

VIEW = 80
"""px of the longest side of what is looked at: noise and specks are averaged away in it."""

MOST_LOSS, MOST_STAIN, MOST_VEIL = 1.3, 0.4, 0.12
"""Bounds: logarithm of density before over density now; density; light."""

_FARTHEST = 6.0
_LEAST_SIDE = 12


@dataclass(frozen=True)
class Ageing:
    """What time did to a colour print.

    Args:
        left: share that is left of the density of greys in red, green and blue light, 0..1.
        stain: density that the paper gained in red, green and blue light.
        veil: light that lies evenly over the print, as a share of white, 0..1.
        certainty: 0..1, how sure it is that the print has aged at all.
    """

    left: Triple = (1.0, 1.0, 1.0)
    stain: Triple = (0.0, 0.0, 0.0)
    veil: float = 0.0
    certainty: float = 0.0


def ageing_of(pixels: Pixels, icc: bytes | None) -> Ageing:
    """Estimate how far a colour print has aged.

    Args:
        pixels: float32 (H, W, 3), RGB 0..1; measured on an average of at most 80 px.
        icc: the profile of the pixels; None for sRGB.

    Returns:
        The ageing. Greys have the same light in every RGB space, so it holds in the pixels' own.
        A picture of less than 12 px is too small to tell.
    """
    view = np.ascontiguousarray(_without_rim(reduce_to(pixels, VIEW)))
    if min(view.shape[:2]) < _LEAST_SIDE:
        return Ageing()
    if icc is not None:
        view = from_lab(to_lab(view, icc), None)
    return _told_by(signs(linear(view)))


def linear(values: NDArray[np.floating]) -> Values:
    """Light, 0..1, of sRGB values (IEC 61966-2-1), float64 of the same shape."""
    value = np.asarray(values, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _told_by(told: Values) -> Ageing:
    """The mean of what the networks say."""
    said = np.mean([_asked(layers, told) for layers in _networks()], axis=0)
    return Ageing(
        left=_three(np.exp(-said[:3])),
        stain=_three(said[3:6]),
        veil=float(said[6]),
        certainty=float(_sigmoid(said[7])),
    )


def _asked(layers: list[Values], told: Values) -> Values:
    """One network: losses, stains, veil, and the log-odds of being aged: float64 (8,)."""
    from scipy.special import erf

    middle, spread, *weights = layers
    value = np.clip((told - middle) / spread, -_FARTHEST, _FARTHEST)
    for number in range(0, len(weights), 2):
        value = weights[number] @ value + weights[number + 1]
        if number + 2 < len(weights):
            value = value * 0.5 * (1.0 + erf(value / np.sqrt(2.0)))
    aged = _sigmoid(value[7])
    loss = aged * MOST_LOSS * _sigmoid(value[:3] - 1.0)
    stain = aged * MOST_STAIN * _sigmoid(value[3:6] - 2.0)
    veil = aged * MOST_VEIL * _sigmoid(value[6:7] - 2.0)
    return np.concatenate([loss, stain, veil, value[7:]])


@lru_cache(maxsize=1)
def _networks() -> list[list[Values]]:
    return networks()


def _sigmoid(value: Values) -> Values:
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


def _without_rim(view: Pixels) -> Pixels:
    """The picture less 2 % on every side, where the scanner's lid or a worn edge may show."""
    rim_y, rim_x = view.shape[0] // 50, view.shape[1] // 50
    return view[rim_y : view.shape[0] - rim_y, rim_x : view.shape[1] - rim_x]


def _three(values: Values) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
