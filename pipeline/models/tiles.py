"""A picture through a network in tiles, and what no network may make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.core.errors import BadOutput
from pipeline.models.kernels import one, upscaled
from pipeline.models.tiling import Span, grid
from pipeline.models.ways import SMALLEST_TILE, Way

FLAT = 1e-5
"""An output whose values all lie this close together is one flat colour."""

_LIVELY = 0.02
"""An input that spans more than this cannot honestly become one flat colour."""

Pixels = NDArray[np.float32]
KernelFor = Callable[[torch.dtype], Callable[[Tensor], Tensor]]


@dataclass
class Tally:
    """What happened during one run, for the ledger.

    Args:
        tiles: that were computed; a picture that is not cut is one.
        redone: parts computed again in float32.
    """

    tiles: int = 0
    redone: int = 0


def context(overlap: int, tile: int) -> int:
    """px of overlap that a tile of this size has room for."""
    return min(overlap, max(tile // 4, (tile - SMALLEST_TILE) // 2))


def in_tiles(
    pixels: Pixels, top: int, way: Way, overlap: int, scale: int, kernels: KernelFor, tally: Tally
) -> Pixels:
    """Enlarge a picture in tiles; one that fails in a quick number format is redone in float32.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        top: the row of the whole picture it begins with, for messages.
        way: device, number format, side of the tiles.
        overlap: px of context, if a tile has room for it.
        scale: of the network.
        kernels: the network in a number format.
        tally: counts.

    Returns:
        float32 (scale H, scale W, 3), not clipped.

    Raises:
        BadOutput: a tile is bad in float32 as well; nothing is pasted in its place.
    """
    height, width = pixels.shape[:2]
    result = np.zeros((height * scale, width * scale, 3), np.float32)
    places = list(grid(height, width, way.tile, context(overlap, way.tile), scale))
    cuts = (pixels[np.ix_(rows.source, columns.source)] for rows, columns in places)
    made = upscaled(kernels(way.dtype), cuts, way.device)
    for (rows, columns), tile in zip(places, made, strict=True):
        tally.tiles += 1
        cut = pixels[np.ix_(rows.source, columns.source)]
        fault = problem(cut, tile)
        sound = tile
        if fault and way.dtype != torch.float32:
            tally.redone += 1
            sound = one(kernels(torch.float32), cut, way.device)
            fault = problem(cut, sound)
        if fault:
            across, down = (
                f"{span.start // scale + start}..{span.stop // scale + start}"
                for span, start in ((columns, 0), (rows, top))
            )
            raise BadOutput(f"what was made of px x {across}, y {down} is {fault}")
        _blend(result, sound, rows, columns)
    return result


def _blend(result: Pixels, made: Pixels, rows: Span, columns: Span) -> None:
    """Add a tile's share to the result, in place."""
    share = rows.weight[:, None, None] * columns.weight[None, :, None]
    used = made[
        rows.skip : rows.skip + rows.weight.size, columns.skip : columns.skip + columns.weight.size
    ]
    result[rows.start : rows.stop, columns.start : columns.stop] += used * share


def problem(cut: Pixels, made: Pixels) -> str | None:
    """What is wrong with a tile, in words, or None."""
    if not np.isfinite(made).all():
        return "not finite"
    if liveliness(made) < FLAT and liveliness(cut) > _LIVELY:
        return "one flat colour"
    return None


def liveliness(pixels: Pixels) -> float:
    """The widest span of values in any one channel of (H, W, 3); 0 for one flat colour."""
    return float(np.ptp(pixels, axis=(0, 1)).max())
