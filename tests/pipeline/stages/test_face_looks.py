"""A cutting is taken where the frame lies, and what is seen in it is placed on the print."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.base import Tools
from pipeline.stages.face_looks import Frame, look_closer, upright

BOX = (180.0, 64.0, 269.0, 176.0)
"""The face of skimage's astronaut, px."""

NONE = np.zeros((5, 2), np.float32)


@pytest.fixture(scope="module")
def samples() -> NDArray[np.uint16]:
    return data.astronaut().astype(np.uint16) * 257


@pytest.fixture(scope="module")
def detector(neural_tools: Tools) -> FaceDetector:
    return neural_tools.models.face_detector()


def smooth_print() -> NDArray[np.uint16]:
    """A print whose red tells the column and whose green tells the row."""
    y, x = np.mgrid[0:300, 0:400]
    return np.stack([x * 100, y * 100, x * 0], axis=2).astype(np.uint16)


@pytest.mark.parametrize("tilt", [0.0, 30.0, -90.0, 180.0])
@pytest.mark.parametrize("side", [40.0, 160.0])
def test_each_px_of_a_cutting_comes_from_where_its_frame_says(tilt: float, side: float) -> None:
    frame = Frame(np.array([200.0, 150.0]), side, tilt)
    shown = upright(smooth_print(), frame, 64)
    back = frame.back(64)
    for x, y in ((5, 9), (32, 32), (60, 20)):
        expected = back @ [x, y, 1]
        assert shown[y, x, :2] * 655.35 == pytest.approx(expected, abs=0.3)


def test_a_frame_tilted_clockwise_shows_what_is_tilted_clockwise_upright() -> None:
    picture = np.zeros((101, 101, 3), np.uint16)
    picture[48:53, 60:90] = 65535  # To the right of the middle.
    shown = upright(picture, Frame(np.array([50.0, 50.0]), 101.0, 90.0), 101)
    assert shown[20, 50, 0] > 0.9  # Above it, in a frame whose top is the picture's right.
    assert shown[80, 50, 0] < 0.1


def test_beyond_the_edge_the_border_is_repeated(samples: NDArray[np.uint16]) -> None:
    flat = np.full((50, 50, 1), 30000, np.uint16)
    shown = upright(flat, Frame(np.array([0.0, 0.0]), 80.0, 20.0), 32)
    assert shown.shape == (32, 32, 3)
    assert shown == pytest.approx(30000 / 65535, abs=1e-4)


@pytest.mark.parametrize("guess", [0.0, 90.0, 180.0, -40.0])
def test_a_wrong_guess_of_the_tilt_is_put_right(
    samples: NDArray[np.uint16], detector: FaceDetector, guess: float
) -> None:
    seen = look_closer(samples, detector, Face(0.5, BOX, NONE), [guess])
    assert seen is not None
    assert abs(seen.tilt) < 8
    assert seen.face.score > 0.8
    assert seen.spread < 0.1
    left, top, right, bottom = seen.face.box
    assert np.abs(np.array([left, top, right, bottom]) - BOX).max() < 12


def test_where_no_face_is_none_is_seen(samples: NDArray[np.uint16], detector: FaceDetector) -> None:
    rocket = Face(0.5, (400.0, 100.0, 460.0, 180.0), NONE)
    seen = look_closer(samples, detector, rocket, [0.0])
    assert seen is None or seen.face.score < 0.3
    assert look_closer(samples, detector, Face(0.5, (9.0, 9.0, 9.0, 9.0), NONE), [0.0]) is None
