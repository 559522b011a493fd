"""Finding the faces of a print and measuring how they fare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.core.photo import Photo
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_alignment import SIDE, Alignment, align
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.condition import Condition, Limits, condition_of_photo, faults
from pipeline.stages.measure.sampling import luma_tiles, reduced

_DETECT_SIDE = 1280
"""Longest side the detector is given, px."""


@dataclass(frozen=True)
class MeasuredFace:
    """A face of the print and what speaks for redrawing it.

    Args:
        number: 1 for the face furthest to the left.
        face: where it is, px of the print.
        alignment: how it is set upright, or None when its landmarks are unusable.
        condition: what was measured on and around it.
        faults: what is wrong with it, in words.
    """

    number: int
    face: Face
    alignment: Alignment | None
    condition: Condition
    faults: tuple[str, ...]

    @property
    def name(self) -> str:
        """What messages call it."""
        left, top, right, bottom = (round(value) for value in self.face.box)
        return f"face {self.number} at x {left}..{right}, y {top}..{bottom}"

    @property
    def width(self) -> float:
        """Width of its box, px of the print."""
        return self.face.box[2] - self.face.box[0]

    @property
    def real_px(self) -> float:
        """Real px of the print across the aligned face, hair and neck included."""
        if self.alignment is None:
            return 0.0
        return SIDE / self.alignment.scale * self.condition.fraction

    def report(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "face": self.number,
            "score": round(self.face.score, 3),
            "box_px": [round(value, 1) for value in self.face.box],
            "width_px": round(self.width, 1),
            "real_px_across": round(self.real_px, 1),
            "misfit": None if self.alignment is None else round(self.alignment.misfit, 3),
            **self.condition.as_measures(),
            "faults": list(self.faults),
        }


def find_faces(photo: Photo, detector: FaceDetector) -> list[Face]:
    """Every face the detector sees in the print reduced to 1280 px.

    Returns:
        Faces in px of the print, from left to right.
    """
    return _in_print(detector.detect(reduced(photo, _DETECT_SIDE)), photo)


def measured_faces(photo: Photo, detector: FaceDetector, limits: Limits) -> list[MeasuredFace]:
    """Every face found, from left to right, with its condition against the limits."""
    faces = find_faces(photo, detector)
    # A face alone is too small to show the JPEG grid: that is measured on the whole print.
    blocks = blockiness_in(luma_tiles(photo)) if faces else 0.0
    measured = []
    for number, face in enumerate(faces, start=1):
        condition = replace(condition_of_photo(_surroundings(photo, face)), blockiness=blocks)
        wrong = tuple(faults(condition, limits))
        measured.append(MeasuredFace(number, face, align(face.landmarks), condition, wrong))
    return measured


def _surroundings(photo: Photo, face: Face) -> Photo:
    """A square around a face, at least 96 px where the print is large enough."""
    left, top, right, bottom = face.box
    reach = max(0.8 * (right - left), 48.0)
    x, y = (left + right) / 2, (top + bottom) / 2
    rows = slice(max(0, int(y - reach)), max(1, int(y + reach)))
    columns = slice(max(0, int(x - reach)), max(1, int(x + reach)))
    return replace(photo, samples=photo.samples[rows, columns], infrared=None)


def _in_print(faces: list[Face], photo: Photo) -> list[Face]:
    """Faces found in the reduced picture, in px of the print, in reading order."""
    longest = max(photo.height, photo.width)
    if longest > _DETECT_SIDE:
        step = longest / _DETECT_SIDE
        faces = [
            Face(
                face.score,
                (face.box[0] * step, face.box[1] * step, face.box[2] * step, face.box[3] * step),
                np.asarray((face.landmarks + 0.5) * step - 0.5, dtype=np.float32),
            )
            for face in faces
        ]
    return sorted(faces, key=lambda face: (face.box[0], face.box[1]))
