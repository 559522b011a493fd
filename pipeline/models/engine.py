"""A super-resolution network over a picture of any size, without seams and in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.core.errors import BadOutput, OutOfMemory, StageContractBroken
from pipeline.core.progress import Progress
from pipeline.models.bordered import Bordered
from pipeline.models.devices import choose_dtype, choose_tile
from pipeline.models.flowing import flowing_bands
from pipeline.models.kernels import Kernels
from pipeline.models.load import Network
from pipeline.models.provider import Inference, Rows
from pipeline.models.repeatable import repeatable
from pipeline.models.rrdb import FlowingRrdb
from pipeline.models.rrdb_layers import is_plain_rrdb
from pipeline.models.tiles import Pixels, Tally, context, in_tiles, problem
from pipeline.models.tiling import BORDER, STEP
from pipeline.models.ways import FIRST_TILE, UNCUT, Way, is_out_of_memory, release, smaller_way

OVERLAP = 80
"""px of context around each tile. The largest difference that x4plus makes at any px, in 255ths,
with the tile's edge so many px away (five photographs, float32): 32 px 12, 48 px 7.7, 64 px 1.5,
80 px 0.4, 96 px 0.1."""

_FEWEST_ROWS = 64
"""Rows of small tiles that are made at a time, because each time some more are made in vain."""


class NetworkUpscaler:
    """A super-resolution network for pictures of any size; implements `provider.Upscaler`.

    On the CPU the rows of a picture flow through an RRDBNet and nothing is cut. Elsewhere, for
    other networks and where memory is short, the picture is cut into tiles.

    Args:
        network: loaded weights.
        device: as torch writes it, such as "cpu" or "cuda:0".
        dtype: number format; None for the device's best (see `choose_dtype`) that the network
            can compute in.
        tile: side of a tile in input px, overlap included; `UNCUT` for none; None for the
            device's best.
        overlap: px of context on each side of a tile; at most a quarter of a tile is used.
    """

    def __init__(
        self,
        network: Network,
        device: str = "cpu",
        *,
        dtype: torch.dtype | None = None,
        tile: int | None = None,
        overlap: int = OVERLAP,
    ) -> None:
        self.name = network.name
        self.scale = network.scale
        self.device = device
        self.dtype = dtype or _format(network, device)
        self.overlap = overlap
        self._network = network
        self._kernels: dict[str, Kernels] = {}
        flows = device == "cpu" and is_plain_rrdb(network.module)
        best = UNCUT if flows else choose_tile(device)
        self.tile = best if tile is None or (tile == UNCUT and not flows) else tile

    def run(self, pixels: Pixels, progress: Progress) -> Inference:
        """Enlarge a picture held in memory; all else as in `bands`.

        Args:
            pixels: float32 (H, W, 3) in 0..1, H and W at least 1.
            progress: hears of its px.

        Returns:
            float32 (scale H, scale W, 3) in 0..1.
        """
        if pixels.ndim != 3:
            raise StageContractBroken(f"the network was given an array of shape {pixels.shape}")
        height, width = pixels.shape[:2]
        try:
            result = np.empty((height * self.scale, width * self.scale, 3), np.float32)
        except MemoryError as error:
            raise OutOfMemory(f"a picture of {width} x {height} px, enlarged") from error
        done = 0
        for made in self.bands(lambda a, b: pixels[a:b], height, width, progress):
            result[done : done + len(made.pixels)] = made.pixels
            done += len(made.pixels)
        return replace(made, pixels=result)

    def bands(self, rows: Rows, height: int, width: int, progress: Progress) -> Iterator[Inference]:
        """Enlarge a picture that is never whole in memory, band by band.

        What comes out NaN, infinite or as one flat colour is computed again in float32. When
        memory runs out it goes on with smaller tiles (see `ways.smaller_way`).

        Args:
            rows: the picture, asked for from top to bottom, some rows more than once.
            height, width: its px, at least 1.
            progress: hears of its px.

        Yields:
            Bands in 0..1, (n, scale W, 3), from top to bottom. Facts of all so far: `tile_px` (0:
            not cut), `overlap_px`, `tiles`, `tiles_redone_in_float32`,
            `out_of_memory_at_tile_px` and `out_of_memory` (where, in which format and at which
            tile each attempt failed).

        Raises:
            StageContractBroken: the input is not such a picture.
            BadOutput: a part is bad in float32 as well; nothing is pasted in its place.
            OutOfMemory: no way is left.
        """
        picture = Bordered(rows, height, width)
        progress.begin(self.name, float(height * width), "px")
        way: Way | None = Way(self.device, self.dtype, self.tile)
        tally, failed, done = Tally(), list[Way](), 0
        while done < height:
            if way is None:
                raise self._does_not_fit(failed[-1], picture)
            parts, begun = self._parts(picture, done, way, tally), done
            while (made := _next(parts, way, failed)) is not None:
                done += len(made) // self.scale
                np.clip(made, 0.0, 1.0, out=made)
                yield self._inference(made, way, tally, failed)
                progress.advance(float(len(made) // self.scale * width))
            parts.close()
            if way in failed:
                del parts
                release(way.device)
                way = smaller_way(way)
            elif done == begun:
                raise BadOutput(f"{self.name} gave nothing from row {done} of {height} on")

    def _parts(
        self, picture: Bordered, done: int, way: Way, tally: Tally
    ) -> Generator[Pixels, None, None]:
        """Bands from row `done` on; when they end early, the rest is to be begun anew."""
        kernel = self._kernel(way.device, way.dtype)
        with repeatable(way.device):
            if way.tile == UNCUT and isinstance(kernel, FlowingRrdb):
                yield from self._flowing(kernel, picture, done, way, tally)
            else:
                yield from self._tiled(picture, done, way, tally)

    def _flowing(
        self, kernel: FlowingRrdb, picture: Bordered, done: int, way: Way, tally: Tally
    ) -> Iterator[Pixels]:
        """Bands of what flows through a network, until one had to be redone."""
        tally.tiles += 1
        for made in flowing_bands(kernel, picture, done, self.overlap, self.scale):
            stop = done + len(made) // self.scale
            if problem(picture.cut(done, stop), made) is None:
                yield made
                done = stop
                continue
            tally.redone += way.dtype != torch.float32
            exact = Way(way.device, torch.float32, FIRST_TILE)
            yield self._cut_out(picture, done, stop, exact, Tally())
            # What is not a number would stay in the rows that wait within the network.
            return

    def _tiled(self, picture: Bordered, done: int, way: Way, tally: Tally) -> Iterator[Pixels]:
        """Bands of one row of tiles, or of several when they are small."""
        rows = max(way.tile - 2 * (context(self.overlap, way.tile) + BORDER), _FEWEST_ROWS)
        if picture.height + 2 * BORDER <= way.tile:
            rows = picture.height
        while done < picture.height:
            stop = min(done + rows, picture.height)
            yield self._cut_out(picture, done, stop, way, tally)
            done = stop

    def _cut_out(self, picture: Bordered, start: int, stop: int, way: Way, tally: Tally) -> Pixels:
        """Some rows, drawn in tiles from themselves and what they need above and below."""
        top = max(0, start - self.overlap) // STEP * STEP
        pixels = picture.cut(top, min(picture.height, stop + self.overlap))

        def kernels(dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
            return self._kernel(way.device, dtype)

        try:
            made = in_tiles(pixels, top, way, self.overlap, self.scale, kernels, tally)
        except BadOutput as error:
            raise BadOutput(f"{self.name}: {error.detail}") from error
        return made[(start - top) * self.scale : (stop - top) * self.scale]

    def _kernel(self, device: str, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        if device not in self._kernels:
            self._kernels[device] = Kernels(self._network, device)
        return self._kernels[device].of(dtype)

    def _inference(self, made: Pixels, way: Way, tally: Tally, failed: list[Way]) -> Inference:
        facts: dict[str, Any] = {
            "tile_px": way.tile,
            "overlap_px": context(self.overlap, way.tile) if way.tile else 0,
            "tiles": tally.tiles,
            "tiles_redone_in_float32": tally.redone,
            "out_of_memory_at_tile_px": [other.tile for other in failed],
            "out_of_memory": [other.told() for other in failed],
        }
        return Inference(made, self.name, way.device, way.told()["dtype"], facts)

    def _does_not_fit(self, last: Way, picture: Bordered) -> OutOfMemory:
        return OutOfMemory(
            f"{self.name} on {last.device}: a tile of {last.tile} px of a picture of "
            f"{picture.width} x {picture.height} px does not fit"
        )


def _format(network: Network, device: str) -> torch.dtype:
    """The device's best number format, if the network can compute in it."""
    best = choose_dtype(device)
    return best if str(best).removeprefix("torch.") in network.quick_formats else torch.float32


def _next(parts: Iterator[Pixels], way: Way, failed: list[Way]) -> Pixels | None:
    """The next band; None when there is none or when memory ran out, which is then noted."""
    try:
        return next(parts, None)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        failed.append(way)
        return None
