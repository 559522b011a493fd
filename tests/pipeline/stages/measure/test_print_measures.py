"""Measurements agree with what was put into the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.stages.measure.cast import cast_of
from pipeline.stages.measure.luma import luma, reduce_to
from pipeline.stages.measure.noise import noise_of
from pipeline.stages.measure.sharpness import sharpness_of
from pipeline.stages.measure.tone_kind import tone_kind
from tests.benchmarks.ageing_colour import TONERS, hand_tinted, toned
from tests.pipeline.stages.simulated_ageing import clean, faded, noisy


@pytest.mark.parametrize("sigma", [3.0, 8.0, 16.0])
@pytest.mark.parametrize("name", ["astronaut", "chelsea", "camera", "rocket"])
def test_noise_is_measured_on_textured_pictures(name: str, sigma: float) -> None:
    plane = luma(clean(name)) + np.random.default_rng(2).normal(
        0, sigma / 255, clean(name).shape[:2]
    ).astype(np.float32)
    assert noise_of(plane).sigma * 255 == pytest.approx(sigma, rel=0.2, abs=0.4)


def test_coarse_grain_shows_in_the_coarse_frequencies() -> None:
    grain = noisy(np.full((256, 256, 3), 0.5, np.float32), 8.0, grain_px=1.5)[..., 1]
    white = noisy(np.full((256, 256, 3), 0.5, np.float32), 8.0)[..., 1]
    assert noise_of(grain).coarse > 3 * noise_of(grain).sigma
    assert noise_of(white).coarse == pytest.approx(noise_of(white).sigma, rel=0.25)


@pytest.mark.parametrize("shape", [(1, 1), (11, 11), (3, 500)])
def test_nothing_is_known_of_the_noise_of_a_tiny_plane(shape: tuple[int, int]) -> None:
    assert noise_of(np.full(shape, 0.5, np.float32)).blocks == 0


def test_noise_that_follows_tone_is_seen_at_each_tone() -> None:
    ramp = np.linspace(0.1, 0.9, 512, dtype=np.float32)[None, :].repeat(512, 0)
    noise = np.random.default_rng(3).normal(0, 1, ramp.shape) * (0.005 + 0.02 * ramp)
    curve = noise_of((ramp + noise).astype(np.float32)).curve
    assert curve[-1] > 2 * curve[0]


@pytest.mark.parametrize("blur", [2.0, 3.0, 4.0])
def test_edge_blur_is_measured_in_px(blur: float) -> None:
    soft = cv2.GaussianBlur(luma(clean("astronaut")), (0, 0), blur)
    measured = sharpness_of(soft).blur_px
    assert measured is not None
    assert measured == pytest.approx(blur, rel=0.25)


def test_a_sharp_picture_has_sharp_edges_and_a_flat_one_none() -> None:
    sharp = sharpness_of(luma(clean("astronaut"))).blur_px
    assert sharp is not None
    assert sharp < 0.8
    assert sharpness_of(np.full((64, 64), 0.5, np.float32)).blur_px is None


def test_grey_toned_and_colour_are_told_apart() -> None:
    grey = clean("camera")
    sepia = grey * np.float32([1, 0.85, 0.65])
    assert tone_kind(grey, None).kind == "monochrome"
    assert tone_kind(noisy(grey, 8.0), None).kind == "monochrome"
    assert tone_kind(sepia, None).kind == "toned"
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        assert tone_kind(clean(name), None).kind == "colour"
        assert tone_kind(faded(clean(name)), None).kind == "colour"


@pytest.mark.parametrize("toner", list(TONERS))
def test_every_toning_bath_is_told_from_grey(toner: str) -> None:
    assert tone_kind(toned(clean("camera"), toner), None).kind == "toned"


def test_paint_on_a_toned_print_is_told_from_the_colours_of_a_film() -> None:
    painted = hand_tinted(toned(clean("camera"), "sepia"), np.random.default_rng(1))
    assert tone_kind(painted, None).kind == "colour"
    assert tone_kind(painted, None).tinted
    for name in ("astronaut", "coffee", "chelsea", "rocket"):
        assert not tone_kind(clean(name), None).tinted
        assert not tone_kind(faded(clean(name)), None).tinted


def test_a_stain_shows_in_white_and_fading_in_black() -> None:
    fresh, old = cast_of(clean("astronaut"), None), cast_of(faded(clean("astronaut")), None)
    assert abs(fresh.white[2]) < 2
    assert fresh.black[0] < 3
    assert old.white[2] > 10
    assert old.black[0] > 8
    assert old.lightness_range < fresh.lightness_range - 10


def test_reducing_keeps_the_mean_and_small_pictures() -> None:
    picture = clean("chelsea")
    small = reduce_to(picture, 100)
    assert max(small.shape[:2]) == 100
    assert small.mean() == pytest.approx(picture.mean(), abs=0.002)
    assert reduce_to(picture, 1000) is picture
