"""Which device runs the networks, in which number format, on tiles of which size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pipeline.core.errors import UsageError

if TYPE_CHECKING:
    import torch

DeviceChoice = Literal["auto", "cpu", "cuda", "mps"]
"""What a person may ask for."""


def choose_device(wanted: str) -> str:
    """The device that will be used, as torch writes it: "cpu", "cuda:0" or "mps".

    Args:
        wanted: "auto" takes an accelerator when one really answers, else the CPU.

    Raises:
        UsageError: the device is unknown, or asked for by name and not usable.
    """
    if wanted == "cpu":
        return "cpu"
    if wanted == "auto":
        for name in ("cuda", "mps"):
            if _problem(name) is None:
                return "cuda:0" if name == "cuda" else name
        return "cpu"
    if wanted not in ("cuda", "mps"):
        raise UsageError(f"--device {wanted}: choose auto, cpu, cuda or mps")
    problem = _problem(wanted)
    if problem is not None:
        raise UsageError(
            f"--device {wanted}: {problem}", remedy="Use --device cpu, or auto to let it choose."
        )
    return "cuda:0" if wanted == "cuda" else wanted


def _problem(name: str) -> str | None:
    """Why a device cannot be used, or None when it computes."""
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        return "torch finds no CUDA device"
    if name == "mps" and not torch.backends.mps.is_available():
        return "torch finds no Apple GPU"
    try:
        # A card too old for this torch, or one held by another program, shows only in use.
        torch.ones(1, device=name).add_(1).item()
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0]
    return None


def choose_dtype(device: str) -> torch.dtype:
    """The number format for tiled networks on a device.

    bfloat16 on CPUs that multiply it natively (AVX-512 BF16 or AMX), where it is about twice as
    fast; float16 on CUDA, finer than bfloat16 and as fast; else float32.
    """
    import torch

    if device.startswith("cuda"):
        return torch.float16
    if device == "cpu" and _cpu_multiplies_bf16():
        return torch.bfloat16
    return torch.float32


def _cpu_multiplies_bf16() -> bool:
    import torch

    # These probes are not public yet; a torch without them gets float32, which is only slower.
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, bool)()) for probe in probes)


def choose_tile(device: str) -> int:
    """Side of a tile in input px, overlap included.

    The larger, the less of it is context; 1024 px take 0.7 GB on the CPU, two of them at a time.
    """
    return 768 if device.startswith("cuda") else 1024
