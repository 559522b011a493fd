"""A picture lies on its sheet to the px, and a circle stays a circle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import SizeRefused
from pipeline.stages.sheet_layout import Fit, Layout, lay_out

FITS: tuple[Fit, ...] = ("pad", "crop", "shrink")

SIDES = st.integers(1, 4000)
DPI = st.one_of(st.none(), st.tuples(st.floats(50, 2400), st.floats(50, 2400)))


@given(SIDES, SIDES, DPI, st.integers(60, 4000), st.integers(60, 4000), st.data())
def test_whatever_the_shapes_the_sheet_is_exact_and_the_picture_on_it(
    width: int,
    height: int,
    dpi: tuple[float, float] | None,
    across: int,
    down: int,
    data: st.DataObject,
) -> None:
    fit = data.draw(st.sampled_from(FITS))
    border, bleed = data.draw(st.integers(0, 14)), data.draw(st.integers(0, 14))
    made = lay_out((width, height), dpi, (across, down), fit, border=border, bleed=bleed)
    if fit == "shrink":
        assert min(made.sheet) <= min(across, down)
        assert max(made.sheet) <= max(across, down)
    else:
        assert sorted(made.sheet) == sorted((across, down))
    inset = border + bleed if border else 0
    for axis in (0, 1):
        assert inset <= made.origin[axis]
        assert made.origin[axis] + made.content[axis] <= made.sheet[axis] - inset
        assert made.source[axis] >= -1e-6
        assert made.source[axis + 2] <= (width, height)[axis] + 1e-6
        assert made.source[axis + 2] > made.source[axis]
    assert made.trim == (made.sheet[0] - 2 * bleed, made.sheet[1] - 2 * bleed)


@given(SIDES, SIDES, DPI, st.integers(60, 4000), st.integers(60, 4000))
def test_a_crop_keeps_circles_round(
    width: int, height: int, dpi: tuple[float, float] | None, across: int, down: int
) -> None:
    made = lay_out((width, height), dpi, (across, down), "crop", bleed=9)
    x, y = made.scale
    paper = (1.0, 1.0) if dpi is None else dpi
    assert x * paper[0] == pytest.approx(y * paper[1], rel=1e-9)


@pytest.mark.parametrize("fit", ["pad", "shrink"])
def test_a_whole_picture_keeps_circles_round_to_half_a_px_of_its_side(fit: Fit) -> None:
    made = lay_out((1234, 777), None, (2400, 3000), fit)
    x, y = made.scale
    assert abs(x / y - 1) <= 1 / min(made.content)


def test_a_shrunk_sheet_is_the_largest_of_the_pictures_shape_with_no_margin() -> None:
    assert lay_out((400, 300), None, (1200, 1200), "shrink") == Layout(
        (1200, 900), (1200, 900), (0, 0), (0.0, 0.0, 400.0, 300.0)
    )


def test_a_border_is_even_inside_the_trim_and_the_picture_fills_the_rest() -> None:
    made = lay_out((400, 300), None, (1000, 800), "crop", border=50, bleed=10)
    assert made.origin == (60, 60)
    assert made.content == (880, 680)
    assert made.trim == (980, 780)
    assert made.shown == made.source


def test_a_shrunk_sheet_with_a_border_has_it_on_all_sides() -> None:
    made = lay_out((400, 300), None, (1000, 1000), "shrink", border=50)
    assert made.content == (900, 675)
    assert made.sheet == (1000, 775)


def test_a_bleed_is_cut_from_the_picture_not_from_the_print() -> None:
    made = lay_out((400, 300), None, (820, 620), "crop", bleed=10)
    assert made.trim == (800, 600)
    grow = made.scale[0]
    assert made.shown == pytest.approx(
        (
            made.source[0] + 10 / grow,
            made.source[1] + 10 / grow,
            made.source[2] - 10 / grow,
            made.source[3] - 10 / grow,
        )
    )


def test_no_room_for_the_picture_is_refused() -> None:
    with pytest.raises(SizeRefused, match="leave nothing"):
        lay_out((400, 300), None, (100, 50), "pad", border=20, bleed=5)
