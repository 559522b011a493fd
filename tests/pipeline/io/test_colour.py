"""Colour goes through the profile it came with, and comes back."""

from __future__ import annotations

import io

import imagecodecs
import numpy as np
import pytest
from PIL import ImageCms
from skimage.color import xyz2lab

from pipeline.core.errors import StageContractBroken
from pipeline.io.colour import (
    from_lab,
    grey_profile,
    profile_fault,
    profile_name,
    profile_space,
    srgb_profile,
    to_lab,
)

ADOBE = imagecodecs.cms_profile("adobergb")
COLOURS = np.random.default_rng(3).random((20, 30, 3), np.float32)
GREYS = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)


def test_the_srgb_profile_has_no_date_of_today_and_is_named() -> None:
    assert srgb_profile()[24:36] == b"\x07\xd0\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00"
    assert profile_name(srgb_profile()) == "sRGB built-in"
    assert profile_space(srgb_profile()) == "RGB"
    assert profile_fault(srgb_profile(), "RGB") is None


def test_lab_of_srgb_is_what_the_formulas_give() -> None:
    # The published D50-adapted sRGB matrix (Lindbloom), applied by hand.
    linear = np.where(COLOURS <= 0.04045, COLOURS / 12.92, ((COLOURS + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [
            [0.4360747, 0.3850649, 0.1430804],
            [0.2225045, 0.7168786, 0.0606169],
            [0.0139322, 0.0971045, 0.7141733],
        ]
    )
    expected = xyz2lab(linear @ matrix.T, illuminant="D50")
    assert np.abs(to_lab(COLOURS, None) - expected).max() < 0.1


@pytest.mark.parametrize("icc", [None, srgb_profile(), ADOBE])
def test_lab_and_back_loses_less_than_half_a_16_bit_step(icc: bytes | None) -> None:
    lab = to_lab(COLOURS, icc)
    assert lab.dtype == np.float32
    back = from_lab(lab, icc)
    assert back.dtype == np.float32
    # Little CMS may clip what float rounding puts just outside; dark blues are the least exact.
    assert np.abs(back - COLOURS).max() < 2 / 65535


def test_white_black_and_the_profile_matter() -> None:
    white = to_lab(np.ones((1, 1, 3), np.float32), None)[0, 0]
    np.testing.assert_allclose(white, (100, 0, 0), atol=0.02)
    black = to_lab(np.zeros((1, 1, 3), np.float32), ADOBE)[0, 0]
    np.testing.assert_allclose(black, (0, 0, 0), atol=0.02)
    green = np.array([[[0.1, 0.9, 0.2]]], np.float32)
    assert to_lab(green, ADOBE)[0, 0, 1] < to_lab(green, None)[0, 0, 1] - 10


def test_out_of_gamut_is_clipped_into_range() -> None:
    out = from_lab(np.array([[[60.0, 120.0, -120.0], [99.0, -100.0, 100.0]]], np.float32), None)
    assert 0 <= out.min() <= out.max() <= 1


@pytest.mark.parametrize("icc", [None, ADOBE])
def test_a_grey_profile_has_the_tones_of_the_profile_it_was_made_from(icc: bytes | None) -> None:
    grey = grey_profile(icc)
    assert grey is not None
    assert profile_fault(grey, "GRAY") is None
    assert np.abs(to_lab(GREYS, grey) - to_lab(GREYS, icc)).max() < 0.01
    back = from_lab(to_lab(GREYS, grey), grey)
    assert np.array_equal(back[..., 0], back[..., 2])
    assert np.abs(back - GREYS).max() < 1e-5
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(grey))).strip()
    assert name == profile_name(grey)
    assert grey_profile(grey) == grey


def test_a_profile_for_other_pixels_is_not_used_in_silence() -> None:
    cmyk = srgb_profile()[:16] + b"CMYK" + srgb_profile()[20:]
    with pytest.raises(StageContractBroken):
        to_lab(COLOURS, cmyk)
    with pytest.raises(StageContractBroken):
        to_lab(COLOURS[..., 0], None)
    assert profile_space(None) is None
    assert profile_name(None) is None
    assert profile_name(srgb_profile()[:200]) is None


def test_a_cut_profile_never_crashes_wherever_it_is_cut() -> None:
    for length in range(0, len(ADOBE), 7):
        assert profile_fault(ADOBE[:length], "RGB") is not None
        profile_name(ADOBE[:length])
