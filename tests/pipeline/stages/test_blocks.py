"""Blocks cover what is wanted, once, and are no larger than they may be."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.blocks import network_blocks
from pipeline.stages.pieces import Piece


def _outer_px(block: Piece) -> int:
    rows, columns = block.outer_rows, block.outer_columns
    return (rows.stop - rows.start) * (columns.stop - columns.start)


@pytest.mark.parametrize("size", [(1, 1), (40, 900), (1000, 1000), (2825, 2550), (700, 5000)])
@pytest.mark.parametrize("most_px", [60_000, 1_000_000])
def test_every_px_is_in_one_block_and_blocks_are_small(size: tuple[int, int], most_px: int) -> None:
    height, width = size
    count = np.zeros(size, np.uint8)
    area = slice(0, height), slice(0, width)
    for block in network_blocks(height, width, area, margin=80, most_px=most_px):
        count[block.rows, block.columns] += 1
        assert _outer_px(block) <= most_px
        assert block.outer_rows.start % 4 == block.outer_columns.start % 4 == 0
        for inner, outer in (
            (block.rows, block.outer_rows),
            (block.columns, block.outer_columns),
        ):
            assert outer.start <= inner.start < inner.stop <= outer.stop
    assert (count == 1).all()


def test_what_fits_is_one_block_without_a_margin() -> None:
    (block,) = network_blocks(800, 1200, (slice(0, 800), slice(0, 1200)), margin=80, most_px=10**6)
    assert (block.outer_rows, block.outer_columns) == (slice(0, 800), slice(0, 1200))


def test_a_part_has_the_picture_around_it_as_its_margin() -> None:
    area = slice(200, 300), slice(0, 50)
    (block,) = network_blocks(500, 400, area, margin=80, most_px=10**6)
    assert (block.rows, block.columns) == area
    assert (block.outer_rows, block.outer_columns) == (slice(120, 380), slice(0, 130))


def test_of_all_cuts_the_one_with_least_margin_is_taken() -> None:
    """A strip is cut across, a square both ways."""
    strip = network_blocks(300, 9000, (slice(0, 300), slice(0, 9000)), margin=80, most_px=10**6)
    assert all(block.rows == slice(0, 300) for block in strip)
    square = network_blocks(3000, 3000, (slice(0, 3000), slice(0, 3000)), margin=80, most_px=10**6)
    assert sum(_outer_px(block) for block in square) <= (3000 + 3 * 160) ** 2  # four by four
    assert len({block.rows.start for block in square}) > 1
    assert len({block.columns.start for block in square}) > 1


def test_margins_larger_than_the_block_may_be_are_still_given() -> None:
    blocks = network_blocks(400, 400, (slice(0, 400), slice(0, 400)), margin=80, most_px=1000)
    assert len(blocks) == 36
    assert blocks[7].outer_rows.stop - blocks[7].outer_rows.start > 160
