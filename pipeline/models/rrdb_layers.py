"""The layers of RRDBNet as single oneDNN primitives, and how they stand in spandrel's module.

Convolution, bias, leaky ReLU and residual run as one primitive with weights packed once; where
this build of torch has none, as plain torch operations.

Network: Wang et al. 2018, doi:10.1007/978-3-030-11021-5_5 (ESRGAN).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

CHANNELS_LAST = torch.channels_last

RESIDUAL = 0.2
"""What RRDBNet multiplies its residuals by."""

_SLOPE = 0.2


class Convolution(Protocol):
    """A 3x3 convolution that pads columns but not rows; leaky ReLU or a residual may follow."""

    def __call__(self, features: Tensor, residual: Tensor | None = None) -> Tensor:
        """(1, C, H + 2, W) to (1, D, H, W)."""


@dataclass(frozen=True)
class DenseBlock:
    """Convolutions of a residual dense block.

    Args:
        grow: those whose output joins what the next ones see.
        close: the last one; its weights hold the residual factor.
        grown: channels each of `grow` adds.
        ends_group: it is the third of its group: the group's own residual is added as well.
    """

    grow: tuple[Convolution, ...]
    close: Convolution
    grown: tuple[int, ...]
    ends_group: bool


@dataclass(frozen=True)
class RrdbLayers:
    """All layers of an RRDBNet of scale 4 (or of scale 2, which folds 2x2 px into channels).

    Args:
        head: picture to features, in float32.
        blocks: dense blocks, three to a group.
        closing: the convolution after the blocks.
        tail: after the first doubling, after the second, and one more.
        last: features to picture, in float32.
        channels: of the features between the blocks.
        folds: the picture is folded 2x2 first.
    """

    head: Convolution
    blocks: tuple[DenseBlock, ...]
    closing: Convolution
    tail: tuple[Convolution, Convolution, Convolution]
    last: Convolution
    channels: int
    folds: bool


def rrdb_layers(module: nn.Module, dtype: torch.dtype) -> RrdbLayers:
    """The layers of a module that `is_plain_rrdb`, with features in `dtype`.

    The first and the last convolution stay in float32: bfloat16 has 8 significant bits, so a
    picture put into it or read from it shows bands in a 16-bit gradient.
    """
    layers: list[Any] = list(module.model)  # type: ignore[arg-type]
    *groups, closing = layers[1].sub
    up, up_again, fine = (convolution(layers[index], dtype, act=True) for index in (3, 6, 8))
    return RrdbLayers(
        head=convolution(layers[0], torch.float32, act=False),
        blocks=tuple(block for group in groups for block in _blocks(group, dtype)),
        closing=convolution(closing, dtype, act=False),
        tail=(up, up_again, fine),
        last=convolution(layers[10], torch.float32, act=False),
        channels=int(layers[0].out_channels),
        folds=bool(module.shuffle_factor == 2),
    )


def is_plain_rrdb(module: nn.Module) -> bool:
    """Whether a module is an RRDBNet of the common form that `rrdb.StripRrdb` computes."""
    layers = list(getattr(module, "model", ()))
    names = [type(layer).__name__ for layer in layers]
    up = ["Upsample", "Conv2d", "LeakyReLU"]
    if getattr(module, "shuffle_factor", None) not in (None, 2) or names != [
        *("Conv2d", "ShortcutBlock", *up, *up),
        *("Conv2d", "LeakyReLU", "Conv2d"),
    ]:
        return False
    *trunk, closing = layers[1].sub
    enlarging = all(
        layer.mode == "nearest" and layer.scale_factor == 2 for layer in (layers[2], layers[5])
    )
    slopes = {layers[index].negative_slope for index in (4, 7, 9)}
    return (
        enlarging
        and slopes == {_SLOPE}
        and _is_3x3(closing)
        and all(_is_3x3(layers[index]) for index in (0, 3, 6, 8, 10))
        and len(trunk) > 0
        and all(_is_plain_group(group) for group in trunk)
    )


def _is_3x3(layer: nn.Module) -> bool:
    return isinstance(layer, nn.Conv2d) and (
        layer.kernel_size,
        layer.padding,
        layer.stride,
        layer.dilation,
        layer.groups,
        layer.padding_mode,
        layer.bias is not None,
    ) == ((3, 3), (1, 1), (1, 1), (1, 1), 1, "zeros", True)


def _is_plain_group(group: Any) -> bool:
    for name in ("RDB1", "RDB2", "RDB3"):
        block = getattr(group, name, None)
        if block is None or getattr(block, "conv1x1", None) is not None:
            return False
        convolutions = _convolutions(block)
        grow, close = convolutions[:-1], convolutions[-1]
        if len(close) != 1 or not _is_3x3(close[0]):
            return False
        if not all(
            len(conv) == 2 and _is_3x3(conv[0]) and getattr(conv[1], "negative_slope", 0) == _SLOPE
            for conv in grow
        ):
            return False
    return True


def _convolutions(block: Any) -> list[Any]:
    return [getattr(block, f"conv{number}") for number in range(1, 6)]


def _blocks(group: Any, dtype: torch.dtype) -> list[DenseBlock]:
    blocks = []
    for name, factor in (("RDB1", 1.0), ("RDB2", 1.0), ("RDB3", RESIDUAL)):
        *grow, close = _convolutions(getattr(group, name))
        blocks.append(
            DenseBlock(
                grow=tuple(convolution(conv[0], dtype, act=True) for conv in grow),
                close=convolution(close[0], dtype, act=False, factor=factor * RESIDUAL),
                grown=tuple(int(conv[0].out_channels) for conv in grow),
                ends_group=name == "RDB3",
            )
        )
    return blocks


def convolution(layer: Any, dtype: torch.dtype, *, act: bool, factor: float = 1.0) -> Convolution:
    """A torch convolution layer, its weights times `factor`, as one primitive if there is one."""
    weight = (layer.weight.detach() * factor).to(dtype).contiguous(memory_format=CHANNELS_LAST)
    bias = (layer.bias.detach() * factor).to(dtype)
    return _packed(weight, bias, act) or _plain(weight, bias, act)


def _plain(weight: Tensor, bias: Tensor, act: bool) -> Convolution:
    def convolve(features: Tensor, residual: Tensor | None = None) -> Tensor:
        made = F.conv2d(features, weight, bias, padding=(0, 1))
        if act:
            made = F.leaky_relu_(made, _SLOPE)
        return made if residual is None else made.add_(residual)

    return convolve


def _packed(weight: Tensor, bias: Tensor, act: bool) -> Convolution | None:
    """The same as one oneDNN primitive, or None where that is not to be had.

    These operators are what torch's own compiler emits, not a documented interface; so the result
    is compared with the plain convolution before it is trusted.
    """
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return None
    padding, ones = [0, 1], [1, 1]
    way, slope = ("leaky_relu", [_SLOPE]) if act else ("none", [])
    try:
        operators: Any = torch.ops.mkldnn
        alone: Callable[..., Tensor] = operators._convolution_pointwise.default
        joined: Callable[..., Tensor] = operators._convolution_pointwise.binary
        shape = [1, weight.shape[1], 34, 256]
        packed = operators._reorder_convolution_weight(weight, padding, ones, ones, 1, shape)
    except (AttributeError, RuntimeError, TypeError):
        return None

    def convolve(features: Tensor, residual: Tensor | None = None) -> Tensor:
        if residual is None:
            return alone(features, packed, bias, padding, ones, ones, 1, way, slope, "")
        return joined(
            *(features, residual, packed, bias, padding, ones, ones, 1),
            *("add", 1.0, None, [], None),
        )

    return convolve if _agrees(convolve, weight, bias, act) else None


def _agrees(convolve: Convolution, weight: Tensor, bias: Tensor, act: bool) -> bool:
    probe = torch.linspace(-1, 1, weight.shape[1] * 40).reshape(1, -1, 5, 8).to(weight.dtype)
    probe = probe.contiguous(memory_format=CHANNELS_LAST)
    plain = _plain(weight, bias, act)
    beside = [None] if act else [None, plain(probe)]
    try:
        with torch.inference_mode():
            return all(
                torch.allclose(convolve(probe, r).float(), plain(probe, r).float(), 0.02, 0.02)
                for r in beside
            )
    except RuntimeError:
        return False
