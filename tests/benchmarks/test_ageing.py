"""The ageing simulator: the same seed, the same print; the halves have nothing in common."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.ageing import aged
from tests.benchmarks.pictures import COLOUR, GREY, dead_leaves, half_of, seeds
from tests.benchmarks.similarity import psnr


def test_a_seed_says_all_about_an_aged_print() -> None:
    one, again, other = aged(3, 128), aged(3, 128), aged(5, 128)
    assert np.array_equal(one.picture, again.picture)
    assert one.story == again.story
    assert one.story != other.story


@pytest.mark.parametrize("seed", [0, 1, 4, 5])
def test_an_aged_print_is_a_worse_picture_of_the_truth(seed: int) -> None:
    print_ = aged(seed, 128)
    assert print_.picture.shape == print_.truth.shape
    assert print_.mask.shape == print_.infrared.shape == print_.truth.shape[:2]
    assert print_.picture.min() >= 0.0
    assert print_.picture.max() <= 1.0
    assert psnr(print_.picture, print_.truth) < 40


def test_tuning_and_held_out_pictures_have_nothing_but_generated_ones_in_common() -> None:
    for pictures in (COLOUR, GREY):
        shared = set(pictures["tuning"]) & set(pictures["held_out"])
        assert shared <= {"leaves"}
    assert {half_of(seed) for seed in seeds("tuning", 5)} == {"tuning"}
    assert not set(seeds("tuning", 20)) & set(seeds("held_out", 20))


def test_generated_pictures_have_the_spectrum_of_natural_ones() -> None:
    plane = np.mean([dead_leaves(seed, 256).mean(axis=2) for seed in range(3)], axis=0)
    power = np.abs(np.fft.fft2(plane - plane.mean())) ** 2
    rows, columns = np.meshgrid(*[np.fft.fftfreq(256)] * 2, indexing="ij")
    at = np.hypot(rows, columns)
    bands = [(0.02, 0.04), (0.04, 0.08), (0.08, 0.16)]
    mean = [power[(at >= low) & (at < high)].mean() for low, high in bands]
    slope = np.polyfit(np.log2([0.03, 0.06, 0.12]), np.log2(mean), 1)[0]
    assert -4.0 < slope < -1.0  # natural images: about -2
