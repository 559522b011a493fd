"""Eyes are cut out at one scale, and places in them are places of the print."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.models.provider import Face
from pipeline.stages.eye_patch import eye_distance, eye_patches
from pipeline.stages.measure.red_pupil import HALF, UNIT


def face(unit: float, x: float, y: float, turned: float = 1.0) -> Face:
    """A face whose left eye lies at (x, y); turned aside its eyes come nearer to each other."""
    across = unit * turned
    points = [(x, y), (x + across, y), (x + across / 2, y + 0.6 * unit)]
    points += [(x + 0.1 * across, y + unit / 0.96), (x + 0.9 * across, y + unit / 0.96)]
    return Face(0.9, (x, y, x + across, y + unit), np.array(points, np.float32))


def dotted(x: int, y: int, size: int) -> Photo:
    """Grey with a bright square of about `size` px around a place."""
    pixels = np.full((300, 400, 3), 0.3, np.float32)
    pixels[y - size // 2 : y + size // 2 + 1, x - size // 2 : x + size // 2 + 1] = 1.0
    return Photo.of(pixels)


@pytest.mark.parametrize("unit", [30.0, 120.0, 200.0])
def test_a_place_of_the_patch_is_that_place_of_the_print(unit: float) -> None:
    x, y, size = 150, 120, max(3, round(unit / 15))
    patch = next(iter(eye_patches(dotted(x, y, size), face(unit, x + 6, y - 4))))
    assert patch.pixels.shape == (2 * HALF + 1, 2 * HALF + 1, 3)
    assert patch.step == pytest.approx(unit / UNIT, rel=0.06)
    rows, columns = np.nonzero(patch.pixels[..., 0] > 0.8)
    assert patch.in_print(columns.mean(), rows.mean()) == pytest.approx((x, y), abs=0.6)


def test_a_head_turned_aside_keeps_its_scale() -> None:
    assert eye_distance(face(100, 50, 50, turned=0.6).landmarks) == pytest.approx(100, rel=0.01)
    assert eye_distance(face(100, 50, 50).landmarks) == pytest.approx(100, rel=0.01)


def test_the_edge_is_continued_and_an_eye_outside_is_left_out() -> None:
    photo = dotted(3, 100, 3)
    left, right = eye_patches(photo, face(100, 3, 100))
    assert (left.side, right.side) == ("left", "right")
    assert np.allclose(left.pixels[:5, :10], 0.3, atol=1e-3)
    (only,) = eye_patches(photo, face(100, -40, 100))
    assert only.side == "right"
    assert not list(eye_patches(photo, face(100, 500, 100)))
