"""The ageing that is told is the ageing that was done, and a fresh print is told to be fresh."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.measure.ageing import MOST_STAIN, MOST_VEIL, ageing_of, linear
from pipeline.stages.measure.ageing_signs import COUNT, DEEPEST, density, signs
from pipeline.stages.measure.ageing_weights import networks
from tests.pipeline.stages.simulated_ageing import clean, faded

ADOBE = imagecodecs.cms_profile("adobergb")
PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "rocket")


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_a_fresh_print_is_not_taken_for_an_aged_one(name: str) -> None:
    assert ageing_of(clean(name), None).certainty < 0.9


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_lost_dyes_are_told_by_channel(name: str) -> None:
    told = ageing_of(faded(clean(name), (0.5, 0.8, 0.8), (0, 0, 0)), None)
    assert told.certainty > 0.9
    assert told.left[0] < 0.72
    assert told.left[0] < min(told.left[1:]) - 0.08


def test_a_stain_is_told_as_density_that_is_most_in_blue() -> None:
    told = ageing_of(faded(clean("astronaut")), None)
    assert told.stain[2] == pytest.approx(0.2, abs=0.08)
    assert told.stain[0] < told.stain[1] < told.stain[2]


def test_what_is_told_is_always_an_ageing() -> None:
    draw = np.random.default_rng(1)
    for picture in (draw.random((40, 40, 3)), np.zeros((40, 40, 3)), np.ones((30, 50, 3))):
        told = ageing_of(picture.astype(np.float32), None)
        assert all(0 < left <= 1 for left in told.left)
        assert all(0 <= stain <= MOST_STAIN for stain in told.stain)
        assert 0 <= told.veil <= MOST_VEIL
        assert 0 <= told.certainty <= 1


def test_a_tiny_picture_tells_nothing() -> None:
    assert ageing_of(np.full((5, 300, 3), 0.4, np.float32), None).certainty == 0


def test_the_same_print_in_a_wider_profile_is_told_the_same() -> None:
    old = faded(clean("astronaut"))
    wide = from_lab(to_lab(old, None), ADOBE)
    one, two = ageing_of(old, None), ageing_of(wide, ADOBE)
    assert two.left == pytest.approx(one.left, abs=0.03)
    assert two.stain == pytest.approx(one.stain, abs=0.03)


def test_density_counts_tenths_of_light() -> None:
    light = np.array([1.0, 0.1, 0.01, 0.0])
    assert density(light) == pytest.approx([0, 1, 2, DEEPEST])
    assert linear(np.array([0.0, 0.5, 1.0])) == pytest.approx([0, 0.21404, 1], abs=1e-4)


def test_signs_have_a_fixed_number_and_do_not_mind_places() -> None:
    light = linear(clean("coffee"))[::8, ::8]
    told = signs(light)
    assert told.shape == (COUNT,)
    assert np.isfinite(told).all()
    assert signs(light[:, ::-1])[:65] == pytest.approx(told[:65])


def test_every_network_has_layers_that_fit_the_signs() -> None:
    for middle, spread, *weights in networks():
        assert middle.shape == spread.shape == (COUNT,)
        assert (spread > 0).all()
        assert weights[0].shape[1] == COUNT
        assert weights[-1].shape == (8,)
        assert all(np.isfinite(part).all() for part in weights)
