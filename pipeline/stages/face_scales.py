"""Looking for faces over a whole print: at several scales, and with the print turned.

A detector that was trained on faces of 20 to 400 px finds those of a print of any size at two
scales: the whole print at 1280 px for the large ones, and overlapping tiles at the finest scale
that shows more, for the small ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.core.samples import to_float
from pipeline.models.face_boxes import overlap
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_softening import softened

WHOLE_SIDE = 1280
"""Longest side at which the whole print is looked at, and of a tile, px."""

TURNED_SIDE = 720
"""The same for a print that is turned: enough to tell which way up it is."""

EASY_PX = 26
"""Width to which the smallest faces wanted are brought as far as there is detail, px."""

MOST_PX = 24_000_000
"""px looked at in tiles at most, which bounds the time."""

_SEEN_FROM_WHOLE = 24
"""Width from which the look at the whole print can be trusted with a face, px of that look."""

_WORTHWHILE = 1.15
"""Finer scales are looked at from this much over the whole look's."""

_PER_DETAIL = 2.0
"""px looked at for each real px across: a face of few real px is found more surely enlarged."""

_SAME = 0.3
"""Intersection over union from which two finds of one pass are one face."""


@dataclass(frozen=True)
class Candidate:
    """Something that may be a face.

    Args:
        face: where, px of the print; its landmarks in the order of the turn it was found at.
        turn: quarter turns clockwise by which the face was taken to be tilted, 0..3.
    """

    face: Face
    turn: int


def finest_scale(
    height: int, width: int, fraction: float, min_px: float, most_px: int = MOST_PX
) -> float:
    """The scale at which the smallest faces wanted are looked for, px of the look per px of print.

    Args:
        height, width: px of the print.
        fraction: its real detail as a share of its px, 0..1.
        min_px: width of the smallest face wanted, px of the print.
        most_px: px of all tiles together at most.
    """
    wanted = EASY_PX / max(min_px, 1.0)
    shown = _PER_DETAIL * fraction
    bounded = float(np.sqrt(most_px / (height * width)))
    return min(wanted, shown, bounded)


def whole_scale(height: int, width: int, turn: int = 0) -> float:
    """The scale of the look at the whole print; a small print is not enlarged."""
    return min(1.0, (TURNED_SIDE if turn else WHOLE_SIDE) / max(height, width))


def look_at_whole(
    photo: Photo, detector: FaceDetector, turn: int = 0, soft: float = 0.0
) -> list[Candidate]:
    """What the detector sees in the whole print at up to 1280 px, or turned at up to 720 px.

    Args:
        photo: the print.
        detector: finds faces.
        turn: quarter turns clockwise by which faces are taken to be tilted.
        soft: how much the print is softened, as `softening_of` gives it.
    """
    scale = whole_scale(photo.height, photo.width, turn)
    part = (slice(0, photo.height), slice(0, photo.width))
    return _look(photo, detector, part, scale, turn, soft)


def look_at_tiles(
    photo: Photo, detector: FaceDetector, scale: float, turn: int = 0, soft: float = 0.0
) -> list[Candidate]:
    """What the detector sees in tiles of the print at a scale; none when that shows no more."""
    whole = whole_scale(photo.height, photo.width, turn)
    if scale < _WORTHWHILE * whole:
        return []
    # Whatever the look at the whole might miss lies whole in one of two tiles.
    shared = 2.0 * _SEEN_FROM_WHOLE / whole
    found: list[Candidate] = []
    for part in tiles(photo.height, photo.width, WHOLE_SIDE / scale, shared):
        found += _look(photo, detector, part, scale, turn, soft)
    return distinct(found)


def tiles(height: int, width: int, side: float, shared: float) -> Iterator[tuple[slice, slice]]:
    """Tiles of at most about `side` px that overlap by at least `shared` px and cover all."""
    for rows in _spans(height, side, shared):
        for columns in _spans(width, side, shared):
            yield rows, columns


def distinct(found: list[Candidate]) -> list[Candidate]:
    """The best of finds that are one face in one direction, best first."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda candidate: -candidate.face.score):
        if all(one.turn != k.turn or overlap(one.face.box, k.face.box) < _SAME for k in kept):
            kept.append(one)
    return kept


def _spans(length: int, side: float, shared: float) -> list[slice]:
    if length <= side:
        return [slice(0, length)]
    shared = min(shared, side / 2)
    count = int(np.ceil((length - shared) / (side - shared)))
    starts = np.linspace(0, length - side, count)
    return [slice(int(start), min(length, int(np.ceil(start + side)))) for start in starts]


def _look(
    photo: Photo,
    detector: FaceDetector,
    part: tuple[slice, slice],
    scale: float,
    turn: int,
    soft: float,
) -> list[Candidate]:
    view = _view(softened(photo.samples[part], soft, scale), scale)
    height, width = view.shape[:2]
    upright = np.ascontiguousarray(np.rot90(view, turn))
    rows, columns = part
    step = np.array(
        [(columns.stop - columns.start) / width, (rows.stop - rows.start) / height], np.float64
    )
    origin = np.array([columns.start, rows.start], np.float64)
    return [
        Candidate(_placed(face, turn, (height, width), step, origin), turn)
        for face in detector.detect(upright)
    ]


def _view(samples: NDArray[np.uint16], scale: float) -> Pixels:
    """A part of the print at a scale: float32 (h, w, 3) in 0..1."""
    height, width = (max(1, round(px * scale)) for px in samples.shape[:2])
    if (height, width) != samples.shape[:2]:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        samples = np.asarray(cv2.resize(samples, (width, height), interpolation=way))
    view = to_float(samples.reshape(height, width, -1))
    return np.repeat(view, 3, axis=2) if view.shape[2] == 1 else view


def _placed(
    face: Face,
    turn: int,
    size: tuple[int, int],
    step: NDArray[np.float64],
    origin: NDArray[np.float64],
) -> Face:
    """A face found in a turned view, in px of the print.

    Args:
        face: px of the turned view.
        turn: quarter turns by which the view was turned back (counter-clockwise).
        size: height and width of the view before it was turned.
        step: px of the print per px of the view (x, y).
        origin: where the view begins on the print (x, y).
    """
    left, top, right, bottom = face.box
    # Edges of the box count from the px's edge, landmarks from its centre.
    corners = unturned(np.array([[left, top], [right, bottom]]) - 0.5, turn, size) + 0.5
    low, high = corners.min(axis=0) * step + origin, corners.max(axis=0) * step + origin
    points = (unturned(face.landmarks, turn, size) + 0.5) * step - 0.5 + origin
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(face.score, box, points.astype(np.float32))


def unturned(points: NDArray[np.floating], turn: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """Points (N, 2) of a view turned counter-clockwise, as they lie in the view before.

    Args:
        points: x, y, px counted from the centre of the first px.
        turn: quarter turns, 0..3.
        size: height and width of the view before it was turned.
    """
    height, width = size
    x, y = np.asarray(points, np.float64).T
    across, down = width - 1 - x, height - 1 - y
    if turn == 1:
        x, y = width - 1 - y, x
    elif turn == 2:
        x, y = across, down
    elif turn == 3:
        x, y = y, height - 1 - x
    return np.stack([x, y], axis=1)
