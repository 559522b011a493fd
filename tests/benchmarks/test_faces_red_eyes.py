"""The simulated flash is what it is said to be, and its scores tell good from bad work."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.ageing_flash import COLOURS, Flash, flash_picture, sitter
from tests.benchmarks.faces_red_eyes import flash_of, scored
from tests.benchmarks.mistaken_for_red_eyes import mistakable

CLEAR = Flash("bright", dimming=0.0, glint=0.0, blur_px=0.0)


def test_flash_adds_light_of_its_colour_in_the_pupils_and_nowhere_else() -> None:
    case = flash_picture("astronaut", 12, CLEAR)
    outside = ~case.inside(1.3)
    assert np.array_equal(case.flashed[outside], case.truth[outside])
    added = (case.flashed**2.2 - case.truth**2.2)[case.inside(0.6)]
    wanted = (np.array(COLOURS["bright"]) / 255) ** 2.2
    assert added.mean(axis=0) == pytest.approx(wanted, abs=0.02)


def test_half_the_strength_is_half_the_light() -> None:
    whole, half = (
        flash_picture("astronaut", 12, Flash("deep", strength, dimming=0.0, glint=0.0, blur_px=0.0))
        for strength in (1.0, 0.5)
    )
    inside = whole.inside(0.6)
    full = (whole.flashed**2.2 - whole.truth**2.2)[inside]
    assert (half.flashed**2.2 - half.truth**2.2)[inside] == pytest.approx(full / 2, abs=1e-3)


def test_the_truth_has_a_dark_neutral_pupil_with_its_glint() -> None:
    case = flash_picture("astronaut", 20, Flash("orange", glint=0.25))
    inside = case.truth[case.inside(0.9)]
    assert np.median(inside) < 0.2
    assert np.ptp(np.median(inside, axis=0)) < 0.02
    assert inside.min(axis=1).max() > 0.9
    assert (case.flashed >= case.truth - 1e-3).all()


@pytest.mark.parametrize("pupil_px", [4.0, 12.0])
def test_pupils_are_as_wide_as_asked(pupil_px: float) -> None:
    case = flash_picture("astronaut", pupil_px, CLEAR)
    picture, eyes = sitter("astronaut", pupil_px)
    assert case.radius == pytest.approx(pupil_px / 2)
    assert case.flashed.shape == picture.shape
    assert [(eye.x, eye.y) for eye in eyes] == list(case.eyes)


def test_a_seed_gives_the_same_flash_again_and_seeds_differ() -> None:
    assert flash_of(8) == flash_of(8)
    assert len({str(flash_of(seed)) for seed in range(0, 40, 2)}) == 20


def test_no_two_of_what_may_be_mistaken_are_the_same_picture() -> None:
    seen = list(mistakable("astronaut", 4))
    assert len({name for name, _ in seen}) == len(seen)
    assert len({picture.tobytes() for _, picture in seen}) == len(seen)


@pytest.mark.weights
def test_scores_tell_what_was_found_and_how_near_it_came() -> None:
    good = scored("astronaut", 8, Flash("bright"))
    assert (good.found, good.false) == (2, 0)
    assert good.after < good.simple < good.before
    faint = scored("astronaut", 4, Flash("washed", strength=0.05))
    assert (faint.found, faint.false) == (0, 0)
    assert np.isnan(faint.after)
