"""The parts of a face are cut out where they are, upright, tilted, sideways, or at the edge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.export.face_parts import PARTS, FacePlace
from pipeline.stages.face_alignment import TEMPLATE

SHAPE = (900, 1200)


def face(width: float, angle: float, centre: tuple[float, float]) -> FacePlace:
    """A face whose template square is so wide, turned by an angle in degrees."""
    turn = cv2.getRotationMatrix2D((256, 256), angle, width / 512)
    turn[:, 2] += np.array(centre) - 256
    points = (TEMPLATE @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    left, top = points.min(axis=0) - 10
    right, bottom = points.max(axis=0) + 10
    return FacePlace(1, (float(left), float(top), float(right), float(bottom)), points)


def inside(window: tuple[slice, slice], point: np.ndarray) -> bool:
    rows, columns = window
    return bool(columns.start <= point[0] < columns.stop and rows.start <= point[1] < rows.stop)


@pytest.mark.parametrize("angle", [0, 90, 180, 20, -45])
def test_eyes_and_mouth_are_within_their_parts_however_the_face_is_turned(angle: float) -> None:
    place = face(300, angle, (600, 450))
    assert place.landmarks is not None
    eyes, mouth = place.part("eyes", SHAPE), place.part("mouth", SHAPE)
    assert all(inside(eyes, point) for point in place.landmarks[:2])
    assert all(inside(mouth, point) for point in place.landmarks[3:])
    assert angle % 90 or not inside(eyes, place.landmarks[3:].mean(axis=0))
    assert all(inside(place.whole(SHAPE), point) for point in place.landmarks)


def test_an_upright_face_is_cut_out_at_its_own_size() -> None:
    place = face(256, 0, (600, 450))
    rows, columns = place.whole(SHAPE)
    assert (rows.stop - rows.start, columns.stop - columns.start) == (256, 256)
    rows, columns = place.part("eyes", SHAPE)
    assert columns.stop - columns.start == round(PARTS["eyes"][2] / 2)
    hair, mouth = place.part("hair", SHAPE), place.part("mouth", SHAPE)
    assert hair[0].stop < rows.start < mouth[0].start


@pytest.mark.parametrize("centre", [(0, 0), (1199, 899), (-40, 500)])
def test_a_face_at_the_edge_gives_parts_within_the_print(centre: tuple[float, float]) -> None:
    place = face(300, 0, centre)
    for window in (place.whole(SHAPE), *(place.part(name, SHAPE) for name in PARTS)):
        for side, length in zip(window, SHAPE, strict=True):
            assert 0 <= side.start < side.stop <= length


def test_without_landmarks_the_box_tells_roughly_where_the_parts_are() -> None:
    known = face(512, 0, (600, 450))
    guessed = FacePlace(1, (600 - 256 + 130, 450 - 256 + 120, 600 - 256 + 382, 450 + 184))
    for name in PARTS:
        for one, other in zip(known.part(name, SHAPE), guessed.part(name, SHAPE), strict=True):
            assert abs(one.start - other.start) <= 1
            assert abs(one.stop - other.stop) <= 1


def test_the_cheek_that_is_seen_more_of_is_shown() -> None:
    place = face(300, 0, (600, 450))
    assert place.landmarks is not None
    for shift, side in ((30, "left"), (-30, "right")):
        points = place.landmarks.copy()
        points[2, 0] += shift
        columns = FacePlace(1, place.box, points).part("skin", SHAPE)[1]
        middle = (columns.start + columns.stop) / 2
        assert (middle < 600) == (side == "left")


def test_a_face_is_read_from_what_the_stage_measured() -> None:
    entry = {"face": 3, "box_px": [1.0, 2.0, 30.0, 40.0]}
    assert FacePlace.of(entry) == FacePlace(3, (1.0, 2.0, 30.0, 40.0), None)
    marked = FacePlace.of({**entry, "landmarks_px": [[1, 2]] * 5})
    assert marked.landmarks is not None
    assert marked.landmarks.shape == (5, 2)
