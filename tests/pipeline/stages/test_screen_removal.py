"""Screens go, the picture beside them stays."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.sampling import luma_tiles
from pipeline.stages.measure.screen import Peak, Screen, screen_in
from pipeline.stages.screen_removal import without_screen
from tests.benchmarks.ageing_surface import Halftone, halftoned, noisy, silken, unscreened
from tests.pipeline.stages.simulated_ageing import clean

Image = NDArray[np.float32]


def _psnr(truth: Image, picture: Image) -> float:
    return -10 * float(np.log10(np.mean((truth - picture) ** 2)))


def _removed(aged: Image, monochrome: bool = False) -> tuple[Screen, Image]:
    photo = Photo.of(aged, monochrome=monochrome)
    screen = screen_in(luma_tiles(photo))
    return screen, without_screen(photo, screen).pixels


@pytest.mark.parametrize("grey", [False, True])
def test_dots_of_ink_become_tones(grey: bool) -> None:
    picture = clean("camera" if grey else "astronaut")[60:444, 60:444]
    printed = Halftone(133.0, 400.0, turn=2.0)
    aged = halftoned(picture, printed)
    screen, made = _removed(aged, grey)
    truth = unscreened(picture, printed)
    assert screen.kind == "halftone"
    assert _psnr(truth, made) > _psnr(truth, aged) + 4


def test_silk_goes_and_the_picture_stays() -> None:
    picture = clean("coffee")
    random = np.random.default_rng(4)
    aged = noisy(silken(picture, 6.0, 0.03, random), 0.004, random)
    screen, made = _removed(aged)
    assert screen.kind == "texture"
    assert _psnr(picture, made) > _psnr(picture, aged) + 3


def test_what_is_no_wave_of_the_screen_is_left() -> None:
    random = np.random.default_rng(4)
    screen = screen_in([silken(clean("coffee"), 6.0, 0.03, random)[..., 1]])
    photo = Photo.of(clean("astronaut"))
    assert _psnr(photo.pixels, without_screen(photo, screen).pixels) > 38


def test_pieces_give_the_same_as_the_whole() -> None:
    waves = (Peak(0.177, 0.177, 0.04), Peak(-0.177, 0.177, 0.04))
    screen = Screen("halftone", 4.0, 45.0, 0.06, waves)
    photo = Photo.of(halftoned(clean("chelsea")[:200, :290], Halftone(100.0, 400.0)))
    whole, parts = (without_screen(photo, screen, side=side).samples for side in (384, 64))
    assert np.abs(whole.astype(int) - photo.samples).max() > 1000
    assert np.abs(whole.astype(int) - parts.astype(int)).max() <= 2
