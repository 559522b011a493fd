"""Columns cover what is wanted, once, and are no wider than they may be."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.columns import network_columns, with_margin


@pytest.mark.parametrize("length", [1, 40, 1500, 2825, 9000])
@pytest.mark.parametrize("widest", [300, 1500])
def test_every_px_is_in_one_column_and_columns_are_narrow(length: int, widest: int) -> None:
    count = np.zeros(length, np.uint8)
    for inner, outer in network_columns(length, slice(0, length), margin=80, widest=widest):
        count[inner] += 1
        assert outer.stop - outer.start <= widest
        assert outer.start % 4 == 0
        assert outer.start <= inner.start < inner.stop <= outer.stop
    assert (count == 1).all()


def test_what_is_narrow_enough_is_one_column_without_a_margin() -> None:
    assert network_columns(800, slice(0, 800), margin=80, widest=800) == [
        (slice(0, 800), slice(0, 800))
    ]


def test_a_part_has_the_picture_around_it_as_its_margin() -> None:
    ((inner, outer),) = network_columns(500, slice(200, 300), margin=80, widest=300)
    assert (inner, outer) == (slice(200, 300), slice(120, 380))
    assert with_margin(slice(0, 50), 80, 100) == slice(0, 100)


def test_no_more_columns_are_cut_than_needed() -> None:
    columns = network_columns(2640, slice(0, 2640), margin=80, widest=1500)
    assert len(columns) == 2
    assert sum(outer.stop - outer.start for _, outer in columns) == 2640 + 2 * 80


def test_margins_wider_than_a_column_may_be_are_still_given() -> None:
    columns = network_columns(400, slice(0, 400), margin=80, widest=100)
    assert len(columns) == 6
    assert columns[3][1].stop - columns[3][1].start > 160
