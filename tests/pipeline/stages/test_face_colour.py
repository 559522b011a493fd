"""The network gives lightness and detail; tones and colours stay the print's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE
from pipeline.stages.face_colour import proposal
from pipeline.stages.measure.resolution import luminance

Picture = NDArray[np.float32]


@pytest.fixture(scope="module")
def face(astronaut: Picture) -> Picture:
    cut = astronaut[20:200, 130:310]
    return np.clip(cv2.resize(cut, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), 0, 1)


def _tint(picture: Picture) -> Picture:
    return picture - luminance(picture)[..., None]


def test_a_network_that_changes_nothing_changes_nothing(face: Picture) -> None:
    made = proposal(face, face, 512.0)
    assert np.abs(luminance(made) - luminance(face)).max() < 0.03
    assert np.abs(luminance(made) - luminance(face)).mean() < 1e-3


def test_colours_that_a_network_invents_do_not_arrive(face: Picture) -> None:
    rosy = np.clip(face + np.float32([0.15, -0.1, 0.05]), 0, 1)
    made = proposal(face, rosy, 200.0)
    inside = made[100:400, 100:400]
    assert np.abs((inside - face[100:400, 100:400]).mean(axis=(0, 1))).max() < 0.01
    assert np.abs(_tint(made) - _tint(face)).mean() < 0.01


def test_lightness_and_fine_detail_come_from_the_network(face: Picture) -> None:
    fine = (np.indices((SIDE, SIDE)).sum(axis=0) // 2 % 2 - 0.5).astype(np.float32) * 0.1
    made = proposal(face, np.clip(face + fine[..., None], 0, 1), 150.0)
    gained = luminance(made) - luminance(proposal(face, face, 150.0))
    assert np.corrcoef(gained[100:400, 100:400].ravel(), fine[100:400, 100:400].ravel())[0, 1] > 0.9


def test_coarse_tones_stay_the_prints(face: Picture) -> None:
    darker = np.clip(face * 0.7, 0, 1)
    made = proposal(face, darker, 150.0)
    assert np.abs(luminance(made) - luminance(face)).mean() < 0.02


def test_a_grey_face_stays_exactly_grey(face: Picture) -> None:
    grey = np.repeat(luminance(face)[..., None], 3, axis=2)
    made = proposal(grey, np.clip(face[:, ::-1], 0, 1), 120.0, grey=True)
    assert np.array_equal(made[..., 0], made[..., 1])
    assert np.array_equal(made[..., 1], made[..., 2])


def test_a_toned_face_keeps_its_one_tone(face: Picture) -> None:
    light = luminance(face)[..., None]
    sepia = np.clip(light + np.float32([0.06, 0.0, -0.08]), 0, 1)
    made = proposal(sepia, face, 120.0)
    shade = (made - luminance(made)[..., None])[100:400, 100:400]
    assert shade.std(axis=(0, 1)).max() < 0.01


def test_colour_noise_does_not_stay_behind(face: Picture) -> None:
    random = np.random.default_rng(1)
    small = random.normal(0, 0.05, (128, 128, 3)).astype(np.float32)
    noisy = np.clip(face + cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), 0, 1)
    made = proposal(noisy, face, 128.0, noise=0.05)
    part = np.s_[150:380, 170:340]
    assert (_tint(made) - _tint(face))[part].std() < 0.5 * (_tint(noisy) - _tint(face))[part].std()


def test_what_comes_out_is_in_range(face: Picture) -> None:
    made = proposal(face, np.where(face > 0.5, 1, 0).astype(np.float32), 60.0)
    assert made.dtype == np.float32
    assert made.min() >= 0.0 and made.max() <= 1.0
