"""When a whole print is redrawn, no face may become another one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.provider import Face
from pipeline.stages.base import Tools
from pipeline.stages.face_finding import find_faces
from pipeline.stages.measure.condition import condition_of_photo
from pipeline.stages.redrawn_faces import RedrawnFace, guarded_faces, report, shares, told


@pytest.fixture(scope="module")
def portrait(astronaut: NDArray[np.float32]) -> Photo:
    return Photo.of(np.ascontiguousarray(astronaut[0:280, 90:370]))


@pytest.fixture(scope="module")
def found(portrait: Photo, neural_tools: Tools) -> list[Face]:
    faces = find_faces(portrait, neural_tools.models.face_detector())
    assert len(faces) == 1
    return faces


def _guarded(photo: Photo, made: NDArray[np.uint16], found: list[Face]) -> list[RedrawnFace]:
    return guarded_faces(photo, made, 0.8, found, condition_of_photo(photo), None)


def test_a_face_that_was_only_cleaned_keeps_all_that_was_drawn(
    portrait: Photo, found: list[Face]
) -> None:
    made = cv2.bilateralFilter(portrait.pixels, 5, 0.03, 2.0)
    samples = np.rint(made * 65535).astype(np.uint16)
    faces = _guarded(portrait, samples, found)
    assert [face.guarded.outcome for face in faces] == ["restored"]
    assert told(faces) == ""
    assert not shares(0.8, faces).faces


def test_a_face_drawn_with_other_features_stays_as_the_scan_shows_it(
    portrait: Photo, found: list[Face]
) -> None:
    left, top, right, bottom = (round(value) for value in found[0].box)
    samples = portrait.samples.copy()
    face = samples[top:bottom, left:right]
    samples[top:bottom, left:right] = face[:, ::-1]
    samples[top + 20 : bottom, left:right] = face[: face.shape[0] - 20]
    faces = _guarded(portrait, samples, found)
    assert faces[0].guarded.strength < 0.8
    assert "departs from the scan" in faces[0].guarded.tried[0].objection
    assert "1 of 1 face" in told(faces)
    held = shares(0.8, faces)
    assert [share.share for share in held.faces] == [faces[0].guarded.strength]
    entry = report(faces)[0]
    assert entry["face"] == 1
    assert entry["asked_strength"] == 0.8


def test_an_uncertain_find_is_not_looked_after(portrait: Photo, found: list[Face]) -> None:
    doubtful = Face(0.3, found[0].box, found[0].landmarks)
    assert _guarded(portrait, portrait.samples.copy(), [doubtful]) == []
