"""Resampling keeps size, place and mean, and does not alias."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.resample import resample


def test_nothing_to_do_gives_back_the_same_array() -> None:
    picture = np.random.default_rng(0).random((9, 7, 3), dtype=np.float32)
    assert resample(picture, 7, 9) is picture


@pytest.mark.parametrize("size", [(3, 5), (30, 41), (64, 2), (1, 1)])
def test_a_gradient_keeps_its_mean_and_direction(size: tuple[int, int]) -> None:
    ramp = np.tile(np.linspace(0.2, 0.8, 20, dtype=np.float32)[None, :, None], (16, 1, 3))
    made = resample(ramp, *size)
    assert made.shape == (size[1], size[0], 3)
    assert made.dtype == np.float32
    assert made.mean() == pytest.approx(0.5, abs=0.01)
    assert np.all(np.diff(made[0, :, 0]) >= -1e-6)


def test_detail_too_fine_for_the_new_size_goes_grey_instead_of_aliasing() -> None:
    board = np.indices((96, 96)).sum(axis=0).astype(np.float32) % 2
    made = resample(board, 31, 31)
    assert np.abs(made[3:-3, 3:-3] - 0.5).max() < 0.02


def test_a_box_takes_just_that_part() -> None:
    picture = np.random.default_rng(0).random((40, 40), dtype=np.float32)
    assert np.array_equal(resample(picture, 10, 12, (5.0, 6.0, 15.0, 18.0)), picture[6:18, 5:15])
