"""Ageing: each damage does what it says, and is the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pipeline.demo.ageing import Ageing, age

PICTURE = data.astronaut()[::2, ::2].astype(np.float32) / np.float32(255)


def test_ageing_by_nothing_leaves_the_picture_as_it_is() -> None:
    assert np.array_equal(age(PICTURE, Ageing()), PICTURE)


def test_ageing_is_seeded() -> None:
    worn = Ageing(0.5, 0.5, 0.7, 60, 0.02, 4, 20)
    first, second = (age(PICTURE, worn, oversampling=2, seed=5) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    assert not np.array_equal(first, age(PICTURE, worn, oversampling=2, seed=6))
    assert first.dtype == np.float32 and first.shape == (512, 512, 3)
    assert first.min() >= 0 and first.max() <= 1


def test_fading_lifts_the_blacks_and_lowers_the_whites() -> None:
    faded = age(PICTURE, Ageing(fade=1.0))
    assert faded.min() == pytest.approx(0.22, abs=0.01)
    assert faded.max() == pytest.approx(0.9, abs=0.01)


def test_yellowing_takes_the_most_from_blue_and_nothing_from_red() -> None:
    loss = (PICTURE - age(PICTURE, Ageing(yellow=1.0))).mean(axis=(0, 1))
    assert loss[0] == pytest.approx(0, abs=1e-6)
    assert loss[2] > 3 * loss[1] > 0


def test_grain_has_the_strength_asked_for() -> None:
    flat = np.full((200, 200, 3), 0.5, np.float32)
    assert age(flat, Ageing(noise=0.03)).std() == pytest.approx(0.03, rel=0.03)


def test_blur_takes_detail_away() -> None:
    def detail(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels, axis=1)).mean())

    assert detail(age(PICTURE, Ageing(blur=1.5))) < 0.7 * detail(PICTURE)


@pytest.mark.parametrize("damage", [Ageing(scratches=4), Ageing(dust=40)])
def test_scratches_and_dust_cover_little_but_cover_it_well(damage: Ageing) -> None:
    change = np.abs(age(PICTURE, damage, seed=1) - PICTURE).max(axis=2)
    assert 0.0002 < (change > 0.02).mean() < 0.05
    assert change.max() > 0.3


def test_a_grey_picture_that_is_not_yellowed_stays_grey() -> None:
    grey = np.repeat(PICTURE[..., 1:2], 3, axis=2)
    worn = age(grey, Ageing(fade=0.5, blur=0.6, noise=0.02, scratches=3, dust=10), seed=2)
    assert np.array_equal(worn[..., 0], worn[..., 2])
