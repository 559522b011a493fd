"""The benchmark of diagnosis builds every kind of case, the same one each time."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.restoration_diagnosis import (
    KINDS,
    angle_between,
    compressed,
    softened,
    treated,
)


def test_kinds_take_turns_and_seeds_repeat() -> None:
    cases = [softened(2 * number, number) for number in range(4)]
    assert tuple(case.kind for case in cases) == KINDS
    again = softened(4, 2)
    assert np.array_equal(again.photo.samples, cases[2].photo.samples)
    assert 5 <= again.length <= 25


def test_the_truth_counts_in_px_of_the_scan() -> None:
    case = softened(8, 5)
    assert case.oversampling == 2
    assert 4 <= case.radius <= 16


def test_half_of_the_treated_are_sharpened() -> None:
    assert [treated(seed, seed).treatment for seed in range(4)].count("sharpened") == 2
    assert treated(2, 1).quality is None


def test_one_in_four_was_never_compressed() -> None:
    qualities = [compressed(2 * number, number).quality for number in range(4)]
    assert [quality is None for quality in qualities] == [True, False, False, False]


def test_angles_of_lines_wrap_at_half_a_turn() -> None:
    assert angle_between(179.0, 2.0) == 3.0
    assert angle_between(10.0, 100.0) == 90.0
