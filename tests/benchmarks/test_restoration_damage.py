"""Scores of masks are what they are said to be, and the rivals find what they can."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import damage_rivals
from tests.benchmarks.damage_scores import Counts, counted
from tests.benchmarks.mistaken_for_damage import SCENES, scene
from tests.benchmarks.restoration_damage import case, clean_pictures

_NONE = np.zeros((60, 80), bool)


def _square(top: int, left: int, side: int) -> np.ndarray:
    mask = _NONE.copy()
    mask[top : top + side, left : left + side] = True
    return mask


def test_a_mask_a_px_too_wide_is_right_and_one_beside_it_is_wrong() -> None:
    truth = _square(20, 20, 6)
    wider = counted(_square(19, 19, 8), truth, _NONE)
    beside = counted(_square(20, 40, 6), truth, _NONE)
    assert (wider.precision, wider.recall) == (1.0, 1.0)
    assert (beside.precision, beside.recall) == (0.0, 0.0)


def test_half_of_the_objects_found_and_one_false_count_by_object() -> None:
    truth = _square(10, 10, 5) | _square(40, 60, 5)
    score = counted(_square(10, 10, 5) | _square(30, 30, 5), truth, _NONE).as_json()
    assert score["object_recall"] == 0.5
    assert score["object_precision"] == 0.5
    assert score["recall"] == pytest.approx(0.5)


def test_what_lies_under_a_stain_is_not_judged() -> None:
    stain = _square(30, 30, 10)
    score = counted(stain, _NONE, stain)
    assert score == Counts()


@pytest.mark.parametrize("name", sorted(SCENES))
def test_scenes_hold_thin_things_and_follow_from_their_seed(name: str) -> None:
    picture = scene(name, 2, 128)
    assert np.array_equal(picture, scene(name, 2, 128))
    assert picture.dtype == np.float32
    assert picture.std() > 0.02


def test_a_rival_finds_a_white_speck_and_fills_it() -> None:
    paper = np.full((64, 64, 3), 0.4, np.float32)
    paper[30:33, 30:33] = 0.95
    for find in damage_rivals.DETECTORS.values():
        assert find(paper)[31, 31]
    speck = np.zeros((64, 64), bool)
    speck[29:34, 29:34] = True
    for method in damage_rivals.FILLINGS.values():
        assert np.abs(damage_rivals.inpainted(paper, speck, method) - 0.4).max() < 0.02


def test_a_case_is_damaged_and_the_halves_share_no_picture() -> None:
    one = case(2)
    assert one.damage.mask.any()
    away = np.abs(one.scan - one.truth).max(axis=2)
    assert away[one.damage.mask].mean() > 10 * away[~one.damage.mask & ~one.damage.ignored].mean()
    names = [
        {name for name, _ in clean_pictures(half) if "scene" not in name}
        for half in ("tuning", "held_out")
    ]
    assert names[0] & names[1] <= {"leaves"}
