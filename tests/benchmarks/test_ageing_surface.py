"""Grain, screens and texture are as strong and as wide as asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.benchmarks.ageing_surface import (
    Halftone,
    grained,
    halftoned,
    noisy,
    scanned_noisily,
    silken,
    unscreened,
)

GREY = np.full((256, 256, 3), 0.5, np.float32)


def _seeded() -> np.random.Generator:
    return np.random.default_rng(3)


def test_grain_is_as_strong_as_asked_at_middle_grey_and_weaker_at_the_ends() -> None:
    for tone, least, most in ((0.5, 0.045, 0.055), (0.95, 0.01, 0.03), (0.05, 0.01, 0.03)):
        picture = np.full((256, 256, 3), tone, np.float32)
        assert least < float((grained(picture, 0.05, 0.8, _seeded()) - tone).std()) < most


def test_larger_grains_are_alike_further_off() -> None:
    def alike(size: float) -> float:
        change = (grained(GREY, 0.05, size, _seeded()) - GREY)[..., 0]
        return float((change[:, 2:] * change[:, :-2]).mean() / change.var())

    assert abs(alike(0.0)) < 0.03
    assert alike(1.5) > alike(0.7) > 0.1


def test_grain_of_a_grey_picture_is_grey() -> None:
    for aged in (grained(GREY, 0.05, 0.8, _seeded()), noisy(GREY, 0.05, _seeded())):
        assert np.array_equal(aged[..., 0], aged[..., 2])


def test_a_scanner_is_noisier_in_the_shadows() -> None:
    dark, light = (np.full((128, 128, 3), tone, np.float32) for tone in (0.2, 0.8))
    spread = [float((scanned_noisily(p, 0.02, _seeded()) - p).std()) for p in (dark, light)]
    assert spread[0] > 1.2 * spread[1]


@pytest.mark.parametrize("tone", [0.3, 0.5, 0.8])
def test_a_halftone_averages_to_the_same_light_as_its_inks(tone: float) -> None:
    picture = np.full((256, 256, 3), tone, np.float32)
    screen = Halftone(100.0, 600.0)
    printed, flat = (f(picture, screen) ** 2.2 for f in (halftoned, unscreened))
    assert float(printed.mean()) == pytest.approx(float(flat.mean()), abs=0.05)
    assert float(printed.std()) > 0.05 > float(flat.std())


def test_a_halftone_repeats_at_its_period() -> None:
    screen = Halftone(100.0, 400.0, turn=-45.0)
    plane = halftoned(GREY, screen)[..., 1]
    power = np.abs(np.fft.rfft(plane.mean(axis=0) - plane.mean()))
    assert 256 / int(power.argmax()) == pytest.approx(screen.period_px, rel=0.05)


def test_silk_is_as_strong_as_asked_and_averages_out() -> None:
    aged = silken(GREY, 7.0, 0.03, _seeded())
    assert float((aged - GREY).std()) == pytest.approx(0.03, rel=0.05)
    assert float(np.abs(cv2.blur(aged - GREY, (49, 49))).max()) < 0.006
