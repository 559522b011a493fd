from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.export.naming import export_stem, slug


@given(st.text())
def test_any_name_becomes_a_short_plain_stem(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,81}", slug(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attic/Tante Müller 1962.tif", "Tante_Muller_1962"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        ("a\nb%0A\u202ec.png", "a_b_0Ac"),
        ("写真.tif", "scan"),
        ("CON.tif", "CON_"),
        ("x" * 255 + ".tif", "x" * 80),
    ],
)
def test_hostile_and_foreign_names(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_two_prints_of_one_scan_have_different_stems() -> None:
    assert export_stem("page.tif", "0001-1") != export_stem("page.tif", "0001-2")
