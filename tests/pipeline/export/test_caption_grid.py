"""The contact sheet's pages are filled, and no place leaves the paper."""

from __future__ import annotations

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.caption_grid import MARGIN, grid_for


@pytest.mark.parametrize(
    "page", [(8.27, 11.69), (11.69, 8.27), (8.5, 11.0), (11.69, 16.54), (4, 6)]
)
@pytest.mark.parametrize("lines", [0, 1, 4, 8])
def test_every_place_lies_between_the_margins(page: tuple[float, float], lines: int) -> None:
    grid = grid_for(page, lambda room: lines)
    for place in range(grid.on_a_page):
        left, bottom = grid.corner(place)
        assert left >= MARGIN
        assert left + grid.cell <= grid.width - MARGIN + 1e-6
        assert bottom - grid.text >= MARGIN
        assert bottom + grid.picture <= grid.height - MARGIN
        assert 0.6 * grid.cell < grid.picture <= grid.cell


def test_places_are_read_in_rows_from_the_top() -> None:
    grid = grid_for((8.27, 11.69), lambda room: 3)
    assert (grid.columns, grid.on_a_page) == (3, grid.rows * 3)
    first, second, next_row = (grid.corner(place) for place in (0, 1, 3))
    assert first[1] == second[1] > next_row[1]
    assert first[0] == next_row[0] < second[0]
    assert first[1] - next_row[1] >= grid.picture + grid.text


def test_longer_captions_take_room_from_the_pictures() -> None:
    pages = [grid_for((8.27, 11.69), lambda room, n=n: n) for n in (1, 8)]  # type: ignore[misc]
    assert pages[0].on_a_page > pages[1].on_a_page
    assert pages[1].text > 8 * 8


@pytest.mark.parametrize("page", [(1.5, 11.0), (8.0, 2.0), (0.1, 0.1)])
def test_paper_without_room_is_refused(page: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="no room"):
        grid_for(page, lambda room: 4)
