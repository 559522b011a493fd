"""Structures go on through holes, and nothing outside them changes."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.stages.coherence import continued
from tests.pipeline.stages.simulated_ageing import clean


def _scratched_edge() -> tuple[np.ndarray, np.ndarray]:
    """A slanting edge, and a hole 7 px wide that crosses it."""
    rows, columns = np.mgrid[:120, :120].astype(np.float32)
    plane = 0.5 + 0.3 * np.tanh((columns - 0.7 * rows - 15) / 2)
    holes = np.zeros(plane.shape, bool)
    holes[52:59, 10:110] = True
    return np.repeat(plane[..., None], 3, axis=2).astype(np.float32), holes


def _guess(picture: np.ndarray, holes: np.ndarray) -> np.ndarray:
    planes = [
        cv2.inpaint(np.rint(p * 65535).astype(np.uint16), holes.astype(np.uint8), 3, 0)
        for p in np.moveaxis(picture, 2, 0)
    ]
    return np.stack(planes, 2).astype(np.float32) / 65535


def test_an_edge_goes_on_through_a_scratch_that_crosses_it() -> None:
    truth, holes = _scratched_edge()
    guess = _guess(truth, holes)
    made = continued(guess, holes)
    before, after = (np.abs(p - truth)[holes].mean() for p in (guess, made))
    assert after < 0.6 * before


def test_a_photograph_is_filled_nearer_to_the_truth_than_by_the_first_guess() -> None:
    truth = clean("astronaut")[100:300, 100:300]
    holes = np.zeros(truth.shape[:2], bool)
    holes[:, 40:200:40] = holes[:, 41:200:40] = holes[:, 42:200:40] = True
    guess = _guess(truth, holes)
    made = continued(guess, holes)
    before, after = (float(((p - truth)[holes] ** 2).mean()) for p in (guess, made))
    assert after < 0.8 * before


def test_outside_the_holes_every_value_stays_and_none_leaves_the_range() -> None:
    truth, holes = _scratched_edge()
    made = continued(_guess(truth, holes), holes)
    assert np.array_equal(made[~holes], _guess(truth, holes)[~holes])
    assert truth.min() - 1e-4 <= made.min() <= made.max() <= truth.max() + 1e-4


def test_holes_at_the_rim_and_slivers_are_filled() -> None:
    rim = np.full((1, 9, 3), 0.4, np.float32)
    assert np.allclose(continued(rim, np.ones((1, 9), bool)), 0.4)
    corner = np.full((30, 30, 1), 0.7, np.float32)
    holes = np.zeros((30, 30), bool)
    holes[:4, :5] = True
    assert np.allclose(continued(corner, holes), 0.7)
