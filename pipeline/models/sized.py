"""Networks that only take pictures of certain sizes, made to take any."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from pipeline.models.tiling import BORDER, STEP


class Sized(nn.Module):
    """A network given pictures mirrored up to a size that it can take, and cut back.

    Args:
        module: takes (N, 3, H, W), gives (N, 3, scale H, scale W).
        multiple_of: H and W must be multiples of so many px.
        minimum: and at least so many px.
        square: and equal.
    """

    def __init__(self, module: nn.Module, multiple_of: int, minimum: int, square: bool) -> None:
        super().__init__()
        self.module = module
        self.multiple_of, self.minimum, self.square = multiple_of, minimum, square

    def forward(self, batch: Tensor) -> Tensor:
        """(N, 3, H, W) of any size to (N, 3, scale H, scale W)."""
        height, width = batch.shape[-2:]
        tall, wide = (self._taken(px) for px in (height, width))
        if self.square:
            tall = wide = max(tall, wide)
        made: Tensor = self.module(_mirrored(batch, tall, wide))
        scale = made.shape[-1] // wide
        return made[..., : height * scale, : width * scale]

    def _taken(self, px: int) -> int:
        return -(-max(px, self.minimum) // self.multiple_of) * self.multiple_of


def fitted(module: nn.Module, requirements: Any) -> nn.Module:
    """A network that takes pictures of any size.

    Args:
        module: as it was loaded.
        requirements: spandrel's `SizeRequirements` of it. What every picture handed to a network
            satisfies anyhow needs nothing more.
    """
    free = STEP % requirements.multiple_of == 0 and requirements.minimum <= 2 * BORDER
    if free and not requirements.square:
        return module
    return Sized(module, requirements.multiple_of, requirements.minimum, requirements.square)


def _mirrored(batch: Tensor, tall: int, wide: int) -> Tensor:
    # Mirroring reaches no further than the picture is large; a small one is mirrored repeatedly.
    while batch.shape[-2] < tall or batch.shape[-1] < wide:
        down = min(tall - batch.shape[-2], batch.shape[-2] - 1)
        across = min(wide - batch.shape[-1], batch.shape[-1] - 1)
        if down == 0 and across == 0:
            return pad(batch, (0, wide - batch.shape[-1], 0, tall - batch.shape[-2]), "replicate")
        batch = pad(batch, (0, max(across, 0), 0, max(down, 0)), "reflect")
    return batch.contiguous(memory_format=torch.channels_last)
