"""How a picture is cut into equal tiles and put together again without seams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken

STEP = 4
"""px; tiles start on multiples of it, so networks that fold 2x2 or 4x4 px stay in phase."""

_FADE = 4
"""px on either side of a seam over which two tiles are mixed."""

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

    Each tile is a core and `overlap` px of context on both sides. The context is thrown away,
    because there the network sees the tile's edge, but for the innermost few px, over which a tile
    fades into its neighbour.

    Args:
        length: px of the picture along this axis, at least 1.
        tile: the largest tile, px, wider than its overlaps.
        overlap: px of context on each side.
        scale: output px per input px.

    Raises:
        StageContractBroken: the tile is too small for its overlap.
    """
    if overlap < 0 or tile - 2 * overlap < STEP:
        raise StageContractBroken(f"a tile of {tile} px cannot overlap by {overlap} px")
    border = min(overlap, BORDER) // STEP * STEP
    extent = up(length + 2 * border)
    if extent <= tile:
        return [_span(length, -border, extent, (0, length), (0, 0), scale)]
    # The last tile ends where the picture does, so that at the picture's own border each sees just
    # what one undivided picture would show there.
    context = up(overlap)
    widest = max((tile - 2 * context) // STEP * STEP, STEP)
    count = -(-(extent - 2 * context) // widest)
    core = up(-(-(extent - 2 * context) // count))
    side = core + 2 * context
    steps = np.linspace(0, (extent - side) // STEP, count).round().astype(int)
    begins = [int(step) * STEP - border for step in steps]
    seams = [0, *(begin + context for begin in begins[1:]), length]
    # Two fades of one tile must not meet.
    fade = min(overlap // 2, _FADE, int(np.diff(steps).min()) * STEP // 2)
    return [
        _span(
            length,
            begin,
            side,
            seams[number : number + 2],
            (fade if number else 0, fade if number < count - 1 else 0),
            scale,
        )
        for number, begin in enumerate(begins)
    ]


def up(length: int) -> int:
    """The next multiple of `STEP`."""
    return -(-length // STEP) * STEP


def _span(
    length: int, begin: int, side: int, seams: Sequence[int], fades: tuple[int, int], scale: int
) -> Span:
    """The tile from `begin`, responsible for what lies between two seams."""
    low, high = seams[0] - fades[0], seams[1] + fades[1]
    position = (np.arange(low * scale, high * scale) + 0.5) / scale
    weight = np.ones(position.shape)
    if fades[0]:
        weight *= np.clip((position - low) / (2 * fades[0]), 0.0, 1.0)
    if fades[1]:
        weight *= np.clip((high - position) / (2 * fades[1]), 0.0, 1.0)
    return Span(
        source=mirrored(np.arange(begin, begin + side), length),
        start=low * scale,
        stop=high * scale,
        skip=(low - begin) * scale,
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
