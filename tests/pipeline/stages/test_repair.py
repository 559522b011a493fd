"""Damage is filled, everything else keeps its bits."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.repair import Options, fill, repair
from tests.pipeline.stages.simulated_ageing import clean, scratched


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "rocket"])
def test_a_damaged_print_comes_nearer_to_the_truth(name: str, neural_tools: Tools) -> None:
    truth = clean(name)
    bad, where = scratched(truth, seed=100)
    outcome = repair(Photo(bad), Options(), neural_tools)
    mask = outcome.images["damage"] > 0
    before = peak_signal_noise_ratio(truth, bad, data_range=1)
    after = peak_signal_noise_ratio(truth, outcome.photo.pixels, data_range=1)
    assert outcome.decision == "applied"
    assert after > before + 1.5
    assert outcome.measures["specks"] > 3
    assert (mask & where).sum() > 0.3 * where.sum()


def test_every_pixel_outside_the_mask_keeps_its_bits(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("chelsea"), seed=7)
    fine = bad * np.float32(0.987654) + np.float32(1e-3)
    outcome = repair(Photo(fine, bit_depth=16), Options(), neural_tools)
    outside = outcome.images["damage"] == 0
    assert outcome.decision == "applied"
    assert np.array_equal(outcome.photo.pixels[outside], fine[outside])
    assert not np.array_equal(outcome.photo.pixels[~outside], fine[~outside])


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera", "rocket", "brick"])
def test_hardly_anything_is_taken_for_damage_on_a_clean_picture(
    name: str, neural_tools: Tools
) -> None:
    outcome = repair(Photo(clean(name)), Options(), neural_tools)
    assert outcome.measures["damaged_share"] < 0.0012
    if outcome.decision == "skipped":
        assert outcome.photo.pixels is not None
        assert outcome.reason


def test_filling_continues_a_ramp_at_full_depth(neural_tools: Tools) -> None:
    ramp = np.linspace(0.3, 0.7, 200, dtype=np.float32)[None, :, None] * np.ones(
        (120, 1, 3), np.float32
    )
    holes = np.zeros((120, 200), bool)
    holes[:, 99:102] = True
    broken = ramp.copy()
    broken[holes] = 1.0
    filled = fill(broken, holes, 4.0, neural_tools)
    assert np.abs(filled - ramp).max() < 0.01
    assert len(np.unique(filled[:, 99:102])) >= 2


def test_tiles_do_not_show(neural_tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = clean("chelsea")
    holes = np.zeros(picture.shape[:2], bool)
    holes[100:103, 20:430] = True
    whole = fill(picture, holes, 4.0, neural_tools)
    monkeypatch.setattr("pipeline.stages.repair._TILE", 64)
    assert np.abs(fill(picture, holes, 4.0, neural_tools) - whole).mean() < 1e-4


def test_a_grey_print_stays_exactly_grey(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("camera"), seed=3)
    grey = bad[..., 1:2].repeat(3, axis=2)
    pixels = repair(Photo(grey, monochrome=True), Options(), neural_tools).photo.pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])


def test_too_much_to_be_damage_is_left_and_said(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("chelsea"), seed=7)
    photo = Photo(bad)
    outcome = repair(photo, Options(most_share=0.001), neural_tools)
    assert outcome.photo is photo
    assert outcome.decision == "skipped"
    assert outcome.notes
    assert outcome.images["damage"].any()
