"""Denoising by blocks that look alike: the second pass, for which a pilot picture is at hand.

Blocks of 4x4 px that look alike in the pilot are stacked and transformed together, and every
coefficient gets the Wiener gain that the pilot's stack tells: the second step of BM3D (Dabov, Foi,
Katkovnik, Egiazarian 2007, doi:10.1109/TIP.2007.901238). Blocks are alike in all planes where they
are in the first one. They are smaller than usual because the pilot, a sliding DCT of 8x8, is
weakest about edges; fewer and nearer because that is quicker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from pipeline.stages.measure.dct import BLOCK, matrix
from pipeline.stages.measure.noise import Noise

Plane = NDArray[np.float32]
Places = NDArray[np.intp]

REACH = 18
"""px around a px that decide what becomes of it: its block, that block's fellows, theirs."""

_SMALL = 4
_SIZE = _SMALL * _SMALL
_STEP = 2
_FAR = 6
_STACK = 8
_ROWS = 32
_CHUNK = 384
_TONES = 4095
_SHIFTS = sorted(
    product(range(-_FAR, _FAR + 1), repeat=2), key=lambda shift: shift[0] ** 2 + shift[1] ** 2
)
_INDEX_BITS = 8


@dataclass(frozen=True)
class PlaneNoise:
    """What is known of one plane's noise.

    Args:
        variance: float32 (16,) of every coefficient of a 4x4 block.
        curve: float32 (4096,) factor of the standard deviation by tone (0..1).
    """

    variance: NDArray[np.float32]
    curve: NDArray[np.float32]


def plane_noise(noise: Noise, strength: float) -> PlaneNoise:
    """The noise of a plane's 4x4 blocks, from that of its 8x8 blocks."""
    power = (noise.spectrum * strength) ** 2
    power[0, 0] = (power[0, 1] + power[1, 0]) / 2
    large, small = matrix(BLOCK), matrix(_SMALL)
    starts = range(BLOCK - _SMALL + 1)
    part = np.mean([(small @ large.T[o : o + _SMALL]) ** 2 for o in starts], axis=0)
    variance = (part @ power @ part.T).ravel() + 1e-12
    tones = np.arange(_TONES + 1) / _TONES
    curve = np.interp(tones, noise.tones, noise.curve)
    return PlaneNoise(variance.astype(np.float32), curve.astype(np.float32))


def by_similar_blocks(
    planes: Sequence[Plane], pilots: Sequence[Plane], noises: Sequence[PlaneNoise]
) -> list[Plane]:
    """Planes cleaned by the help of their pilots.

    Args:
        planes: float32 (h, w) each.
        pilots: the same with most of the noise gone; blocks are compared in the first.
        noises: of each plane.

    Returns:
        float32 (h, w) each.
    """
    height, width = planes[0].shape
    edge = _FAR + _SMALL
    rough, smooth = ([_surrounded(plane, edge) for plane in some] for some in (planes, pilots))
    high, wide = rough[0].shape
    across = wide - _SMALL + 1
    total = np.zeros(((high - _SMALL + 1) * across, len(planes) * _SIZE), np.float32)
    weight = np.zeros((len(total), len(planes)), np.float32)
    noisy, guide = _coefficients(rough), _coefficients(smooth)
    for places in _stacks(smooth[0], across):
        made = np.empty((*places.shape, total.shape[1]), np.float32)
        trust = np.empty((*places.shape, len(planes)), np.float32)
        for start in range(0, places.shape[1], _CHUNK):
            few = slice(start, start + _CHUNK)
            made[:, few], trust[:, few] = _filtered(noisy, guide, places[:, few], noises)
        _add(total, places, made)
        _add(weight, places, trust)
    inner = (slice(edge, edge + height), slice(edge, edge + width))
    return [
        _put_together(total[:, c * _SIZE : (c + 1) * _SIZE], weight[:, c], across, (high, wide))[
            inner
        ]
        for c in range(len(planes))
    ]


def _surrounded(plane: Plane, edge: int) -> Plane:
    """A plane of even size with its mirrored surroundings."""
    bottom, right = (edge + side % 2 for side in plane.shape)
    return np.asarray(
        cv2.copyMakeBorder(plane, edge, bottom, edge, right, cv2.BORDER_REFLECT_101), np.float32
    )


_WAVES = matrix(_SMALL)
_WHOLE = np.kron(_WAVES, _WAVES).T.astype(np.float32)


def _coefficients(planes: Sequence[Plane]) -> Plane:
    """(places, planes * 16): the DCT of the 4x4 block that begins at every place."""
    inner = (slice(0, 1 - _SMALL), slice(0, 1 - _SMALL))
    made = [
        cv2.sepFilter2D(plane, cv2.CV_32F, _WAVES[u], _WAVES[v], anchor=(0, 0))[inner]
        for plane in planes
        for v, u in product(range(_SMALL), repeat=2)
    ]
    return np.asarray(cv2.merge(made), np.float32).reshape(-1, len(made))


