"""Overlapping grids of 8x8 blocks, visited in chunks, and what is put together from them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.dct import BLOCK

Plane = NDArray[np.float32]

_CHUNK_PX = 64 * 1024  # 256 KB a plane: what is in work at a time stays in a core's cache


@dataclass(frozen=True)
class Window:
    """Some whole rows of blocks of one grid: `rows` of px, and `columns` of px.

    Grids are shifted against each other by `step` px.
    """

    rows: slice
    columns: slice
    step: int

    def of(self, plane: Plane) -> Plane:
        """These px of a plane."""
        return plane[self.rows, self.columns]

    def deposit(self, total: Plane, weight: Plane, blocks: Plane, trust: Plane) -> None:
        """Add blocks (weighted already) and their trust; `weight` has one value per `step` px."""
        total[self.rows, self.columns] += blocks.reshape(-1, blocks.shape[2])
        rows, columns = (
            slice(px.start // self.step, px.stop // self.step) for px in (self.rows, self.columns)
        )
        weight[rows, columns] += _spread(trust, BLOCK // self.step)


def windows(shape: tuple[int, ...], step: int) -> list[Window]:
    """The blocks of all shifted grids in order, in chunks that fit into a cache."""
    rows, columns = ((px - BLOCK + step) // BLOCK for px in shape)
    few = max(1, _CHUNK_PX // (columns * BLOCK * BLOCK))
    return [
        Window(
            slice(y + row * BLOCK, y + min(row + few, rows) * BLOCK),
            slice(x, x + columns * BLOCK),
            step,
        )
        for y, x in product(range(0, BLOCK, step), repeat=2)
        for row in range(0, rows, few)
    ]


def divide(total: Plane, weight: Plane, step: int) -> None:
    """Sums of weighted values divided by the sums of weights, in place."""
    rows = total.reshape(len(weight), step, -1)
    rows *= np.repeat(1.0 / weight, step, axis=1)[:, None, :]


def no_weight(plane: Plane, step: int) -> Plane:
    """Zeros, one per `step` x `step` px of a plane."""
    return np.zeros((plane.shape[0] // step, plane.shape[1] // step), np.float32)


def _spread(values: Plane, times: int) -> Plane:
    return np.repeat(np.repeat(values, times, axis=1), times, axis=0)
