"""Specks and lines that may be damage, and the signs by which each is weighed.

Candidates are what a median filter removes: thin or small, lighter or darker than what is around
them by more than the local detail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.noise import noise_of

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_CONTRAST = 0.05
_NOISE_FACTOR = 4.0
_ACTIVITY_FACTOR = 3.0
_TONES = 16
_STRANGE = 14
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


@dataclass(frozen=True)
class Candidates:
    """Connected specks and lines that may be damage.

    Args:
        labels: int32 (H, W), 0 for none, else 1..N.
        features: float64 (N, len(FEATURES)), one row per label.
        bright: bool (N,): lighter than the surroundings.
        length: float64 (N,) px, and `width`: float64 (N,) px.
        rise: float32 (H, W): lightness above the ground, and `ground`: the lightness without
            anything small.
        colour_spread: how far colours stray from the one that is usual at their lightness (90 %
            quantile), 0..1: below 0.045 on grey and toned prints.
    """

    labels: NDArray[np.int32]
    features: NDArray[np.float64]
    bright: NDArray[np.bool_]
    length: NDArray[np.float64]
    width: NDArray[np.float64]
    rise: Plane
    ground: Plane
    colour_spread: float

    @property
    def strangeness(self) -> NDArray[np.float64]:
        """float64 (N,): distance from the usual colour, in units of `colour_spread`."""
        return np.asarray(np.expm1(self.features[:, _STRANGE]))


def candidates(pixels: NDArray[np.float32], widest: int) -> Candidates:
    """Everything small or thin that stands out.

    Args:
        pixels: float32 (H, W, 3), RGB 0..1.
        widest: px; the widest defect looked for.
    """
    light = luma(pixels)
    size = 2 * widest + 1
    ground = cv2.medianBlur((light * 255 + 0.5).astype(np.uint8), size).astype(np.float32) / 255
    rise = light - ground
    noise = noise_of(light).sigma
    activity = _activity(rise, 8 * widest + 1)
    limit = np.maximum(max(LEAST_CONTRAST, _NOISE_FACTOR * noise), _ACTIVITY_FACTOR * activity)
    labels = np.zeros(light.shape, np.int32)
    count = 0
    signs = []
    for sign in (1.0, -1.0):
        found = _hysteresis(sign * rise, limit)
        number, part = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
        labels[part > 0] = part[part > 0] + count
        count += number - 1
        signs += [sign > 0] * (number - 1)
    bright = np.array(signs, dtype=bool)
    features, length, width, spread = _features(
        pixels, light, ground, rise, activity + noise, labels, bright, widest
    )
    return Candidates(labels, features, bright, length, width, rise, ground, spread)


def _activity(rise: Plane, window: int) -> Plane:
    """How strong fine detail is nearby; single strong outliers count little."""
    # Clipped at the typical detail, so that a scratch does not hide itself.
    magnitude = np.abs(rise)
    rough = cv2.blur(magnitude, (window, window))
    clipped = np.minimum(magnitude, rough)
    return np.asarray(cv2.blur(clipped, (window, window)), np.float32)


def _hysteresis(rise: Plane, limit: Plane) -> Mask:
    """Pixels over half the limit that touch one over the limit."""
    weak = (rise > 0.5 * limit).astype(np.uint8)
    count, labels = cv2.connectedComponents(weak, connectivity=8)
    strong = np.zeros(count, bool)
    strong[labels[rise > limit]] = True
    strong[0] = False
    return np.asarray(strong[labels])


def _features(
    pixels: NDArray[np.float32],
    light: Plane,
    ground: Plane,
    rise: Plane,
    detail: Plane,
    labels: NDArray[np.int32],
    bright: NDArray[np.bool_],
    widest: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    number = len(bright)
    where = np.flatnonzero(labels)
    of = labels.ravel()[where] - 1
    area = np.maximum(np.bincount(of, minlength=number).astype(np.float64), 1)

    def mean(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(of, values, number) / area

    sign = np.where(bright, 1.0, -1.0)
    contrast = mean(rise.ravel()[where]) * sign
    length, width = _extent(where, of, area, labels.shape[1], mean)
    tone = mean(light.ravel()[where])
    around = np.ones((6 * widest + 1, 6 * widest + 1), np.uint8)
    lightest = cv2.dilate(ground, around).ravel()[where]
    darkest = cv2.erode(ground, around).ravel()[where]
    extremeness = np.where(bright, tone - mean(lightest), mean(darkest) - tone)
    # Bare paper is as white as this print gets in every channel, however yellow it has turned.
    sample = pixels[:: max(1, pixels.shape[0] // 500), :: max(1, pixels.shape[1] // 500)]
    white = np.maximum(np.quantile(sample, 0.998, axis=(0, 1)), 0.3).astype(np.float32)
    seen = pixels.reshape(-1, 3)[where]
    least, most = np.minimum((seen / white).min(axis=1), 1.0), seen.max(axis=1)
    foreign = np.where(bright, mean(least), 1.0 - mean(most))
    spread = np.sqrt(np.maximum(mean(light.ravel()[where] ** 2) - tone**2, 0))
    gradient = cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    edge = mean(gradient.ravel()[where]) / np.maximum(contrast, 1e-3)
    covered = cv2.blur((labels > 0).astype(np.float32), (16 * widest + 1, 16 * widest + 1))
    crowding = np.maximum(mean(covered.ravel()[where]) - area / (16 * widest + 1) ** 2, 0.0)
    near = np.ones((2 * widest + 1, 2 * widest + 1), np.uint8)
    unevenness = cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, near)
    stands_out = contrast / np.maximum(mean(detail.ravel()[where]), 1e-4)
    stroke = _stroke(labels, where, of, number)
    mixture = _mixture(pixels, white, where, bright[of], size=2 * widest + 1)
    strange, colour_spread = _strangeness(pixels, light, where, mean)
    table = np.stack(
        [
            np.log(np.maximum(stands_out, 1e-3)),
            contrast,
            np.log(length / width),
            np.log(length / widest),
            extremeness,
            foreign,
            spread / np.maximum(contrast, 1e-3),
            edge,
            crowding,
            np.log(area / widest**2),
            np.log(width / widest),
            np.minimum(mean(unevenness.ravel()[where]) / np.maximum(contrast, 1e-3), 4.0),
            np.log(area / stroke**2),
            mean(mixture),
            np.log1p(strange),
            np.log(np.maximum(mean(detail.ravel()[where]), 1e-4)),
            sign,
        ],
        axis=1,
    )
    return table, length, width, colour_spread


def _stroke(
    labels: NDArray[np.int32], where: NDArray[Any], of: NDArray[Any], number: int
) -> NDArray[np.float64]:
    """Width of every component at its thickest, px, by the distance transform."""
    inside = cv2.distanceTransform((labels > 0).astype(np.uint8), cv2.DIST_L2, 3)
    thickest = np.ones(number)
    np.maximum.at(thickest, of, inside.ravel()[where])
    return np.maximum(2.0 * thickest - 1.0, 1.0)


def _mixture(
    pixels: NDArray[np.float32],
    white: NDArray[np.float32],
    where: NDArray[Any],
    lighter: NDArray[np.bool_],
    size: int,
) -> Plane:
    """How badly a px is explained as its surroundings mixed with paper white (or with black).

    Paper that shows through, or dirt, adds white (takes away to black); detail of the picture
    mostly changes the strength of the light and keeps its colour. 0 explained .. 1 not at all.
    """
    ground = cv2.medianBlur(cv2.convertScaleAbs(pixels, alpha=255.0), size)
    behind = ground.reshape(-1, 3)[where].astype(np.float32) / 255
    change = pixels.reshape(-1, 3)[where] - behind
    towards = np.where(lighter[:, None], white - behind, -behind)
    along = _dot(change, towards) / np.maximum(_dot(towards, towards), 1e-4)
    rest = change - along[:, None] * towards
    share = np.sqrt(_dot(rest, rest)) / np.maximum(np.sqrt(_dot(change, change)), 1e-3)
    return np.asarray(np.minimum(share, 1.0), np.float32)


def _dot(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.einsum("ij,ij->i", one, two), np.float32)


def _strangeness(
    pixels: NDArray[np.float32], light: Plane, where: NDArray[Any], mean: Any
) -> tuple[NDArray[np.float64], float]:
    """How far a component's colour is from what the print has at that lightness.

    In units of the print's own spread of colour, which is given back as well. On a toned print
    bare paper is whiter than any tone, and this tells it from every highlight.
    """
    step = max(1, int(np.sqrt(light.size / 60_000)))
    some, tones = _colour(pixels[::step, ::step].reshape(-1, 3)), light[::step, ::step].ravel()
    order = np.argsort(tones, kind="stable")
    groups = np.array_split(order, min(_TONES, len(order)))
    centres = np.array([tones[group].mean() for group in groups])
    medians = np.array([np.median(some[group], axis=0) for group in groups])
    off = np.hypot(*(some - _usual_colour(tones, centres, medians)).T)
    spreads = np.array([off[group].mean() for group in groups])
    at, found = light.ravel()[where], _colour(pixels.reshape(-1, 3)[where])
    away = found - _usual_colour(at, centres, medians)
    far = np.hypot(mean(away[:, 0]), mean(away[:, 1]))
    usual = mean(np.interp(at, centres, spreads))
    return np.asarray(far / (usual + 0.015)), float(np.quantile(off, 0.9))


def _colour(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Red and blue less green, (N, 2)."""
    return np.asarray(pixels[:, ::2] - pixels[:, 1:2], np.float32)


def _usual_colour(
    light: NDArray[Any], centres: NDArray[np.float64], medians: NDArray[Any]
) -> NDArray[np.float64]:
    """Colour on the print's one curve; past its light end, colour grows with the light."""
    beyond = np.maximum(light / max(float(centres[-1]), 0.05), 1.0)
    return np.stack([np.interp(light, centres, medians[:, c]) * beyond for c in (0, 1)], axis=-1)


def _extent(
    where: NDArray[np.signedinteger[Any]],
    of: NDArray[np.signedinteger[Any]],
    area: NDArray[np.float64],
    columns: int,
    mean: Any,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Length along the main axis and mean width of every component, px."""
    y, x = (where // columns).astype(np.float64), (where % columns).astype(np.float64)
    my, mx = mean(y), mean(x)
    yy, xx = mean((y - my[of]) ** 2), mean((x - mx[of]) ** 2)
    xy = mean((y - my[of]) * (x - mx[of]))
    largest = (yy + xx) / 2 + np.sqrt(((yy - xx) / 2) ** 2 + xy**2)
    length = np.sqrt(12 * largest + 1)
    return length, np.maximum(area / length, 1.0)
