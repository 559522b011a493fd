"""The report of a benchmark in parts says which targets were missed."""

from __future__ import annotations

import pytest

from tests.benchmarks.parts import Entry, report, told
from tests.benchmarks.pictures import Half
from tests.benchmarks.restoration_report import Part, Target


@pytest.mark.parametrize(
    ("value", "sense", "reached"), [(1.0, ">=", True), (0.9, ">=", False), (1.1, "<=", False)]
)
def test_a_target_knows_on_which_side_of_its_limit_it_is(
    value: float, sense: str, reached: bool
) -> None:
    assert Target("one", value, 1.0, sense).reached is reached  # type: ignore[arg-type]


def test_what_was_missed_is_named() -> None:
    asked: list[tuple[Half, int]] = []

    def run(half: Half, count: int) -> Part:
        asked.append((half, count))
        return Part("deblur", count, (Target("gain, dB", 0.5, 1.0, ">="),), {"note": 1})

    document = report({"deblur": Entry(run, 20)}, ["deblur"], "held_out", 0.25)
    assert asked == [("held_out", 5)]
    assert document["missed"] == ["deblur: gain, dB"]
    assert "MISSED" in told(document)
