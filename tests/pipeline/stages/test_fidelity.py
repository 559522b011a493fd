"""A network's tones and colours give way to the print's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.fidelity import coarse, has_single_tone, keep_single_tone, tone_correction
from pipeline.stages.measure.resolution import luminance
from pipeline.stages.resample import resample

SEPIA = np.array([1.0, 0.85, 0.62], dtype=np.float32)


def _sepia(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    grey = luminance(picture)[..., None]
    return np.asarray(grey * (SEPIA + (1 - SEPIA) * grey), dtype=np.float32)


def _corrected(
    made: NDArray[np.float32], truth: NDArray[np.float32], coarse_px: float
) -> NDArray[np.float32]:
    lack = tone_correction(made, truth, coarse_px)
    return np.asarray(made + resample(lack, made.shape[1], made.shape[0]), np.float32)


def test_a_colour_shift_of_the_network_is_undone(astronaut: NDArray[np.float32]) -> None:
    shifted = np.clip(astronaut * np.array([0.9, 1.0, 1.1], np.float32), 0, 1)
    kept = _corrected(shifted, astronaut, 12.0)
    before = np.abs(cv2.GaussianBlur(shifted - astronaut, (0, 0), 24)).max()
    after = np.abs(cv2.GaussianBlur(kept - astronaut, (0, 0), 24)).max()
    assert before > 0.05
    assert after < before / 4


def test_detail_of_the_network_is_kept(astronaut: NDArray[np.float32]) -> None:
    detail = np.random.default_rng(0).normal(0, 0.03, astronaut.shape).astype(np.float32)
    kept = _corrected(astronaut + detail, astronaut, 12.0)
    assert np.std(kept - astronaut - detail) < 0.002


@pytest.mark.parametrize("sigma", [1.0, 7.0, 40.0])
def test_a_wide_blur_is_the_same_blur(astronaut: NDArray[np.float32], sigma: float) -> None:
    inner = slice(120, -120)
    direct = cv2.GaussianBlur(astronaut, (0, 0), sigma)[inner, inner]
    assert np.abs(coarse(astronaut, sigma)[inner, inner] - direct).max() < 0.02


def test_grey_stays_exactly_grey_whatever_the_network_does(
    astronaut: NDArray[np.float32],
) -> None:
    grey = np.repeat(luminance(astronaut)[..., None], 3, axis=2)
    kept = keep_single_tone(astronaut, grey, 2.0)
    assert np.array_equal(kept[..., 0], kept[..., 1])
    assert np.array_equal(kept[..., 1], kept[..., 2])


def test_sepia_keeps_its_tint_under_a_colourful_network(astronaut: NDArray[np.float32]) -> None:
    sepia = _sepia(astronaut)
    kept = keep_single_tone(astronaut, sepia, 0.0)
    tint, own = (picture - luminance(picture)[..., None] for picture in (kept, sepia))
    assert np.abs(tint - own).max() < 1e-5


def test_grey_and_sepia_are_one_tone_and_colour_is_not(astronaut: NDArray[np.float32]) -> None:
    noise = np.random.default_rng(2).normal(0, 0.03, astronaut.shape).astype(np.float32)
    assert has_single_tone(Photo.of(np.repeat(luminance(astronaut)[..., None], 3, axis=2)))
    assert has_single_tone(Photo.of(np.clip(_sepia(astronaut) + noise, 0, 1)))
    assert not has_single_tone(Photo.of(astronaut))
