from __future__ import annotations

import pytest

from pipeline.core.errors import SizeRefused
from pipeline.export.size import parse_size


@pytest.mark.parametrize(
    ("text", "dpi", "pixels"),
    [
        ("8x10in", 300, (2400, 3000)),
        ("10x15cm", 300, (1181, 1772)),
        ("100x150mm", 300, (1181, 1772)),
        (" 4 X 6 in ", 600, (2400, 3600)),
        ("3.5x5in", 300, (1050, 1500)),
        ('5x7"', 240, (1200, 1680)),
    ],
)
def test_a_size_means_exactly_so_many_pixels(
    text: str, dpi: float, pixels: tuple[int, int]
) -> None:
    assert parse_size(text, dpi).pixels == pixels


@pytest.mark.parametrize("text", ["", "8x10", "8in", "8x10ft", "-8x10in", "0x10in", "9999x1in"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SizeRefused):
        parse_size(text, 300)


@pytest.mark.parametrize("dpi", [0, 71, 2401, float("nan"), float("inf")])
def test_a_resolution_out_of_range_is_refused(dpi: float) -> None:
    with pytest.raises(SizeRefused):
        parse_size("8x10in", dpi)


def test_the_label_is_a_plain_folder_name() -> None:
    assert parse_size("8 x 10 IN", 300).label == "8x10in-300dpi"
