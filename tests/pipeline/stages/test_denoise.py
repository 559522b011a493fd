"""Noise goes, texture and edges stay, clean pictures are left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from pipeline.core.photo import Photo
from pipeline.stages import denoise as stage
from pipeline.stages.base import Tools
from pipeline.stages.denoise import Options, denoise, denoise_plane
from pipeline.stages.measure.luma import luma
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
    bad = noisy(truth, 8.0, grain_px=1.2)
    outcome = denoise(Photo.of(bad), Options(), neural_tools)
    assert _psnr(truth, outcome.photo.pixels) > _psnr(truth, bad) + 1.5


def test_a_grey_print_stays_exactly_grey(neural_tools: Tools) -> None:
    bad = noisy(clean("camera")[..., :1], 10.0).repeat(3, axis=2)
    outcome = denoise(Photo.of(bad, monochrome=True), Options(), neural_tools)
    pixels = outcome.photo.pixels
    assert outcome.decision == "applied"
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])
    assert _psnr(clean("camera"), pixels) > _psnr(clean("camera"), bad) + 3


def test_strips_give_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = luma(noisy(clean("chelsea"), 8.0))
    whole = denoise_plane(plane, 1.0)
    monkeypatch.setattr(stage, "_STRIP_ROWS", 64)
    assert np.abs(denoise_plane(plane, 1.0) - whole).max() < 1e-5


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
