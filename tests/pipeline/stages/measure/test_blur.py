"""The kind of blur, its extent and its direction are told from the picture alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.blur import Blur, blur_of
from tests.benchmarks.ageing_optics import defocused, moved, oversampled, saved_as_jpeg
from tests.pipeline.stages.simulated_ageing import clean, noisy

Image = NDArray[np.float32]


def scan(picture: Image, oversampling: int = 1, noise: float = 2.0) -> Photo:
    return Photo.of(noisy(oversampled(picture, oversampling), noise))


def turned(one: float, other: float) -> float:
    return abs((one - other + 90) % 180 - 90)


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee", "rocket"])
def test_a_sharp_picture_has_no_blur(name: str) -> None:
    found = blur_of(scan(clean(name)))
    assert found.kind == "none"
    assert found.length_px == found.radius_px == 0


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_sharp_picture_scanned_finer_than_it_is_has_no_blur(name: str) -> None:
    assert blur_of(scan(clean(name), oversampling=2)).kind == "none"


@pytest.mark.parametrize(
    ("name", "length", "angle", "oversampling"),
    [("astronaut", 9.0, 30.0, 1), ("camera", 18.0, 135.0, 1), ("coffee", 12.0, 85.0, 2)],
)
def test_motion_is_told_with_length_and_angle(
    name: str, length: float, angle: float, oversampling: int
) -> None:
    found = blur_of(scan(moved(clean(name), length, angle), oversampling))
    assert found.kind == "motion"
    assert found.length_px == pytest.approx(length * oversampling, rel=0.2)
    assert turned(found.angle_degrees, angle) < 10
    assert found.sure > 0.9


@pytest.mark.parametrize(
    ("name", "radius", "oversampling"),
    [("astronaut", 3.0, 1), ("camera", 6.0, 1), ("coffee", 3.5, 2)],
)
def test_defocus_is_told_with_its_radius(name: str, radius: float, oversampling: int) -> None:
    found = blur_of(scan(defocused(clean(name), radius), oversampling))
    assert found.kind == "defocus"
    assert found.radius_px == pytest.approx(radius * oversampling, rel=0.2)
    assert found.sigma_px == pytest.approx(found.radius_px / 2)


def test_hard_compression_is_told_from_blur() -> None:
    saved = saved_as_jpeg(clean("astronaut"), 15)
    assert blur_of(Photo.of(saved)).kind == "compression"


def test_turning_the_picture_turns_the_motion() -> None:
    picture = noisy(moved(clean("astronaut"), 12, 30), 2.0)
    upright = blur_of(Photo.of(picture))
    mirrored = blur_of(Photo.of(np.ascontiguousarray(picture[:, ::-1])))
    assert turned(mirrored.angle_degrees, 180 - upright.angle_degrees) < 5


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 300, 3), (40, 40, 3), (300, 300, 3)])
def test_too_small_or_flat_a_picture_has_no_blur(shape: tuple[int, ...]) -> None:
    assert blur_of(Photo.of(np.full(shape, 0.5, np.float32))).kind == "none"


def test_a_large_picture_is_told_from_parts_of_it() -> None:
    large = cv2.resize(clean("astronaut"), (1536, 1536), interpolation=cv2.INTER_AREA)
    photo = Photo.of(noisy(moved(large, 30, 60), 2.0))
    found = blur_of(photo, most_px=600_000)
    assert found.kind == "motion"
    assert found.length_px == pytest.approx(30, rel=0.2)


def test_the_numbers_are_json() -> None:
    told = Blur("motion", 1.0, 9.04, 30.06, 0.98765).as_measures()
    assert told["kind"] == "motion"
    assert told["length_px"] == 9.0
    assert told["angle_degrees"] == 30.1
    assert told["sure"] == 0.988
