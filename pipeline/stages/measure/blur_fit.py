"""Which kernel explains a picture's power spectrum best: none, a disc, or a line.

The logarithm of power is modelled as

    scene: level + slope ln f + a smooth function of direction - (2 pi f)^2 softness
    kernel: ln of the power of its transfer (Cannon 1976, doi:10.1109/TASSP.1976.1162770)
    noise: nearly white, at about the level of the darkest places

where scene and kernel add, and noise adds to the power of both. Scene and softness are fitted anew
for each kernel (two Newton steps from what is usual, with priors), so a kernel is only credited
with what no scene could have done. The misfit has heavy tails: borders of houses leave ridges.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.blur_spectrum import ANGLES, Grid, Spectrum, grid

Values = NDArray[np.float32]

_SLOPE = -2.7
"""Usual exponent of a scene's power (Field 1987, doi:10.1364/JOSAA.4.002379)."""

_SPREADS = (np.inf, 0.4, 0.4, 0.4, 0.3, 0.3, 0.6, 0.7, 0.15)
_PRIOR = np.array([1 / spread**2 for spread in _SPREADS], np.float32)
"""Inverse variance of level, slope, two waves of direction each way, softness (px^2); of the level
of the noise and its softness."""

_OF_NOISE = [0, 6]
"""What of the scene's basis serves for noise as well."""

_USUAL_SOFTNESS = 0.25  # px^2: sigma of 0.5 px
_SPREAD = 0.3  # of ln power about the model
_TRUST = 60.0  # independent readings the whole spectrum is worth
_DEEPEST = 2e-4  # of a kernel's power, for uneven pace and leakage
_SHARE_OF_FLOOR = 0.06
_STEPS = 2
_AT_ONCE = 96  # candidates, so that their arrays stay in the processor's cache
_FREEDOM = 8.0  # of the tails
_LONGEST = 0.27  # of a tile
_SHORTEST = 3.0
_WIDEST = 0.16
_NARROWEST = 1.2
_LENGTHS = 34
_APART = 6.0  # degrees between the lines tried first
_KEPT = 6
_ONE_IN = 3  # directions looked at when lines are tried first
_MASK_RADII, _MASK_AMOUNTS = (0.7, 1.0, 1.4, 2.0), (0.7, 1.2, 1.8)
_NEAR_LENGTHS = (0.95, 1.0, 1.05)
_NEAR_ANGLES = (-3.0, 0.0, 3.0)  # degrees


@dataclass(frozen=True)
class Fit:
    """What explains a spectrum how well.

    Args:
        plain, disc, line, mask: misfit without a kernel and with the best disc, line and unsharp
            mask, in units of log likelihood; smaller is better.
        softness: sigma of the Gaussian beside no kernel, px.
        radius: of the best disc, px.
        length, angle: of the best line, px and degrees from x towards y.
        line_softness, disc_softness: sigma of the Gaussian beside the best line and disc, px.
        slope: exponent of the scene beside no kernel.
    """

    plain: float
    disc: float
    line: float
    mask: float
    softness: float
    radius: float
    length: float
    angle: float
    line_softness: float
    disc_softness: float
    slope: float


def fit_kernels(spectrum: Spectrum) -> Fit:
    """Fit each kind of kernel to a spectrum."""
    tile = spectrum.tile
    places = grid(tile)
    every = np.arange(len(places.x))
    plain, beside = _misfits(spectrum, np.zeros((1, len(every)), np.float32), every)
    radii, disc_logs = _discs(tile)
    discs, disc_beside = _misfits(spectrum, disc_logs, every)
    d = int(discs.argmin())
    lengths, angles = _best_lines(spectrum)
    lines, line_beside = _misfits(spectrum, _line_logs(lengths, angles, places), every)
    m = int(lines.argmin())
    masks, _ = _misfits(spectrum, _mask_logs(tile), every)
    return Fit(
        plain=float(plain[0]),
        disc=float(discs[d]),
        line=float(lines[m]),
        mask=float(masks.min()),
        softness=_sigma(beside[0]),
        radius=float(radii[d]),
        disc_softness=_sigma(disc_beside[d]),
        length=float(lengths[m]),
        angle=float(np.degrees(angles[m]) % 180),
        line_softness=_sigma(line_beside[m]),
        slope=float(beside[0, 1]),
    )


