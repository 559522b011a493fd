"""How a picture is computed, and what to try when memory runs out."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from typing import Any

import torch

from pipeline.models.devices import choose_dtype

UNCUT = 0
"""A tile of this side means that the picture is not cut at all."""

SMALLEST_TILE = 64
"""px; memory that does not hold this tile is out."""

FIRST_TILE = 512
"""px; tried when the picture uncut did not fit."""


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


def smaller_way(way: Way) -> Way | None:
    """What to try when memory ran out; None when nothing is left to try."""
    if way.tile == UNCUT:
        return replace(way, tile=FIRST_TILE)
    if way.tile > SMALLEST_TILE:
        return replace(way, tile=max(way.tile // 2, SMALLEST_TILE))
    if way.device != "cpu":
        return Way("cpu", choose_dtype("cpu"), FIRST_TILE)
    quick = choose_dtype("cpu")
    # float16 and bfloat16 hold the features in half the memory.
    return None if way.dtype == quick or way.dtype != torch.float32 else replace(way, dtype=quick)


def release(device: str) -> None:
    """Give back what a failed attempt held; call it outside of the exception's handler."""
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
