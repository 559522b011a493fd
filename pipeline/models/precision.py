"""A network in half the bits whose picture still has all of them."""

from __future__ import annotations

import copy
from typing import cast

import torch
from torch import Tensor, nn


class _Float32Convolution(nn.Module):
    """A convolution computed in float32 inside a network of another number format."""

    def __init__(self, convolution: nn.Conv2d, result: torch.dtype) -> None:
        super().__init__()
        self.convolution = convolution
        self.result = result

    def forward(self, features: Tensor) -> Tensor:
        made: Tensor = self.convolution(features.float())
        return made.to(self.result)


def in_reduced_precision(module: nn.Module, dtype: torch.dtype) -> nn.Module:
    """A copy of a convolutional network that takes and gives float32 and works in `dtype`.

    The first and the last convolution stay in float32. bfloat16 has 8 significant bits, so a
    picture put into it or read from it shows bands in a 16-bit gradient; features between the two
    stand it well, because 64 of them are summed for each px.

    Args:
        module: float32 network; left as it is.
        dtype: torch.bfloat16, torch.float16, or torch.float32 for a plain copy.
    """
    twin = copy.deepcopy(module)
    if dtype == torch.float32:
        return twin
    names = [name for name, part in twin.named_modules() if isinstance(part, nn.Conv2d)]
    first, last = names[0], names[-1]
    ends = {
        name: copy.deepcopy(cast(nn.Conv2d, twin.get_submodule(name))) for name in (first, last)
    }
    twin = twin.to(dtype)
    twin.set_submodule(first, _Float32Convolution(ends[first], dtype))
    twin.set_submodule(last, _Float32Convolution(ends[last], torch.float32))
    return twin.eval().requires_grad_(False)
