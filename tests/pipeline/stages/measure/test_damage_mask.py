"""Masks found on a view fit the scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.measure.damage_candidates import candidates
from pipeline.stages.measure.damage_mask import drawn_finely, enlarged
from pipeline.stages.measure.damage_view import View


def test_marks_are_enlarged_to_the_very_edge() -> None:
    marks = np.array([[1, 0], [0, 1]], np.uint8)
    mask = enlarged(marks, (5, 6), 2)
    rows, columns = [0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]
    assert np.array_equal(mask, marks[rows][:, columns] > 0)


@pytest.mark.parametrize("at", [(100, 61), (61, 140)])
def test_what_was_seen_coarsely_is_drawn_where_it_is(at: tuple[int, int]) -> None:
    # A ramp for a ground: drawn a px beside its place, the bar would not be cut at its edges.
    ramp = np.tile(np.linspace(0.2, 0.6, 240, dtype=np.float32), (240, 1))
    bar = np.zeros((240, 240), np.uint8)
    bar[at[0] : at[0] + 50, at[1] : at[1] + 7] = 1
    cover = cv2.GaussianBlur(bar.astype(np.float32), (0, 0), 0.8)
    plane = ramp + cover * (np.float32(0.95) - ramp)
    view = View(Photo.of(np.repeat(plane[..., None], 3, axis=2)).samples)
    coarse = view.smaller(3)
    found = candidates(coarse.samples, 5)
    drawn = drawn_finely(found.chosen(found.bright), found, coarse, view)
    assert np.count_nonzero(drawn != bar) < 0.2 * np.count_nonzero(bar)
    rows, columns = np.nonzero(drawn)
    assert rows.mean() == pytest.approx(at[0] + 24.5, abs=0.1)
    assert columns.mean() == pytest.approx(at[1] + 3, abs=0.1)
