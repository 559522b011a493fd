"""Eyes of a face, cut out at one scale whatever the size of the face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.models.provider import Face
from pipeline.stages.measure.red_pupil import HALF, UNIT

EYES_TO_MOUTH = 0.96
"""Distance between the eyes over that from eyes to mouth, on a face seen from the front."""


@dataclass(frozen=True)
class EyePatch:
    """The surroundings of one eye.

    Args:
        side: "left" or "right", as seen in the picture.
        pixels: float32 (2 HALF + 1, 2 HALF + 1, 3) in 0..1, the landmark in the middle; there the
            eyes of this face lie `UNIT` px apart. Beyond the print's edge its last px repeat.
        step: px of the print to one px of the patch.
        left, top: px of the print where the patch begins.
        unit: what the distance between the eyes would be from the front, px of the print.
    """

    side: str
    pixels: Pixels
    step: float
    left: int
    top: int
    unit: float

    def in_print(self, x: float, y: float) -> tuple[float, float]:
        """A place of the patch, px of it, as px of the print."""
        return (
            (x + 0.5) * self.step - 0.5 + self.left,
            (y + 0.5) * self.step - 0.5 + self.top,
        )


def eye_patches(photo: Photo, face: Face) -> Iterator[EyePatch]:
    """The left and the right eye of a face; an eye whose landmark lies outside is left out."""
    unit = eye_distance(face.landmarks)
    for side, (x, y) in zip(("left", "right"), face.landmarks[:2].tolist(), strict=True):
        if 0 <= x < photo.width and 0 <= y < photo.height:
            yield _cut(photo, side, (round(x), round(y)), unit)


def eye_distance(landmarks: NDArray[np.float32]) -> float:
    """Distance between the eyes, px, as it would be if the head were not turned aside.

    A head that is turned shortens it, but hardly the distance from eyes to mouth.
    """
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:5].mean(axis=0)
    across = float(np.linalg.norm(landmarks[1] - landmarks[0]))
    return max(across, EYES_TO_MOUTH * float(np.linalg.norm(mouth - eyes)))


def _cut(photo: Photo, side: str, centre: tuple[int, int], unit: float) -> EyePatch:
    reach = max(4, round(unit * HALF / UNIT))
    left, top = centre[0] - reach, centre[1] - reach
    length = 2 * reach + 1
    rows = slice(max(0, top), min(photo.height, top + length))
    columns = slice(max(0, left), min(photo.width, left + length))
    piece = photo.part(rows, columns)
    piece = cv2.copyMakeBorder(
        piece,
        rows.start - top,
        top + length - rows.stop,
        columns.start - left,
        left + length - columns.stop,
        cv2.BORDER_REPLICATE,
    )
    side_px = 2 * HALF + 1
    way = cv2.INTER_AREA if length > side_px else cv2.INTER_CUBIC
    pixels = np.clip(cv2.resize(piece, (side_px, side_px), interpolation=way), 0.0, 1.0)
    return EyePatch(side, np.asarray(pixels, dtype=np.float32), length / side_px, left, top, unit)