def _stacks(pilot: Plane, across: int) -> Iterator[Places]:
    """For some rows of reference blocks at a time: (8, references), where alike blocks begin."""
    offsets = np.array([dy * across + dx for dy, dx in _SHIFTS])
    bottom, right = (side - _FAR - _SMALL for side in pilot.shape)
    columns = np.arange(_FAR, right + 1, _STEP)
    for top in range(_FAR, bottom + 1, _ROWS):
        rows = np.arange(top, min(top + _ROWS, bottom + 1), _STEP)
        keys = np.empty((len(_SHIFTS), len(rows) * len(columns)), np.int32)
        lines = slice(top, top + 2 * (len(rows) + 1))
        spread = slice(_FAR, _FAR + 2 * (len(columns) + 1))
        here = pilot[lines, spread]
        for number, (dy, dx) in enumerate(_SHIFTS):
            there = pilot[lines.start + dy : lines.stop + dy, spread.start + dx : spread.stop + dx]
            apart = _squared_distance(here, there)
            # The bits of a positive float order as an integer's; the last ones carry the number.
            keys[number] = (apart.ravel().view(np.int32) & ~0xFF) | number
        keys[0] = -(1 << _INDEX_BITS)  # the block itself comes first
        best = np.partition(np.ascontiguousarray(keys.T), _STACK - 1, axis=1)[:, :_STACK]
        best.sort(axis=1)
        places = (rows[:, None] * across + columns).ravel()
        yield places + offsets[best & 0xFF].T


def _squared_distance(here: Plane, there: Plane) -> Plane:
    """Of the 4x4 blocks at every second px, (rows, columns)."""
    apart = cv2.subtract(here, there)
    cells = cv2.multiply(apart, apart)
    size = (cells.shape[1] // 2, cells.shape[0] // 2)
    cells = cv2.resize(cells, size, interpolation=cv2.INTER_AREA)
    down = cells[1:] + cells[:-1]
    return np.asarray(down[:, 1:] + down[:, :-1])


def _filtered(
    noisy: Plane, guide: Plane, places: Places, noises: Sequence[PlaneNoise]
) -> tuple[Plane, Plane]:
    """Coefficients (8, n, planes * 16) times their trust, and the trust (n, planes)."""
    stack, pilot = np.take(noisy, places, axis=0), np.take(guide, places, axis=0)
    count, planes = places.shape[1], len(noises)
    variance = np.empty((count, planes, _SIZE), np.float32)
    for c, noise in enumerate(noises):
        tone = pilot[0, :, c * _SIZE] * np.float32(_TONES / _SMALL)
        factor = noise.curve[np.rint(np.clip(tone, 0, _TONES)).astype(np.intp)]
        np.multiply((factor * factor)[:, None], noise.variance, out=variance[:, c])
    _hadamard(stack)
    _hadamard(pilot)
    pilot *= pilot
    stack *= pilot
    # Sums and differences of eight are left unscaled: their variance is eight times a block's.
    pilot += variance.reshape(count, -1) * np.float32(_STACK)
    stack /= pilot
    gain = _gains(pilot, variance.reshape(count, -1) * np.float32(_STACK))
    spent = np.einsum("kncs,kncs->nc", gain, gain)
    trust = np.asarray(1 / np.maximum(spent, 1e-6))
    _hadamard(stack)
    made = stack.reshape(_STACK, count, planes, _SIZE)
    made *= (trust / _STACK)[:, :, None]
    return stack, trust


def _gains(both: Plane, variance: Plane) -> Plane:
    """Wiener gains, (8, n, planes, 16), from the power of signal and noise together."""
    np.divide(variance, both, out=both)
    np.subtract(1, both, out=both)
    return both.reshape(*both.shape[:2], -1, _SIZE)


def _hadamard(stack: Plane) -> None:
    """Sums and differences along the first axis, in place; twice makes eight times what was."""
    half = _STACK // 2
    while half:
        pairs = stack.reshape(_STACK // (2 * half), 2, half, *stack.shape[1:])
        first, second = pairs[:, 0], pairs[:, 1]
        difference = first - second
        first += second
        second[:] = difference
        half //= 2


def _add(total: Plane, places: Places, values: Plane) -> None:
    """Rows of `values` added to those rows of `total` that `places` name, in order."""
    flat = np.ascontiguousarray(values.reshape(places.size, -1))
    lowest, highest = int(places.min()), int(places.max()) + 1
    one = np.ones(places.size, np.float32)
    columns = (one, places.ravel() - lowest, np.arange(places.size + 1))
    adds = sparse.csc_array(columns, shape=(highest - lowest, places.size))
    total[lowest:highest] += adds @ flat


def _put_together(coefficients: Plane, weight: Plane, across: int, shape: tuple[int, int]) -> Plane:
    """The plane from the sums of weighted coefficients at every place, and of their weights."""
    rows = len(weight) // across
    made, trust = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    weight = weight.reshape(rows, across)
    for row, line in enumerate(coefficients.reshape(rows, across, _SIZE)):
        # A row at a time: larger products make a BLAS start threads of its own.
        for k, values in enumerate(np.matmul(_WHOLE, line.T)):
            down, right = divmod(k, _SMALL)
            made[row + down, right : right + across] += values
    for down, right in product(range(_SMALL), repeat=2):
        trust[down : down + rows, right : right + across] += weight
    return np.asarray(made / np.maximum(trust, 1e-12))
