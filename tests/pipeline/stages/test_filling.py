"""Filling keeps depth, grain and every bit beside it, and does not show its pieces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.filling import filled
from tests.pipeline.stages.simulated_ageing import clean, noisy


def test_wide_fillings_get_the_grain_beside_them() -> None:
    grainy = Photo.of(noisy(np.full((120, 160, 3), 0.5, np.float32), 10.0))
    holes = np.zeros((120, 160), bool)
    holes[50:62, 40:120] = True
    smooth = filled(grainy, holes, 4.0).pixels
    grained = filled(grainy, holes, 4.0, grain=1.0).pixels
    assert smooth[holes].std() < 0.5 * grainy.pixels[~holes].std()
    assert grained[holes].std() == pytest.approx(grainy.pixels[~holes].std(), rel=0.3)
    assert np.array_equal(grained[~holes], grainy.pixels[~holes])


def test_filling_continues_a_ramp_at_full_depth() -> None:
    ramp = np.linspace(0.3, 0.7, 200, dtype=np.float32)[None, :, None] * np.ones(
        (120, 1, 3), np.float32
    )
    holes = np.zeros((120, 200), bool)
    holes[:, 99:102] = True
    broken = ramp.copy()
    broken[holes] = 1.0
    pixels = filled(Photo.of(broken, bit_depth=16), holes, 4.0).pixels
    assert np.abs(pixels - ramp).max() < 0.01
    assert len(np.unique(pixels[:, 99:102])) >= 2


def test_pieces_do_not_show_in_the_filling(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = Photo.of(clean("chelsea"))
    holes = np.zeros((photo.height, photo.width), bool)
    holes[100:103, 20:430] = True
    blot = np.s_[118:138, 246:266]
    holes[blot] = True
    whole = filled(photo, holes, 4.0).pixels
    monkeypatch.setattr("pipeline.stages.filling.SIDE", 64)
    in_pieces = filled(photo, holes, 4.0).pixels
    assert np.abs(in_pieces - whole).mean() < 1e-4
    assert np.abs(in_pieces - whole)[blot].max() < 0.01


@pytest.mark.parametrize("wide", [9, 15])
@pytest.mark.parametrize("grain_px", [0.0, 1.0])
def test_a_long_crack_gets_the_grain_beside_it_along_its_whole_length(
    wide: int, grain_px: float
) -> None:
    grainy = noisy(np.full((500, 640, 3), 0.5, np.float32), 8.0, grain_px=grain_px)
    crack = np.zeros(grainy.shape[:2], np.uint8)
    cv2.line(crack, (40, 60), (600, 440), 255, wide)
    holes = crack > 0
    broken = grainy.copy()
    broken[holes] = 0.95
    pixels = filled(Photo.of(broken), holes, 4.0, grain=1.0).pixels
    fine = [picture - cv2.GaussianBlur(picture, (0, 0), 3) for picture in (pixels, grainy)]
    for left in range(40, 600, 140):
        stretch = np.s_[:, left : left + 140]
        made, true = (one[stretch][holes[stretch]].std() for one in fine)
        assert made == pytest.approx(true, rel=0.3)


def test_one_grey_channel_is_filled_as_three_equal_ones() -> None:
    grey = Photo.of(noisy(clean("camera")[..., :1], 4.0).repeat(3, axis=2), monochrome=True)
    three = Photo.of(grey.pixels)
    holes = np.zeros((grey.height, grey.width), bool)
    holes[200:211, 100:400] = True
    one = filled(grey, holes, 4.0, grain=1.0).samples
    assert np.abs(one.astype(int) - filled(three, holes, 4.0, grain=1.0).samples).max() <= 1


def test_the_same_filling_comes_out_on_every_run() -> None:
    photo = Photo.of(noisy(clean("coffee"), 6.0))
    holes = np.zeros((photo.height, photo.width), bool)
    holes[::50, 20:580] = holes[10:390, 300:309] = True
    first = filled(photo, holes, 4.0, grain=1.0).samples
    assert not np.array_equal(first, photo.samples)
    assert np.array_equal(first, filled(photo, holes, 4.0, grain=1.0).samples)
