"""Faces are found at every tilt with their landmarks in order, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.models.face_detector import CenterFaceDetector
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.base import Tools
from pipeline.stages.face_finding import find_faces, measured_faces
from pipeline.stages.face_search import CERTAIN, search
from pipeline.stages.measure.condition import Limits

# Eyes, tip of the nose and corners of the mouth of skimage's astronaut, read off by eye; px.
LANDMARKS = np.array([[203.5, 101], [246.5, 103], [222.5, 127], [203, 140], [245, 141]])
LIMITS = Limits(noise_from=0.01, blockiness_from=0.1, soft_below=0.5)


@pytest.fixture(scope="module")
def detector(neural_tools: Tools) -> FaceDetector:
    return neural_tools.models.face_detector()


def head() -> NDArray[np.float32]:
    """The astronaut's head and shoulders, 260 px; its first px is (90, 0) of the picture."""
    return (data.astronaut()[:260, 90:350] / 255).astype(np.float32)


def turned_print(degrees: float, width: float) -> tuple[Photo, NDArray[np.float64]]:
    """The head on a print, turned clockwise, its face `width` px wide; and its landmarks."""
    scale = width / 88
    side = round(360 * scale)
    picture = head()
    if scale < 1:
        size = (round(260 * scale),) * 2
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
    matrix = cv2.getRotationMatrix2D((129.5, 129.5), -degrees, 1.0)
    shift = 129.5 * scale
    small = cv2.getRotationMatrix2D((shift, shift), -degrees, 1.0)
    small[:, 2] += side / 2 - shift
    shown = cv2.warpAffine(picture, small, (side, side), borderMode=cv2.BORDER_REPLICATE)
    points = ((LANDMARKS - [90, 0]) @ matrix[:, :2].T + matrix[:, 2] - 129.5) * scale + side / 2
    return Photo.of(np.clip(shown, 0, 1), None), points


@pytest.mark.parametrize(
    ("degrees", "width"), [(0, 24), (45, 24), (-45, 60), (90, 60), (-90, 24), (180, 24)]
)
def test_a_face_is_found_at_any_tilt_and_never_upside_down(
    detector: FaceDetector, degrees: float, width: float
) -> None:
    photo, truth = turned_print(degrees, width)
    (find,) = search(photo, detector)
    assert find.doubt == ""
    assert find.seen.face.score >= CERTAIN
    assert abs((find.seen.tilt - degrees + 180) % 360 - 180) < 8
    assert 0.8 * width < find.seen.width < 1.3 * width
    eyes = np.hypot(*(truth[1] - truth[0]))
    off = np.hypot(*(find.seen.face.landmarks - truth).T)
    assert off.max() < 0.25 * eyes


def test_a_small_face_on_a_large_print_is_found_in_tiles_only(detector: FaceDetector) -> None:
    photo, truth = turned_print(0, 20)
    large = np.full((600, 2600, 3), 30000, np.uint16)
    large[300 : 300 + photo.height, 1900 : 1900 + photo.width] = photo.samples
    large_print = Photo(samples=large, dpi=None, icc=None, bit_depth=8)
    (find,) = search(large_print, detector)
    assert find.seen.face.landmarks == pytest.approx(np.add(truth, [1900, 300]), abs=3)
    assert find.doubt == ""
    assert search(large_print, detector, min_px=60) == []


def test_pictures_of_things_hold_no_face(detector: FaceDetector) -> None:
    picture = (data.chelsea() / 255).astype(np.float32)
    assert search(Photo.of(picture, None), detector) == []


def test_a_print_of_a_few_px_holds_no_face(detector: FaceDetector) -> None:
    for size in ((1, 1), (3, 40), (60, 9)):
        photo = Photo.of(np.full((*size, 3), 0.5, np.float32), None)
        assert measured_faces(photo, detector, LIMITS) == []


def test_a_monochrome_print_is_searched_as_well(detector: FaceDetector) -> None:
    photo, _ = turned_print(-15, 60)
    grey = Photo(samples=photo.samples[..., 1:2], dpi=None, icc=None, bit_depth=8)
    (find,) = search(grey, detector)
    assert find.seen.tilt == pytest.approx(-15, abs=8)


def test_a_glance_takes_one_look(detector: FaceDetector) -> None:
    counted = Counted(detector)
    (face,) = find_faces(turned_print(0, 60)[0], counted)
    assert counted.looks == 1
    assert np.hypot(*(face.landmarks - turned_print(0, 60)[1]).T).max() < 10


def test_faces_are_numbered_from_the_left_and_measured(detector: FaceDetector) -> None:
    photo = turned_print(0, 60)[0]
    pair = np.concatenate([photo.samples, photo.samples[:, ::-1]], axis=1)
    faces = measured_faces(
        Photo(samples=pair, dpi=None, icc=None, bit_depth=8), detector, LIMITS, max_px=200
    )
    assert [face.number for face in faces] == [1, 2]
    assert faces[0].face.box[0] < photo.width < faces[1].face.box[0]
    for face in faces:
        report = face.report()
        assert face.trusted and report["doubt"] == ""
        assert report["covered"] < 0.1
        assert abs(report["tilt_degrees"]) < 8
        assert np.array(report["landmarks_px"]).shape == (5, 2)
        assert report["width_px"] == pytest.approx(face.width, abs=0.1)
    assert measured_faces(photo, detector, LIMITS, max_px=30) == []


@dataclass
class Counted:
    """A detector that counts how often it is asked."""

    real: FaceDetector
    name: str = "counted"
    looks: int = 0

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        self.looks += 1
        return self.real.detect(pixels)


@dataclass
class Says:
    """A second detector that sees what the first sees, with a score of its own; or nothing."""

    first: CenterFaceDetector
    score: float
    name: str = "second"

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        seen = self.first.detect(pixels) if self.score else []
        return [Face(self.score, face.box, face.landmarks) for face in seen]


@dataclass
class Unsure(Says):
    """The same as a first detector."""

    name: str = "first"


@pytest.mark.parametrize(
    ("first", "second", "by"),
    [
        (0.5, 0.7, "first"),
        (0.5, 0.85, "second"),
        (0.75, 0.0, "first"),
        (0.3, 0.85, "second"),
    ],
)
def test_two_detectors_are_certain_together_or_one_by_itself(
    detector: CenterFaceDetector, first: float, second: float, by: str
) -> None:
    photo, _ = turned_print(0, 60)
    (find,) = search(photo, Unsure(detector, first), second=Says(detector, second), min_px=50)
    assert (find.doubt, find.by) == ("", by)
    assert find.second_score == pytest.approx(second, abs=0.001)


def test_a_find_of_which_no_detector_is_certain_is_kept_with_its_doubt(
    detector: CenterFaceDetector,
) -> None:
    photo, _ = turned_print(0, 60)
    (find,) = search(photo, Unsure(detector, 0.5), second=Says(detector, 0.5), min_px=50)
    assert find.doubt == "uncertain find (score 0.50)"


def test_what_hardly_any_detector_sees_is_no_face(detector: CenterFaceDetector) -> None:
    photo, _ = turned_print(0, 60)
    assert search(photo, Unsure(detector, 0.4), second=Says(detector, 0.5), min_px=50) == []
