"""A soft proof tells what is really lost, counted against pictures of known colours."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from pipeline.core.errors import ProfileRefused
from pipeline.core.photo import Photo
from pipeline.io.colour import grey_profile, srgb_profile, to_lab
from pipeline.io.output_colour import Intent, OutputColour, converted
from pipeline.io.profiles import adobe_rgb_profile, display_p3_profile
from pipeline.io.soft_proof import MOST_PIXELS, soft_proof
from tests.pipeline.io.printer_profile import changed, press_profile, printer_profile

GREEN, GREY, BROWN = (0, 65535, 0), (32768, 32768, 32768), (30000, 22000, 15000)


def _picture(*fields: tuple[tuple[int, int, int], int], width: int = 100) -> Photo:
    """Rows of each colour."""
    rows = [np.full((count, width, 3), colour, np.uint16) for colour, count in fields]
    return Photo(np.concatenate(rows))


def _texture(height: int, width: int) -> Photo:
    random = np.random.default_rng(8)
    return Photo(random.integers(0, 65536, (height, width, 3), dtype=np.uint16))


@pytest.mark.parametrize("icc", [printer_profile(), press_profile()])
def test_the_share_is_that_of_the_colours_that_cannot_be_kept(icc: bytes) -> None:
    report = soft_proof(_picture((GREEN, 3), (BROWN, 47), (GREY, 50)), icc)
    assert report.share == pytest.approx(0.03)
    assert report.mostly == "strong greens"
    assert report.lost == (("greens", pytest.approx(0.03)),)
    assert report.sentence().startswith("3 % of the picture visibly changes colour")
    assert "mostly strong greens" in report.sentence()


def test_nothing_is_lost_on_the_way_to_a_larger_encoding() -> None:
    for icc in (adobe_rgb_profile(), display_p3_profile(), srgb_profile()):
        report = soft_proof(_texture(100, 100), icc)
        assert report.share == 0
        assert report.worst < 0.1
        assert report.sentence().startswith("Every colour of the picture keeps its look")
        assert report.mostly == ""


def test_the_differences_are_those_of_a_picture_really_sent_there_and_back() -> None:
    photo = Photo(_texture(40, 50).samples, icc=adobe_rgb_profile())
    there = converted(photo, OutputColour("srgb", srgb_profile(), "relative", False))
    change: NDArray[np.float64] = deltaE_ciede2000(
        to_lab(photo.pixels, photo.icc), to_lab(there.pixels, srgb_profile())
    )
    report = soft_proof(photo, srgb_profile(), "relative", False)
    assert report.share == pytest.approx(float((change > 2).mean()), abs=0.002)
    assert report.mean == pytest.approx(float(change.mean()), abs=0.01)
    assert report.percentile_95 == pytest.approx(float(np.percentile(change, 95)), abs=0.02)
    assert report.worst == pytest.approx(float(change.max()), abs=0.05)


def test_of_a_large_picture_few_pixels_stand_for_all() -> None:
    photo = _texture(500, 1000)
    few = soft_proof(photo, printer_profile())
    assert 0.95 * MOST_PIXELS < few.pixels <= MOST_PIXELS
    parts = [Photo(photo.samples[top : top + 250]) for top in (0, 250)]
    every = [soft_proof(part, printer_profile()) for part in parts]
    assert {one.pixels for one in every} == {250 * 1000}
    assert few.share == pytest.approx(np.mean([one.share for one in every]), abs=0.005)
    assert few == soft_proof(photo, printer_profile())


def test_a_strip_and_a_single_pixel_are_looked_at_too() -> None:
    strip = Photo(np.full((1, 2 * MOST_PIXELS, 3), GREEN, np.uint16))
    report = soft_proof(strip, printer_profile())
    assert 0 < report.pixels <= MOST_PIXELS
    assert report.share == 1
    assert soft_proof(_picture((GREEN, 1), width=1), printer_profile()).pixels == 1


def test_a_pattern_as_fine_as_the_grid_is_counted_right() -> None:
    samples = np.empty((1024, 1024, 3), np.uint16)
    samples[:, 0::2], samples[:, 1::2] = GREEN, GREY
    assert soft_proof(Photo(samples), printer_profile()).share == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("black_point", "lost"), [(True, False), (False, True)])
def test_dark_tones_are_lost_where_the_black_point_is_not_compensated(
    black_point: bool, lost: bool
) -> None:
    darks = _picture(((3000, 3000, 3000), 1), ((60000, 60000, 60000), 1))
    report = soft_proof(darks, printer_profile(), "relative", black_point)
    assert (report.share > 0) == lost
    assert report.mostly == ("dark greys" if lost else "")


def test_perceptual_changes_what_relative_keeps() -> None:
    brown = _picture((BROWN, 10))
    assert soft_proof(brown, printer_profile(), "relative").share == 0
    assert soft_proof(brown, printer_profile(), "perceptual").share == 1


def test_a_grey_picture_stays_grey_and_a_grey_printer_loses_colour() -> None:
    greys = Photo(np.linspace(0, 65535, 4000).astype(np.uint16).reshape(40, 100, 1))
    assert soft_proof(greys, adobe_rgb_profile()).worst < 0.1
    assert soft_proof(Photo(greys.samples, icc=printer_profile()), printer_profile()).share < 0.01
    grey = grey_profile(None)
    assert grey is not None
    report = soft_proof(_picture((BROWN, 1), (GREY, 1)), grey)
    assert report.share == 0.5
    assert report.mostly == "oranges and browns"


@pytest.mark.parametrize(
    ("rgb", "hue"),
    [
        ((255, 0, 0), "reds"),
        ((255, 200, 0), "yellows"),
        ((0, 220, 0), "greens"),
        ((0, 255, 255), "turquoises"),
        ((0, 0, 255), "blues"),
        ((0, 120, 255), "blues"),
        ((255, 0, 255), "purples"),
        ((255, 105, 180), "pinks"),
        ((255, 120, 0), "oranges and browns"),
        ((64, 0, 0), "reds"),
    ],
)
def test_hues_have_the_names_that_people_give_them(rgb: tuple[int, int, int], hue: str) -> None:
    colour = (rgb[0] * 257, rgb[1] * 257, rgb[2] * 257)
    grey = grey_profile(None)
    assert grey is not None
    report = soft_proof(_picture((colour, 2)), grey)
    assert report.mostly.endswith(hue)
    assert report.mostly.startswith("dark ") == (max(rgb) < 100)


def test_the_report_is_plain_json_with_its_method_in_numbers() -> None:
    told = soft_proof(_picture((GREEN, 1), (GREY, 99)), printer_profile(), "relative").as_json()
    assert json.loads(json.dumps(told)) == told
    assert told["share_lost"] == 0.01
    assert told["ciede2000"]["lost_over"] == 2.0
    assert told["lost_by_hue"] == {"greens": 0.01}
    assert told["profile"] == "Test printer, glossy"


@pytest.mark.parametrize("intent", ["perceptual", "relative", "saturation", "absolute"])
def test_every_intent_can_be_proved(intent: Intent) -> None:
    assert 0 < soft_proof(_texture(20, 20), printer_profile(), intent).share <= 1


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(ProfileRefused):
        soft_proof(_picture((GREY, 1)), changed(printer_profile(), 16, b"6CLR"))
