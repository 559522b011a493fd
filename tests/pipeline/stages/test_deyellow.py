"""Stain and fading go back towards the truth; warm scenes, sepia and grey stay what they are."""

from __future__ import annotations

from collections.abc import Callable

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from pipeline.core.photo import Photo
from pipeline.io.colour import from_lab, srgb_profile, to_lab
from pipeline.stages.base import Tools
from pipeline.stages.deyellow import Options, deyellow
from pipeline.stages.measure.tone_kind import tone_kind
from tests.benchmarks.ageing_colour import hand_tinted, toned
from tests.benchmarks.hard_colours import HARD_COLOURS
from tests.pipeline.stages.simulated_ageing import clean, faded

Ageing = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def _distance(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    return float(deltaE_ciede2000(to_lab(one, None), to_lab(two, None)).mean())


def _autolevel(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.quantile(picture, 0.005, axis=(0, 1)), np.quantile(picture, 0.995, axis=(0, 1))
    return np.clip((picture - low) / (high - low), 0, 1).astype(np.float32)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "camera"])
def test_a_clean_picture_is_given_back_itself(name: str, neural_tools: Tools) -> None:
    photo = Photo.of(clean(name))
    outcome = deyellow(photo, Options(), neural_tools)
    assert outcome.photo is photo
    assert outcome.reason


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "rocket"])
def test_a_faded_and_yellowed_print_comes_nearer_to_the_truth_than_by_autolevel(
    name: str, neural_tools: Tools
) -> None:
    truth = clean(name)
    old = faded(truth)
    outcome = deyellow(Photo.of(old), Options(), neural_tools)
    ours = _distance(truth, outcome.photo.pixels)
    assert outcome.decision == "applied"
    assert ours < 0.5 * _distance(truth, old)
    assert ours < _distance(truth, _autolevel(old))


def test_a_stain_alone_is_taken_away_where_blue_proves_it(neural_tools: Tools) -> None:
    truth = clean("astronaut")
    old = faded(truth, (1, 1, 1), (0.02, 0.06, 0.2))
    outcome = deyellow(Photo.of(old, icc=srgb_profile()), Options(), neural_tools)
    assert _distance(truth, outcome.photo.pixels) < 0.6 * _distance(truth, old)
    assert abs(outcome.measures["white_lab_after"][2]) < 3


def test_a_scan_in_a_wider_profile_ends_in_the_same_colours(neural_tools: Tools) -> None:
    adobe = imagecodecs.cms_profile("adobergb")
    old = faded(clean("astronaut"))
    wide = from_lab(to_lab(old, None), adobe)
    narrow = deyellow(Photo.of(old, bit_depth=16), Options(), neural_tools)
    outcome = deyellow(Photo.of(wide, icc=adobe, bit_depth=16), Options(), neural_tools)
    assert outcome.photo.icc == adobe
    one, two = to_lab(narrow.photo.pixels, None), to_lab(outcome.photo.pixels, adobe)
    assert float(deltaE_ciede2000(one, two).mean()) < 2.0
    away = deltaE_ciede2000(two, to_lab(clean("astronaut"), None)).mean()
    assert float(away) < 0.5 * _distance(old, clean("astronaut"))


def test_half_the_strength_goes_half_the_way(neural_tools: Tools) -> None:
    old = Photo.of(faded(clean("astronaut"), (1, 1, 1), (0.02, 0.06, 0.2)))
    full = deyellow(old, Options(), neural_tools).measures["white_lab_after"][2]
    half = deyellow(old, Options(strength=0.5), neural_tools).measures["white_lab_after"][2]
    start = deyellow(old, Options(), neural_tools).measures["white_lab_before"][2]
    assert half == pytest.approx((start + full) / 2, abs=2.0)


def test_a_sunset_is_not_corrected(neural_tools: Tools) -> None:
    down, across = np.mgrid[0:1:200j, 0:1:300j]
    sun = np.exp(-((down - 0.6) ** 2 + (across - 0.5) ** 2) / 0.02)
    sky = np.stack([0.9 - 0.4 * down, 0.55 - 0.3 * down, 0.3 - 0.2 * down], axis=2)
    ground = (down > 0.75)[..., None]
    scene = np.where(ground, 0.02, np.clip(sky + sun[..., None] * [0.3, 0.4, 0.3], 0, 1))
    photo = Photo.of(scene.astype(np.float32))
    assert deyellow(photo, Options(), neural_tools).photo is photo


def test_sepia_keeps_its_tone_unless_neutral_is_asked_for(neural_tools: Tools) -> None:
    sepia = np.array([1, 0.85, 0.65], np.float32) * (
        clean("camera") * np.float32(0.7) + np.float32(0.2)
    )
    photo = Photo.of(sepia)
    kept = deyellow(photo, Options(), neural_tools)
    neutral = deyellow(photo, Options(tone="neutral"), neural_tools)
    assert kept.measures["kind"] == "toned"
    before, after = to_lab(sepia, None)[..., 1:], to_lab(kept.photo.pixels, None)[..., 1:]
    middle = (sepia[..., 1] > 0.3) & (sepia[..., 1] < 0.7)
    assert np.abs(before - after)[middle].max() < 2.0
    assert tone_kind(neutral.photo.pixels, None).kind == "monochrome"


