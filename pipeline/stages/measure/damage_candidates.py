"""Specks and lines that may be damage.

Candidates are what a median filter removes: thin or small, lighter or darker than what is around
them by more than the local detail. The filters look at the picture piece by piece; what they find
is joined over the whole picture, so that a scratch is one thing however long it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_signs import (
    LEAST_CONTRAST,
    STRANGE,
    activity,
    signs_of,
)
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.sampling import spread_tiles
from pipeline.stages.pieces import Piece, each_piece

Plane = NDArray[np.float32]
Marks = NDArray[np.uint8]

_NOISE_FACTOR = 4.0
_ACTIVITY_FACTOR = 3.0
_BAND = 256
# What a px is marked with: over half the limit, and over the limit; first the lighter ones.
_MARKS = ((1, 2), (3, 4))


@dataclass(frozen=True)
class Candidates:
    """Connected specks and lines that may be damage.

    Args:
        labels: int32 (H, W), 0 for none, else 1..N.
        features: float64 (N, len(FEATURES)), one row per label.
        bright: bool (N,): lighter than the surroundings.
        length: float64 (N,) px, and `width`: float64 (N,) px.
        inside: float64 (N,), 0..1: share that lies off the rim of the picture.
        ground: uint8 (H, W): the lightness without anything small, 0..255.
        colour_spread: how far colours stray from the one that is usual at their lightness (90 %
            quantile), 0..1: below 0.045 on grey and toned prints.
    """

    labels: NDArray[np.int32]
    features: NDArray[np.float64]
    bright: NDArray[np.bool_]
    length: NDArray[np.float64]
    width: NDArray[np.float64]
    inside: NDArray[np.float64]
    ground: NDArray[np.uint8]
    colour_spread: float

    @property
    def strangeness(self) -> NDArray[np.float64]:
        """float64 (N,): distance from the usual colour, in units of `colour_spread`."""
        return np.asarray(np.expm1(self.features[:, STRANGE]))

    def chosen(self, which: NDArray[np.bool_]) -> NDArray[np.uint8]:
        """Where some of them lie: uint8 (H, W), 1 or 0.

        Args:
            which: bool (N,).
        """
        table = np.concatenate(([False], which)).astype(np.uint8)
        plane = np.empty(self.labels.shape, np.uint8)
        for rows in _bands(len(plane)):
            plane[rows] = table[self.labels[rows]]
        return plane


def candidates(samples: NDArray[Any], widest: int, step: int = 1) -> Candidates:
    """Everything small or thin that stands out.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1), or float32 (H, W, 3) RGB in 0..1.
        widest: px of the view; the widest defect looked for.
        step: px of the picture, each way, that make one px of the view.

    Returns:
        The candidates, in px of the view (H // step, W // step).
    """
    view = View(samples, step)
    tiles = spread_tiles(view.height, view.width)
    noise = noise_in([luma(view.part(*tile)) for tile in tiles]).sigma
    ground, marks = _looked_at(view, noise, widest)
    labels, bright = _joined(marks)
    del marks
    signs = signs_of(view, labels, bright, ground, noise, widest)
    return Candidates(
        labels,
        signs.features,
        bright,
        signs.length,
        signs.width,
        signs.inside,
        ground,
        signs.colour_spread,
    )


def _looked_at(view: View, noise: float, widest: int) -> tuple[Marks, Marks]:
    """The lightness without anything small, 0..255, and what stands out from it, as `_MARKS`."""
    ground: Marks = np.empty((view.height, view.width), np.uint8)
    marks = np.empty_like(ground)

    def look(piece: Piece) -> None:
        light = view.light(piece)
        low = cv2.medianBlur((light * 255 + 0.5).astype(np.uint8), 2 * widest + 1)
        rise = light - low.astype(np.float32) / 255
        detail = activity(rise, widest)[piece.inner]
        limit = np.maximum(max(LEAST_CONTRAST, _NOISE_FACTOR * noise), _ACTIVITY_FACTOR * detail)
        ground[piece.rows, piece.columns] = low[piece.inner]
        marks[piece.rows, piece.columns] = _marked(rise[piece.inner], limit)

    each_piece(view.pieces(9 * widest), look)
    return ground, marks


def _marked(rise: Plane, limit: Plane) -> NDArray[np.uint8]:
    """What may belong to a candidate, and what proves it, as `_MARKS`: uint8 (h, w)."""
    up = (rise > 0.5 * limit).astype(np.uint8) + (rise > limit)
    down = (-rise > 0.5 * limit).astype(np.uint8) + (-rise > limit)
    return np.asarray(up + np.where(down > 0, down + 2, 0), np.uint8)


def _joined(marks: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Px over half the limit that touch one over the limit, as labels 1..N; and which are bright.

    Lighter and darker ones are joined each among themselves.
    """
    labels = np.zeros(marks.shape, np.int32)
    total = 0
    bright: list[bool] = []
    for weak, strong in _MARKS:
        table = np.zeros(256, np.uint8)
        table[[weak, strong]] = 1
        count, part = cv2.connectedComponents(cv2.LUT(marks, table), connectivity=8)
        proven = np.zeros(count, bool)
        for rows in _bands(len(marks)):
            proven[part[rows][marks[rows] == strong]] = True
        names = np.where(proven, np.cumsum(proven) + total, 0).astype(np.int32)
        for rows in _bands(len(marks)):
            labels[rows] += names[part[rows]]
        bright += [weak == 1] * int(proven.sum())
        total = len(bright)
    return labels, np.array(bright, dtype=bool)


def _bands(height: int) -> list[slice]:
    """Rows by the band: numpy makes an 8-byte copy of labels that it looks something up by."""
    return [slice(top, top + _BAND) for top in range(0, height, _BAND)]