def _sigma(beside: Values) -> float:
    return float(np.sqrt(max(0.0, beside[6])))


def _best_lines(spectrum: Spectrum) -> tuple[Values, Values]:
    """Lengths (px) and angles (radians) about the best of a coarse search."""
    lengths, angles, logs, some = _coarse_lines(spectrum.tile)
    misfit, _ = _misfits(spectrum, logs, some)
    best = np.argsort(misfit, kind="stable")[:_KEPT]
    near = np.array(list(itertools.product(_NEAR_LENGTHS, _NEAR_ANGLES)), np.float32)
    length = lengths[best][:, None] * near[None, :, 0]
    angle = angles[best][:, None] + np.radians(near[None, :, 1])
    return length.ravel(), angle.ravel()


@lru_cache(maxsize=4)
def _coarse_lines(tile: int) -> tuple[Values, Values, Values, NDArray[np.intp]]:
    """Lengths, angles and logs of the lines tried first, at the places they are compared at."""
    lengths = np.geomspace(_SHORTEST, _LONGEST * tile, _LENGTHS)
    angles = np.radians(np.arange(0.0, 180.0, _APART))
    both = np.meshgrid(lengths, angles, indexing="ij")
    length, angle = (part.ravel().astype(np.float32) for part in both)
    places = grid(tile)
    some = np.arange(len(places.x)).reshape(ANGLES, -1)[::_ONE_IN].ravel()
    return length, angle, _line_logs(length, angle, places)[:, some], some


def _line_logs(lengths: Values, angles: Values, places: Grid) -> Values:
    along = np.cos(angles)[:, None] * places.x + np.sin(angles)[:, None] * places.y
    return _logs(np.sinc(lengths[:, None] * along))


@lru_cache(maxsize=4)
def _discs(tile: int) -> tuple[Values, Values]:
    """Radii of the discs tried, px, and their logs."""
    radii = np.geomspace(_NARROWEST, _WIDEST * tile, 56).astype(np.float32)
    at = np.linspace(0, np.pi * float(radii[-1]), 2000)
    around = (np.arange(400) + 0.5) * np.pi / 400
    # J1 by its integral; 2 J1(z) / z is the transfer of a disc.
    bessel = np.cos(around[None] - at[:, None] * np.sin(around[None])).mean(axis=1)
    transfer = np.where(at > 1e-6, 2 * bessel / np.maximum(at, 1e-6), 1.0)
    seen = np.interp(2 * np.pi * radii[:, None] * grid(tile).radius[None], at, transfer)
    return radii, _logs(seen)


@lru_cache(maxsize=4)
def _mask_logs(tile: int) -> Values:
    """What unsharp masks of usual radius and amount do to power."""
    turn = (2 * np.pi * grid(tile).radius) ** 2 / 2
    ways = itertools.product(_MASK_RADII, _MASK_AMOUNTS)
    return _logs(np.stack([1 + a * (1 - np.exp(-turn * r**2)) for r, a in ways]))


def _logs(transfer: NDArray[np.floating]) -> Values:
    return np.asarray(np.log(transfer**2 + _DEEPEST), np.float32)


@lru_cache(maxsize=8)
def _basis(tile: int) -> Values:
    """float32 (7, places): what a scene's spectrum is made of."""
    places = grid(tile)
    far = np.log(places.radius)
    return np.stack(
        [
            np.ones_like(far),
            far - far.mean(),
            np.cos(2 * places.angle),
            np.sin(2 * places.angle),
            np.cos(4 * places.angle),
            np.sin(4 * places.angle),
            -((2 * np.pi * places.radius) ** 2),
        ]
    ).astype(np.float32)


