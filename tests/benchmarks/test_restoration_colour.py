"""The colour benchmark judges the cases that it says, and tells a wrong correction from none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import restoration_colour
from tests.benchmarks.colour_cases import aged_colour, kinds_of_print
from tests.benchmarks.hard_colours import HARD_COLOURS, band_gains
from tests.benchmarks.pictures import colour_picture
from tests.benchmarks.restoration_colour import distance, run


def test_cases_are_the_same_each_time_and_no_half_shares_one() -> None:
    one, again, other = (
        aged_colour("tuning", 2),
        aged_colour("tuning", 2),
        aged_colour("held_out", 2),
    )
    assert all(np.array_equal(a.given, b.given) for a, b in zip(one, again, strict=True))
    assert not any(np.array_equal(a.truth, b.truth) for a in one for b in other)


def test_every_kind_of_print_is_asked_for() -> None:
    assert {case.kind for case in kinds_of_print("tuning", 12)} == {"monochrome", "toned", "colour"}


def test_warm_light_loses_blue_and_cool_light_red() -> None:
    red, green, blue = band_gains(2600.0, 5500.0)
    assert red == 1
    assert red > green > blue > 0.05
    assert band_gains(12000.0, 5500.0)[2] == 1
    assert band_gains(5500.0, 5500.0) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("name", list(HARD_COLOURS))
def test_a_hard_case_is_a_changed_picture_in_range(name: str) -> None:
    picture = colour_picture(0, 96)
    hard = HARD_COLOURS[name](picture)
    assert hard.shape == picture.shape
    assert hard.dtype == np.float32
    assert 0 <= hard.min() < hard.max() <= 1
    assert distance(picture, hard) > 2


def test_doing_nothing_does_no_harm_and_reaches_no_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoration_colour, "mended", lambda picture, options=None: picture)
    monkeypatch.setattr(
        restoration_colour,
        "corrected_by_rivals",
        lambda given: {"white": [g * 0 + 1 for g in given]},
    )
    monkeypatch.setattr(restoration_colour, "hard_colour", lambda half: aged_colour(half, 1))
    told = {target.name: target for target in run("tuning", 2).targets}
    assert told["CIEDE2000 that fresh prints move, mean"].value == 0
    assert not told["colour left where neutral is asked for, worst, Lab"].reached
    assert told["CIEDE2000 that the worst hard case moves"].value == 0