@pytest.mark.parametrize("toner", ["sepia", "brown"])
def test_a_hand_tinted_print_keeps_its_paint_and_its_tone(toner: str, neural_tools: Tools) -> None:
    painted = hand_tinted(toned(clean("camera"), toner, cream=0.5), np.random.default_rng(1))
    outcome = deyellow(Photo.of(painted), Options(), neural_tools)
    assert outcome.measures["hand_tinted"]
    before, after = to_lab(painted, None)[..., 1:], to_lab(outcome.photo.pixels, None)[..., 1:]
    assert np.abs(before - after).mean() < 1.0


@pytest.mark.parametrize("scene", list(HARD_COLOURS))
@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_a_scene_that_only_looks_aged_is_left_alone(
    name: str, scene: str, neural_tools: Tools
) -> None:
    photo = Photo.of(HARD_COLOURS[scene](np.ascontiguousarray(clean(name)[::2, ::2])))
    assert deyellow(photo, Options(), neural_tools).photo is photo


def test_it_is_told_what_happened_to_the_print(neural_tools: Tools) -> None:
    outcome = deyellow(Photo.of(faded(clean("astronaut"))), Options(), neural_tools)
    assert "cyan by" in outcome.reason
    assert "yellow (density" in outcome.reason
    assert outcome.measures["density_left"][0] < outcome.measures["density_left"][1]


def test_more_certainty_asked_for_is_less_done(neural_tools: Tools) -> None:
    old = Photo.of(faded(clean("rocket")))
    assert deyellow(old, Options(), neural_tools).decision == "applied"
    assert deyellow(old, Options(least_certainty=1.0), neural_tools).photo is old


def test_a_faded_grey_print_regains_contrast_and_stays_exactly_grey(neural_tools: Tools) -> None:
    grey = clean("camera") * np.float32(0.5) + np.float32(0.3)
    outcome = deyellow(Photo.of(grey, monochrome=True), Options(), neural_tools)
    pixels = outcome.photo.pixels
    assert outcome.decision == "applied"
    assert np.ptp(pixels) > 1.3 * np.ptp(grey)
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])


def test_more_than_256_levels_go_through(neural_tools: Tools) -> None:
    old = faded(clean("astronaut"))
    old[:40] = np.linspace(0.3, 0.7, 40 * 512, dtype=np.float32).reshape(40, 512, 1)
    outcome = deyellow(Photo.of(old, bit_depth=16), Options(), neural_tools)
    assert outcome.decision == "applied"
    assert len(np.unique(np.uint16(outcome.photo.pixels[:40, :, 1] * 65535))) > 5000


def test_nothing_asked_is_nothing_done(neural_tools: Tools) -> None:
    photo = Photo.of(faded(clean("astronaut")))
    outcome = deyellow(photo, Options(strength=0.0, unfade=0.0), neural_tools)
    assert outcome.photo is photo


_AGEINGS: dict[str, Ageing] = {
    "none": lambda picture: picture,
    "dyes": lambda picture: faded(picture, stain=(0, 0, 0)),
    "magenta left": lambda picture: faded(picture, (0.55, 0.85, 0.65), (0, 0, 0)),
    "levels": lambda picture: (0.11 + 0.84 * picture).astype(np.float32),
    "strong levels": lambda picture: (0.22 + 0.68 * picture).astype(np.float32),
    "stain": lambda picture: faded(picture, (1, 1, 1), (0.02, 0.06, 0.2)),
    "dyes and stain": faded,
    "levels and stain": lambda picture: (
        (0.22 + 0.68 * picture) * np.array([1, 0.945, 0.76], np.float32)
    ).astype(np.float32),
}


@pytest.mark.parametrize("ageing", list(_AGEINGS))
@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "rocket", "camera", "brick", "moon", "coins"]
)
def test_no_ageing_ends_worse_than_it_began(name: str, ageing: str, neural_tools: Tools) -> None:
    truth = np.ascontiguousarray(clean(name)[::2, ::2])
    old = _AGEINGS[ageing](truth)
    grey = bool(np.array_equal(old[..., 0], old[..., 2]))
    outcome = deyellow(Photo.of(old, monochrome=grey), Options(), neural_tools)
    assert _distance(truth, outcome.photo.pixels) <= _distance(truth, old) + 0.3


@pytest.mark.parametrize("name", ["astronaut", "coffee", "rocket", "camera"])
def test_an_even_veil_is_lifted_where_the_black_proves_it(name: str, neural_tools: Tools) -> None:
    truth = clean(name)
    old = _AGEINGS["strong levels"](truth)
    outcome = deyellow(Photo.of(old, monochrome=name == "camera"), Options(), neural_tools)
    assert outcome.decision == "applied"
    assert _distance(truth, outcome.photo.pixels) < 0.6 * _distance(truth, old)


@pytest.mark.parametrize("name", ["brick", "moon", "grass", "gravel"])
def test_a_scene_without_black_is_not_stretched(name: str, neural_tools: Tools) -> None:
    photo = Photo.of(clean(name), monochrome=True)
    assert deyellow(photo, Options(), neural_tools).photo is photo


def test_no_print_is_moved_further_than_allowed(neural_tools: Tools) -> None:
    old = Photo.of(faded(clean("rocket"), (0.55, 0.85, 0.65), (0, 0, 0)))
    free = deyellow(old, Options(most_move=60.0), neural_tools)
    held = deyellow(old, Options(most_move=5.0), neural_tools)
    assert free.measures["mean_change_ciede2000"] > 10
    assert held.measures["mean_change_ciede2000"] == pytest.approx(5.0, abs=1.0)
