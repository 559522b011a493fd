"""The mask follows the face: its outline, its turn and tilt, and the edge of the print."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE, TEMPLATE, align
from pipeline.stages.face_shape import face_shape, mask_of, shape_within


def _at(mask: NDArray[np.float32], x: float, y: float) -> float:
    return float(mask[round(y), round(x)])


def test_eyes_nose_mouth_brows_and_chin_lie_within() -> None:
    mask = face_shape()
    for x, y in TEMPLATE:
        assert _at(mask, x, y) > 0.95
    assert _at(mask, 193, 205) > 0.8 and _at(mask, 319, 205) > 0.8  # the brows
    assert _at(mask, 257, 435) > 0.4  # the chin


def test_hair_ears_neck_and_background_lie_outside() -> None:
    mask = face_shape()
    assert _at(mask, 256, 70) == 0.0
    assert _at(mask, 70, 260) == 0.0 and _at(mask, 442, 260) == 0.0
    assert _at(mask, 120, 450) == 0.0 and _at(mask, 392, 450) == 0.0
    assert _at(mask, 256, 500) == 0.0


def test_it_is_narrower_at_the_jaw_than_at_the_cheeks_and_no_square() -> None:
    wide = (face_shape() > 0.5).sum(axis=1)
    assert wide[420] < 0.75 * wide[270]
    assert wide.max() < 320
    covered = float((face_shape() > 0.5).mean())
    assert 0.15 < covered < 0.35


def test_it_is_soft_everywhere() -> None:
    mask = face_shape()
    steepest = max(float(np.abs(np.diff(mask, axis=axis)).max()) for axis in (0, 1))
    assert steepest < 0.05
    assert mask.min() == 0.0 and mask.max() == 1.0


def test_a_turned_head_moves_it_to_the_near_cheek() -> None:
    points = TEMPLATE.copy()
    points[2, 0] += 30  # the nose points to the right of the picture
    mask = face_shape(points)
    rows = slice(230, 380)
    left, right = mask[rows, :256].sum(), mask[rows, 257:].sum()
    assert left > 1.15 * right
    straight = face_shape()
    assert straight[rows, :256].sum() == pytest.approx(straight[rows, 257:].sum(), rel=0.05)


def _placed(scale: float, degrees: float, at: tuple[float, float]) -> NDArray[np.float32]:
    angle = np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return ((TEMPLATE - 256) @ turn.T + np.array(at)).astype(np.float32)


@pytest.mark.parametrize("degrees", [0.0, 45.0, 90.0, -150.0])
def test_it_is_the_same_at_any_tilt(degrees: float) -> None:
    landmarks = _placed(0.5, degrees, (300.0, 300.0))
    alignment = align(landmarks)
    assert alignment is not None
    assert np.abs(mask_of(landmarks, alignment, (600, 600, 3)) - face_shape()).max() < 0.01


def test_beyond_the_edge_of_the_print_there_is_nothing_to_replace() -> None:
    landmarks = _placed(0.5, 0.0, (40.0, 200.0))
    alignment = align(landmarks)
    assert alignment is not None
    mask = mask_of(landmarks, alignment, (400, 400, 3))
    beyond = round(256 - 40 / 0.5)
    assert mask[:, : beyond - 2].max() == 0.0
    assert mask[300, 256 + 20] > 0.9
    assert np.abs(np.diff(mask, axis=1)).max() < 0.15


def test_a_face_well_inside_loses_nothing_to_the_edge() -> None:
    alignment = align(_placed(0.3, 20.0, (300.0, 300.0)))
    assert alignment is not None
    assert shape_within(alignment, (600, 600, 3)).min() == 1.0


def test_landmarks_that_lie_oddly_keep_the_mask_inside_the_template() -> None:
    points = TEMPLATE + np.array([150.0, 100.0])
    alignment = align(TEMPLATE.astype(np.float32))
    assert alignment is not None
    mask = mask_of(points, alignment, (SIDE, SIDE, 3))
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert border.max() == 0.0
    assert np.isfinite(mask).all()
