"""Many columns are one account and one progress bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline.models.provider import Inference
from pipeline.stages.redraw_record import Record


class Heard:
    """A progress that adds up what it hears."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float, str]] = []
        self.done = 0.0

    def begin(self, label: str, total: float, unit: str) -> None:
        self.begun.append((label, total, unit))

    def advance(self, units: float = 1.0) -> None:
        self.done += units


def _made(device: str = "cuda:0", **facts: Any) -> Inference:
    return Inference(np.zeros((4, 4, 3), np.float32), "net", device, "float16", facts)


def test_counts_are_added_and_differences_named() -> None:
    record = Record("net", 200, Heard())
    record.add(_made(tiles=3, tile_px=512, out_of_memory_at_tile_px=[]))
    record.add(_made("cpu", tiles=4, tile_px=256, out_of_memory_at_tile_px=[512]))
    assert record.facts() == {
        "columns": 2,
        "model": "net",
        "device": "cuda:0, cpu",
        "dtype": "float16",
        "tiles": 7,
        "tile_px": "512, 256",
        "out_of_memory_at_tile_px": [512],
    }


def test_progress_is_one_bar_over_all_columns() -> None:
    heard = Heard()
    record = Record("net", 200, heard)
    first = record.column(150)
    first.begin("net", 3, "tile")
    first.advance()
    assert heard.done == pytest.approx(50)
    first.begin("net", 8, "tile")  # begun again after memory ran out
    for _ in range(8):
        first.advance()
    first.done()
    assert heard.done == pytest.approx(150)
    record.column(50).done()
    assert heard.done == pytest.approx(200)
    assert heard.begun == [("net", 200.0, "px")]
