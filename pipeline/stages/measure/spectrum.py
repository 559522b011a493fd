"""Power spectra of tiles cut from a picture, in bands of a fifth of an octave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Cut = Callable[[slice, slice], NDArray[np.float32]]
"""Gives lightness, float32 (h, w) in 0..1, of the rows and columns asked for. So a plane in memory
and a photo that is never whole in float serve alike."""

Curve = NDArray[np.float64]

_LOWEST = 1.5
"""Cycles a tile where the bands begin: below it the window's own spectrum is all there is."""

_BANDS_AN_OCTAVE = 5

_WEDGE = 0.5
"""Slope of the wedge about each axis whose power counts. A picture sharp to the pixel holds 1.41
times finer detail along the diagonals, so an average over all directions would find too much."""


@dataclass(frozen=True)
class Bands:
    """The bands of one size of tile.

    Args:
        fraction: centre of each band over the Nyquist frequency, 0..1.
        samples: independent readings of power in each band of one tile, about.
        spread: float64 (bands, tile // 2 + 1), which frequencies make up a band; rows sum to 1.
    """

    fraction: Curve
    samples: Curve
    spread: Curve


@lru_cache(maxsize=8)
def bands(tile: int) -> Bands:
    """The bands of tiles of so many px."""
    cycles = np.arange(tile // 2 + 1)
    count = int(np.log2(tile / 2 / _LOWEST) * _BANDS_AN_OCTAVE) + 2
    edges = _LOWEST * 2 ** (np.arange(count) / _BANDS_AN_OCTAVE)
    edges = edges[edges < tile / 2 + 0.6]
    inside = (cycles >= edges[:-1, None]) & (cycles < edges[1:, None])
    inside = inside[inside.any(axis=1)]
    centre = np.array([np.exp(np.log(cycles[band]).mean()) for band in inside])
    # Both axes; a Hann window makes neighbouring readings alike, about three of them one.
    samples = (inside * (2 * np.floor(_WEDGE * cycles) + 1)).sum(axis=1) * 2 / 3
    return Bands(centre / (tile / 2), samples, inside / inside.sum(axis=1, keepdims=True))


def tile_powers(cut: Cut, height: int, width: int, tile: int, most: int) -> Curve:
    """Mean power of tiles spread evenly over a picture.

    Args:
        cut: gives the tiles.
        height, width: px of the picture, each at least `tile`.
        tile: px of a tile's side.
        most: tiles at most; a smaller picture is covered with tiles that overlap by a third.

    Returns:
        float64 (tiles, bands), power per px of each band near the horizontal and vertical axes.
        White noise of standard deviation s has power s**2 everywhere.
    """
    spread = bands(tile).spread
    rows = [
        _wedge_power(cut(slice(top, top + tile), slice(left, left + tile)))
        for top, left in _places(height, width, tile, most)
    ]
    return np.asarray(np.array(rows) @ spread.T, dtype=np.float64)


def _places(height: int, width: int, tile: int, most: int) -> Iterator[tuple[int, int]]:
    down, across = (max(1, int(np.ceil(side / tile * 1.5))) for side in (height, width))
    thin = max(1.0, float(np.sqrt(down * across / most)))
    down, across = max(1, int(down / thin)), max(1, min(int(across / thin), most))
    down = max(1, min(down, most // across))  # a long strip thins in one direction only
    for top in np.linspace(0, height - tile, down).astype(int):
        for left in np.linspace(0, width - tile, across).astype(int):
            yield int(top), int(left)


@lru_cache(maxsize=8)
def _window(tile: int) -> Curve:
    slope = np.hanning(tile + 2)[1:-1]
    window = np.outer(slope, slope)
    return np.asarray(window / np.sqrt((window**2).mean()), dtype=np.float64)


@lru_cache(maxsize=8)
def _wedge(tile: int) -> Curve:
    """Weights (tile, tile // 2 + 1) of the transform; each column sums to 1."""
    across = np.abs(np.fft.fftfreq(tile) * tile)[:, None]
    inside = across <= _WEDGE * np.arange(tile // 2 + 1)[None] + 0.01
    return np.asarray(inside / inside.sum(axis=0), dtype=np.float64)


def _wedge_power(piece: NDArray[np.float32]) -> Curve:
    """Power at 0..tile/2 cycles a tile of a square piece, the mean of both axes."""
    tile = piece.shape[0]
    seen = (piece.astype(np.float64) - float(piece.mean())) * _window(tile)
    both = (np.abs(np.fft.rfft2(turned)) ** 2 for turned in (seen, seen.T))
    return np.asarray(sum((p * _wedge(tile)).sum(axis=0) for p in both) / (2 * tile**2))
