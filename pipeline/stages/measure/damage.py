"""Where dust, hairs and scratches lie on a print.

Defects of the surface are thin or small, stand out against their own neighbourhood more than
its texture does, and have one even tone (bare paper, or black dirt) that is foreign to the
picture around them. Candidates are what a median filter removes; each connected candidate is
then weighed on these signs together, by a logistic rule whose weights were fitted on simulated
damage over photographs with known truth.
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

_LEAST_CONTRAST = 0.05
_NOISE_FACTOR = 4.0
_ACTIVITY_FACTOR = 2.5
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
)


@dataclass(frozen=True)
class Candidates:
    """Connected specks and lines that may be damage.

    Args:
        labels: int32 (H, W), 0 for none, else 1..N.
        features: float64 (N, len(FEATURES)), one row per label.
        bright: bool (N,): lighter than the surroundings.
        length: float64 (N,) px, and `width`: float64 (N,) px.
    """

    labels: NDArray[np.int32]
    features: NDArray[np.float64]
    bright: NDArray[np.bool_]
    length: NDArray[np.float64]
    width: NDArray[np.float64]


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
    limit = np.maximum(max(_LEAST_CONTRAST, _NOISE_FACTOR * noise), _ACTIVITY_FACTOR * activity)
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
    features, length, width = _features(
        pixels, light, ground, rise, activity + noise, labels, bright, widest
    )
    return Candidates(labels, features, bright, length, width)


def _activity(rise: Plane, window: int) -> Plane:
    """How strong fine detail is nearby; single strong outliers count little."""
    # Clipped at a multiple of the typical detail, so that a scratch does not hide itself.
    magnitude = np.abs(rise)
    rough = cv2.blur(magnitude, (window, window))
    clipped = np.minimum(magnitude, 2.0 * rough)
    return np.asarray(cv2.blur(clipped, (window, window)), np.float32)


def _hysteresis(rise: Plane, limit: Plane) -> Mask:
    """Pixels over half the limit that touch one over the limit."""
    weak = (rise > 0.5 * limit).astype(np.uint8)
    count, labels = cv2.connectedComponents(weak, connectivity=8)
    strong = np.zeros(count, bool)
    strong[labels[rise > limit]] = True
    strong[0] = False
    return strong[labels]


def _features(
    pixels: NDArray[np.float32],
    light: Plane,
    ground: Plane,
    rise: Plane,
    detail: Plane,
    labels: NDArray[np.int32],
    bright: NDArray[np.bool_],
    widest: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
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
    least = pixels.min(axis=2).ravel()[where]
    most = pixels.max(axis=2).ravel()[where]
    foreign = np.where(bright, mean(least), 1.0 - mean(most))
    spread = np.sqrt(np.maximum(mean(light.ravel()[where] ** 2) - tone**2, 0))
    gradient = cv2.morphologyEx(light, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    edge = mean(gradient.ravel()[where]) / np.maximum(contrast, 1e-3)
    covered = cv2.blur((labels > 0).astype(np.float32), (16 * widest + 1, 16 * widest + 1))
    crowding = mean(covered.ravel()[where]) - area / (16 * widest + 1) ** 2
    near = np.ones((2 * widest + 1, 2 * widest + 1), np.uint8)
    unevenness = cv2.morphologyEx(ground, cv2.MORPH_GRADIENT, near)
    stands_out = contrast / np.maximum(mean(detail.ravel()[where]), 1e-4)
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
        ],
        axis=1,
    )
    return table, length, width


def _extent(
    where: NDArray[np.int64],
    of: NDArray[np.int64],
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
