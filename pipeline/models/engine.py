"""Tiled inference: a super-resolution network over a picture of any size, without seams."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.core.errors import BadOutput, OutOfMemory, StageContractBroken
from pipeline.core.progress import Progress
from pipeline.models.devices import choose_dtype, choose_tile
from pipeline.models.kernels import Kernels, one, upscaled
from pipeline.models.load import Network
from pipeline.models.provider import Inference
from pipeline.models.tiling import Span, grid

OVERLAP = 80
"""px of context around each tile. The largest difference that x4plus makes at any px, in 255ths,
with the tile's edge so many px away (five photographs, float32): 32 px 12, 48 px 7.7, 64 px 1.5,
80 px 0.4, 96 px 0.1."""

SMALLEST_TILE = 64
"""px; memory that does not hold this tile is out."""

FLAT = 1e-5
"""An output whose values all lie this close together is one flat colour."""

_LIVELY = 0.02
"""An input that spans more than this cannot honestly become one flat colour."""


@dataclass
class _Tally:
    """What happened during one run, for the ledger."""

    tiles: int = 0
    redone: int = 0


@dataclass(frozen=True)
class Way:
    """How a picture is computed: where, in which number format, in tiles of which side."""

    device: str
    dtype: torch.dtype
    tile: int

    def told(self) -> dict[str, Any]:
        """As JSON, for the ledger."""
        dtype = str(self.dtype).removeprefix("torch.")
        return {"device": self.device, "dtype": dtype, "tile_px": self.tile}


class TiledUpscaler:
    """A super-resolution network run in tiles; implements `provider.Upscaler`.

    Args:
        network: loaded weights.
        device: as torch writes it, such as "cpu" or "cuda:0".
        dtype: number format; None for the device's best (see `choose_dtype`).
        tile: side of a tile in input px, overlap included; None for the device's best.
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
        self.dtype = dtype or choose_dtype(device)
        self.tile = tile or choose_tile(device)
        self.overlap = overlap
        self._network = network
        self._kernels: dict[str, Kernels] = {}

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        """Enlarge a picture.

        A tile that comes out NaN, infinite or as one flat colour is computed again in float32.
        When memory runs out the whole picture is begun again: with tiles of half the side, and
        when the smallest does not fit, on the CPU instead of an accelerator, or in the CPU's
        quick number format instead of float32.

        Args:
            pixels: float32 (H, W, 3) in 0..1, H and W at least 1.
            progress: hears of every tile.

        Returns:
            float32 (scale H, scale W, 3) in 0..1. Its facts: `tile_px`, `overlap_px`, `tiles`,
            `tiles_redone_in_float32`, `out_of_memory_at_tile_px` and `out_of_memory` (where, in
            which format and at which tile each attempt failed).

        Raises:
            StageContractBroken: the input is not such a picture.
            BadOutput: a tile is bad in float32 as well; nothing is pasted in its place.
            OutOfMemory: no way is left.
        """
        _require_picture(pixels)
        way: Way | None = Way(self.device, self.dtype, self.tile)
        failed: list[Way] = []
        while way is not None:
            tally = _Tally()
            try:
                result = self._enlarge(pixels, way, tally, progress)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            else:
                return self._inference(result, way, tally, failed)
            # Outside the handler, so that the traceback no longer holds the failed tensors.
            _release(way.device)
            failed.append(way)
            way = smaller_way(way)
        last = failed[-1]
        raise OutOfMemory(
            f"{self.name} on {last.device}: a tile of {last.tile} px of a picture of "
            f"{pixels.shape[1]} x {pixels.shape[0]} px does not fit"
        )

    def _enlarge(
        self, pixels: NDArray[np.float32], way: Way, tally: _Tally, progress: Progress
    ) -> NDArray[np.float32]:
        height, width = pixels.shape[:2]
        result = np.zeros((height * self.scale, width * self.scale, 3), np.float32)
        tiles = list(grid(height, width, way.tile, self._context(way.tile), self.scale))
        progress.begin(self.name, len(tiles), "tile")
        cuts = (pixels[np.ix_(rows.source, columns.source)] for rows, columns in tiles)
        with _repeatable(way.device):
            kernel = self._kernel(way.device, way.dtype)
            made = upscaled(kernel, cuts, way.device)
            for (rows, columns), tile in zip(tiles, made, strict=True):
                sound = self._sound(pixels, tile, rows, columns, way, tally)
                _blend(result, sound, rows, columns)
                progress.advance()
        return np.clip(result, 0.0, 1.0, out=result)

    def _context(self, tile: int) -> int:
        """px of overlap that a tile of this size has room for."""
        return min(self.overlap, max(tile // 4, (tile - SMALLEST_TILE) // 2))

    def _sound(
        self,
        pixels: NDArray[np.float32],
        made: NDArray[np.float32],
        rows: Span,
        columns: Span,
        way: Way,
        tally: _Tally,
    ) -> NDArray[np.float32]:
        """A tile as it was made, or in float32 when the quick format failed."""
        tally.tiles += 1
        cut = pixels[np.ix_(rows.source, columns.source)]
        problem = _problem(cut, made)
        if problem and way.dtype != torch.float32:
            tally.redone += 1
            made = one(self._kernel(way.device, torch.float32), cut, way.device)
            problem = _problem(cut, made)
        if problem:
            raise BadOutput(
                f"{self.name}: the tile at output px x {columns.start}..{columns.stop}, "
                f"y {rows.start}..{rows.stop} is {problem}"
            )
        return made

    def _kernel(self, device: str, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        if device not in self._kernels:
            self._kernels[device] = Kernels(self._network, device)
        return self._kernels[device].of(dtype)

    def _inference(
        self, result: NDArray[np.float32], way: Way, tally: _Tally, failed: list[Way]
    ) -> Inference:
        facts = {
            "tile_px": way.tile,
            "overlap_px": self._context(way.tile),
            "tiles": tally.tiles,
            "tiles_redone_in_float32": tally.redone,
            "out_of_memory_at_tile_px": [other.tile for other in failed],
            "out_of_memory": [other.told() for other in failed],
        }
        return Inference(result, self.name, way.device, way.told()["dtype"], facts)


def smaller_way(way: Way) -> Way | None:
    """What to try when memory ran out; None when nothing is left to try."""
    if way.tile > SMALLEST_TILE:
        return replace(way, tile=max(way.tile // 2, SMALLEST_TILE))
    if way.device != "cpu":
        return Way("cpu", choose_dtype("cpu"), choose_tile("cpu"))
    quick = choose_dtype("cpu")
    # float16 and bfloat16 hold the features in half the memory.
    return None if way.dtype == quick or way.dtype != torch.float32 else replace(way, dtype=quick)


def _release(device: str) -> None:
    # What failed may hang in a ring of frames and their exception.
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, however torch or numpy put it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error).lower()
    signs = (
        "out of memory",
        "not enough memory",
        "can't allocate memory",
        "could not create a memory object",
        # oneDNN says so when it cannot reserve room for a convolution's code or scratch space.
        "could not create a primitive",
        "failed to allocate",
        "bad_alloc",
        "alloc_failed",
    )
    return isinstance(error, RuntimeError) and any(sign in words for sign in signs)


@contextmanager
def _repeatable(device: str) -> Iterator[None]:
    """The same result every time: no autotuned algorithm, no silent 10-bit float32."""
    if not device.startswith("cuda"):
        yield
        return
    with torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    ):
        yield


def _blend(
    result: NDArray[np.float32], made: NDArray[np.float32], rows: Span, columns: Span
) -> None:
    """Add a tile's share to the result, in place."""
    share = rows.weight[:, None, None] * columns.weight[None, :, None]
    used = made[
        rows.skip : rows.skip + rows.weight.size, columns.skip : columns.skip + columns.weight.size
    ]
    result[rows.start : rows.stop, columns.start : columns.stop] += used * share


def _problem(cut: NDArray[np.float32], made: NDArray[np.float32]) -> str | None:
    """What is wrong with a tile, in words, or None."""
    if not np.isfinite(made).all():
        return "not finite"
    if liveliness(made) < FLAT and liveliness(cut) > _LIVELY:
        return "one flat colour"
    return None


def liveliness(pixels: NDArray[np.float32]) -> float:
    """The widest span of values in any one channel of (H, W, 3); 0 for one flat colour."""
    return float(np.ptp(pixels, axis=(0, 1)).max())


def _require_picture(pixels: NDArray[np.float32]) -> None:
    if pixels.dtype != np.float32 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise StageContractBroken(
            f"the network was given {pixels.dtype} {pixels.shape}, not float32 (H, W, 3)"
        )
    if not np.isfinite(pixels).all():
        raise StageContractBroken("the network was given NaN or Inf")
