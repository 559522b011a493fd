"""Boxes of faces are told apart by how far they overlap."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.models.face_boxes import distinct, overlap


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 2, 2), (0, 0, 2, 2)) == 1.0
    assert overlap((0, 0, 2, 2), (1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 1, 1), (1, 0, 2, 1)) == 0.0
    assert overlap((3, 3, 3, 3), (3, 3, 3, 3)) == 0.0


def test_of_boxes_that_are_one_face_the_best_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [8, 0, 18, 10], [5, 5, 5, 9]], np.float32)
    assert distinct(boxes, np.array([0.9, 0.8, 0.7, 0.6], np.float32)) == [0, 2]
