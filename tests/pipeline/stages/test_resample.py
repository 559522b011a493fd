"""Resampling keeps size, place and mean, and does not alias."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.resample import resample, resample_part


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


@pytest.mark.parametrize("size", [(23, 31), (90, 61), (300, 7)])
@pytest.mark.parametrize("box", [None, (3.3, 10.0, 41.9, 70.25)])
def test_a_part_is_the_same_as_that_part_of_the_whole(
    size: tuple[int, int], box: tuple[float, float, float, float] | None
) -> None:
    picture = np.random.default_rng(0).random((80, 60, 3), dtype=np.float32)
    whole = resample(picture, *size, box)
    rows, columns = slice(2, 6), slice(5, 21)
    part = resample_part(picture, size, rows, columns, box)
    assert np.abs(part - whole[rows, columns]).max() < 1e-6


def test_the_kernel_is_that_of_another_implementation() -> None:
    from PIL import Image

    plane = np.random.default_rng(1).random((57, 43), dtype=np.float32)
    for size in ((20, 30), (100, 90)):
        other = Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS)
        assert np.abs(resample(plane, *size) - np.asarray(other)).max() < 1e-5


def test_samples_count_as_values_from_0_to_1() -> None:
    samples = np.random.default_rng(2).integers(0, 65536, (40, 30, 1)).astype(np.uint16)
    size, every = (17, 23), (slice(0, 23), slice(0, 17))
    made = resample_part(samples, size, *every)
    assert made.shape == (23, 17, 1)
    floats = samples.astype(np.float32) / np.float32(65535)
    assert np.abs(made - resample_part(floats, size, *every)).max() < 1e-6
