"""Bare tiles: the same network on one tile and nothing around it, by every runtime that is here.

No overlap, no checks, nothing cut or put together: what an engine could reach if all that were
free. Each runtime is given the weights the engine has, and as many threads as torch takes.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.models.load import Network
from tests.benchmarks.engine_timing import Missing, Way
from tests.benchmarks.engine_ways import Picture, dtype_word, photograph, settle

Size = tuple[int, int]
"""px, (width, height)."""

Asked = Callable[[str], bool]
"""Whether the way of that name is wanted; one that is not is not built."""

_KIND = "bare tile"


def torch_tiles(
    network: Network,
    device: str,
    dtype: Any,
    sizes: Sequence[Size],
    asked: Asked,
    *,
    compiled: bool = False,
) -> Iterator[Way]:
    """The torch module all in one number format, channels last; eager, or by torch.compile."""
    import torch

    module = copy.deepcopy(network.module).to(device, dtype)
    laid: Any = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run: Any = torch.compile(laid, dynamic=False) if compiled else laid
    word = dtype_word(dtype)
    for width, height in sizes:
        name = f"{'torch.compile' if compiled else 'torch eager'} {width}x{height} {word}"
        if not asked(name):
            continue
        batch = torch.from_numpy(_batch(width, height)).to(device, dtype)
        given = batch.contiguous(memory_format=torch.channels_last)

        def work(given: Any = given) -> None:
            with torch.inference_mode():
                run(given)
            settle(device)

        yield Way(name, _KIND, work, word, (width, height))


def openvino_tiles(
    network: Network, sizes: Sequence[Size], asked: Asked
) -> Iterator[Way | Missing]:
    """OpenVINO on the CPU in bfloat16, converted from the torch module in memory."""
    import torch

    named = {size: f"OpenVINO {size[0]}x{size[1]} bfloat16" for size in sizes}
    wanted = [size for size in sizes if asked(named[size])]
    if not wanted:
        return
    if not importlib.util.find_spec("openvino"):
        yield Missing("OpenVINO bfloat16", _KIND, "openvino not installed")
        return
    openvino: Any = importlib.import_module("openvino")
    with torch.inference_mode():
        # Traced here: given the module itself, the conversion takes minutes.
        traced = torch.jit.trace(  # type: ignore[no-untyped-call]
            network.module, torch.rand(1, 3, 32, 32), check_trace=False
        )
    whole = openvino.convert_model(traced)
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    core = openvino.Core()
    for width, height in wanted:
        shaped = whole.clone()
        shaped.reshape([1, 3, height, width])
        request = core.compile_model(shaped, "CPU", settings).create_infer_request()
        given = _batch(width, height)

        def work(request: Any = request, given: Any = given) -> None:
            request.infer([given])

        name = named[width, height]
        yield Way(name, _KIND, work, "bfloat16", (width, height))


def ncnn_tiles(weights: Path, size: Size, asked: Asked) -> Iterator[Way | Missing]:
    """ncnn on the CPU in float32 and with bfloat16 storage, from the original files.

    Args:
        weights: the `.bin`; its `.param` lies beside it.
        size: of the tile.
        asked: see `Asked`.
    """
    import torch

    width, height = size
    named = {word: f"ncnn {width}x{height} {word}" for word in ("float32", "bfloat16")}
    wanted = [word for word in named if asked(named[word])]
    if not wanted:
        return
    shape = weights.with_suffix(".param")
    if not importlib.util.find_spec("ncnn"):
        yield Missing("ncnn", _KIND, "ncnn not installed")
        return
    if weights.suffix != ".bin" or not shape.is_file():
        yield Missing("ncnn", _KIND, f"no {shape.name} beside the weights")
        return
    ncnn: Any = importlib.import_module("ncnn")
    given = _batch(width, height)[0]
    for word in wanted:
        network = ncnn.Net()
        network.opt.num_threads = torch.get_num_threads()
        network.opt.use_vulkan_compute = False
        network.opt.use_bf16_storage = word == "bfloat16"
        if network.load_param(str(shape)) or network.load_model(str(weights)):
            yield Missing(named[word], _KIND, f"ncnn does not load {weights.name}")
            continue

        def work(network: Any = network) -> None:
            extractor = network.create_extractor()
            extractor.input("data", ncnn.Mat(given))
            failed, _ = extractor.extract("output")
            if failed:
                raise RuntimeError(f"ncnn gave {failed}")

        yield Way(named[word], _KIND, work, word, size)


def operations_per_px(network: Network) -> float:
    """Floating-point operations for one px of input, counted in the module's convolutions.

    A multiplication and an addition are two. The module runs on shapes alone, without numbers.
    """
    import torch
    from torch import nn

    module = copy.deepcopy(network.module).to("meta")
    counted: list[float] = []

    def count(layer: Any, given: Any, made: Any) -> None:
        counted.append(2.0 * layer.weight.numel() * made.shape[2] * made.shape[3])

    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(count)
    side = 32
    with torch.inference_mode():
        module(torch.empty(1, 3, side, side, device="meta"))
    return sum(counted) / side**2


def _batch(width: int, height: int) -> Picture:
    """float32 (1, 3, H, W) in 0..1."""
    return np.ascontiguousarray(photograph(width, height).transpose(2, 0, 1)[None])
