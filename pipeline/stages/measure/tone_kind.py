"""Whether a print is grey, toned (sepia, selenium, yellowed black and white) or colour.

In a toned print colour is a function of lightness alone: one curve through Lab. In a colour
print, equally light things differ in colour. One that was painted over by hand does as well, but
paint is broad and soft: where the picture has edges in lightness it has hardly any in colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.io.colour import to_lab
from pipeline.stages.measure.luma import reduce_to

Lab = NDArray[np.float64]
ToneKind = Literal["monochrome", "toned", "colour"]

_VIEW = 200
_BINS = 16
_GREY_CHROMA = 1.2
_ONE_CURVE = 2.2
_ONE_CURVE_TAIL = 10.0
_SOFT = 0.03
_NEARLY_ONE_CURVE = 12.0
_PAINTED_EDGES = 0.34
_PAINTED_DETAIL = 0.38
_LITTLE_DETAIL = 5.5


@dataclass(frozen=True)
class Tone:
    """What kind of print it is, and by which numbers.

    Args:
        kind: "monochrome", "toned" or "colour".
        chroma: median Lab chroma of the curve that colour follows; noise does not add to it.
        spread: median distance in (a, b) from the curve that follows lightness.
        spread_tail: the same distance, 97 % quantile: small coloured things show here.
        tinted: a colour print whose colours look painted on a grey or toned one.
    """

    kind: ToneKind
    chroma: float
    spread: float
    spread_tail: float
    tinted: bool = False


def tone_kind(pixels: NDArray[np.float32], icc: bytes | None) -> Tone:
    """Tell grey, toned and colour prints apart.

    Args:
        pixels: float32 (H, W, 3), RGB 0..1; measured on an average of at most 200 px, in which
            noise does not pass for colour.
        icc: the profile of the pixels; None for sRGB.
    """
    view = np.ascontiguousarray(reduce_to(pixels, _VIEW))
    picture = to_lab(view, icc).astype(np.float64)
    lab = picture.reshape(-1, 3)
    edges = np.quantile(lab[:, 0], np.linspace(0, 1, _BINS + 1))
    which = np.clip(np.searchsorted(edges, lab[:, 0], side="right") - 1, 0, _BINS - 1)
    curve = np.zeros((len(lab), 2))
    for index in range(_BINS):
        inside = which == index
        if inside.any():
            curve[inside] = np.median(lab[inside, 1:], axis=0)
    chroma = float(np.median(np.hypot(*curve.T)))
    stray = lab[:, 1:] - curve
    distance = np.hypot(*stray.T)
    spread = float(np.median(distance))
    tail = float(np.quantile(distance, 0.97))
    one_curve = spread < _ONE_CURVE and tail < _ONE_CURVE_TAIL
    kind: ToneKind = "colour"
    if one_curve:
        kind = "monochrome" if chroma < _GREY_CHROMA else "toned"
    tinted = kind == "colour" and _is_painted(picture, stray, tail)
    return Tone(kind, chroma, spread, tail, tinted)


def _is_painted(picture: Lab, stray: Lab, tail: float) -> bool:
    """Whether what strays from the curve is broad and soft, and edges have no colour."""
    steps = np.concatenate([np.abs(np.diff(picture, axis=axis)).reshape(-1, 3) for axis in (0, 1)])
    if len(steps) == 0:
        return False
    light, colour = np.quantile(steps[:, 0], 0.99), np.quantile(np.hypot(*steps[:, 1:].T), 0.99)
    field = stray.reshape(*picture.shape[:2], 2)
    soft = cv2.GaussianBlur(field, (0, 0), _SOFT * max(picture.shape[:2]))
    detail = np.quantile(np.linalg.norm(field - soft, axis=2), 0.9)
    mostly_bare = float(np.median(np.hypot(*stray.T))) < _ONE_CURVE and detail < _LITTLE_DETAIL
    plain = colour < _PAINTED_EDGES * light or mostly_bare
    return bool(plain and (detail < _PAINTED_DETAIL * tail or tail < _NEARLY_ONE_CURVE))
