"""What becomes of a px depends on nothing further away than the margin."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.dct_denoise import (
    Grain,
    cleaned,
    grain_in,
    margin,
    octave_noises,
    pilot,
)
from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.noise import noise_of
from tests.pipeline.stages.simulated_ageing import clean, noisy


@pytest.mark.parametrize("octaves", [1, 2, 3, 4])
def test_px_beyond_the_margin_change_nothing(octaves: int) -> None:
    plane = np.tile(luma(noisy(clean("astronaut"), 12.0))[:, :96], (2, 1))[:840]
    noise = noise_of(plane)
    grain = Grain(noise, 1.0)
    for _ in range(octaves - 1):
        grain = Grain(noise, 1.0, grain)
    assert grain.depth == octaves
    start = margin(octaves)
    other = plane.copy()
    other[:start] = np.random.default_rng(2).random((start, 96))
    whole, changed = cleaned(plane, grain), cleaned(other, grain)
    assert np.abs(whole[2 * start :] - changed[2 * start :]).max() == 0.0
    assert np.abs(whole[start : start + 8] - changed[start : start + 8]).max() > 0.0
    cut = cleaned(np.ascontiguousarray(plane[start:]), grain)
    assert np.abs(whole[2 * start :] - cut[start:]).max() < 1e-6


def test_margins_keep_the_grid_of_blocks_at_every_octave() -> None:
    for depth in (1, 2, 3, 4):
        assert margin(depth) % (8 * 2 ** (depth - 1)) == 0
        assert margin(depth) < 64 * 2**depth


def test_grain_that_averages_away_is_taken_out_at_full_size_only() -> None:
    fine = luma(noisy(clean("astronaut"), 10.0))
    coarse = luma(noisy(clean("astronaut"), 10.0, grain_px=1.5))
    assert grain_in([fine], octave_noises([fine], 2), 1.0).depth == 1
    assert grain_in([coarse], octave_noises([coarse], 2), 1.0).depth == 2


def test_what_may_be_texture_is_not_looked_for_at_half_its_size() -> None:
    assert len(octave_noises([luma(clean("gravel"))], 3)) == 1
    assert len(octave_noises([luma(clean("astronaut"))], 3)) == 3


def test_a_pilot_is_closer_to_the_truth_than_what_it_is_made_from() -> None:
    truth, bad = luma(clean("camera")), luma(noisy(clean("camera"), 15.0))
    grain = grain_in([bad], octave_noises([bad], 1), 1.0)
    assert np.mean((pilot(bad, grain) - truth) ** 2) < 0.4 * np.mean((bad - truth) ** 2)