def _misfits(
    spectrum: Spectrum, kernels: Values, chosen: NDArray[np.intp]
) -> tuple[Values, Values]:
    """Misfit of each kernel, float32 (kernels,), and the scene beside it, (kernels, 7).

    `kernels` are ln of power (kernels, places), told at the `chosen` places only.
    """
    parts = [
        _misfits_of_some(spectrum, kernels[begin : begin + _AT_ONCE], chosen)
        for begin in range(0, len(kernels), _AT_ONCE)
    ]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _misfits_of_some(
    spectrum: Spectrum, kernels: Values, chosen: NDArray[np.intp]
) -> tuple[Values, Values]:
    places = grid(spectrum.tile)
    radius, share_of = places.radius[chosen], places.weight[chosen]
    share_of = share_of / share_of.sum()
    scene, power = _basis(spectrum.tile)[:, chosen], spectrum.power[chosen]
    across = np.ascontiguousarray(np.concatenate([scene, scene[_OF_NOISE]]).T)
    usual = _usual(float(np.quantile(power[radius > 0.3], _SHARE_OF_FLOOR)))
    start = _levels(power - kernels - usual[:7] @ scene, (power > usual[7] + 1) & (radius < 0.08))
    beside = np.repeat(usual[None], len(kernels), axis=0)
    beside[:, 0] = start
    weight = share_of * np.float32(_TRUST / _SPREAD**2)
    for step in range(_STEPS + 1):
        detail = kernels + beside[:, :7] @ scene
        grain = beside[:, 7:] @ scene[_OF_NOISE]
        share = 1.0 / (1.0 + np.exp(np.clip(grain - detail, -40.0, 40.0)))
        off = power - np.maximum(detail, grain) + np.log(np.maximum(share, 1.0 - share))
        tails = 1.0 + off * off * np.float32(1 / (_FREEDOM * _SPREAD**2))
        if step == _STEPS:
            break
        pull = np.linalg.solve(*_equations(across, share, off, weight / tails, beside - usual))
        beside = beside + np.clip(pull[..., 0], -4.0, 4.0).astype(np.float32)
        beside[:, [6, 8]] = np.clip(beside[:, [6, 8]], 0.0, 4.0)
    misfit = 0.5 * _TRUST * _FREEDOM * (np.log(tails) @ share_of)
    known = (beside - usual)[:, 1:]
    return (misfit + 0.5 * known**2 @ _PRIOR[1:]).astype(np.float32), beside


def _usual(floor: float) -> Values:
    """What is expected of a scene and its noise before it was looked at."""
    usual = np.zeros(len(_PRIOR), np.float32)
    usual[1], usual[6], usual[7] = _SLOPE, _USUAL_SOFTNESS, floor
    return usual


def _equations(
    across: Values, share: Values, off: Values, weight: Values, moved: Values
) -> tuple[Values, Values]:
    """Normal equations of each candidate: (candidates, 9, 9) and (candidates, 9, 1).

    A reading is moved by the scene as far as it is detail, and by the noise as far as it is that.
    """
    rest, count = 1.0 - share, across.shape[1]
    scene, noise = across[:, :7], across[:, 7:]
    of_detail = weight * share
    normal = np.empty((len(share), count, count), np.float32)
    normal[:, :7, :7] = _products(of_detail * share, scene, scene)
    normal[:, 7:, :7] = _products(of_detail * rest, noise, scene)
    normal[:, :7, 7:] = normal[:, 7:, :7].swapaxes(1, 2)
    normal[:, 7:, 7:] = _products(weight * rest * rest, noise, noise)
    right = np.concatenate([(of_detail * off) @ scene, (weight * rest * off) @ noise], axis=1)
    return normal + np.diag(_PRIOR), (right - moved * _PRIOR)[..., None]


def _products(weight: Values, one: Values, other: Values) -> Values:
    """Weighted sums over places of the products of two sets of columns, for each candidate."""
    pairs = (one[:, :, None] * other[:, None, :]).reshape(len(one), -1)
    return (weight @ pairs).reshape(-1, one.shape[1], other.shape[1])


def _levels(off: Values, clear: NDArray[np.bool_]) -> Values:
    """The level of each candidate, told by coarse detail that stands clear of the noise."""
    return np.asarray(np.median(off[:, clear] if clear.any() else off, axis=1), np.float32)
