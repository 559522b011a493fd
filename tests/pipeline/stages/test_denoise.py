"""Noise goes, texture and edges stay, clean pictures are left alone."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.denoise import Options, denoise
from tests.benchmarks.ageing_surface import silken
from tests.pipeline.stages.simulated_ageing import clean, noisy


def _psnr(truth: NDArray[np.float32], picture: NDArray[np.float32]) -> float:
    return float(peak_signal_noise_ratio(truth, picture, data_range=1))


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera", "rocket"])
def test_a_clean_picture_is_given_back_itself(name: str, neural_tools: Tools) -> None:
    photo = Photo.of(clean(name))
    outcome = denoise(photo, Options(), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.photo is photo
    assert outcome.reason


@pytest.mark.parametrize("sigma", [5.0, 10.0, 20.0])
def test_noise_is_taken_away_better_than_by_opencv(sigma: float, neural_tools: Tools) -> None:
    truth = clean("chelsea")
    bad = noisy(truth, sigma)
    outcome = denoise(Photo.of(bad), Options(), neural_tools)
    rival = cv2.fastNlMeansDenoisingColored(np.uint8(bad * 255 + 0.5), None, sigma, sigma, 7, 21)
    ours = _psnr(truth, outcome.photo.pixels)
    assert outcome.decision == "applied"
    assert ours > _psnr(truth, bad) + 4
    assert ours > _psnr(truth, np.float32(rival) / 255) + 0.5
    after = outcome.measures["noise_after_255"]["lightness"]
    assert after < 0.5 * outcome.measures["noise_255"]["lightness"]


def test_coarse_grain_is_seen_as_noise(neural_tools: Tools) -> None:
    truth = clean("astronaut")
    bad = noisy(truth, 12.0, grain_px=1.2)
    outcome = denoise(Photo.of(bad), Options(), neural_tools)
    assert _psnr(truth, outcome.photo.pixels) > _psnr(truth, bad) + 1.5


def test_treatment_sets_in_gently_above_the_least_noise(neural_tools: Tools) -> None:
    truth = clean("astronaut")
    left = []
    for sigma in (2.0, 2.6, 6.0):
        outcome = denoise(Photo.of(noisy(truth, sigma)), Options(colour_strength=0), neural_tools)
        before = outcome.measures["noise_255"]["lightness"]
        after = outcome.measures.get("noise_after_255", outcome.measures["noise_255"])["lightness"]
        left.append(after / before)
    assert left[0] > left[1] > left[2]
    assert left[0] > 0.6
    assert left[2] < 0.3


def test_a_grey_print_stays_exactly_grey(neural_tools: Tools) -> None:
    bad = noisy(clean("camera")[..., :1], 10.0).repeat(3, axis=2)
    outcome = denoise(Photo.of(bad, monochrome=True), Options(), neural_tools)
    pixels = outcome.photo.pixels
    assert outcome.decision == "applied"
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])
    assert _psnr(clean("camera"), pixels) > _psnr(clean("camera"), bad) + 3


@pytest.mark.parametrize("quality", ["quick", "best"])
@pytest.mark.parametrize(
    ("grain_px", "octaves", "grey"), [(0.0, 1, False), (1.2, 2, True), (1.2, 2, False)]
)
def test_pieces_give_the_same_as_the_whole(
    grain_px: float,
    octaves: int,
    grey: bool,
    quality: Literal["quick", "best"],
    neural_tools: Tools,
) -> None:
    bad = noisy(clean("astronaut")[:297, :445], 8.0, grain_px=grain_px)
    photo = Photo.of(bad[..., :1].repeat(3, axis=2) if grey else bad, monochrome=grey)
    options = Options(octaves=octaves, quality=quality)
    whole = denoise(photo, options, neural_tools, side=512)
    parts = denoise(photo, options, neural_tools, side=64)
    difference = np.abs(whole.photo.samples.astype(int) - parts.photo.samples.astype(int))
    assert whole.decision == "applied"
    assert difference.max() <= 1
    assert np.abs(whole.photo.samples.astype(int) - photo.samples.astype(int)).max() > 1000


def test_noise_measured_on_tiles_is_taken_away_as_well(neural_tools: Tools) -> None:
    truth = np.tile(clean("coffee"), (2, 2, 1))
    photo = Photo.of(noisy(truth, 8.0, grain_px=0.8))
    whole = denoise(photo, Options(), neural_tools)
    tiles = denoise(photo, Options(), neural_tools, most_px=300_000)
    assert tiles.measures["noise_255"]["lightness"] == pytest.approx(
        whole.measures["noise_255"]["lightness"], rel=0.1
    )
    assert _psnr(truth, tiles.photo.pixels) > _psnr(truth, whole.photo.pixels) - 0.4


def test_more_than_256_levels_go_through(neural_tools: Tools) -> None:
    ramp = np.linspace(0.2, 0.8, 256 * 300, dtype=np.float32).reshape(256, 300)
    photo = Photo.of(noisy(ramp[..., None].repeat(3, 2), 3.0), bit_depth=16)
    result = denoise(photo, Options(), neural_tools).photo.pixels
    assert len(np.unique(np.uint16(result[..., 1] * 65535))) > 5000


def test_the_same_print_gives_the_same_pixels(neural_tools: Tools) -> None:
    photo = Photo.of(noisy(clean("coffee"), 6.0))
    one, two = (denoise(photo, Options(), neural_tools).photo.pixels for _ in range(2))
    assert np.array_equal(one, two)


@pytest.mark.parametrize("shape", [(1, 1), (5, 40), (40, 7), (17, 23)])
def test_a_tiny_picture_passes(shape: tuple[int, int], neural_tools: Tools) -> None:
    pixels = np.random.default_rng(0).random((*shape, 3)).astype(np.float32)
    outcome = denoise(Photo.of(pixels), Options(least_sigma=0.0), neural_tools)
    assert outcome.photo.pixels.shape == pixels.shape


def test_best_is_better_than_quick(neural_tools: Tools) -> None:
    truth = clean("coffee")[:256, :256]
    photo = Photo.of(noisy(truth, 12.0))
    quick, best = (
        denoise(photo, Options(quality=quality, keep_grain=0.0), neural_tools)
        for quality in ("quick", "best")
    )
    assert _psnr(truth, best.photo.pixels) > _psnr(truth, quick.photo.pixels) + 0.4


@pytest.mark.parametrize("name", ["gravel", "brick"])
def test_texture_all_over_is_left_alone(name: str, neural_tools: Tools) -> None:
    photo = Photo.of(clean(name), monochrome=True)
    assert denoise(photo, Options(), neural_tools).photo is photo


def test_a_screen_goes_before_the_noise_and_only_if_asked(neural_tools: Tools) -> None:
    truth = clean("coffee")[:384, :512]
    aged = silken(truth, 6.0, 0.03, np.random.default_rng(2))
    photo = Photo.of(aged)
    outcome = denoise(photo, Options(), neural_tools)
    assert outcome.decision == "applied"
    assert outcome.measures["screen"]["kind"] == "texture"
    assert "paper texture of 6.0 px taken out" in outcome.reason
    assert _psnr(truth, outcome.photo.pixels) > _psnr(truth, aged) + 3
    kept = denoise(photo, Options(remove_screen=False), neural_tools)
    assert kept.measures["screen"]["kind"] == "none"
