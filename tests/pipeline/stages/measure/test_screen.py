"""Screens that lie over the whole print are found; what repeats in the scene is not one."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.phase_coherence import phase_coherence
from pipeline.stages.measure.screen import NO_SCREEN, screen_in
from tests.benchmarks.ageing_surface import Halftone, halftoned, noisy, silken
from tests.benchmarks.periodic_scenes import PERIODIC
from tests.pipeline.stages.simulated_ageing import clean

Image = NDArray[np.float32]


def _seeded(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("lines", "dpi"), [(85.0, 300.0), (100.0, 400.0), (133.0, 600.0)])
def test_printed_dots_are_found_with_their_period(lines: float, dpi: float) -> None:
    screen = Halftone(lines, dpi, turn=3.0)
    found = screen_in([luma(halftoned(clean("astronaut")[:384, :384], screen))])
    assert found.kind == "halftone"
    assert found.period_px == pytest.approx(dpi / lines, rel=0.05)
    assert found.strength > 0.01


@pytest.mark.parametrize("period", [4.5, 7.0, 10.0])
def test_silk_paper_is_found_with_its_period(period: float) -> None:
    aged = noisy(silken(clean("coffee"), period, 0.025, _seeded()), 0.006, _seeded(2))
    found = screen_in([luma(aged)])
    assert found.kind == "texture"
    assert found.period_px == pytest.approx(period, rel=0.05)


@pytest.mark.parametrize(
    "name", ["astronaut", "coffee", "chelsea", "camera", "rocket", "brick", "grass", "gravel"]
)
def test_clean_photographs_have_no_screen(name: str) -> None:
    assert screen_in([luma(clean(name))]) == NO_SCREEN
    assert screen_in([luma(noisy(clean(name), 0.04, _seeded()))]) == NO_SCREEN


@pytest.mark.parametrize("thing", list(PERIODIC))
def test_what_repeats_in_the_scene_is_no_screen(thing: str) -> None:
    for seed in range(3):
        scene = PERIODIC[thing](clean("astronaut"), _seeded(seed))
        assert screen_in([luma(scene)]).kind == "none"


def test_too_small_a_picture_tells_nothing() -> None:
    plane = luma(halftoned(clean("astronaut")[:200, :200], Halftone(100, 400)))
    assert screen_in([plane]) == NO_SCREEN
    assert screen_in([]) == NO_SCREEN


def test_a_wave_everywhere_is_in_step_and_one_in_a_part_is_not() -> None:
    x = np.arange(512, dtype=np.float32)[None, :] + np.zeros((512, 1), np.float32)
    noise = 0.02 * _seeded().standard_normal((512, 512)).astype(np.float32)
    wave = 0.05 * np.sin(2 * np.pi * 0.13 * x)
    part = np.where(x < 200, wave, 0)
    assert phase_coherence([0.5 + noise + wave], 0.13, 0.0) > 0.95
    assert phase_coherence([0.5 + noise + part], 0.13, 0.0) < 0.3
    assert phase_coherence([np.full((128, 128), 0.5, np.float32)], 0.13, 0.0) == 0.0
