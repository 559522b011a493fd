"""Where five landmarks lie against each other: how far a face is turned, and if it can be one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.models.provider import Face

_EYES_OVER_WIDTH = (0.12, 0.9)
"""Distance between the eyes as a share of the box's width, in faces seen from any side but the
back; between profiles and boxes drawn tight."""

_MOUTH_BELOW = (0.4, 3.2)
"""Distance from the eyes down to the mouth, in distances between the eyes: from faces looking down
to half profiles, in which the eyes come close together."""

_MOUTH_OVER_EYES = (0.35, 2.0)
"""Width of the mouth in distances between the eyes, from a pursed mouth to a half profile's."""

_NOSE_BETWEEN = (-0.15, 1.1)
"""How far from the eyes (0) down to the mouth (1) the tip of the nose lies."""

_NOSE_ASIDE = 2.0
"""How far the tip of the nose lies beside the middle, in distances between the eyes."""

Points = NDArray[np.float64]


def tilt_of(landmarks: NDArray[np.floating]) -> float:
    """How far a face is turned clockwise in the picture's plane, degrees in (-180, 180].

    Both the line through the eyes and the one from eyes to mouth have a say: a nod or a turn of the
    head bends one of them. 0 when the landmarks fall together.

    Args:
        landmarks: (5, 2), px, in the order of `Face`.
    """
    across, down = _axes(np.asarray(landmarks, np.float64))
    # A quarter turn takes the line down to the line across.
    both = _unit(across) + _unit(np.array([down[1], -down[0]]))
    return float(np.degrees(np.arctan2(both[1], both[0]))) if np.any(both) else 0.0


def impossible(landmarks: NDArray[np.floating], width: float) -> str:
    """Why no face has its landmarks so, in words; empty when one may.

    Judged in the face's own upright frame, whatever its tilt. The limits are wide: they hold for
    profiles, for open mouths and for faces looking down, and fail on eyes, buttons and patterns
    whose landmarks fall together, out of order or outside of each other.

    Args:
        landmarks: (5, 2), px, in the order of `Face`.
        width: of the face's upright box, px.
    """
    points = np.asarray(landmarks, np.float64)
    if points.shape != (5, 2) or not np.isfinite(points).all() or not width > 0:
        return "its landmarks are not five points"
    upright = _turned(points, -tilt_of(points))
    eyes, mouth = upright[:2].mean(axis=0), upright[3:].mean(axis=0)
    apart = float(np.hypot(*(upright[1] - upright[0])))
    below = float(mouth[1] - eyes[1])
    if apart <= 0 or below <= 0:
        return "its mouth is not below its eyes"
    nose = float((upright[2, 1] - eyes[1]) / below)
    aside = float(upright[2, 0] - (eyes + nose * (mouth - eyes))[0]) / apart
    smile = float(np.hypot(*(upright[4] - upright[3]))) / apart
    exchanged = upright[0, 0] >= upright[1, 0] or upright[3, 0] >= upright[4, 0]
    checks = (
        (_within(apart / width, _EYES_OVER_WIDTH), "its eyes do not go with its width"),
        (not exchanged, "its left and right are exchanged"),
        (_within(below / apart, _MOUTH_BELOW), "its mouth is not below its eyes"),
        (_within(smile, _MOUTH_OVER_EYES), "its mouth does not go with its eyes"),
        (
            _within(nose, _NOSE_BETWEEN) and abs(aside) <= _NOSE_ASIDE,
            "its nose is not between its eyes and its mouth",
        ),
    )
    return next((reason for holds, reason in checks if not holds), "")


def box_around(
    centre: NDArray[np.floating], width: float, height: float, tilt: float
) -> tuple[float, float, float, float]:
    """The upright rectangle around a tilted face: (left, top, right, bottom), px.

    The face fills its own box as an ellipse does, so that a tilt of 45 degrees widens it by a
    sixth, not by two thirds.

    Args:
        centre: (x, y), px.
        width, height: of the box in the face's own frame, px.
        tilt: degrees clockwise.
    """
    along, across = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    wide = float(np.hypot(width * along, height * across)) / 2
    high = float(np.hypot(width * across, height * along)) / 2
    x, y = float(centre[0]), float(centre[1])
    return x - wide, y - high, x + wide, y + high


def covers(one: Face, other: Face) -> bool:
    """Whether the middle of another box lies well within this one."""
    left, top, right, bottom = one.box
    x, y = (other.box[0] + other.box[2]) / 2, (other.box[1] + other.box[3]) / 2
    inset_x, inset_y = 0.1 * (right - left), 0.1 * (bottom - top)
    return left + inset_x < x < right - inset_x and top + inset_y < y < bottom - inset_y


def _axes(points: Points) -> tuple[Points, Points]:
    """From the left eye to the right one, and from the eyes to the mouth."""
    return points[1] - points[0], points[3:].mean(axis=0) - points[:2].mean(axis=0)


def _unit(vector: Points) -> Points:
    length = float(np.hypot(*vector))
    return vector / length if length > 0 else np.zeros(2)


def _turned(points: Points, degrees: float) -> Points:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float64)


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
