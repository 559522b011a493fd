"""The two-dimensional power spectrum of a picture on a polar grid, in which blur leaves its mark.

Blur multiplies a scene's spectrum by that of its kernel: parallel dark bands for motion, dark rings
for defocus (Cannon 1976, doi:10.1109/TASSP.1976.1162770). The logarithm of the power of many tiles
is averaged, so that what is peculiar to one tile of the scene averages out and what all have in
common, the kernel, remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Values = NDArray[np.float32]

ANGLES = 60
"""Directions, 3 degrees apart over half a turn."""

_SIZES = ((128, 192), (64, 96), (32, 32))
"""Tile, px, and the shorter side of a picture from which it is used."""

_LOWEST = 2.5
"""Cycles a tile below which the window is all that is seen."""

_HIGHEST = 0.46
"""Cycles a px up to which is looked."""

_MOST_TILES = 96
_FEW_TILES = 40
_DETAILED = 0.6
_LEAST_POWER = 1e-9


@dataclass(frozen=True)
class Spectrum:
    """Mean logarithm of power at polar places.

    Args:
        power: float32 (ANGLES * radii,), natural logarithm of power per px; white noise of
            standard deviation s has about ln s**2 everywhere.
        tile: px of the tiles it was told from.
        tiles: how many there were.
    """

    power: Values
    tile: int
    tiles: int


@dataclass(frozen=True)
class Grid:
    """The polar places of a size of tile: float32 (places,) each.

    Args:
        x, y: cycles a px to the right and down.
        radius: cycles a px.
        angle: radians, 0..pi, from x towards y.
        weight: how much of the frequency plane a place stands for.
        down, right: the place of y and x in a half plane whose rows are x, 0 in the middle, and
            whose columns are y from 0.
    """

    x: Values
    y: Values
    radius: Values
    angle: Values
    weight: Values
    down: Values
    right: Values


@lru_cache(maxsize=8)
def grid(tile: int) -> Grid:
    """The polar places at which the spectrum of tiles of so many px is told."""
    radii = [_LOWEST]
    while radii[-1] < _HIGHEST * tile:
        radii.append(radii[-1] + max(1.0, 0.055 * radii[-1]))
    cycles = np.array(radii[:-1], np.float32)
    angle = (np.arange(ANGLES, dtype=np.float32) + np.float32(0.5)) * np.float32(np.pi / ANGLES)
    turn, far = (part.ravel() for part in np.meshgrid(angle, cycles, indexing="ij"))
    x, y = far * np.cos(turn), far * np.sin(turn)
    width = np.gradient(cycles)
    weight = np.tile((width / cycles).astype(np.float32), ANGLES)
    # Borders of houses and of the paper lie along the axes, and so does their power.
    near_axis = np.minimum(np.abs(x), np.abs(y)) < 1.5
    weight = np.where(near_axis, np.float32(0.15), np.float32(1.0)) * weight
    return Grid(x / tile, y / tile, far / tile, turn, weight / weight.sum(), y, x + tile // 2)


def tile_size(planes: Sequence[Plane]) -> int:
    """px of the tiles that suit planes of this size; 0 when they are too small."""
    shorter = min(min(plane.shape) for plane in planes)
    return next((tile for tile, least in _SIZES if shorter >= least), 0)


def spectrum_in(planes: Sequence[Plane], tile: int) -> Spectrum | None:
    """The spectrum that several planes have in common: the tiles of one picture.

    Args:
        planes: float32 (H, W), 0..1 each.
        tile: px of the tiles, a power of two.

    Returns:
        None when no tile holds anything.
    """
    pieces = [piece for plane in planes for piece in _pieces(plane, tile)]
    if len(pieces) > _MOST_TILES:
        pieces = [pieces[int(i)] for i in np.linspace(0, len(pieces) - 1, _MOST_TILES)]
    pieces = [piece for piece in pieces if float(piece.std()) > 1e-3]
    if not pieces:
        return None
    tapers = _tapers(tile, 1 if len(pieces) >= _FEW_TILES else 2)
    seen = [_polar(piece, tapers, tile) for piece in pieces]
    levels = np.array([values.mean() for values in seen])
    kept = np.argsort(-levels, kind="stable")[: max(1, round(_DETAILED * len(seen)))]
    power = np.mean([seen[i] for i in kept], axis=0, dtype=np.float64)
    return Spectrum(np.asarray(power, np.float32), tile, len(kept))


def _pieces(plane: Plane, tile: int) -> list[Plane]:
    rows, columns = (_starts(length, tile) for length in plane.shape)
    return [plane[top : top + tile, left : left + tile] for top in rows for left in columns]


def _starts(length: int, tile: int) -> list[int]:
    if length < tile:
        return []
    count = 1 + int(np.ceil((length - tile) / (tile / 2)))
    return [int(place) for place in np.linspace(0, length - tile, count)]


@lru_cache(maxsize=16)
def _tapers(tile: int, orders: int) -> tuple[Plane, ...]:
    """Windows whose spectra are compact and independent (Riedel, Sidorenko 1995,
    doi:10.1109/78.365298): one Hann window, or the sine tapers of the first orders."""
    if orders == 1:
        slopes = [np.hanning(tile + 2)[1:-1]]
    else:
        place = (np.arange(tile) + 1) / (tile + 1)
        slopes = [np.sin(np.pi * (order + 1) * place) for order in range(orders)]
    windows = [np.outer(a, b) for a in slopes for b in slopes]
    return tuple((w / np.sqrt((w**2).sum())).astype(np.float32) for w in windows)


def _polar(piece: Plane, tapers: tuple[Plane, ...], tile: int) -> Values:
    """ln power of one tile at the polar places."""
    level = (piece - piece.mean()).T  # turned, so that the half plane kept is the lower one
    power = np.zeros((tile, tile // 2 + 1), np.float32)
    for taper in tapers:
        half = np.fft.rfft2(level * taper.T)
        power += (half.real**2 + half.imag**2).astype(np.float32)
    logs = np.log(power / len(tapers) + np.float32(_LEAST_POWER))
    logs = np.roll(logs, tile // 2, axis=0)  # rows: x, 0 in the middle; columns: y from 0
    places = grid(tile)
    sampled = cv2.remap(logs, places.down[None], places.right[None], cv2.INTER_LINEAR)
    return np.asarray(sampled[0], np.float32)
