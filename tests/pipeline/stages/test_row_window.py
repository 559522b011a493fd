from __future__ import annotations

import numpy as np
import pytest

from pipeline.stages.row_window import RowWindow


def test_rows_are_given_as_they_came_until_they_are_let_go() -> None:
    rows = np.arange(20, dtype=np.float32).reshape(10, 2)
    window = RowWindow()
    for low, high in ((0, 3), (3, 4), (4, 9)):
        window.add(rows[low:high])
    assert np.array_equal(window.cut(2, 8), rows[2:8])
    assert np.array_equal(window.cut(4, 6), rows[4:6])
    window.forget(3)
    assert (window.start, window.stop) == (3, 9)
    assert np.array_equal(window.cut(3, 9), rows[3:9])


@pytest.mark.parametrize("part", [(0, 2), (5, 5), (8, 10)])
def test_rows_that_are_not_there_are_not_made_up(part: tuple[int, int]) -> None:
    window = RowWindow()
    window.add(np.zeros((2, 1), np.float32))
    window.add(np.zeros((7, 1), np.float32))
    window.forget(2)
    with pytest.raises(IndexError):
        window.cut(*part)
