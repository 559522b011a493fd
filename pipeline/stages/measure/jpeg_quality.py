"""At which quality a picture was saved as JPEG, told from its pixels alone.

JPEG rounds each coefficient of a block to a multiple of a step that the quality sets. Saved anew
without loss, the coefficients still lie in heaps about these multiples. For each quality of the
Independent JPEG Group's tables (ITU-T T.81, annex K) it is asked how much likelier the coefficients
are with its steps than without any, after Fan, de Queiroz 2003 (doi:10.1109/TIP.2002.807361).
Turning or resizing the picture afterwards wipes out the heaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.blocks import grid_in
from pipeline.stages.measure.dct import BLOCK, of_blocks

Plane = NDArray[np.float32]

# fmt: off
_STEPS = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
])
# fmt: on
"""Steps for lightness at quality 50."""

_QUALITIES = np.arange(1, 97)
"""Above, the steps are no wider than the rounding of pixels leaves room for."""

_MOST_BLOCKS = 8_000
_FEWEST_HEAPED = 100
_LOWEST, _HIGHEST = 1, 5  # u + v of the coefficients that are looked at
_ROUNDING = 0.32  # standard deviation that rounding to whole pixels leaves, 255ths
_OUTLIER = 0.15  # share of coefficients moved by clipping, in saturated colours above all
_REACH = 1024.0
_FINE = 4  # bins a unit
_CLEAR = 0.12
"""Mean gain of log likelihood for each coefficient, from which the heaps are no chance."""


def jpeg_quality_in(planes: Sequence[Plane]) -> int | None:
    """The quality at which a picture was saved, or None when it shows no trace of it.

    Args:
        planes: float32 (H, W) in 0..1 each, lightness after Rec. 601 (JPEG's own), cut from places
            that are multiples of 8 px apart.

    Returns:
        1..96 on the scale of the Independent JPEG Group; nearest to it for other encoders.
    """
    best: tuple[float, int] | None = None
    for begin in dict.fromkeys([grid_in(planes), (0, 0)]):
        coefficients = _coefficients(planes, begin)
        if len(coefficients) == 0:
            continue
        found = _likeliest(coefficients)
        if found is not None and (best is None or found > best):
            best = found
    return None if best is None else best[1]


def _coefficients(planes: Sequence[Plane], begin: tuple[int, int]) -> Plane:
    """float32 (blocks, 8, 8), 255ths, of blocks on the grid that hold no clipped px."""
    parts = [_blocks(plane[begin[0] :, begin[1] :]) for plane in planes]
    blocks = np.concatenate(parts)
    blocks = blocks[np.ptp(blocks, axis=(1, 2)) > 2 / 255]
    clipped = ((blocks < 0.001) | (blocks > 0.999)).any(axis=(1, 2))
    blocks = blocks[~clipped]
    if len(blocks) > _MOST_BLOCKS:
        blocks = blocks[np.linspace(0, len(blocks) - 1, _MOST_BLOCKS).astype(int)]
    return of_blocks(blocks * np.float32(255))


def _blocks(plane: Plane) -> Plane:
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    if rows < 1 or columns < 1:
        return np.zeros((0, BLOCK, BLOCK), np.float32)
    whole = plane[: rows * BLOCK, : columns * BLOCK]
    return whole.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _likeliest(coefficients: Plane) -> tuple[float, int] | None:
    """Gain per coefficient and quality, of the quality that explains the heaps best."""
    order = np.add.outer(np.arange(BLOCK), np.arange(BLOCK))
    rows, columns = np.nonzero((order >= _LOWEST) & (order <= _HIGHEST))
    gain_of, heaped_of = _gains()
    bins = np.abs(coefficients[:, rows, columns]).clip(0.0, _REACH) * np.float32(_FINE)
    places = np.rint(bins).astype(np.int64) + np.arange(len(rows)) * gain_of.shape[1]
    seen = np.bincount(places.ravel(), minlength=len(rows) * gain_of.shape[1])
    seen_of = np.ascontiguousarray(seen.reshape(len(rows), -1).T.astype(np.float64))
    gain, heaped = gain_of @ seen_of, heaped_of @ seen_of
    steps = np.stack([_steps_of(int(base)) for base in _STEPS[rows, columns]])
    gains, counts = (
        np.take_along_axis(part.T, steps, axis=1).sum(axis=0) for part in (gain, heaped)
    )
    means = np.where(counts >= _FEWEST_HEAPED, gains / np.maximum(counts, 1), -np.inf)
    best = int(np.argmax(np.where(means > _CLEAR, gains, -np.inf)))
    return (float(means[best]), int(_QUALITIES[best])) if means[best] > _CLEAR else None


def _steps_of(base: int) -> NDArray[np.int64]:
    """The step at each quality, where it is `base` at 50."""
    scale = np.where(_QUALITIES < 50, 5000 // _QUALITIES, 200 - 2 * _QUALITIES)
    return np.asarray(np.clip((base * scale + 50) // 100, 1, 255))


@lru_cache(maxsize=1)
def _gains() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By step (0..255) and size of coefficient: gain of log likelihood, and what counts.

    A coefficient in the heap about zero counts only against a step: that it is small proves none.
    """
    size = np.arange(int(_REACH * _FINE) + 1) / _FINE
    step = np.maximum(np.arange(256), 1)[:, None].astype(np.float64)
    heap = np.rint(size[None] / step)
    off = (size[None] - heap * step) / _ROUNDING
    density = np.exp(-0.5 * off**2) / (_ROUNDING * np.sqrt(2 * np.pi))
    gain = np.log((1 - _OUTLIER) * step * density + _OUTLIER)
    away = heap >= 1
    gain = np.where(away, gain, np.minimum(gain, 0.0))
    counted = away | (gain < 0)
    return gain, counted.astype(np.float64)
