"""Portraits whose person is known, aged to any width of the face: free ones, or a folder's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.io.read import read_scan
from pipeline.models.provider import FaceDetector
from pipeline.stages.face_alignment import Alignment, align, cut_out
from pipeline.stages.measure.condition import Condition, condition_of
from pipeline.stages.measure.resolution import luminance
from tests.benchmarks.face_ageing import AGEINGS
from tests.benchmarks.face_scenes import HEADS
from tests.benchmarks.pictures import Half, Image, named

_LEAST_PX = 60.0
"""Width of a face in a folder's picture below which it is no truth to compare with."""

_LEAST_SCORE = 0.6

_REACH = 1.6
"""What is kept around a face, in face widths, each way from its middle."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A face in a good photograph.

    Args:
        person: the same for two photographs of one person.
        picture: float32 (h, w, 3) in 0..1, the face with what is around it.
        landmarks: float (5, 2), px of it.
        width: of the face, px.
    """

    person: str
    picture: Image
    landmarks: NDArray[np.float64]
    width: float

    def aligned(self) -> Image:
        """The face on the template, as good as the photograph has it."""
        return cut_out(self.picture, _alignment(self.landmarks))


@dataclass(frozen=True, eq=False)
class AgedFace:
    """A portrait shrunk and aged.

    Args:
        portrait: the truth.
        width: of the face, px of the print.
        ageing: key of `AGEINGS`.
        before: float32 (512, 512, 3), its aligned face.
        landmarks: float (5, 2), px of the print.
        alignment: where it lies on the print.
        shape: (h, w, 3) of the print.
        condition: of the print.
    """

    portrait: Portrait
    width: int
    ageing: str
    before: Image
    landmarks: NDArray[np.float64]
    alignment: Alignment
    shape: tuple[int, ...]
    condition: Condition

    @property
    def fraction(self) -> float:
        """Real px across the aligned face over 512."""
        return min(1.0, self.condition.fraction / self.alignment.scale)


def free_portraits(half: Half) -> tuple[list[Portrait], list[Portrait]]:
    """The half's portrait, and the other half's as a stranger.

    Raises:
        LookupError: one comes with a package that is not installed.
    """
    other: Half = "held_out" if half == "tuning" else "tuning"
    return [_free(half)], [_free(other)]


def _free(half: Half) -> Portrait:
    head = HEADS[half]
    return Portrait(head.picture, named(head.picture), np.array(head.landmarks), head.width)


def portraits_in(folder: Path, detector: FaceDetector) -> list[Portrait]:
    """Every face in a folder's pictures that is large enough to be a truth.

    What stands before the last hyphen of a file's name is the person (`anna-1.jpg`, `anna-2.jpg`);
    several faces of one picture are several people.
    """
    return [one for path in sorted(folder.iterdir()) for one in _in_file(path, detector)]


def _in_file(path: Path, detector: FaceDetector) -> Iterator[Portrait]:
    photo = read_scan(path).photo
    person = path.stem.rpartition("-")[0] or path.stem
    faces = [
        face
        for face in detector.detect(photo.pixels)
        if face.score >= _LEAST_SCORE and face.box[2] - face.box[0] >= _LEAST_PX
    ]
    for number, face in enumerate(faces):
        width = face.box[2] - face.box[0]
        x, y = face.landmarks.mean(axis=0)
        left, top = (max(0, round(v - _REACH * width)) for v in (x, y))
        rows = slice(top, min(photo.height, round(y + _REACH * width)))
        columns = slice(left, min(photo.width, round(x + _REACH * width)))
        yield Portrait(
            person if len(faces) == 1 else f"{person}#{number}",
            photo.part(rows, columns),
            face.landmarks.astype(np.float64) - [left, top],
            width,
        )


def aged_face(portrait: Portrait, width: int, ageing: str, seed: int) -> AgedFace:
    """A portrait shrunk until its face has a width, then aged."""
    height, across = portrait.picture.shape[:2]
    share = width / portrait.width
    size = (max(1, round(across * share)), max(1, round(height * share)))
    small = cv2.resize(portrait.picture, size, interpolation=cv2.INTER_AREA)
    landmarks = (portrait.landmarks + 0.5) * (np.array(size) / [across, height]) - 0.5
    aged = AGEINGS[ageing](np.clip(small, 0, 1), np.random.default_rng([seed, 61]))
    aged = np.clip(aged, 0, 1).astype(np.float32)
    alignment = _alignment(landmarks)
    return AgedFace(
        portrait,
        width,
        ageing,
        cut_out(aged, alignment),
        landmarks,
        alignment,
        aged.shape,
        condition_of(luminance(aged)),
    )


def stranger_to(portrait: Portrait, others: Sequence[Portrait], number: int) -> Portrait:
    """Another person out of many; which one follows from the number.

    Raises:
        LookupError: there is nobody else.
    """
    strangers = [other for other in others if other.person != portrait.person]
    if not strangers:
        raise LookupError("pictures of two persons at least are needed")
    return strangers[number % len(strangers)]


def _alignment(landmarks: NDArray[np.float64]) -> Alignment:
    alignment = align(landmarks.astype(np.float32))
    if alignment is None:
        raise ValueError("the landmarks of a portrait are unusable")
    return alignment
