"""Masks found on a view fit the scan."""

from __future__ import annotations

import numpy as np

from pipeline.stages.measure.damage_mask import enlarged


def test_marks_are_enlarged_to_the_very_edge() -> None:
    marks = np.array([[1, 0], [0, 1]], np.uint8)
    mask = enlarged(marks, (5, 6), 2)
    rows, columns = [0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
    assert np.array_equal(mask, marks[rows][:, columns] > 0)
