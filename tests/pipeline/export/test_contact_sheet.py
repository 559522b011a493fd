"""The contact sheet: every pair is on it, in true colours, whatever its size and name."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.export.contact_sheet import CAPTION, EDGE, GAP, HEADER, contact_sheet
from pipeline.io.colour import srgb_profile


def flat(colour: tuple[float, float, float], width: int, height: int, **facts: object) -> Photo:
    pixels = np.empty((height, width, 3), np.float32)
    pixels[:] = colour
    return Photo.of(pixels, **facts)  # type: ignore[arg-type]


RED, BLUE = (0.8, 0.2, 0.2), (0.2, 0.2, 0.8)


def test_before_stands_left_of_after_in_the_same_size() -> None:
    pair = ("0001-1", flat(RED, 900, 600), flat(BLUE, 300, 200))
    sheet = contact_sheet([pair], cell_px=300)
    row = sheet.pixels[EDGE + HEADER + 100]
    assert np.allclose(row[EDGE : EDGE + 300], RED, atol=0.01)
    assert np.allclose(row[EDGE + 300 + GAP : EDGE + 600 + GAP], BLUE, atol=0.01)
    assert sheet.width == 2 * EDGE + 600 + GAP


def test_colours_are_shown_through_each_photos_own_profile() -> None:
    pair = ("print", flat(RED, 100, 100, icc=srgb_profile()), flat(RED, 100, 100))
    row = contact_sheet([pair], cell_px=100).pixels[EDGE + HEADER + 50]
    left, right = row[EDGE + 50], row[EDGE + 100 + GAP + 50]
    assert np.allclose(left, right, atol=2 / 255)


@pytest.mark.parametrize(
    "name",
    ["x" * 400, "line\nbreak\tand\x07bell", "\u202egnp.live", "", "Großmutter, Žofie, 1931"],
)
def test_any_name_is_written_on_one_line_inside_its_own_room(name: str) -> None:
    photo = flat(RED, 200, 100, dpi=(300.0, 300.0))
    sheet = contact_sheet([(name, photo, photo)], cell_px=300)
    paper = sheet.pixels[0, 0]
    inked = np.abs(sheet.pixels - paper).max(axis=2) > 0.05
    assert not inked[:, :EDGE].any()
    assert not inked[:, -EDGE:].any()
    below = EDGE + HEADER + 150
    assert inked[below : below + CAPTION + 4].any()
    assert not inked[below + CAPTION + 4 :].any()


@pytest.mark.parametrize(("count", "across"), [(1, 1), (4, 1), (5, 2), (16, 2), (17, 3)])
def test_many_pairs_stand_side_by_side_and_all_are_there(count: int, across: int) -> None:
    pairs = [(str(i), flat(RED, 90, 90), flat(BLUE, 90, 90)) for i in range(count)]
    sheet = contact_sheet(pairs, cell_px=90)
    red = np.abs(sheet.pixels - np.float32(RED)).max(axis=2) < 0.01
    assert red.sum() == count * 90 * 90
    assert red.any(axis=0).sum() == across * 90


def test_tall_and_wide_pictures_are_never_cut() -> None:
    pair = ("tall", flat(RED, 20, 400), flat(BLUE, 400, 20))
    sheet = contact_sheet([pair], cell_px=200)
    for colour in (RED, BLUE):
        shown = np.abs(sheet.pixels - np.float32(colour)).max(axis=2) < 0.01
        assert shown.sum() == 200 * 10


def test_an_empty_sheet_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        contact_sheet([])
