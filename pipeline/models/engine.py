"""Tiled inference: a super-resolution network over a picture of any size, without seams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.core.errors import BadOutput, OutOfMemory, StageContractBroken
from pipeline.core.progress import Progress
from pipeline.models.devices import choose_dtype, choose_tile
from pipeline.models.load import Network
from pipeline.models.precision import in_reduced_precision
from pipeline.models.provider import Inference
from pipeline.models.tiling import Span, grid

OVERLAP = 24
"""px of context around each tile. Against one big tile, x4plus differs by 43 dB PSNR with 16 px,
47 with 24, 51 with 32 and 56 with 48; the time grows by about a fifth with each of these."""

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
    out_of_memory_at: list[int] = field(default_factory=list)


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
        self._modules: dict[torch.dtype, nn.Module] = {}

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        """Enlarge a picture.

        A tile that comes out NaN, infinite or as one flat colour is computed again in float32.
        When memory runs out the whole picture is begun again with tiles of half the side.

        Args:
            pixels: float32 (H, W, 3) in 0..1, H and W at least 1.
            progress: hears of every tile.

        Returns:
            float32 (scale H, scale W, 3) in 0..1. Its facts: `tile_px`, `overlap_px`, `tiles`,
            `tiles_redone_in_float32`, `out_of_memory_at_tile_px`.

        Raises:
            StageContractBroken: the input is not such a picture.
            BadOutput: a tile is bad in float32 as well; nothing is pasted in its place.
            OutOfMemory: even a tile of 64 px does not fit.
        """
        _require_picture(pixels)
        tile = self.tile
        failed_at: list[int] = []
        while True:
            tally = _Tally(out_of_memory_at=failed_at)
            try:
                result = self._enlarge(pixels, tile, tally, progress)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            else:
                return self._inference(result, tile, tally)
            # Outside the handler, so that the traceback no longer holds the failed tensors.
            self._release()
            failed_at.append(tile)
            if tile <= SMALLEST_TILE:
                raise OutOfMemory(
                    f"{self.name} on {self.device}: a tile of {tile} px of a picture of "
                    f"{pixels.shape[1]} x {pixels.shape[0]} px does not fit"
                )
            tile = max(tile // 2, SMALLEST_TILE)

    def _enlarge(
        self, pixels: NDArray[np.float32], tile: int, tally: _Tally, progress: Progress
    ) -> NDArray[np.float32]:
        height, width = pixels.shape[:2]
        result = np.zeros((height * self.scale, width * self.scale, 3), np.float32)
        tiles = list(grid(height, width, tile, self._context(tile), self.scale))
        progress.begin(self.name, len(tiles), "tile")
        with _repeatable(self.device):
            for rows, columns in tiles:
                made = self._tile(pixels[np.ix_(rows.source, columns.source)], rows, columns, tally)
                _blend(result, made, rows, columns)
                progress.advance()
        return np.clip(result, 0.0, 1.0, out=result)

    def _context(self, tile: int) -> int:
        """px of overlap that a tile of this size has room for."""
        return min(self.overlap, tile // 4)

    def _tile(
        self, cut: NDArray[np.float32], rows: Span, columns: Span, tally: _Tally
    ) -> NDArray[np.float32]:
        """One tile through the network; in float32 when the quick format fails."""
        tally.tiles += 1
        made = self._infer(cut, self.dtype)
        problem = _problem(cut, made)
        if problem and self.dtype != torch.float32:
            tally.redone += 1
            made = self._infer(cut, torch.float32)
            problem = _problem(cut, made)
        if problem:
            raise BadOutput(
                f"{self.name}: the tile at output px x {columns.start}..{columns.stop}, "
                f"y {rows.start}..{rows.stop} is {problem}"
            )
        return made

    def _infer(self, cut: NDArray[np.float32], dtype: torch.dtype) -> NDArray[np.float32]:
        batch = torch.from_numpy(np.ascontiguousarray(cut.transpose(2, 0, 1))[None])
        batch = batch.to(self.device, memory_format=torch.channels_last)
        with torch.inference_mode():
            made: Tensor = self._module(dtype)(batch)[0].float().permute(1, 2, 0)
            return np.asarray(made.cpu().numpy(), np.float32)

    def _module(self, dtype: torch.dtype) -> nn.Module:
        if dtype not in self._modules:
            module = in_reduced_precision(self._network.module, dtype)
            module = module.to(self.device)
            for weight in module.parameters():
                if weight.ndim == 4:
                    weight.data = weight.data.contiguous(memory_format=torch.channels_last)
            self._modules[dtype] = module
        return self._modules[dtype]

    def _release(self) -> None:
        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()

    def _inference(self, result: NDArray[np.float32], tile: int, tally: _Tally) -> Inference:
        facts = {
            "tile_px": tile,
            "overlap_px": self._context(tile),
            "tiles": tally.tiles,
            "tiles_redone_in_float32": tally.redone,
            "out_of_memory_at_tile_px": list(tally.out_of_memory_at),
        }
        dtype = str(self.dtype).removeprefix("torch.")
        return Inference(result, self.name, self.device, dtype, facts)


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
