"""The engine beside others on the same weights, all in one run: how fast, how exact, how near the
machine's limit.

    python -m tests.benchmarks.engine [--json] [--quick] [--device cpu|cuda]

- ours: a whole picture, tiles and overlap included, in the device's quick number format and in
  float32;
- RealESRGANer on the same picture, undivided and in tiles of 512 px (extra `[upstream]`);
- bare tiles: one tile with nothing around it, by torch, by OpenVINO and by ncnn (packages
  `openvino` and `ncnn`; with `--compile` torch.compile as well, which is slow to begin);
- a large matrix product: the machine's peak.

All take turns, round by round, and the medians are told: what else the machine does meets all
alike. What is not installed gets a row that says so. Ends with 1 when a target is missed. Nothing
here is a test: how long it takes depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.models.load import Network
from tests.benchmarks.engine_kernels import (
    ncnn_tiles,
    openvino_tiles,
    operations_per_px,
    torch_tiles,
)
from tests.benchmarks.engine_quality import precision, tiling
from tests.benchmarks.engine_report import derived, lines, targets
from tests.benchmarks.engine_timing import Missing, Way, timed
from tests.benchmarks.engine_ways import engine_name, ours, peak, photograph, pth_of, theirs
from tests.benchmarks.upstream import MODEL

_WHOLE = (450, 300)
"""px; a picture that RealESRGANer can take undivided."""

_LARGE = (1500, 1000)
_LARGE_QUICK = (900, 600)


@dataclass(frozen=True)
class Wanted:
    """What is to be measured.

    Args:
        device: as torch writes it.
        rounds: how often each way is gone.
        quick: a smaller large picture and fewer kinds of tiles.
        compiled: torch.compile as well.
        only: words; a way is measured when its name holds one of them. Empty for all.
        quality: also precision and tiling.
    """

    device: str
    rounds: int = 3
    quick: bool = False
    compiled: bool = False
    only: tuple[str, ...] = ()
    quality: bool = True


def measure(wanted: Wanted) -> dict[str, Any]:
    """Time all ways and judge the engine.

    Returns:
        JSON: `machine`, `model`, `rows` (see `engine_timing.timed`), `derived`, `precision`,
        `tiling` and `targets`.
    """
    from pipeline.models.catalog import load_catalog
    from pipeline.models.devices import choose_dtype
    from pipeline.models.load import load_network
    from pipeline.models.weights import resolve

    machine = machine_facts(wanted.device)
    resolved = resolve(load_catalog(), {"artifacts": [MODEL]}, [])["artifacts"]
    network = load_network(resolved)
    with tempfile.TemporaryDirectory() as folder:
        ways = list(_ways(network, resolved.path, Path(folder), wanted))
    rows = timed(ways, wanted.rounds)
    del ways
    found = derived(rows, operations_per_px(network))
    exact = cut = None
    if wanted.quality:
        exact = precision(network, wanted.device, choose_dtype(wanted.device))
        size = (300, 200) if wanted.quick else (320, 320)
        cut = tiling(network, wanted.device, *size, tile=256)
    figures = {
        **found,
        "lowest_psnr_db": exact and exact["lowest_psnr_db"],
        "tiled_worst_255ths": cut and cut["worst_255ths"],
    }
    return {
        "model": MODEL,
        "machine": machine,
        "rows": rows,
        "derived": found,
        "precision": exact,
        "tiling": cut,
        "targets": targets(figures, wanted.device),
    }


def _ways(network: Network, weights: Path, folder: Path, wanted: Wanted) -> Iterator[Way | Missing]:
    """All that were asked for, built one after the other."""
    import torch

    from pipeline.models.devices import choose_dtype

    device, quick = wanted.device, choose_dtype(wanted.device)
    cpu = device == "cpu"
    large = _LARGE_QUICK if wanted.quick else _LARGE
    if _asked(wanted, "peak"):
        yield peak(device, torch.bfloat16 if cpu else quick)
    for size in (_WHOLE, large):
        for dtype in dict.fromkeys((quick, torch.float32)):
            skipped = wanted.quick and dtype != quick and size == large
            if not skipped and _asked(wanted, engine_name("ours", size, dtype)):
                yield ours(network, device, dtype, photograph(*size))
    pth: Path | None = None
    dtype = torch.float32 if cpu else torch.float16
    for size in (_WHOLE,) if cpu else (_WHOLE, large):
        for tile in (0, 512):
            if _asked(wanted, engine_name(f"RealESRGANer tile {tile}", size, dtype)):
                pth = pth or pth_of(weights, folder)
                yield theirs(pth, device, tile, photograph(*size), dtype)
    yield from _bare(network, weights, wanted)


def _asked(wanted: Wanted, name: str) -> bool:
    return not wanted.only or any(word in name for word in wanted.only)


def _bare(network: Network, weights: Path, wanted: Wanted) -> Iterator[Way | Missing]:
    from pipeline.models.devices import choose_dtype

    device = wanted.device
    cpu = device == "cpu"
    sides: Sequence[int] = (128, 192, 256) if cpu else (256, 512, 768)
    sizes = [*((side, side) for side in sides), _WHOLE]
    dtype = choose_dtype(device)
    asked = partial(_asked, wanted)
    yield from torch_tiles(network, device, dtype, sizes, asked)
    if wanted.compiled:
        yield from torch_tiles(network, device, dtype, sizes[2:3], asked, compiled=True)
    if cpu:
        yield from openvino_tiles(network, [(96, 96), *sizes], asked)
        yield from ncnn_tiles(weights, (128, 128), asked)


def machine_facts(device: str) -> dict[str, Any]:
    """What the figures depend on; nothing that names this machine or its owner."""
    import torch

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    facts: dict[str, Any] = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": device,
        "load": None if load is None else round(load, 2),
    }
    if device.startswith("cuda"):
        facts["gpu"] = torch.cuda.get_device_name(device)
        facts["cuda"] = torch.version.cuda
    return facts


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return named[0] if named else platform.machine()


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="The engine beside others on the same weights.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--quick", action="store_true", help="one round, smaller pictures")
    parser.add_argument("--compile", action="store_true", help="torch.compile as well; slow")
    parser.add_argument("--rounds", type=int, default=0, help="instead of 3, with --quick of 1")
    parser.add_argument("--only", nargs="+", default=[], help="ways whose name holds such a word")
    parser.add_argument("--no-quality", action="store_true", help="only the speed")
    options = parser.parse_args()

    from pipeline.models.devices import choose_device

    report = measure(
        Wanted(
            device=choose_device(options.device),
            rounds=options.rounds or (1 if options.quick else 3),
            quick=options.quick,
            compiled=options.compile,
            only=tuple(options.only),
            quality=not options.no_quality,
        )
    )
    print(json.dumps(report, indent=2) if options.json else "\n".join(lines(report)))
    return 1 if any(judged["met"] is False for judged in report["targets"].values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
