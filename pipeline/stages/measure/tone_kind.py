"""Whether a print is grey, toned (sepia, selenium, yellowed black and white) or colour.

In a toned print colour is a function of lightness alone: one curve through Lab. In a colour
print, equally light things differ in colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.io.colour import to_lab
from pipeline.stages.measure.luma import reduce_to

ToneKind = Literal["monochrome", "toned", "colour"]

_VIEW = 200
_BINS = 16
_GREY_CHROMA = 2.5
_ONE_CURVE = 2.2
_ONE_CURVE_TAIL = 10.0


@dataclass(frozen=True)
class Tone:
    """What kind of print it is, and by which numbers.

    Args:
        kind: "monochrome", "toned" or "colour".
        chroma: median Lab chroma of the picture.
        spread: median distance in (a, b) from the curve that follows lightness.
        spread_tail: the same distance, 97 % quantile: small coloured things show here.
    """

    kind: ToneKind
    chroma: float
    spread: float
    spread_tail: float


def tone_kind(pixels: NDArray[np.float32], icc: bytes | None) -> Tone:
    """Tell grey, toned and colour prints apart.

    Args:
        pixels: float32 (H, W, 3), RGB 0..1; measured on an average of at most 200 px, in which
            noise does not pass for colour.
        icc: the profile of the pixels; None for sRGB.
    """
    view = np.ascontiguousarray(reduce_to(pixels, _VIEW))
    lab = to_lab(view, icc).reshape(-1, 3).astype(np.float64)
    chroma = float(np.median(np.hypot(lab[:, 1], lab[:, 2])))
    edges = np.quantile(lab[:, 0], np.linspace(0, 1, _BINS + 1))
    which = np.clip(np.searchsorted(edges, lab[:, 0], side="right") - 1, 0, _BINS - 1)
    distance = np.zeros(len(lab))
    for index in range(_BINS):
        inside = which == index
        if inside.any():
            centre = np.median(lab[inside, 1:], axis=0)
            distance[inside] = np.hypot(*(lab[inside, 1:] - centre).T)
    spread = float(np.median(distance))
    tail = float(np.quantile(distance, 0.97))
    one_curve = spread < _ONE_CURVE and tail < _ONE_CURVE_TAIL
    kind: ToneKind = "colour"
    if one_curve:
        kind = "monochrome" if chroma < _GREY_CHROMA else "toned"
    return Tone(kind, chroma, spread, tail)
