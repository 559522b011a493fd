"""What the tones of a picture tell about its age: densities, and how they part between channels.

Dyes that fade shrink densities, each channel's by a factor; a stain adds to them; a veil cuts the
deepest off. All of it shows in the quantiles of density and in how far red and blue part from
green from the lightest to the darkest things; a scene's own light and colours show there, too,
but otherwise: warm light leaves black black.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float64]

DEEPEST = 3.0
"""Density from which on everything is one black."""

_TONES = (0.002, 0.01, 0.03, 0.10, 0.25, 0.50, 0.75, 0.90, 0.97, 0.99, 0.998)
_GROUPS = (0.0, 0.03, 0.20, 0.50, 0.80, 0.97, 1.0)
_REACH = (0.01, 0.10, 0.90, 0.99)
_INNER = (0.25, 0.75)

COUNT = 3 * len(_TONES) + 4 * (len(_GROUPS) - 1) + 2 * len(_REACH) + 4 + 6
"""How many numbers `signs` gives."""


def density(light: Light) -> Light:
    """Density (decimal logarithm) of light in 0..1, at most `DEEPEST`."""
    return np.asarray(-np.log10(np.clip(light, 10.0**-DEEPEST, 1.0)))


def signs(light: Light) -> NDArray[np.float64]:
    """The signs of age of a small view, in a fixed order.

    Args:
        light: float (h, w, 3), linear red, green and blue light, 0..1; 3 px wide and high at least.

    Returns:
        float64 (COUNT,): quantiles of density of each channel; from light to dark, the middle and
        half the spread of red less green and blue less green; the reach of both differences;
        slopes and correlations of red and blue against green; steepness of each channel's edges
        in the lighter and in the darker half (edges are alike in all channels of a fresh print,
        van de Weijer 2007, doi:10.1109/TIP.2007.901808).
    """
    planes = density(np.asarray(light, np.float64))
    deep = planes.reshape(-1, 3)
    parted = deep[:, (0, 2)] - deep[:, (1, 1)]
    rank = np.argsort(deep.sum(axis=1), kind="stable")
    edges = np.round(np.array(_GROUPS) * len(rank)).astype(int)
    told = [np.quantile(deep, _TONES, axis=0)]
    for start, stop in pairwise(edges.tolist()):
        group = parted[rank[start : max(stop, start + 1)]]
        low, high = np.quantile(group, _INNER, axis=0)
        told += [np.median(group, axis=0), (high - low) / 2]
    told.append(np.quantile(parted, _REACH, axis=0))
    spread = deep - deep.mean(axis=0)
    square = np.maximum((spread**2).mean(axis=0), 1e-4)
    shared = (spread[:, (0, 2)] * spread[:, (1, 1)]).mean(axis=0)
    told.append(shared / square[1])
    told.append(shared / np.sqrt(square[[0, 2]] * square[1]))
    told.append(_edges(planes))
    return np.concatenate([np.ravel(part) for part in told])


def _edges(planes: Light) -> Light:
    """Logarithm of the mean step to the next px, lighter and darker half: float64 (2, 3)."""
    across = np.abs(planes[:-1, 1:] - planes[:-1, :-1])
    down = np.abs(planes[1:, :-1] - planes[:-1, :-1])
    steps = (across + down).reshape(-1, 3)
    depth = planes[:-1, :-1].sum(axis=2).ravel()
    order = np.argsort(depth, kind="stable")
    halves = np.array_split(order, 2)
    return np.log10(np.stack([steps[half].mean(axis=0) for half in halves]) + 0.01)
