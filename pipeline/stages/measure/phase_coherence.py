"""Whether a wave runs in step over the whole picture, told from its quiet parts.

In what merely repeats - a wall, lace, a striped shirt - the parts without detail do not hold the
wave, and its phase is left to chance there. A screen lies over all of the print, and its phase in
one block foretells that in the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Phases = NDArray[np.complex128]

_BLOCK = 32
_FLAT = 1e-3
_QUIET = 0.33
_FEWEST = 10


def phase_coherence(tiles: Sequence[Plane], across: float, down: float) -> float:
    """How well the phase of a wave in one quiet block foretells that of its neighbours.

    Args:
        tiles: lightness, float32 (h, w) in 0..1 each.
        across, down: cycles a px of the wave.

    Returns:
        0..1: 1 for a wave in step everywhere, about 0.1 where there is none; 0 when too few
        blocks are quiet neighbours.
    """
    blocks = [_blocks(tile) for tile in tiles]
    spreads = [block.std(axis=(1, 3)) for block in blocks]
    every = np.concatenate([spread.ravel() for spread in spreads])
    every = every[every > _FLAT]
    if not every.size:
        return 0.0
    limit = float(np.quantile(every, _QUIET))
    steps: list[list[Phases]] = [[], []]
    for block, spread in zip(blocks, spreads, strict=True):
        phase = _phases(block, across, down)
        quiet = (spread > _FLAT) & (spread <= limit)
        steps[0].append((phase[1:] * phase[:-1].conj())[quiet[1:] & quiet[:-1]])
        steps[1].append((phase[:, 1:] * phase[:, :-1].conj())[quiet[:, 1:] & quiet[:, :-1]])
    found = [np.concatenate(way) for way in steps]
    means = [abs(complex(way.mean())) for way in found if len(way) >= _FEWEST]
    return float(np.mean(means)) if means else 0.0


def _blocks(tile: Plane) -> Plane:
    """(rows, 32, columns, 32): whole blocks less their means."""
    height, width = (side // _BLOCK * _BLOCK for side in tile.shape)
    cut = tile[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    return np.asarray(cut - cut.mean(axis=(1, 3), keepdims=True))


def _phases(blocks: Plane, across: float, down: float) -> Phases:
    """Complex of size 1, (rows, columns): phase of the wave in each block, against the tile's."""
    rows, _, columns, _ = blocks.shape
    window = np.hanning(_BLOCK + 1)[:_BLOCK]
    lines = np.exp(-2j * np.pi * down * np.arange(rows * _BLOCK)).reshape(rows, _BLOCK) * window
    places = np.exp(-2j * np.pi * across * np.arange(columns * _BLOCK))
    along = places.reshape(columns, _BLOCK) * window
    found = np.einsum("rycx,ry,cx->rc", blocks, lines, along, optimize=True)
    return np.asarray(found / (np.abs(found) + 1e-12))
