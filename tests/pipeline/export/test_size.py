"""Sizes mean exactly so many pixels, and anything else is refused with a way out."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import SizeRefused
from pipeline.export.size import NAMED, parse_length, parse_size


@pytest.mark.parametrize(
    ("text", "dpi", "pixels"),
    [
        ("8x10in", 300, (2400, 3000)),
        ("10x15cm", 300, (1181, 1772)),
        ("100x150mm", 300, (1181, 1772)),
        (" 4 X 6 in ", 600, (2400, 3600)),
        ("3.5x5in", 300, (1050, 1500)),
        ('5x7"', 240, (1200, 1680)),
        ("4x6inch", 300, (1200, 1800)),
        ("13x18 cm", 300, (1535, 2126)),
        ("custom 13x18cm", 300, (1535, 2126)),
        ("CUSTOM 13 x 18 CM", 300, (1535, 2126)),
        ("10,5x15cm", 300, (1240, 1772)),
        ("2048x1536px", 300, (2048, 1536)),
        ("1999x1001 px", 96.7, (1999, 1001)),
        ("A4", 300, (2480, 3508)),
        ("din a4", 300, (2480, 3508)),
        ("a0", 300, (9933, 14043)),
        ("Letter", 300, (2550, 3300)),
        ("US-Legal", 300, (2550, 4200)),
        ("wallet", 300, (750, 1050)),
        ("postcard", 300, (1748, 1240)),
        ("passport", 600, (827, 1063)),
        ("4r", 300, (1200, 1800)),
    ],
)
def test_a_size_means_exactly_so_many_pixels(
    text: str, dpi: float, pixels: tuple[int, int]
) -> None:
    assert parse_size(text, dpi).pixels == pixels


def test_half_a_pixel_is_rounded_up_though_floats_fall_short_of_it() -> None:
    """6.35 mm at 150 dpi are 37.5 px; in floating point 10.16 mm x 1.5625 px/mm is not even."""
    assert parse_size("6.35x19.05mm", 150).pixels == (38, 113)


@given(
    st.integers(1, 5000), st.integers(1, 5000), st.integers(72, 2400), st.sampled_from(["mm", "cm"])
)
def test_pixels_are_those_of_exact_arithmetic(across: int, down: int, dpi: int, unit: str) -> None:
    tenth = Fraction(1, 10) if unit == "mm" else Fraction(1, 100)
    wanted = tuple(
        int(n * tenth / Fraction("25.4") * (10 if unit == "cm" else 1) * dpi + Fraction(1, 2))
        for n in (across, down)
    )
    shift = 1 if unit == "mm" else 2
    text = "x".join(f"{n // 10**shift}.{n % 10**shift:0{shift}d}" for n in (across, down)) + unit
    if min(wanted) < 1:
        with pytest.raises(SizeRefused):
            parse_size(text, dpi)
    else:
        assert parse_size(text, dpi).pixels == wanted


def test_millimetres_are_told() -> None:
    assert parse_size("A4", 300).millimetres == pytest.approx((210, 297))
    assert parse_size("8x10in", 300).millimetres == pytest.approx((203.2, 254))


@pytest.mark.parametrize(
    "text",
    [
        *["", "8x10", "8in", "8x10ft", "-8x10in", "0x10in", "9999x1in", "1e3x2in", "nanxnanin"],
        *["٨x١٠in", "8x10in/../..", "0.001x5mm", "12.5x10px", "0x5px", "99999x99999px", "custom"],
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SizeRefused):
        parse_size(text, 300)


def test_more_pixels_than_a_sheet_may_have_are_refused_with_their_number() -> None:
    with pytest.raises(SizeRefused, match="96000 x 96000 px"):
        parse_size("40x40in", 2400)


def test_a_misspelt_name_is_told_its_neighbours() -> None:
    with pytest.raises(SizeRefused, match="wallet"):
        parse_size("walet", 300)
    with pytest.raises(SizeRefused, match="A4"):
        parse_size("A44", 300)


def test_a_size_without_a_unit_is_asked_for_one() -> None:
    with pytest.raises(SizeRefused) as refused:
        parse_size("8 x 10", 300)
    assert "8x10in or 8x10cm" in refused.value.line()


def test_a_refused_size_is_not_repeated_at_length() -> None:
    with pytest.raises(SizeRefused) as refused:
        parse_size("x\n" * 5000, 300)
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("dpi", [0, 71, 2401, float("nan"), float("inf")])
def test_a_resolution_out_of_range_is_refused(dpi: float) -> None:
    with pytest.raises(SizeRefused):
        parse_size("8x10in", dpi)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("8 x 10 IN", "8x10in-300dpi"),
        ('8x10"', "8x10in-300dpi"),
        ("10,5x15cm", "10.5x15cm-300dpi"),
        ("custom 13x18 cm", "13x18cm-300dpi"),
        ("a4", "A4-300dpi"),
        ("WALLET", "wallet-300dpi"),
    ],
)
def test_the_label_is_a_plain_folder_name(text: str, label: str) -> None:
    assert parse_size(text, 300).label == label


def test_every_name_makes_a_folder_name_that_every_system_takes() -> None:
    for name in NAMED:
        assert re.fullmatch(r"[A-Za-z0-9.-]+", parse_size(name, 300).label)


@pytest.mark.parametrize(
    ("text", "inches"),
    [
        *[("3mm", 3 / 25.4), ("0.125in", 0.125), ("0,3 cm", 0.3 / 2.54), ("0", 0.0)],
        *[("0mm", 0.0), (' .125"'.replace(" .", "0."), 0.125), ("3 MM", 3 / 25.4)],
    ],
)
def test_a_length_is_read_in_inches(text: str, inches: float) -> None:
    assert parse_length(text) == pytest.approx(inches, abs=1e-12)


@pytest.mark.parametrize("text", ["", "3", "-3mm", "3px", "mm", "3mm5", "5in", "3 furlongs"])
def test_other_lengths_are_refused(text: str) -> None:
    with pytest.raises(SizeRefused, match="bleed"):
        parse_length(text, what="bleed")


@pytest.mark.parametrize("text", ["8x10in", "10x15cm", "A6", "passport"])
@pytest.mark.parametrize("dpi", [240, 300, 600])
def test_a_bleed_leaves_the_trimmed_print_exact_and_is_never_less_than_asked_for(
    text: str, dpi: float
) -> None:
    size = parse_size(text, dpi)
    bleed = parse_length("3mm")
    px = size.bleed_px(bleed)
    assert px / dpi * 25.4 >= 3.0
    assert (px - 1) / dpi * 25.4 < 3.0
    sheet = size.sheet_px(px)
    assert (sheet[0] - 2 * px, sheet[1] - 2 * px) == size.pixels
