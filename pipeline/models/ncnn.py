"""RRDBNet weights in ncnn's binary format, read into the names Real-ESRGAN gives them.

An ncnn `.bin` is only the numbers, layer after layer in the order of the `.param` file; the
shapes are known from the network. Each convolution is a 4-byte tag, its weights as fp16 padded to
4 bytes, then its bias as fp32; all little-endian.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.core.errors import WeightsMissing, WeightsWrong

if TYPE_CHECKING:
    from torch import Tensor

FP16_TAG = 0x01306B47
"""ncnn's mark for weights stored as half floats."""

_FEATURES = 64
_GROWTH = 32
_KERNEL = 3


def rrdbnet_layers(blocks: int = 23) -> Iterator[tuple[str, int, int]]:
    """The network's 3x3 convolutions in file order: (name, output channels, input channels).

    Args:
        blocks: residual-in-residual dense blocks; 23 in x4plus.
    """
    yield "conv_first", _FEATURES, 3
    for block in range(blocks):
        for dense in (1, 2, 3):
            for conv in (1, 2, 3, 4, 5):
                outputs = _GROWTH if conv < 5 else _FEATURES
                yield (
                    f"body.{block}.rdb{dense}.conv{conv}",
                    outputs,
                    _FEATURES + _GROWTH * (conv - 1),
                )
    for name in ("conv_body", "conv_up1", "conv_up2", "conv_hr"):
        yield name, _FEATURES, _FEATURES
    yield "conv_last", 3, _FEATURES


def read_ncnn_rrdbnet(path: Path) -> dict[str, Tensor]:
    """Read a RRDBNet (x4plus: 64 features, 32 growth, 23 blocks) from an ncnn `.bin` file.

    Returns:
        Parameter name -> fp32 tensor, as in the `.pth` release.

    Raises:
        WeightsMissing: the file cannot be read.
        WeightsWrong: see `parse_ncnn_rrdbnet`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"{path}: {error.strerror}") from error
    return parse_ncnn_rrdbnet(data, str(path))


def parse_ncnn_rrdbnet(data: bytes, name: str) -> dict[str, Tensor]:
    """The same from bytes in memory; `name` is what errors call them.

    Raises:
        WeightsWrong: a tag is not that of fp16 weights, bytes are missing or left over, or a
            number is NaN or infinite. Every byte is accounted for.
    """
    import torch

    state: dict[str, Tensor] = {}
    at = 0
    for layer, outputs, inputs in rrdbnet_layers():
        count = outputs * inputs * _KERNEL * _KERNEL
        weight_bytes = -(-count * 2 // 4) * 4
        end = at + 4 + weight_bytes + outputs * 4
        if end > len(data):
            raise WeightsWrong(f"{name} is cut: it ends inside {layer}, at byte {len(data)}")
        tag = int.from_bytes(data[at : at + 4], "little")
        if tag != FP16_TAG:
            raise WeightsWrong(f"{name}: {layer} at byte {at} has the tag {tag:#010x}")
        weight = np.frombuffer(data, "<f2", count, at + 4).astype(np.float32)
        bias = np.frombuffer(data, "<f4", outputs, at + 4 + weight_bytes).astype(np.float32)
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise WeightsWrong(f"{name}: {layer} holds a number that is not finite")
        state[f"{layer}.weight"] = torch.from_numpy(
            weight.reshape(outputs, inputs, _KERNEL, _KERNEL)
        )
        state[f"{layer}.bias"] = torch.from_numpy(bias)
        at = end
    if at != len(data):
        raise WeightsWrong(f"{name} has {len(data) - at} bytes after the last layer")
    return state
