"""The signs by which each speck or line is weighed: its shape, its tone, its colour, its place.

They are gathered piece by piece and added up for each candidate over the whole picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_colour import UsualColours, mixture, usual_colours
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.luma import luma
from pipeline.stages.pieces import Piece, each_piece

Plane = NDArray[np.float32]
Numbers = NDArray[np.float64]

LEAST_CONTRAST = 0.05
STRANGE = 14
FEATURES = (
    "stands_out",
    "contrast",
    "elongation",
    "length",
    "extremeness",
    "foreign_tone",
    "evenness",
    "edge",
    "crowding",
    "area",
    "thinness",
    "unevenness_around",
    "stroke",
    "mixture",
    "strange_colour",
    "restlessness",
    "bright",
)
_RIM = 0.025
# What is added up over the px of a candidate; means of them are its signs.
_SUMMED = (
    "area",
    "rise",
    "light",
    "light squared",
    "lightest around",
    "darkest around",
    "lightest channel",
    "darkest channel",
    "gradient",
    "covered",
    "unevenness",
    "detail",
    "mixture",
    "red away",
    "blue away",
    "usual away",
    "y",
    "x",
    "yy",
    "xx",
    "xy",
    "inside",
)


@dataclass(frozen=True)
class Signs:
    """The signs of N candidates; for the fields see `Candidates`."""

    features: Numbers
    length: Numbers
    width: Numbers
    inside: Numbers
    colour_spread: float


def activity(rise: NDArray[Any], widest: int) -> Plane:
    """How strong fine detail is nearby; single strong outliers count little.

    Args:
        rise: float32 (h, w), lightness above the ground.
        widest: px; looks 8 times as far around.
    """
    # Clipped at the typical detail, so that a scratch does not hide itself.
    window = (8 * widest + 1, 8 * widest + 1)
    magnitude = np.abs(rise)
    clipped = np.minimum(magnitude, cv2.blur(magnitude, window))
    return np.asarray(cv2.blur(clipped, window), np.float32)


def signs_of(
    view: View,
    labels: NDArray[np.int32],
    bright: NDArray[np.bool_],
    ground: NDArray[np.uint8],
    noise: float,
    widest: int,
) -> Signs:
    """Weigh every candidate.

    Args:
        view: the picture.
        labels: int32 (H, W) of the view's size: 0 for none, else 1..N.
        bright: bool (N,): lighter than the surroundings.
        ground: uint8 (H, W): the lightness without anything small.
        noise: standard deviation, 0..1.
        widest: px; the widest defect looked for.
    """
    usual = usual_colours(view)
    gathered: dict[tuple[int, int], tuple[NDArray[Any], NDArray[Any], Numbers]] = {}

    def look(piece: Piece) -> None:
        here = _Here(view, piece, labels, ground, widest)
        if len(here.where):
            columns = here.columns(bright, noise, usual)
            which, of = np.unique(here.of, return_inverse=True)
            sums = np.stack([np.bincount(of, columns[name], len(which)) for name in _SUMMED])
            thickest = np.ones(len(which))
            np.maximum.at(thickest, of, here.depth())
            gathered[piece.rows.start, piece.columns.start] = which, sums, thickest

    each_piece(view.pieces(8 * widest), look)
    totals, thickest = np.zeros((len(_SUMMED), len(bright))), np.ones(len(bright))
    # In the order of the pieces, not of the threads: sums of floats depend on it.
    for place in sorted(gathered):
        which, sums, deepest = gathered.pop(place)
        totals[:, which] += sums
        thickest[which] = np.maximum(thickest[which], deepest)
    named = dict(zip(_SUMMED, totals, strict=True))
    return _weighed(named, thickest, bright, widest, usual.spread)


class _Here:
    """The px of candidates in one piece, and what is seen at them and around them."""

    def __init__(
        self,
        view: View,
        piece: Piece,
        labels: NDArray[np.int32],
        ground: NDArray[np.uint8],
        widest: int,
    ) -> None:
        outer = (piece.outer_rows, piece.outer_columns)
        own = labels[piece.rows, piece.columns]
        self.where = np.flatnonzero(own)
        self.of = own.ravel()[self.where] - 1
        self.piece, self.widest, self.shape = piece, widest, labels.shape
        if not len(self.where):
            return
        self.marked = (labels[outer] > 0).astype(np.uint8)
        self.ground = np.ascontiguousarray(ground[outer])
        self.pixels = view.part(*outer)
        self.light = luma(self.pixels)

    def at(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The values (n, ...) of a plane of the piece with its margin, at the px of candidates."""
        inner = plane[self.piece.inner]
        return np.asarray(inner.reshape(-1, *plane.shape[2:])[self.where])

    def depth(self) -> Numbers:
        """How far each px lies within its candidate, px."""
        return self.at(cv2.distanceTransform(self.marked, cv2.DIST_L2, 3)).astype(np.float64)

    def columns(
        self, bright: NDArray[np.bool_], noise: float, usual: UsualColours
    ) -> dict[str, NDArray[Any]]:
        """What is added up of each px, (n,) each."""
        widest = self.widest
        light, seen = self.at(self.light), self.at(self.pixels)
        rise = self.light - self.ground.astype(np.float32) / 255
        around = np.ones((6 * widest + 1, 6 * widest + 1), np.uint8)
        near = np.ones((2 * widest + 1, 2 * widest + 1), np.uint8)
        small = np.ones((3, 3), np.uint8)
        wide = (16 * widest + 1, 16 * widest + 1)
        away = usual.away(seen, light)
        y, x, inside = self._places()
        return {
            "area": np.ones(len(light)),
            "rise": self.at(rise),
            "light": light,
            "light squared": light**2,
            "lightest around": self.at(cv2.dilate(self.ground, around)) / 255,
            "darkest around": self.at(cv2.erode(self.ground, around)) / 255,
            # Bare paper is as white as this print gets in every channel, however yellow it is.
            "darkest channel": np.minimum((seen / usual.white).min(axis=1), 1.0),
            "lightest channel": seen.max(axis=1),
            "gradient": self.at(cv2.morphologyEx(self.light, cv2.MORPH_GRADIENT, small)),
            "covered": self.at(cv2.blur(self.marked.astype(np.float32), wide)),
            "unevenness": self.at(cv2.morphologyEx(self.ground, cv2.MORPH_GRADIENT, near)) / 255,
            "detail": self.at(activity(rise, widest)) + np.float32(noise),
            "mixture": mixture(seen, self._behind(), usual.white, bright[self.of]),
            "red away": away[:, 0],
            "blue away": away[:, 1],
            "usual away": usual.strayed(light),
            "y": y,
            "x": x,
            "yy": y**2,
            "xx": x**2,
            "xy": x * y,
            "inside": inside,
        }

    def _behind(self) -> NDArray[np.uint8]:
        """The colour (n, 3) around each px, 0..255."""
        # The costliest filter of all, so on no more of the margin than it looks at.
        (rows, columns), reach = self.piece.inner, self.widest
        near = tuple(slice(max(0, s.start - reach), s.stop + reach) for s in (rows, columns))
        colours = cv2.convertScaleAbs(self.pixels[near], alpha=255.0)
        median = cv2.medianBlur(colours, 2 * reach + 1)
        top, left = rows.start - near[0].start, columns.start - near[1].start
        height, width = rows.stop - rows.start, columns.stop - columns.start
        inner = median[top : top + height, left : left + width]
        return np.asarray(inner.reshape(-1, 3)[self.where], np.uint8)

    def _places(self) -> tuple[Numbers, Numbers, NDArray[np.bool_]]:
        columns = self.piece.columns.stop - self.piece.columns.start
        y = self.where // columns + self.piece.rows.start
        x = self.where % columns + self.piece.columns.start
        (height, width), rim = self.shape, max(2, round(_RIM * min(self.shape)))
        inside = (y >= rim) & (y < height - rim) & (x >= rim) & (x < width - rim)
        return y.astype(np.float64), x.astype(np.float64), inside


