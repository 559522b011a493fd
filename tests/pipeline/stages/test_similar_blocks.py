"""Blocks that look alike are cleaned together, within their reach and as their noise tells."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.dct_denoise import cleaned, grain_in, octave_noises, pilot
from pipeline.stages.measure.dct import matrix
from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.noise import Noise, noise_of
from pipeline.stages.similar_blocks import REACH, PlaneNoise, by_similar_blocks, plane_noise
from tests.pipeline.stages.simulated_ageing import clean, noisy

Plane = NDArray[np.float32]


def _white(sigma: float) -> PlaneNoise:
    return PlaneNoise(np.full(16, sigma**2, np.float32), np.ones(4096, np.float32))


def _psnr(truth: Plane, picture: Plane) -> float:
    return -10 * float(np.log10(np.mean((truth - picture) ** 2)))


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_it_is_clearly_better_than_single_blocks(name: str) -> None:
    truth = luma(clean(name))[100:356, 100:356]
    bad = luma(noisy(clean(name), 15.0))[100:356, 100:356]
    grain = grain_in([bad], octave_noises([bad], 1), 1.0)
    noise = plane_noise(grain.noise, 1.0)
    made = by_similar_blocks([bad], [pilot(bad, grain)], [noise])[0]
    assert _psnr(truth, made) > _psnr(truth, cleaned(bad, grain)) + 0.4
    assert _psnr(truth, made) > _psnr(truth, bad) + 4


def test_without_noise_nothing_changes() -> None:
    plane = luma(clean("coffee"))[:97, :131]
    made = by_similar_blocks([plane], [plane], [_white(1e-6)])[0]
    assert made.shape == plane.shape
    assert np.abs(made - plane).max() < 1e-4


def test_px_beyond_the_reach_change_nothing() -> None:
    plane = luma(noisy(clean("astronaut"), 12.0))[:120, :80]
    other = plane.copy()
    other[:40] = np.random.default_rng(3).random((40, 80))
    one, two = (by_similar_blocks([p], [p], [_white(0.05)])[0] for p in (plane, other))
    assert np.abs(one[40 + REACH :] - two[40 + REACH :]).max() < 1e-6
    assert np.abs(one[40:44] - two[40:44]).max() > 1e-4


def test_planes_are_compared_in_the_first_and_cleaned_each_by_its_own_noise() -> None:
    truth = luma(clean("chelsea"))[:128, :128]
    random = np.random.default_rng(5)
    weak, strong = (
        truth + s * random.standard_normal(truth.shape).astype(np.float32)
        for s in (np.float32(0.02), np.float32(0.08))
    )
    noises = [_white(0.02), _white(0.08)]
    made = by_similar_blocks([weak, strong], [truth, truth], noises)
    for before, after in zip((weak, strong), made, strict=True):
        assert _psnr(truth, after) > _psnr(truth, before) + 5


@pytest.mark.parametrize("coarse", [False, True])
def test_variances_of_small_blocks_follow_from_those_of_large_ones(coarse: bool) -> None:
    random = np.random.default_rng(7)
    plane = (0.5 + 0.05 * random.standard_normal((512, 512))).astype(np.float32)
    if coarse:
        plane = luma(noisy(np.full((512, 512, 3), 0.5, np.float32), 10.0, grain_px=0.7))
    waves = matrix(4)
    blocks = plane.reshape(128, 4, 128, 4).swapaxes(1, 2) - plane.mean()
    known = (np.einsum("va,nmab,ub->nmvu", waves, blocks, waves) ** 2).mean(axis=(0, 1))
    told = plane_noise(noise_of(plane), 1.0).variance.reshape(4, 4)
    ratio = told / known
    assert np.all(ratio[1:, 1:] > 0.7)
    assert np.all(ratio[1:, 1:] < 1.4)


def test_nothing_known_of_the_noise_is_no_noise() -> None:
    nothing = Noise(0.0, 0.0, np.zeros(1), np.ones(1), np.zeros((8, 8)), 0)
    assert plane_noise(nothing, 1.0).variance.max() < 1e-9
