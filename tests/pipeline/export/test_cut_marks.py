"""Marks show exactly where to cut, and the ruler is 50 mm long."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.export.cut_marks import cut_marks, ruler, ruler_height

DPI = 300.0
PAGE = (2000, 2000)
PRINT = (500, 600, 1100, 1400)


def test_every_corner_has_two_marks_just_outside_its_cut() -> None:
    marks = cut_marks([PRINT], 0, PAGE, DPI)
    assert len(marks) == 8
    upright = {m[0] for m in marks if m[2] - m[0] < m[3] - m[1]}
    lying = {m[1] for m in marks if m[2] - m[0] > m[3] - m[1]}
    assert upright == {499, 1100}
    assert lying == {599, 1400}


def test_with_a_bleed_marks_stand_at_the_trim_outside_the_bleed() -> None:
    bleed = 36
    marks = cut_marks([PRINT], bleed, PAGE, DPI)
    upright = [m for m in marks if m[2] - m[0] < m[3] - m[1]]
    assert {m[0] for m in upright} == {500 + 35, 1100 - 36}
    assert all(m[3] <= 600 or m[1] >= 1400 for m in upright)


def test_prints_side_by_side_without_a_gap_are_marked_at_the_outside_only() -> None:
    prints = [(x, y, x + 300, y + 300) for y in (400, 700) for x in (400, 700)]
    marks = cut_marks(prints, 0, PAGE, DPI)
    for left, top, right, bottom in marks:
        assert right <= 400 - 11 or left >= 1000 + 11 or bottom <= 400 - 11 or top >= 1000 + 11
    cuts = {m[0] for m in marks if m[2] - m[0] < m[3] - m[1]}
    assert cuts == {399, 700, 699, 1000}


def test_a_mark_keeps_away_from_the_neighbours() -> None:
    prints = [(400, 400, 700, 700), (750, 400, 1050, 700), (400, 750, 700, 1050)]
    away = round(DPI / 25.4)
    for mark in cut_marks(prints, 0, PAGE, DPI):
        for box in prints:
            apart = max(box[0] - mark[2], mark[0] - box[2], box[1] - mark[3], mark[1] - box[3])
            assert apart >= 0
            # Along its own direction it stays a millimetre off whatever it points at.
            x_meets = mark[0] < box[2] and box[0] < mark[2]
            y_meets = mark[1] < box[3] and box[1] < mark[3]
            if x_meets or y_meets:
                assert apart >= away


def test_marks_stay_on_the_page() -> None:
    for mark in cut_marks([(20, 20, 1990, 1980)], 0, PAGE, DPI):
        assert min(mark) >= 0
        assert max(mark) <= 2000


@pytest.mark.parametrize("dpi", [72.0, 150.0, 300.0, 600.0])
def test_the_ruler_is_50_mm_long_and_beneath_the_prints(dpi: float) -> None:
    side = round(8 * dpi)
    sheet = np.full((side, side, 1), 65535, np.uint16)
    foot = side - ruler_height(dpi)
    lies = ruler(sheet, foot, dpi)
    assert lies is not None
    ink = sheet[..., 0] == 0
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows.min() > foot + round(6 * dpi / 25.4)
    assert rows.max() < side - round(2.5 * dpi / 25.4)
    line = np.flatnonzero(ink[rows.max()])
    # The base line; what stands beside it is words.
    run = np.split(line, np.flatnonzero(np.diff(line) > 1) + 1)[0]
    assert len(run) / dpi * 25.4 == pytest.approx(50, abs=25.4 / dpi)


def test_there_is_no_ruler_where_there_is_no_room() -> None:
    sheet = np.full((900, 900, 1), 65535, np.uint16)
    assert ruler(sheet, 900 - ruler_height(DPI) + 1, DPI) is None
    narrow = np.full((900, 600, 1), 65535, np.uint16)
    assert ruler(narrow, 100, DPI) is None
    assert (sheet == 65535).all()
    assert (narrow == 65535).all()
