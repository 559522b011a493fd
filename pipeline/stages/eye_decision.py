"""Which reddish disc of an eye is a pupil shining red, and why the others are not.

Each check turns down something that is red and no flash: brown irises, lids' corners, make-up,
bloodshot whites, ruddy skin. Thresholds lie between what was measured on photographs of people
without flash and on simulated flash (`tests/benchmarks/faces_red_eyes.py`), nearer to the flash:
an eye that stays red is a pity, a brown one made grey is a wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.stages.measure.red_pupil import LEAST_CONTRAST, RedDisc

_CONTRAST, _ORANGE_CONTRAST = 0.12, 0.16
_ORANGE_FROM, _HUES = 8.0, (-30.0, 22.0)
_FILLED = 0.8
_SPILL, _SECONDED_SPILL = 0.08, 0.15
_OVER_ELSEWHERE, _SECONDED_OVER_ELSEWHERE = 1.5, 1.3
_HEALTHY_DARK = 0.24
_LEAST_RED, _LEAST_ORANGE_RED = 0.35, 0.75
_DIP = 0.9
_TWIN = 0.6
_UNCLEAR = "its pupil is hardly redder than what lies around it"


def red_pupil(discs: Sequence[RedDisc], *, seconded: bool) -> tuple[RedDisc | None, str]:
    """The red pupil among an eye's reddish discs, or why there is none.

    Args:
        discs: as `red_discs` gives them, most contrast first.
        seconded: the other eye of the same face is red beyond doubt, and this one may be less so.

    Returns:
        (the pupil or None, the reason in words or "").
    """
    if not discs:
        return None, _UNCLEAR
    pupil = next((disc for disc in discs if not why_not(disc, seconded=seconded)), None)
    if pupil is None:
        return None, why_not(discs[0], seconded=seconded)
    if any(_apart(other, pupil) and _alike(other, pupil) for other in discs):
        return None, "it is red in more than one place"
    return pupil, ""


def _apart(other: RedDisc, pupil: RedDisc) -> bool:
    """Whether a disc begins where the pupil and its blurred rim have ended."""
    distance = float(np.hypot(other.x - pupil.x, other.y - pupil.y))
    return distance > 1.5 * pupil.radius + other.radius


def _alike(other: RedDisc, pupil: RedDisc) -> bool:
    return (
        other.contrast > _TWIN * pupil.contrast
        and other.redness > _TWIN * pupil.redness
        and other.filled >= _FILLED
        and other.spill <= _SECONDED_SPILL
    )


def why_not(disc: RedDisc, *, seconded: bool) -> str:
    """Why a disc is no red pupil, in words; "" when it is one."""
    orange = disc.hue > _ORANGE_FROM
    least = _ORANGE_CONTRAST if orange else _CONTRAST
    bright = _LEAST_ORANGE_RED if orange else _LEAST_RED
    over = _SECONDED_OVER_ELSEWHERE if seconded else _OVER_ELSEWHERE
    spill = _SECONDED_SPILL if seconded else _SPILL
    faults = (
        (
            disc.contrast < (LEAST_CONTRAST if seconded else least),
            _UNCLEAR,
        ),
        (
            not _HUES[0] <= disc.hue <= _HUES[1],
            "its colour is not that of a flash in an eye",
        ),
        (disc.darkest < _HEALTHY_DARK, "a dark pupil is seen"),
        (disc.dip < _DIP, "a dark pupil is seen"),
        (disc.colour[0] < bright * disc.skin_red, "its pupil is dark"),
        (disc.redness < over * disc.elsewhere, "skin around it is as red"),
        (disc.filled < _FILLED or disc.spill > spill, "what is red in it is no disc"),
    )
    return next((why for fault, why in faults if fault), "")