def _weighed(
    sums: dict[str, Numbers],
    thickest: Numbers,
    bright: NDArray[np.bool_],
    widest: int,
    colour_spread: float,
) -> Signs:
    """The signs of N candidates from what was added up over the px of each."""
    area = np.maximum(sums["area"], 1)
    mean = {name: sums[name] / area for name in _SUMMED}
    sign = np.where(bright, 1.0, -1.0)
    contrast = mean["rise"] * sign
    length, width = _extent(mean, area)
    tone = mean["light"]
    extremeness = np.where(bright, tone - mean["lightest around"], mean["darkest around"] - tone)
    foreign = np.where(bright, mean["darkest channel"], 1.0 - mean["lightest channel"])
    evenness = np.sqrt(np.maximum(mean["light squared"] - tone**2, 0))
    crowding = np.maximum(mean["covered"] - area / (16 * widest + 1) ** 2, 0.0)
    least, stroke = np.maximum(contrast, 1e-3), np.maximum(2.0 * thickest - 1.0, 1.0)
    detail = np.maximum(mean["detail"], 1e-4)
    strange = np.hypot(mean["red away"], mean["blue away"]) / (mean["usual away"] + 0.015)
    table = np.stack(
        [
            np.log(np.maximum(contrast / detail, 1e-3)),
            contrast,
            np.log(length / width),
            np.log(length / widest),
            extremeness,
            foreign,
            evenness / least,
            mean["gradient"] / least,
            crowding,
            np.log(area / widest**2),
            np.log(width / widest),
            np.minimum(mean["unevenness"] / least, 4.0),
            np.log(area / stroke**2),
            mean["mixture"],
            np.log1p(strange),
            np.log(detail),
            sign,
        ],
        axis=1,
    )
    return Signs(table, length, width, mean["inside"], colour_spread)


def _extent(mean: dict[str, Numbers], area: Numbers) -> tuple[Numbers, Numbers]:
    """Length along the main axis and mean width of every candidate, px."""
    yy, xx = mean["yy"] - mean["y"] ** 2, mean["xx"] - mean["x"] ** 2
    xy = mean["xy"] - mean["y"] * mean["x"]
    largest = (yy + xx) / 2 + np.sqrt(((yy - xx) / 2) ** 2 + xy**2)
    length = np.sqrt(12 * np.maximum(largest, 0) + 1)
    return length, np.maximum(area / length, 1.0)
