"""What a scan's infrared plane says about damage: dyes let infrared through, dirt does not.

The picture's own dyes still leave a faint image in infrared, mostly the cyan one; it is taken out
by regression on the red channel, as film scanners do (Edgar, US patent 5,266,805; Bergman, Nystrom,
"Fast automatic dust and scratch removal", doi:10.1117/12.365808). What then is darker than all
around it is dust, a hair, or broken emulsion. The metallic silver of black and white prints stops
infrared like visible light: there the plane is the picture once more, and is not trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_view import View
from pipeline.stages.pieces import Piece

Plane = NDArray[np.float32]

MARGIN = 64
"""px of the view around a px that are looked at."""

_SAMPLE_SIDE = 400
_LEAST = 0.01
_DARKEST = 0.02
_SILVER_SLOPE = 0.45
_SILVER_AGREES = 0.7
_SILVER_FOLLOWS = 0.3
_MOST_LEAK = 0.5
_REDUCED = 4
_GROUND_PX = 11
_TRIMMED = 0.1
_LEAST_SPREAD = 1e-4
_NOISE = 1.4826


@dataclass(frozen=True)
class Infrared:
    """How one scan's infrared plane is to be read.

    Args:
        trusted: whether it shows damage and not the picture.
        reason: why not, in plain words; empty when trusted.
        leak: how strongly the picture still shows: slope of log infrared on log red.
        noise: standard deviation of log infrared from px to px.
    """

    trusted: bool
    reason: str
    leak: float
    noise: float


def read_infrared(view: View, infrared: View) -> Infrared:
    """Judge an infrared plane on some of its px.

    Args:
        view: the picture.
        infrared: its infrared plane, as a view of the same step.
    """
    step = max(1, max(view.height, view.width) // _SAMPLE_SIDE)
    plane = infrared.every(step, step)[..., 0]
    if float(np.median(plane)) < _LEAST or float(plane.std()) < _LEAST_SPREAD:
        return Infrared(False, "the infrared plane holds nothing", 0.0, 0.0)
    whole = view.every(step, step)
    seen, red = _logarithm(plane), _logarithm(whole[..., 0])
    slope, agrees = _regressed(seen, red)
    # In the dark the logarithm of a plane with a little stray light is flat: the light tells more.
    follows, alike = _regressed(plane, np.asarray(whole.mean(axis=2), np.float32))
    silver = slope > _SILVER_SLOPE and agrees > _SILVER_AGREES
    if silver or (follows > _SILVER_FOLLOWS and alike > _SILVER_AGREES):
        reason = "the infrared plane shows the picture, as a silver print does; it was not used"
        return Infrared(False, reason, slope, 0.0)
    leak = float(np.clip(slope, 0.0, _MOST_LEAK))
    rows, columns = (slice(s // 4, s // 4 + min(512, s)) for s in (view.height, view.width))
    centre = _logarithm(infrared.part(rows, columns)[..., 0])
    fine = centre - cv2.medianBlur(centre, 3)
    return Infrared(True, "", leak, _NOISE * float(np.median(np.abs(fine))))


def blocked(view: View, infrared: View, read: Infrared, piece: Piece) -> Plane:
    """How much infrared each px of a piece stops that its surroundings let through.

    Args:
        view, infrared: as for `read_infrared`.
        read: how to read the plane.
        piece: px of the view; with a margin of `MARGIN` it is the same however cut.

    Returns:
        float32 (h, w) of the piece without its margin: density to base e, 0 where nothing is.
    """
    outer = (piece.outer_rows, piece.outer_columns)
    rest = _logarithm(infrared.part(*outer)[..., 0])
    rest = rest - np.float32(read.leak) * _logarithm(view.part(*outer)[..., 0])
    return np.ascontiguousarray((_ground(rest) - rest)[piece.inner])


def _ground(rest: Plane) -> Plane:
    """The plane without anything up to some 20 px wide."""
    height, width = rest.shape
    size = (max(1, width // _REDUCED), max(1, height // _REDUCED))
    small = cv2.resize(rest, size, interpolation=cv2.INTER_AREA)
    low, high = float(small.min()), float(small.max())
    eight = np.rint((small - low) * (255 / max(high - low, 1e-6))).astype(np.uint8)
    ground = cv2.medianBlur(eight, _GROUND_PX).astype(np.float32) * ((high - low) / 255) + low
    ground = cv2.blur(ground, (3, 3))
    return np.asarray(cv2.resize(ground, (width, height), interpolation=cv2.INTER_LINEAR))


def _regressed(one: Plane, other: Plane) -> tuple[float, float]:
    """Slope of one plane on the other, without the tenth that fits worst, and their correlation.

    Only what changes from place to place is compared, not the slow fall of the light.
    """
    planes = (one, other)
    detail = [(p - cv2.blur(p, (41, 41))).ravel().astype(np.float64) for p in planes]
    keep = np.ones(detail[0].size, bool)
    slope = 0.0
    for _ in range(3):
        y, x = detail[0][keep], detail[1][keep]
        slope = float((x * y).sum() / max((x * x).sum(), 1e-9))
        away = np.abs(detail[0] - slope * detail[1])
        keep = away <= np.quantile(away, 1 - _TRIMMED)
    y, x = detail[0][keep], detail[1][keep]
    return slope, float((x * y).sum() / max(np.sqrt((x * x).sum() * (y * y).sum()), 1e-9))


def _logarithm(plane: NDArray[Any]) -> Plane:
    return np.asarray(np.log(np.maximum(plane, _DARKEST)), np.float32)
