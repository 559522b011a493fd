"""A cleaned and sharpened face agrees with its scan; one with another expression does not."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.face_alignment import align, cut_out
from pipeline.stages.face_data_check import data_misfit, real_px
from pipeline.stages.face_identity import STANDARD
from pipeline.stages.face_shape import face_shape
from tests.benchmarks.ageing_optics import saved_as_jpeg
from tests.benchmarks.face_forgery import laid_over, smiling, warped, wide_eyed

Image = NDArray[np.float32]

MARKS = np.array([[206, 108], [243, 111], [222, 133], [206, 148], [239, 150]], np.float64)
"""Of the astronaut, px; her face is 88 px wide."""


def aligned(picture: Image) -> Image:
    """Her aligned face out of the whole picture at any size."""
    share = picture.shape[0] / 512
    alignment = align(((MARKS + 0.5) * share - 0.5).astype(np.float32))
    assert alignment is not None
    return cut_out(picture, alignment)


def shrunk(picture: Image, width: int) -> Image:
    """The picture in which her face is so many px wide."""
    side = round(512 * width / 88)
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)


def fraction(width: int) -> float:
    """What of the template is real when her face is so many px wide."""
    return width / 88 / 3.06


@pytest.fixture(scope="module")
def truth(astronaut: Image) -> Image:
    return aligned(astronaut)


def aged(picture: Image, kind: str, width: int) -> tuple[Image, float]:
    """The aligned face of an aged print, and the noise on it."""
    small = shrunk(picture, width)
    random = np.random.default_rng(3)
    if kind == "noisy":
        return aligned((small + random.normal(0, 0.03, small.shape)).astype(np.float32)), 0.03
    if kind == "blurred":
        return aligned(cv2.GaussianBlur(small, (0, 0), 0.8)), 0.0
    return aligned(saved_as_jpeg(small, 50)), 0.0


@pytest.mark.parametrize("width", [36, 60, 88])
@pytest.mark.parametrize("kind", ["noisy", "blurred", "jpeg"])
def test_a_perfect_restoration_agrees_with_the_scan(
    astronaut: Image, truth: Image, kind: str, width: int
) -> None:
    before, noise = aged(astronaut, kind, width)
    found = data_misfit(before, truth, face_shape(), fraction(width), noise)
    assert found.overall < STANDARD.misfit
    assert found.worst < STANDARD.worst_misfit


@pytest.mark.parametrize("kind", ["noisy", "blurred", "jpeg"])
def test_another_expression_is_found_where_it_is(astronaut: Image, truth: Image, kind: str) -> None:
    before, noise = aged(astronaut, kind, 60)
    shape = face_shape()
    smile = data_misfit(before, smiling(truth, 14.0), shape, fraction(60), noise)
    assert smile.worst > STANDARD.worst_misfit
    assert smile.where == "mouth"
    eyes = data_misfit(before, wide_eyed(truth), shape, fraction(60), noise)
    assert max(eyes.regions, key=lambda name: eyes.regions[name]) in ("left eye", "right eye")


def test_eyes_that_are_not_hers_are_found(astronaut: Image, truth: Image) -> None:
    before, noise = aged(astronaut, "noisy", 60)
    closed = warped(truth, [(np.array([193.0, 228.0]), (0.0, 12.0))], 16.0)
    found = data_misfit(before, closed, face_shape(), fraction(60), noise)
    assert found.where == "left eye"
    assert found.worst > STANDARD.worst_misfit
    assert found.regions["right eye"] < found.worst / 2


def test_a_lesser_strength_departs_less(astronaut: Image, truth: Image) -> None:
    before, noise = aged(astronaut, "noisy", 60)
    forged = smiling(truth, 14.0)
    levels = [
        data_misfit(before, before + s * (forged - before), face_shape(), fraction(60), noise)
        for s in np.float32([0.0, 0.25, 0.5, 1.0])
    ]
    worst = [level.worst for level in levels]
    assert worst == sorted(worst)
    assert worst[0] < 0.01


def test_detail_drawn_where_the_scan_shows_none_is_a_misfit(truth: Image) -> None:
    flat = laid_over(truth, cv2.GaussianBlur(truth, (0, 0), 30.0), face_shape())
    found = data_misfit(flat, truth, face_shape(), 0.3, 0.005)
    assert found.worst > STANDARD.worst_misfit
    assert found.overall > STANDARD.misfit


def test_more_noise_explains_more(astronaut: Image, truth: Image) -> None:
    before, _ = aged(astronaut, "blurred", 60)
    forged = smiling(truth, 8.0)
    quiet, noisy = (
        data_misfit(before, forged, face_shape(), fraction(60), noise).overall
        for noise in (0.005, 0.1)
    )
    assert noisy < 0.9 * quiet


def test_coarse_tones_and_what_lies_outside_the_mask_do_not_count(truth: Image) -> None:
    ramp = np.linspace(-0.08, 0.08, 512, dtype=np.float32)[:, None, None]
    lit = data_misfit(truth, truth + ramp, face_shape(), 0.3, 0.01)
    assert lit.worst < 0.3
    outside = truth.copy()
    outside[:, :20] = 0.0
    assert data_misfit(truth, outside, face_shape(), 0.3, 0.01).worst < 0.01
    nothing = np.zeros((512, 512), np.float32)
    assert data_misfit(truth, 1 - truth, nothing, 0.3, 0.01).overall == 0.0


def test_the_figures_are_json_and_repeat(astronaut: Image, truth: Image) -> None:
    before, noise = aged(astronaut, "jpeg", 36)
    one, other = (
        data_misfit(before, truth, face_shape(), fraction(36), noise).as_measures()
        for _ in range(2)
    )
    assert one == other
    assert json.loads(json.dumps(one)) == one
    assert set(one["regions"]) == {"left eye", "right eye", "nose", "mouth", "elsewhere"}


def test_real_px_stay_within_bounds() -> None:
    assert real_px(1.0) == 1.0
    assert real_px(0.25) == 4.0
    assert real_px(0.0) == real_px(0.05) == pytest.approx(12.5)
