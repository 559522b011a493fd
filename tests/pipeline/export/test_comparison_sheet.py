"""The comparison sheet: the same px of every variant side by side, at 100 %, with its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.export.comparison_sheet import EDGE, GUTTER, Variant, comparison_sheet
from pipeline.export.comparison_views import GAP, layout_of
from pipeline.export.face_parts import FacePlace, Window
from pipeline.export.sheet_page import wrapped
from pipeline.io.colour import srgb_profile
from pipeline.stages.face_alignment import TEMPLATE

LEAST_COLUMN = 340
COLUMN = 400


def picture(seed: int, width: int = 400, height: int = 300) -> Photo:
    """Every px its own colour, 8 bit, so that a px found again is that very px."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 256, (height, width, 3)).astype(np.uint16)
    return Photo(values * np.uint16(257))


def face_at(left: float, top: float, side: float) -> FacePlace:
    """A face whose whole cut-out is a square of the print."""
    points = (TEMPLATE * side / 512 + np.array([left, top])).astype(np.float32)
    return FacePlace(1, (left, top, left + side, top + side), points)


def places_of(needle: np.ndarray, sheet: Photo) -> list[tuple[int, int]]:
    """Where a piece of a picture stands on the sheet, px for px."""
    page, (height, width) = sheet.samples, needle.shape[:2]
    starts = np.argwhere((page == needle[0, 0]).all(axis=2))
    return [
        (int(y), int(x))
        for y, x in starts
        if np.array_equal(page[y : y + height, x : x + width], needle)
    ]


def sheet_of(
    photos: Sequence[Photo | None],
    faces: Sequence[FacePlace] = (),
    crop: Window | None = None,
    figures: Mapping[int, Sequence[str]] = MappingProxyType({}),
    told: str = "",
) -> Photo:
    """A sheet with a column for every photo, None for one that failed; figures are the last's."""
    first = next(photo for photo in photos if photo is not None)
    layout = layout_of((first.height, first.width), faces, crop)
    variants = [
        Variant(str(place), None if photo is None else layout.look_at(photo))
        for place, photo in enumerate(photos)
    ]
    variants[-1] = replace(variants[-1], figures=figures, told=told)
    return comparison_sheet("A print", layout, variants)


def test_a_face_stands_side_by_side_at_100_percent() -> None:
    before, after = picture(1), picture(2)
    sheet = sheet_of([before, after], [face_at(60, 20, 256)])
    in_whole, own = places_of(before.samples[20:276, 60:316], sheet)
    assert in_whole[1] - 60 == own[1] == EDGE + GUTTER
    found = places_of(after.samples[20:276, 60:316], sheet)
    assert found == [(y, x + COLUMN + GAP) for y, x in (in_whole, own)]


@pytest.mark.parametrize("name", ["eyes", "skin", "hair", "mouth"])
def test_each_part_of_a_face_that_is_large_enough_is_there_px_for_px(name: str) -> None:
    before, after = picture(1, 700, 600), picture(2, 700, 600)
    face = face_at(80, 40, 500)
    rows, columns = face.part(name, (600, 700))
    sheet = sheet_of([before, after], [face])
    one = places_of(before.samples[rows, columns], sheet)
    other = places_of(after.samples[rows, columns], sheet)
    assert len(one) >= 2, "in the whole face, and by itself"
    assert [(y, x + 520 + GAP) for y, x in one] == other, "in the same rows"


def test_a_tiny_face_is_enlarged_by_a_whole_factor() -> None:
    before = picture(1)
    cut, times = before.samples[100:160, 100:160], 4
    sheet = sheet_of([before], [face_at(100, 100, 60)])
    assert places_of(np.repeat(np.repeat(cut, times, axis=0), times, axis=1), sheet)


def test_a_face_larger_than_a_column_is_reduced_but_its_parts_are_not() -> None:
    large, face = picture(1, 1500, 1400), face_at(20, 10, 1300)
    layout = layout_of((1400, 1500), [face])
    (whole,) = [view for view in layout.views if view.face == 1]
    assert whole.label == ("face 1", "85 %")
    assert max(whole.cut(large).shape) == layout.column == 1100
    mouth = face.part("mouth", (1400, 1500))
    assert places_of(large.samples[mouth], sheet_of([large], [face]))


def test_a_small_print_is_shown_whole_at_100_percent_and_a_large_one_with_a_piece_of_it() -> None:
    small, large = picture(1, 200, 100), picture(2, 900, 700)
    assert places_of(small.samples, sheet_of([small]))
    assert places_of(large.samples[300:400, 300:600], sheet_of([large])), "the middle"
    window = slice(10, 60), slice(20, 120)
    assert places_of(large.samples[window], sheet_of([large], crop=window))


def test_every_variant_has_a_column() -> None:
    photo = picture(1, 200, 100)
    assert sheet_of([photo] * 5).width - sheet_of([photo] * 2).width == 3 * (LEAST_COLUMN + GAP)


def test_figures_stand_under_their_face_and_long_words_are_broken_not_lost() -> None:
    photos, face = [picture(1), picture(2)], face_at(60, 20, 256)
    figures = {1: ["left as it is: " + "for a very long reason " * 8, "similarity 0.9"]}
    lines = sum(len(wrapped(text, 14, COLUMN)) for text in figures[1])
    assert lines > 3
    plain = sheet_of(photos, [face])
    assert sheet_of(photos, [face], figures=figures).height == plain.height + 20 * lines
    assert sheet_of(photos, [face], figures={2: ["of another"]}).height == plain.height


def test_a_variant_that_failed_shows_no_picture_and_says_so() -> None:
    photo = picture(1, 200, 100)
    sheet = sheet_of([photo, None], told="E112 its result is one flat colour")
    assert len(places_of(photo.samples, sheet)) == 1
    column = sheet.pixels[:, EDGE + GUTTER + LEAST_COLUMN + GAP : -EDGE]
    assert column.min() < 0.5, "words"


def test_a_grey_print_and_one_with_a_profile_are_shown_as_a_screen_shows_them() -> None:
    grey = Photo(picture(1, 200, 100).samples[..., :1])
    assert places_of(np.repeat(grey.samples, 3, axis=2), sheet_of([grey]))
    flat = np.full((100, 200, 3), 30000, np.uint16)
    layout = layout_of((100, 200))
    (shown,) = layout.look_at(Photo(flat, icc=srgb_profile()))
    assert np.abs(shown.astype(int) - 30000 / 257).max() < 2


def test_pictures_of_different_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="100 x 100 px"):
        layout_of((300, 400)).look_at(picture(2, 100, 100))
    with pytest.raises(ValueError, match="at least one"):
        comparison_sheet("t", layout_of((300, 400)), [])
