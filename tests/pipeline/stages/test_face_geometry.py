"""Landmarks that are a face's are told from others, at any tilt."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.models.provider import Face
from pipeline.stages.face_alignment import TEMPLATE
from pipeline.stages.face_geometry import box_around, covers, impossible, tilt_of

WIDTH = 290.0
PROFILE = np.array([[190, 240], [240, 238], [300, 310], [215, 372], [250, 370]], np.float64)


def turned(points: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Clockwise, as one looks at the picture."""
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return points @ turn.T


def boxed(left: float, top: float, right: float, bottom: float) -> Face:
    return Face(0.9, (left, top, right, bottom), np.zeros((5, 2), np.float32))


@pytest.mark.parametrize("degrees", [-170, -90, -45, 0, 30, 90, 135, 180])
def test_the_tilt_of_a_face_is_told(degrees: float) -> None:
    assert tilt_of(turned(TEMPLATE, degrees)) == pytest.approx(degrees, abs=1.0)


@pytest.mark.parametrize("degrees", [-120, 0, 45, 180])
@pytest.mark.parametrize("points", [TEMPLATE, PROFILE])
def test_a_face_may_be_one_at_any_tilt(points: NDArray[np.float64], degrees: float) -> None:
    assert impossible(turned(points, degrees), WIDTH) == ""


def moved(index: int, x: float, y: float) -> NDArray[np.float64]:
    points = TEMPLATE.copy()
    points[index] = (x, y)
    return points


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (TEMPLATE[[1, 0, 2, 3, 4]], "exchanged"),
        (TEMPLATE[[0, 1, 2, 4, 3]], "exchanged"),
        (moved(2, 256, 150), "nose"),
        (moved(2, 600, 314), "nose"),
        (TEMPLATE * [1, 0.2], "mouth is not below"),
        (TEMPLATE * [1, 4.0], "mouth is not below"),
        (np.vstack([TEMPLATE[:3], [[250, 371], [262, 371]]]), "mouth does not go"),
        (np.full((5, 2), 7.0), "below"),
        (np.full((5, 2), np.nan), "five points"),
        (TEMPLATE[:4], "five points"),
    ],
)
def test_landmarks_that_no_face_has_are_refused(points: NDArray[np.float64], reason: str) -> None:
    assert reason in impossible(points, WIDTH)


def test_landmarks_must_go_with_the_width_of_the_box() -> None:
    assert "width" in impossible(TEMPLATE, 2000.0)
    assert "width" in impossible(TEMPLATE, 100.0)


def test_the_box_of_an_upright_face_is_its_own_and_that_of_a_sideways_one_lies_down() -> None:
    centre = np.array([100.0, 50.0])
    assert box_around(centre, 40, 60, 0) == pytest.approx((80, 20, 120, 80))
    assert box_around(centre, 40, 60, -90) == pytest.approx((70, 30, 130, 70))
    left, _, right, _ = box_around(centre, 40, 60, 45)
    assert 40 < right - left < 60


def test_a_box_covers_what_has_its_middle_well_inside() -> None:
    whole = boxed(0, 0, 100, 100)
    assert covers(whole, boxed(20, 20, 40, 40))
    assert not covers(whole, boxed(90, 20, 110, 40))
