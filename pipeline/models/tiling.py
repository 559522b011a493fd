"""How a picture is cut into equal tiles and put together again without seams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken

_STEP = 4
"""px; tiles start on multiples of it, so networks that fold 2x2 or 4x4 px stay in phase."""


BORDER = 8
"""px mirrored around a picture that one tile holds; it has no neighbour to agree with."""


@dataclass(frozen=True)
class Span:
    """One tile along one axis.

    Args:
        source: int (tile,) index of the picture's px for every px of the tile; px beyond the
            picture are mirrored.
        start: first output px this tile gives to the result.
        stop: one past the last.
        skip: output px of the tile before `start`.
        weight: float32 (stop - start,) share of the result; the shares of all tiles that cover a
            px sum to 1.
    """

    source: NDArray[np.intp]
    start: int
    stop: int
    skip: int
    weight: NDArray[np.float32]


def spans(length: int, tile: int, overlap: int, scale: int) -> list[Span]:
    """Cover `length` px with tiles of one size.

    Each tile is a core and `overlap` px of context on both sides. The outer half of the context
    is thrown away, because there the network sees the tile's edge; over the inner half a tile
    fades into its neighbour.

    Args:
        length: px of the picture along this axis, at least 1.
        tile: the largest tile, px, at least 4 overlaps wide.
        overlap: px of context on each side.
        scale: output px per input px.

    Raises:
        StageContractBroken: the tile is too small for its overlap.
    """
    widest = (tile - 2 * overlap) // _STEP * _STEP
    if overlap < 0 or widest < max(2 * overlap, _STEP):
        raise StageContractBroken(f"a tile of {tile} px cannot overlap by {overlap} px")
    border = min(overlap, BORDER)
    if length <= (tile - 2 * border) // _STEP * _STEP:
        return [_span((0, -(-length // _STEP) * _STEP), length, border, scale)]
    core = -(-length // -(-length // widest))
    core = -(-core // _STEP) * _STEP
    return [
        _span((begin, begin + core), length, overlap, scale) for begin in range(0, length, core)
    ]


def _span(core: tuple[int, int], length: int, overlap: int, scale: int) -> Span:
    begin, end = core
    fade = overlap // 2
    low = max(begin - fade, 0)
    high = min(end + fade, length)
    position = (np.arange(low * scale, high * scale) + 0.5) / scale
    weight = np.ones(position.shape)
    if fade and begin > 0:
        weight *= np.clip((position - (begin - fade)) / (2 * fade), 0.0, 1.0)
    if fade and end < length:
        weight *= np.clip(((end + fade) - position) / (2 * fade), 0.0, 1.0)
    return Span(
        source=mirrored(np.arange(begin - overlap, end + overlap), length),
        start=low * scale,
        stop=high * scale,
        skip=(low - begin + overlap) * scale,
        weight=weight.astype(np.float32),
    )


def mirrored(positions: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    """Positions before 0 or from `length` on, reflected about the first and last px.

    The edge px itself is not repeated; a picture of one px repeats it.
    """
    if length == 1:
        return np.zeros_like(positions)
    folded = np.mod(positions, 2 * (length - 1))
    inside: NDArray[np.intp] = np.minimum(folded, 2 * (length - 1) - folded)
    return inside


def grid(
    height: int, width: int, tile: int, overlap: int, scale: int
) -> Iterator[tuple[Span, Span]]:
    """(rows, columns) of every tile of a picture, row by row."""
    across = spans(width, tile, overlap, scale)
    for down in spans(height, tile, overlap, scale):
        for column in across:
            yield down, column
