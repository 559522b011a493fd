"""Colour that leaves is the same colour in another encoding; grey stays grey."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import ProfileRefused, UsageError
from pipeline.core.photo import Photo
from pipeline.io.colour import grey_profile, srgb_profile, to_lab
from pipeline.io.output_colour import (
    INTENTS,
    Intent,
    OutputColour,
    converted,
    output_colour,
    transformed,
)
from pipeline.io.profiles import PROFILE_NAMES, adobe_rgb_profile, output_profile
from tests.pipeline.io.printer_profile import BLACK_L, changed, printer_profile

SAMPLES = np.random.default_rng(5).integers(0, 65536, (200, 300, 3), dtype=np.uint16)
GREYS = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
WHITE_XY = (0.3127, 0.3290)
PRIMARIES = {
    "srgb": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "adobe-rgb": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
    "display-p3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}


def _matrix(name: str) -> NDArray[np.float64]:
    """Linear RGB to XYZ from chromaticities alone (SMPTE RP 177)."""
    xyz = np.array([(x / y, 1, (1 - x - y) / y) for x, y in PRIMARIES[name]]).T
    x, y = WHITE_XY
    return xyz * np.linalg.solve(xyz, np.array([x / y, 1, (1 - x - y) / y]))


def _linear(samples: NDArray[np.uint16], name: str) -> NDArray[np.float64]:
    code = samples / 65535
    if name == "adobe-rgb":
        return np.asarray(code ** (563 / 256))
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("name", ["adobe-rgb", "display-p3"])
def test_a_conversion_is_what_matrix_and_curve_give_by_hand(name: str) -> None:
    expected = _linear(SAMPLES, "srgb") @ (np.linalg.inv(_matrix(name)) @ _matrix("srgb")).T
    made = converted(Photo(SAMPLES), output_colour(name))
    assert made.samples.dtype == np.uint16
    # In linear light, where an ICC profile's own numbers are exact to 1/65536.
    error = np.abs(_linear(made.samples, name) - np.clip(expected, 0, 1))
    assert error.max() < 1e-4
    assert error.mean() < 2e-5
    # A colour that the eye could tell is very far away.
    change = np.abs(to_lab(made.pixels, made.icc) - to_lab(Photo(SAMPLES).pixels, None))
    assert change.max() < 0.1


@pytest.mark.parametrize(("name", "most"), [("adobe-rgb", 16), ("display-p3", 12)])
def test_there_and_back_loses_less_than_a_twentieth_of_an_8_bit_step(name: str, most: int) -> None:
    there = converted(Photo(SAMPLES), output_colour(name))
    back = converted(there, output_colour("srgb"))
    lost = np.abs(back.samples.astype(int) - SAMPLES)
    assert lost.max() <= most < 65535 / 255 / 15
    assert lost.mean() < 0.3


def test_in_the_same_profile_nothing_is_touched() -> None:
    photo = Photo(SAMPLES)
    assert converted(photo, output_colour("srgb")) is photo
    in_adobe = Photo(SAMPLES, icc=adobe_rgb_profile())
    assert converted(in_adobe, output_colour("adobe-rgb")) is in_adobe


def test_the_rest_of_the_photo_stays() -> None:
    infrared = SAMPLES[..., 0]
    photo = Photo(SAMPLES, (600.0, 300.0), None, 16, infrared)
    made = converted(photo, output_colour("adobe-rgb"))
    assert made.dpi == (600.0, 300.0)
    assert made.bit_depth == 16
    assert made.infrared is not None
    assert np.array_equal(made.infrared, infrared)
    assert made.icc == adobe_rgb_profile()


def test_bands_and_threads_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    colour = output_colour("adobe-rgb")
    whole = converted(Photo(SAMPLES), colour).samples
    for pixels, threads in ((7 * 300, 1), (7 * 300, 3), (1, 2)):
        monkeypatch.setattr("pipeline.io.output_colour._BAND_PIXELS", pixels)
        assert np.array_equal(whole, converted(Photo(SAMPLES), colour, threads=threads).samples)


@pytest.mark.parametrize("name", ["adobe-rgb", "display-p3"])
def test_grey_stays_one_channel_with_the_tones_of_the_same_grey_in_colour(name: str) -> None:
    made = converted(Photo(GREYS), output_colour(name))
    assert made.monochrome
    as_colour = converted(Photo(np.repeat(GREYS, 3, axis=2)), output_colour(name))
    assert np.abs(made.samples.astype(int) - as_colour.samples).max() <= 1
    back = converted(made, output_colour("srgb"))
    assert np.abs(back.samples.astype(int) - GREYS).max() <= 1


def test_grey_in_the_tone_curve_of_adobe_rgb_goes_to_srgb_by_both_curves() -> None:
    made = converted(Photo(GREYS, icc=adobe_rgb_profile()), output_colour("srgb"))
    light = _linear(GREYS, "adobe-rgb")
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(made.samples / 65535 - expected).max() * 65535 < 3


def test_a_grey_profile_takes_grey_and_refuses_colour() -> None:
    grey = grey_profile(adobe_rgb_profile())
    assert grey is not None
    colour = OutputColour("grey.icc", grey)
    made = converted(Photo(GREYS), colour)
    assert made.monochrome
    assert made.icc == grey
    by_name = converted(Photo(GREYS), output_colour("adobe-rgb"))
    assert np.array_equal(made.samples, by_name.samples)
    with pytest.raises(ProfileRefused, match="picture is in colour"):
        converted(Photo(SAMPLES), colour)


def test_grey_for_a_printers_tables_gets_three_channels_that_look_neutral() -> None:
    made = converted(Photo(GREYS), OutputColour("shop", printer_profile(), "relative"))
    assert made.samples.shape == (256, 256, 3)
    lab = to_lab(made.part(slice(64, None)), printer_profile())
    assert np.abs(lab[..., 1:]).max() < 1
    assert (np.diff(lab[..., 0].ravel()) > -0.05).all()


def test_grey_in_a_profile_of_tables_goes_to_grey() -> None:
    photo = Photo(GREYS, icc=printer_profile())
    made = converted(photo, output_colour("srgb"))
    assert made.monochrome
    assert converted(photo, OutputColour("shop", printer_profile())) is photo


@pytest.mark.parametrize("name", PROFILE_NAMES)
@pytest.mark.parametrize("black_point", [False, True])
def test_intents_and_black_point_make_no_difference_between_matrix_profiles(
    name: str, black_point: bool
) -> None:
    photo = Photo(SAMPLES[:20])
    plain = converted(photo, output_colour(name, "relative", False)).samples
    for intent in INTENTS:
        made = converted(photo, output_colour(name, intent, black_point)).samples
        assert np.abs(made.astype(int) - plain).max() <= 2


def _dark_tones(intent: Intent, black_point: bool) -> NDArray[np.float32]:
    darks = Photo(np.repeat(np.arange(0, 12000, 500, dtype=np.uint16)[None, :, None], 3, axis=2))
    made = converted(darks, OutputColour("shop", printer_profile(), intent, black_point))
    return to_lab(made.pixels, printer_profile())[0, :, 0]


def test_black_point_compensation_keeps_the_dark_tones_apart() -> None:
    clipped, kept = _dark_tones("relative", False), _dark_tones("relative", True)
    np.testing.assert_allclose(clipped[0], BLACK_L, atol=0.5)
    np.testing.assert_allclose(kept[0], BLACK_L, atol=0.8)
    assert np.ptp(clipped[:8]) < 0.5  # L of 0 to 4 all end as the printer's black
    assert np.ptp(kept[:8]) > 1.4
    assert (np.diff(kept) > 0).all()


def test_perceptual_keeps_strong_colours_apart_that_relative_clips() -> None:
    ramp = np.zeros((1, 32, 3), np.uint16)
    ramp[..., 1] = 65535
    ramp[..., 0] = ramp[..., 2] = np.linspace(0, 20000, 32)
    shop = printer_profile()
    chroma = {}
    for intent in ("relative", "perceptual"):
        made = converted(Photo(ramp), OutputColour("shop", shop, intent))
        chroma[intent] = np.ptp(np.hypot(*np.moveaxis(to_lab(made.pixels, shop)[..., 1:], -1, 0)))
    assert chroma["perceptual"] > 2 * chroma["relative"]


def test_absolute_copies_the_tint_of_the_paper() -> None:
    white = Photo(np.full((1, 1, 3), 65535, np.uint16))
    shop = printer_profile()
    relative = converted(white, OutputColour("shop", shop, "relative")).samples[0, 0]
    absolute = converted(white, OutputColour("shop", shop, "absolute")).samples[0, 0]
    assert np.ptp(relative.astype(int)) < 10
    assert np.ptp(absolute.astype(int)) > 500


def test_bad_requests_are_refused_in_words() -> None:
    with pytest.raises(UsageError, match="perceptual, relative, saturation, absolute"):
        output_colour("srgb", "vivid")  # type: ignore[arg-type]
    with pytest.raises(ProfileRefused, match="not for RGB"):
        OutputColour("inks", changed(srgb_profile(), 16, b"CMYK"))
    with pytest.raises(ProfileRefused, match="cannot be converted"):
        transformed(SAMPLES, srgb_profile(), srgb_profile()[:300], "relative", True)


def test_the_encoding_knows_what_it_is() -> None:
    colour = output_colour("adobe-rgb")
    assert (colour.name, colour.space) == ("adobe-rgb", "RGB")
    assert colour.description == "Compatible with Adobe RGB (1998)"
    assert colour.icc == output_profile("adobe-rgb")
    assert output_colour("sRGB") == output_colour("srgb")
