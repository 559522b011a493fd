"""The frequency at which detail ends, fitted to the power of detailed and of quiet tiles.

Edges have an amplitude spectrum that falls as 1/f, power in two dimensions as 1/f^3 (Field 1987,
doi:10.1364/JOSAA.4.002379). What a print and a scanner leave of it is the transfer: its shape is
one of a few, and only its place on the frequency axis is sought. So the logarithm of the power of
detailed tiles is modelled as

    detail: amplitude - 3 ln f + ln transfer(f / end) + a smooth deviation of this picture
    noise:  what quiet tiles show, to within a factor

which add up, and the likelihood of each end and shape follows from how far the measured power is
from the model: a Gaussian process over ln f carries what is unknown about the picture (a
linearised fit, three Newton steps). The likelihood has heavy tails, so that one odd band, such as
JPEG's blocks make, decides nothing. The answer is the mean over all ends and shapes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.spectrum import Curve

# fmt: off
_AT = np.array([
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3,
    1.4, 1.5, 1.6, 1.75, 1.9, 2.0, 2.1, 2.25, 2.5, 3.0, 4.0, 6.0,
])
"""Frequencies over the end of detail at which the transfers below are told."""

_TRANSFERS = np.array([
    # Keys' cubic: all that enlarging a picture sharp to the pixel leaves, with its mirror images.
    [0, .01, .01, .01, -.01, -.05, -.13, -.24, -.39, -.57, -.65, -.77, -1.0, -1.39, -2.04, -2.04,
     -1.39, -1.34, -1.45, -1.66, -1.83, -3.12, -3.26, -2.53, -3.27],
    # Lanczos with four lobes: the steepest.
    [0, 0, 0, 0, 0, .01, -.02, -.1, -.27, -.55, -.86, -1.36, -2.26, -3.19, -3.24, -3.24,
     -3.16, -2.96, -2.66, -2.75, -3.1, -4.73, -5.76, -4.29, -5.13],
    # Linear: strong mirror images beyond the end.
    [-.01, -.03, -.07, -.12, -.19, -.28, -.39, -.51, -.66, -.8, -.8, -.78, -.8, -.85, -.93, -1.07,
     -1.39, -1.99, -2.49, -2.17, -1.64, -1.36, -1.55, -2.4, -2.41],
    # A lens's Gaussian spot, about as wide at half height as one px at the end (0.41 there).
    list(-0.7687 * _AT**2),
])
# fmt: on
"""log10 of power over a 1/f^3 spectrum, by shape and frequency; the first three computed from the
Fourier transforms of the kernels."""

_ENDS = np.exp(np.linspace(np.log(0.06), np.log(2.0), 70))
"""Ends tried, over the Nyquist frequency; beyond 1 the scan cut detail off before it ended."""

_DEEPEST = -7.5
"""ln of the least transfer told apart from none."""

_LEAST_POWER = 5e-6
"""Added everywhere: the power of 8-bit rounding four times over. Fainter detail than that is not
looked at."""

_NOISE_STARTS = (0.6, 1.1, 2.0)
"""Noise of detailed tiles over that of quiet ones, where the fit sets out from."""
_NOISE_USUAL = 1.15
_NOISE_FACTOR = 0.5  # standard deviation of its logarithm
_NOISE_SHAPE = 0.1  # the same for deviations from the quiet tiles' spectrum, smooth over ln f
_NOISE_BAND = 0.03  # the same for each band by itself

_PICTURE_SLOPE = 0.3  # standard deviation of the exponent 3
_PICTURE_SHAPE = 0.25  # of ln power, smooth over ln f
_PICTURE_BAND = 0.2  # of ln power, each band by itself
_PICTURE_LENGTH = 0.9  # of ln f over which deviations are alike
_TRANSFER_BAND = 0.1  # of ln power for each unit of ln transfer: a deep stop band is known less
_ANY_LEVEL = 9.0  # variance of ln amplitude: nothing is known of it

_FREEDOM = 6.0
"""Degrees of freedom of the likelihood: how heavy its tails are."""

_STEPS = 3


def without_detail(detailed: Curve, quiet: Curve) -> Curve:
    """The power of noise: quiet tiles, less the detail that even those hold.

    Detail makes the same share of quiet tiles' power in every band. Where quiet and detailed tiles
    are most unlike, noise is least, and their ratio is that share. In a picture that is textured
    all over it is near 1, and quiet tiles tell nothing of noise.
    """
    share = min(float(np.sort(quiet / detailed)[:3].mean()), 0.95)
    noise = np.maximum(quiet - share * detailed, 1e-3 * quiet) / max(1.0 - share, 0.3)
    return np.asarray(np.maximum(noise, _LEAST_POWER))


def detail_end(detailed: Curve, quiet: Curve, fraction: Curve, samples: Curve) -> float:
    """Where detail ends.

    Args:
        detailed: mean power of detailed tiles, float64 (bands,).
        quiet: power of quiet tiles, float64 (bands,); zeros when there are none.
        fraction: centre of each band over the Nyquist frequency.
        samples: independent readings behind each value of `detailed`.

    Returns:
        frequency over the Nyquist frequency, 0.06..1.
    """
    detailed = detailed + _LEAST_POWER
    noise = without_detail(detailed, quiet + _LEAST_POWER)
    found = _log_likelihood(detailed, noise, fraction, np.maximum(samples, 1.0))
    weight = np.exp(found - found.max())
    # Ends beyond the Nyquist frequency cannot be told apart, so they do not pull further up.
    end = float((weight * np.minimum(np.log(_ENDS), 0.1)).sum() / weight.sum())
    return min(1.0, float(np.exp(end)))


def _log_likelihood(detailed: Curve, noise: Curve, fraction: Curve, samples: Curve) -> Curve:
    """Of each shape and end, float64 (shapes, ends); arrays here are (start, shape, end, band)."""
    place = np.log(fraction)
    alike = np.exp(-0.5 * ((place[:, None] - place) / _PICTURE_LENGTH) ** 2)
    tilt = place - place.mean()
    picture = _PICTURE_SHAPE**2 * alike + _PICTURE_SLOPE**2 * np.outer(tilt, tilt) + _ANY_LEVEL
    grain = _NOISE_FACTOR**2 + _NOISE_SHAPE**2 * alike
    transfer = _transfer(fraction)
    band = _PICTURE_BAND**2 + (_TRANSFER_BAND * transfer) ** 2
    start = np.array(_NOISE_STARTS)[:, None, None, None] * noise
    expected = _levelled(transfer - 3 * place, detailed, start, transfer)
    expected_noise = np.log(_NOISE_USUAL * noise)
    detail, rest = expected, np.broadcast_to(np.log(start), expected.shape)
    for _ in range(_STEPS):
        both = np.logaddexp(detail, rest)
        share = np.exp(detail - both)
        other = 1.0 - share
        off = np.log(detailed) - both
        off = off - share * (expected - detail) - other * (expected_noise - rest)
        alone = 1.0 / samples + (_NOISE_BAND * other) ** 2 + share**2 * band
        spread = share[..., :, None] * picture * share[..., None, :]
        spread += other[..., :, None] * grain * other[..., None, :]
        spread += np.eye(len(place)) * alone[..., None]
        solved = np.linalg.solve(spread, off[..., None])[..., 0]
        # Steps are bounded: far from the answer the linear model leads astray.
        detail = detail + np.clip(expected + (share * solved) @ picture - detail, -1.0, 1.0)
        rest = rest + np.clip(expected_noise + (other * solved) @ grain - rest, -0.5, 0.5)
    distance = np.maximum((off * solved).sum(axis=-1), 0.0)
    tails = 0.5 * (_FREEDOM + len(place)) * np.log1p(distance / _FREEDOM)
    found = -tails - 0.5 * np.linalg.slogdet(spread)[1]
    return np.asarray(found.max(axis=0))


def _transfer(fraction: Curve) -> Curve:
    """ln of each shape's transfer with each end, float64 (shapes, ends, bands)."""
    at = np.log(fraction / _ENDS[:, None])
    shapes = [np.interp(at, np.log(_AT), shape * np.log(10)) for shape in _TRANSFERS]
    return np.asarray(np.maximum(shapes, _DEEPEST))


def _levelled(shape: Curve, detailed: Curve, noise: Curve, transfer: Curve) -> NDArray[np.float64]:
    """`shape` raised to the power of detail, told by the bands that clearly hold some."""
    above = np.maximum(detailed - noise, 0.0)
    weight = (above / detailed) ** 2 * (transfer > -1.8) + 1e-9
    apart = (np.log(np.maximum(above, 0.05 * detailed)) - shape) * weight
    return np.asarray(shape + (apart.sum(axis=-1) / weight.sum(axis=-1))[..., None])
