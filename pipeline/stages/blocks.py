"""How a picture is shared out to a network: few blocks, each with surroundings to look at."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np

from pipeline.stages.pieces import Piece

_SHORTEST = 64
"""px of the side of a block without its margin, below which it would be nearly all margin."""

_PHASE = 4
"""px; blocks with their margin begin at its multiples, so that a network which folds 2x2 or 4x4 px
sees them as it sees the whole, and the far edge of the picture as well."""

_Cut = list[tuple[slice, slice]]


def network_blocks(
    height: int, width: int, area: tuple[slice, slice], *, margin: int, most_px: int
) -> list[Piece]:
    """A part of a picture cut into the blocks that cost a network the least.

    What lies in margins is computed twice, so of all ways to cut the one with the least px in all
    is taken. Blocks are about equal, so that a network meets few sizes.

    Args:
        height, width: px of the picture.
        area: the rows and columns that are wanted.
        margin: px of surroundings each block is given at least, as far as the picture reaches.
        most_px: px of the largest block with its margin. Exceeded only where margins alone are
            as large.
    """
    down, across = (
        [
            _cuts(part, count, margin, length)
            for count in range(1, max(1, (part.stop - part.start) // _SHORTEST) + 1)
        ]
        for part, length in zip(area, (height, width), strict=True)
    )
    largest = np.outer([_longest(cut) for cut in down], [_longest(cut) for cut in across])
    cost = np.outer([_total(cut) for cut in down], [_total(cut) for cut in across]).astype(float)
    if (largest <= most_px).any():
        cost[largest > most_px] = np.inf
        rows, columns = np.unravel_index(int(np.argmin(cost)), cost.shape)
    else:
        rows, columns = np.unravel_index(int(np.argmin(largest)), cost.shape)
    return [
        Piece(inner_rows, inner_columns, outer_rows, outer_columns)
        for (inner_rows, outer_rows), (inner_columns, outer_columns) in product(
            down[int(rows)], across[int(columns)]
        )
    ]


def _cuts(part: slice, count: int, margin: int, length: int) -> _Cut:
    """One axis in equal parts, each without and with its margin."""
    edges = np.linspace(part.start, part.stop, count + 1).round().astype(int).tolist()
    return [
        (
            slice(low, high),
            slice(max(0, (low - margin) // _PHASE * _PHASE), min(length, high + margin)),
        )
        for low, high in pairwise(edges)
    ]


def _longest(cut: _Cut) -> int:
    return max(int(outer.stop - outer.start) for _, outer in cut)


def _total(cut: _Cut) -> int:
    return sum(int(outer.stop - outer.start) for _, outer in cut)
