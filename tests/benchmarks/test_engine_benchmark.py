"""How the engine's benchmark judges its rows; nothing here is timed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from pipeline.models.load import Network
from tests.benchmarks.engine_kernels import operations_per_px
from tests.benchmarks.engine_report import derived, lines, targets
from tests.benchmarks.engine_timing import Missing, Way, timed


def row(name: str, kind: str, kpx_s: float, side: int, **more: Any) -> dict[str, Any]:
    told = {"dtype": "bfloat16", "size_px": [side, side], "seconds": 1.0, "rounds": 3}
    return {"name": name, "kind": kind, "kpx_s": kpx_s, "spread": 1.1, **told, **more}


ROWS = [
    {
        **{"name": "peak", "kind": "peak", "tflop_s": 2.0, "size_px": None, "dtype": "bfloat16"},
        **{"seconds": 1.0, "rounds": 3, "spread": 1.0},
    },
    row("ours", "ours", 18.0, 300, facts={"network_px_ratio": 1.07}),
    row("ours exact", "ours", 7.0, 300),
    row("ours large", "ours", 20.0, 1000, facts={"network_px_ratio": 1.2}),
    row("whole", "RealESRGANer", 2.0, 300),
    row("in tiles", "RealESRGANer", 2.5, 300),
    row("a tile", "bare tile", 19.0, 128),
    row("a better tile", "bare tile", 20.0, 192),
    {"name": "another runtime", "kind": "bare tile", "missing": "not installed"},
]


def test_ours_is_compared_with_the_best_of_each_kind_on_the_same_picture() -> None:
    found = derived(ROWS, operations_per_px=36e6)
    assert found["ours_over_realesrganer"] == 7.2
    assert found["ours_over_bare_tile"] == 0.9
    assert found["best_of_ours_over_bare_tile"] == 1.0
    assert found["compared"]["realesrganer"] == "in tiles"
    assert found["ours_tflop_s"] == 0.72
    assert found["share_of_peak"] == 0.36
    assert found["network_px_ratio"] == {"ours": 1.07, "ours large": 1.2}


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    found = derived([r for r in ROWS if r["kind"] != "RealESRGANer"], 36e6)
    judged = targets({**found, "lowest_psnr_db": 54.0, "tiled_worst_255ths": 1.4}, "cpu")
    assert {name: told["met"] for name, told in judged.items()} == {
        "ours_over_realesrganer": None,
        "ours_over_bare_tile": False,
        "lowest_psnr_db": True,
        "tiled_worst_255ths": False,
    }


def test_a_run_without_a_single_rival_still_makes_a_table() -> None:
    machine = {"processor": "P", "threads": 2, "torch": "2", "device": "cpu", "load": 0.1}
    found = derived(ROWS[-1:], 36e6)
    report = {
        **{"machine": machine, "rows": ROWS[-1:], "derived": found},
        **{"precision": None, "tiling": None, "targets": targets(found, "cpu")},
    }
    table = lines(report)
    assert any("another runtime" in line and "not installed" in line for line in table)
    assert any("ours_over_realesrganer" in line and "not measured" in line for line in table)


def test_a_rival_that_fails_gets_a_row_but_our_own_failure_ends_the_run() -> None:
    def fail() -> None:
        raise RuntimeError("out of room\nand more")

    rows = timed(
        [
            Way("broken", "bare tile", fail, "float32", (8, 8)),
            Missing("absent", "bare tile", "not installed"),
            Way("sound", "bare tile", lambda: None, "float32", (8, 8)),
        ],
        rounds=2,
    )
    assert rows[0]["missing"] == "failed: out of room"
    assert rows[1]["missing"] == "not installed"
    assert rows[2]["rounds"] == 2
    with pytest.raises(RuntimeError, match="out of room"):
        timed([Way("mine", "ours", fail, "float32", (8, 8))], rounds=1)


def test_operations_are_those_of_the_convolutions_at_the_size_they_run() -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(4, 5, 1),
    )
    network = Network("tiny", "ESRGAN", 2, "", 0, module)
    by_hand = 2 * (3 * 4 * 9) + 2 * (4 * 5) * 4
    assert operations_per_px(network) == by_hand
    assert next(module.parameters()).device == torch.device("cpu")
