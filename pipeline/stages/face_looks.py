"""A closer look at what may be a face: set upright, at a good size, several times.

What a detector says of a whole print is a guess: it is unsure of small faces, puts the landmarks
of tilted ones an eye's width off, and takes patterns for faces. Asked again about an upright
cutting in which the face is 48 to 128 px wide, it says the same of a face each time and something
else each time of anything but a face. The mean of the answers tells the two apart, and the mean of
the landmarks lies nearer to the truth than any one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.core.samples import to_float
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_geometry import box_around, tilt_of
from pipeline.stages.face_softening import softened

_FIRST_PX = 96
"""Width of the face at the first look, px."""

_MORE_PX = (48, 64, 128)
"""Widths of the face at the other looks, px."""

_GLANCE_PX = 64
"""Width of the face at the look that weak finds must pass first, px."""

_WEAK, _WORTH_MORE = 0.25, 0.3
"""Finds weaker than the one are looked at further when a glance gives the other."""

_AROUND = 2.6
"""Side of the cutting in widths of the face: hair and neck belong to how a face is known."""

_LEVEL = 4.0
"""Degrees of tilt that are left standing."""

_MOST_TURNS = 4
"""Looks spent on setting a face upright."""

_SURE = 0.8
"""Score of the first look from which no other direction is tried."""

_NEAR_UPRIGHT = 25.0
"""Degrees that the first look may differ from the tilt taken for granted."""


@dataclass(frozen=True)
class Seen:
    """A face as the closer looks saw it.

    Args:
        face: score is the mean of the looks; box and landmarks in px of the picture.
        tilt: degrees clockwise, in (-180, 180].
        width, height: of its box in its own upright frame, px of the picture.
        spread: mean distance of a look's landmarks from their mean, in distances between the eyes.
    """

    face: Face
    tilt: float
    width: float
    height: float
    spread: float


@dataclass(frozen=True)
class Frame:
    """Where a square cutting lies on a picture.

    Args:
        centre: (x, y) of its middle, px of the picture.
        side: px of the picture.
        tilt: degrees clockwise by which it is turned.
        soft: how much the picture is softened, as `softening_of` gives it.
    """

    centre: NDArray[np.float64]
    side: float
    tilt: float
    soft: float = 0.0

    def back(self, px: int) -> NDArray[np.float64]:
        """float64 (2, 3): what takes px of a cutting of `px` a side to px of the picture."""
        step, angle = self.side / px, np.radians(self.tilt)
        along, across = np.cos(angle) * step, np.sin(angle) * step
        linear = np.array([[along, -across], [across, along]])
        return np.hstack([linear, (self.centre - linear @ np.full(2, (px - 1) / 2))[:, None]])


def look_closer(
    samples: NDArray[np.uint16],
    detector: FaceDetector,
    face: Face,
    tilts: list[float],
    soft: float = 0.0,
) -> Seen | None:
    """The same face again, upright and at a good size.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1): the print.
        detector: finds faces.
        face: as found on the print. When its score is low, one small look decides whether to go on.
        tilts: degrees clockwise by which it may be tilted, likeliest first; when it is not surely
            seen at the first, quarter turns of it are tried as well.
        soft: how much the picture is softened, as `softening_of` gives it.

    Returns:
        What was seen, or None when nothing was.
    """
    left, top, right, bottom = face.box
    width = float(np.sqrt((right - left) * (bottom - top) / 1.3))
    if not width > 1:
        return None
    centre = np.array([(left + right) / 2, (top + bottom) / 2]) - 0.5
    start = Frame(centre, _AROUND * width, tilts[0], soft)
    if face.score < _WEAK:
        glance = _glimpse(samples, detector, start, _GLANCE_PX)
        if glance is None or glance.score < _WORTH_MORE:
            return None
    levelled = [_levelled(samples, detector, start)]
    if not _sure(levelled[0], tilts[0]):
        for tilt in _other(tilts):
            levelled.append(_levelled(samples, detector, replace(start, tilt=tilt)))
    best = max((one for one in levelled if one), key=lambda one: one[1].score, default=None)
    return None if best is None else _seen(samples, detector, *best)


def upright(samples: NDArray[np.uint16], frame: Frame, px: int) -> Pixels:
    """A square cut out of a picture along a tilted frame.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1).
        frame: where it lies.
        px: side of the cutting, px.

    Returns:
        float32 (px, px, 3) in 0..1; the picture's border is repeated beyond it.
    """
    step = frame.side / px
    extent = np.array([samples.shape[1], samples.shape[0]])
    reach = frame.side * 0.71 + 2 * max(step, 1.0)
    low = np.clip(np.floor(frame.centre - reach), 0, extent - 1).astype(int)
    high = np.clip(np.ceil(frame.centre + reach), low + 1, extent).astype(int)
    piece = softened(samples[low[1] : high[1], low[0] : high[0]], frame.soft, 1 / step)
    shrunk = np.ones(2)
    if step > 1:
        # Averaged down before it is turned: a warp alone would alias.
        size = np.maximum(1, np.rint((high - low) / step)).astype(int)
        shrunk = (high - low) / size
        piece = np.asarray(cv2.resize(piece, size.tolist(), interpolation=cv2.INTER_AREA))
    back = frame.back(px)
    there = np.diag(1 / shrunk) @ back
    there[:, 2] = (back[:, 2] + 0.5 - low) / shrunk - 0.5
    cutting = cv2.warpAffine(
        to_float(piece.reshape(*piece.shape[:2], -1)),
        there,
        (px, px),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    shown = np.clip(np.asarray(cutting, np.float32).reshape(px, px, -1), 0.0, 1.0)
    return np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else shown


def _sure(one: tuple[Frame, Face] | None, tilt: float) -> bool:
    if one is None or one[1].score < _SURE:
        return False
    return abs(_degrees(one[0].tilt - tilt)) < _NEAR_UPRIGHT


def _other(tilts: list[float]) -> list[float]:
    """Further directions: those given, then quarter turns, none within 30 degrees of another."""
    tried = [tilts[0]]
    for tilt in [*tilts[1:], tilts[0] + 180, tilts[0] + 90, tilts[0] - 90]:
        if all(abs(_degrees(tilt - other)) > 30 for other in tried):
            tried.append(tilt)
    return tried[1:]


def _levelled(
    samples: NDArray[np.uint16], detector: FaceDetector, frame: Frame
) -> tuple[Frame, Face] | None:
    """A frame in which the face stands upright, and the face as seen in it."""
    for turn in range(_MOST_TURNS):
        face = _glimpse(samples, detector, frame, _FIRST_PX)
        if face is None:
            return None
        off = tilt_of(face.landmarks)
        if abs(off) <= _LEVEL or turn == _MOST_TURNS - 1:
            return frame, face
        size = _side_px(_FIRST_PX)
        left, top, right, bottom = face.box
        middle = np.array([(left + right) / 2 - 0.5, (top + bottom) / 2 - 0.5, 1.0])
        grown = (right - left) / size * _AROUND
        tilt = _degrees(frame.tilt + off)
        frame = Frame(frame.back(size) @ middle, frame.side * grown, tilt, frame.soft)
    return None


def _seen(samples: NDArray[np.uint16], detector: FaceDetector, frame: Frame, first: Face) -> Seen:
    looks = [(_FIRST_PX, first)]
    for px in _MORE_PX:
        face = _glimpse(samples, detector, frame, px)
        if face is not None:
            looks.append((px, face))
    marks, boxes = [], []
    for px, face in looks:
        back = frame.back(_side_px(px))
        marks.append(_mapped(face.landmarks, back))
        left, top, right, bottom = face.box
        step = frame.side / _side_px(px)
        middle = _mapped(np.array([[(left + right) / 2, (top + bottom) / 2]]) - 0.5, back)[0]
        boxes.append([*(middle + 0.5), (right - left) * step, (bottom - top) * step])
    landmarks = np.mean(marks, axis=0)
    x, y, width, height = np.mean(boxes, axis=0).tolist()
    tilt = tilt_of(landmarks)
    apart = float(np.hypot(*(landmarks[1] - landmarks[0])))
    away = float(np.mean([np.hypot(*(one - landmarks).T).mean() for one in marks]))
    # A look that saw nothing counts as 0.
    score = sum(face.score for _, face in looks) / (1 + len(_MORE_PX))
    box = box_around(np.array([x, y]), width, height, tilt)
    found = Face(float(score), _inside(box, samples.shape), landmarks.astype(np.float32))
    return Seen(found, tilt, width, height, away / max(apart, 1e-6))


def _glimpse(
    samples: NDArray[np.uint16], detector: FaceDetector, frame: Frame, px: int
) -> Face | None:
    """The best face near the middle of one cutting, in its px."""
    size = _side_px(px)
    cutting = upright(samples, frame, size)
    own = size / _AROUND

    def fits(face: Face) -> bool:
        left, top, right, bottom = face.box
        aside = np.abs(np.array([left + right, top + bottom]) / 2 - size / 2)
        return bool((aside < 0.55 * own).all()) and 0.5 < (right - left) / own < 2.0

    return max(filter(fits, detector.detect(cutting)), key=lambda f: f.score, default=None)


def _side_px(px: int) -> int:
    """Side of the cutting in which the face is about `px` wide: a multiple of 32 px."""
    return round(px * _AROUND / 32) * 32


def _mapped(points: NDArray[np.floating], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]


def _inside(
    box: tuple[float, float, float, float], shape: tuple[int, ...]
) -> tuple[float, float, float, float]:
    across, down = (float(shape[1]), float(shape[0]))
    left, right = (min(max(value, 0.0), across) for value in (box[0], box[2]))
    top, bottom = (min(max(value, 0.0), down) for value in (box[1], box[3]))
    return left, top, right, bottom


def _degrees(angle: float) -> float:
    """The same direction in (-180, 180]."""
    return -((-angle + 180.0) % 360.0 - 180.0)
