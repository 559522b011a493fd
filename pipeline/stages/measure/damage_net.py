"""A small network that says of each px how likely it is damage of the surface.

A U-net (Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28) of 3,000 multiplications a px
that looks about 50 px around: enough to tell a thread on the paper from a whisker. It only points
at places; it draws nothing. Its weights were fitted on simulated damage over photographs and
generated scenes, by `tests/benchmarks/fit_damage_net.py`, which can be run again.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.models.devices import choose_dtype

if TYPE_CHECKING:
    import torch

GRID = 8
"""px that height and width must be whole multiples of."""

MARGIN = 64
"""px around a px that its answer depends on, at most."""

WEIGHTS = "damage_net.npz"

_HALF, _QUARTER, _EIGHTH = 16, 24, 32
# name: (out, in, side of the kernel)
LAYERS: dict[str, tuple[int, int, int]] = {
    "half_1": (_HALF, 12, 3),
    "half_2": (_HALF, _HALF, 3),
    "quarter_1": (_QUARTER, _HALF, 3),
    "quarter_2": (_QUARTER, _QUARTER, 3),
    "eighth_1": (_EIGHTH, _QUARTER, 3),
    "eighth_2": (_EIGHTH, _EIGHTH, 3),
    "eighth_3": (_EIGHTH, _EIGHTH, 3),
    "up_quarter_1": (_QUARTER, _EIGHTH + _QUARTER, 1),
    "up_quarter_2": (_QUARTER, _QUARTER, 3),
    "up_half_1": (_HALF, _QUARTER + _HALF, 1),
    "up_half_2": (_HALF, _HALF, 3),
    "out": (4, _HALF, 3),
}


def log_odds(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The log-odds that each px is damage, float32 (h, w).

    Args:
        pixels: float32 (h, w, 3) in 0..1; h and w multiples of `GRID`.
    """
    import torch

    dtype = choose_dtype("cpu")
    given = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
    laid = given.to(dtype).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        return np.asarray(answer(laid, _weights(dtype))[0, 0].float().numpy(), np.float32)


def answer(pictures: torch.Tensor, weights: dict[str, Any]) -> torch.Tensor:
    """The network itself: (n, 3, h, w) in 0..1 to log-odds (n, 1, h, w).

    Args:
        pictures: float tensor.
        weights: per layer of `LAYERS` a tensor "name.weight" and "name.bias".
    """
    from torch.nn import functional

    def layer(name: str, x: Any, stride: int = 1, dilation: int = 1) -> Any:
        pad = dilation * (LAYERS[name][2] // 2)
        kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        return functional.conv2d(x, kernel, bias, stride, pad, dilation)

    def bent(name: str, x: Any, stride: int = 1, dilation: int = 1) -> Any:
        return functional.leaky_relu(layer(name, x, stride, dilation), 0.1)

    def doubled(x: Any) -> Any:
        return functional.interpolate(x, scale_factor=2, mode="nearest")

    import torch

    half = bent("half_1", functional.pixel_unshuffle(pictures * 2 - 1, 2))
    half = half + bent("half_2", half)
    quarter = bent("quarter_1", half, stride=2)
    quarter = quarter + bent("quarter_2", quarter)
    eighth = bent("eighth_1", quarter, stride=2)
    eighth = eighth + bent("eighth_2", eighth)
    eighth = eighth + bent("eighth_3", eighth, dilation=2)
    up = bent("up_quarter_1", torch.cat([doubled(eighth), quarter], 1))
    up = up + bent("up_quarter_2", up)
    up = bent("up_half_1", torch.cat([doubled(up), half], 1))
    up = up + bent("up_half_2", up)
    result: torch.Tensor = functional.pixel_shuffle(layer("out", up), 2)
    return result


@lru_cache(maxsize=2)
def _weights(dtype: torch.dtype) -> dict[str, Any]:
    import torch

    with files(__package__).joinpath(WEIGHTS).open("rb") as file, np.load(file) as kept:
        return {
            name: torch.from_numpy(kept[name].astype(np.float32)).to(dtype) for name in kept.files
        }
