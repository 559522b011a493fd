"""Running a super-resolution network on cut tiles, in the way that suits the device.

On the CPU an RRDBNet lets rows flow through it (see `rrdb`), which keeps all cores busy by itself.
On an accelerator tiles go in batches, and while one batch is computed the next is copied there and
the last one back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.models.load import Network
from pipeline.models.precision import in_reduced_precision
from pipeline.models.rrdb import FlowingRrdb
from pipeline.models.rrdb_layers import is_plain_rrdb

Cut = NDArray[np.float32]

BATCH = 4
"""Tiles an accelerator is given at once."""


class Kernels:
    """A network's forms for each number format on one device, made when first asked for.

    Args:
        network: loaded weights.
        device: as torch writes it.
    """

    def __init__(self, network: Network, device: str) -> None:
        self._network, self._device = network, device
        self._made: dict[torch.dtype, Callable[[Tensor], Tensor]] = {}

    def of(self, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        """float32 (N, 3, H, W) to float32 (N, 3, scale H, scale W), computed in `dtype`."""
        if dtype not in self._made:
            self._made[dtype] = self._make(dtype)
        return self._made[dtype]

    def _make(self, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        if str(dtype).removeprefix("torch.") not in self._network.quick_formats:
            dtype = torch.float32
        if self._device == "cpu" and is_plain_rrdb(self._network.module):
            return FlowingRrdb(self._network.module, dtype)
        module = in_reduced_precision(self._network.module, dtype).to(self._device)
        for weight in module.parameters():
            if weight.ndim == 4:
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        return _called(module)


def _called(module: nn.Module) -> Callable[[Tensor], Tensor]:
    def call(batch: Tensor) -> Tensor:
        made: Tensor = module(batch)
        return made.float()

    return call


def upscaled(kernel: Callable[[Tensor], Tensor], cuts: Iterator[Cut], device: str) -> Iterator[Cut]:
    """Every cut through a network, in order.

    Args:
        kernel: from `Kernels.of`.
        cuts: float32 (H, W, 3), all of one size.
        device: where the kernel computes.

    Yields:
        float32 (scale H, scale W, 3).
    """
    if device == "cpu":
        return (one(kernel, cut, device) for cut in cuts)
    return _in_batches(kernel, cuts, device)


def one(kernel: Callable[[Tensor], Tensor], cut: Cut, device: str) -> Cut:
    """One cut through a network."""
    with torch.inference_mode():
        batch = _batch([cut]).to(device)
        return _picture(kernel(batch)[0].cpu())


def _in_batches(
    kernel: Callable[[Tensor], Tensor], cuts: Iterator[Cut], device: str
) -> Iterator[Cut]:
    flying: tuple[Tensor, Any] | None = None
    while group := list(islice(cuts, BATCH)):
        launched = _launched(kernel, group, device)
        if flying is not None:
            yield from _landed(*flying)
        flying = launched
    if flying is not None:
        yield from _landed(*flying)


def _launched(
    kernel: Callable[[Tensor], Tensor], cuts: Sequence[Cut], device: str
) -> tuple[Tensor, Any]:
    """A batch on its way: its result in host memory, and the event after which it is there."""
    cuda = device.startswith("cuda")
    with torch.inference_mode():
        batch = _batch(cuts)
        if cuda:
            batch = batch.pin_memory()
        made = kernel(batch.to(device, non_blocking=cuda))
        if not cuda:
            return made.cpu(), None
        landing = torch.empty(made.shape, dtype=made.dtype, pin_memory=True)
        landing.copy_(made, non_blocking=True)
        arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
        arrived.record()
        return landing, arrived


def _landed(made: Tensor, arrived: Any) -> Iterator[Cut]:
    if arrived is not None:
        arrived.synchronize()
    for picture in made:
        yield _picture(picture)


def _batch(cuts: Sequence[Cut]) -> Tensor:
    stacked = torch.from_numpy(np.stack(cuts)).permute(0, 3, 1, 2)
    return stacked.contiguous(memory_format=torch.channels_last)


def _picture(made: Tensor) -> Cut:
    return np.asarray(made.permute(1, 2, 0).numpy(), np.float32)
