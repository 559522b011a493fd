"""The simulated ageings do to known colours what their description says."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.ageing_colour import (
    KINDS,
    PAPER_BLACK,
    TONERS,
    Fading,
    Kind,
    SilverAgeing,
    density_of,
    drawn_fading,
    encoded,
    faded,
    hand_tinted,
    linear,
    silver_aged,
    toned,
)
from tests.benchmarks.pictures import colour_picture, grey_picture

GREYS = encoded(10.0 ** -np.linspace(0.0, PAPER_BLACK, 25).reshape(5, 5, 1).repeat(3, axis=2))


def test_encoding_and_decoding_are_inverse() -> None:
    values = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.abs(encoded(linear(values)) - values).max() < 1e-6


def test_a_fresh_print_stays_what_it_is() -> None:
    assert np.abs(faded(GREYS, Fading()) - GREYS).max() < 1e-4


def test_white_paper_keeps_its_white_when_dyes_fade_and_takes_the_stain_when_it_yellows() -> None:
    white = np.ones((4, 4, 3), np.float32)
    assert np.abs(faded(white, Fading(dyes=(0.5, 0.6, 0.7))) - 1).max() < 1e-4
    stained = faded(white, Fading(stain=(0.0, 0.05, 0.2)))
    assert density_of(stained)[0, 0] == pytest.approx([0.0, 0.05, 0.2], abs=1e-3)


def test_greys_lose_density_in_proportion() -> None:
    before, after = density_of(GREYS), density_of(faded(GREYS, Fading(dyes=(0.5, 0.8, 0.7))))
    share = (after / np.maximum(before, 1e-6))[before[..., 0] > 0.1]
    assert np.ptp(share, axis=0).max() < 0.01
    assert share[:, 0].mean() < 0.6


def test_a_veil_lifts_black_and_hardly_white() -> None:
    veiled = linear(faded(GREYS, Fading(veil=0.05)))
    assert veiled[-1, -1] == pytest.approx([0.05 + 0.95 * 10**-PAPER_BLACK] * 3, abs=1e-3)
    assert veiled[0, 0] == pytest.approx([1.0] * 3, abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fading_changes_the_picture_within_physical_bounds(kind: Kind) -> None:
    random = np.random.default_rng(3)
    picture = colour_picture(0, 96)
    for _ in range(5):
        fading = drawn_fading(kind, random)
        assert all(0.2 < left <= 1 for left in fading.dyes)
        assert min(fading.stain) >= 0
        assert 0 <= fading.veil < 0.1
        assert np.abs(faded(picture, fading) - picture).mean() > 0.005


def test_silver_mirrors_in_the_shadows_at_the_edges() -> None:
    black = encoded(np.full((41, 41, 3), 10.0**-PAPER_BLACK))
    white = np.ones((41, 41, 3), np.float32)
    dark, light = (silver_aged(one, SilverAgeing(mirror=1.0)) for one in (black, white))
    assert dark[0, 20, 2] > dark[20, 20, 2] + 0.1 > black[20, 20, 2]
    assert dark[0, 20, 2] > dark[0, 20, 0]
    assert np.abs(light - white).max() < 1e-6


@pytest.mark.parametrize("toner", list(TONERS))
def test_a_toned_print_has_one_colour_at_each_density(toner: str) -> None:
    print_ = toned(grey_picture(0, 96), toner)
    density = density_of(print_)
    inner = (density.max(axis=2) < 0.95 * PAPER_BLACK) & (density.min(axis=2) > 0.1)
    ratio = density[inner] / density[inner].mean(axis=1, keepdims=True)
    assert np.ptp(ratio, axis=0).max() < 0.01


def test_paint_only_takes_light_away_and_only_in_places() -> None:
    grey = grey_picture(0, 96)
    painted = hand_tinted(grey, np.random.default_rng(1), patches=2)
    fresh = encoded(10.0 ** -density_of(grey))
    assert (painted <= fresh + 1e-4).all()
    assert 0.02 < float((np.abs(painted - fresh).max(axis=2) > 0.02).mean()) < 0.95
