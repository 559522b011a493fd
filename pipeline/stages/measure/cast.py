"""Colour cast and fading: what the print's own white, black and greys look like now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.io.colour import to_lab
from pipeline.stages.measure.luma import reduce_to
from pipeline.stages.measure.paper_border import paper_border

_VIEW = 320
_WHITE_SHARE = 0.01
_BLACK_SHARE = 0.01


@dataclass(frozen=True)
class Cast:
    """A print's tonal ends and greys, CIE Lab (D50) and the scan's own RGB.

    Args:
        white: Lab of the lightest hundredth of the picture.
        black: Lab of its darkest hundredth.
        greys: median (a, b) of the least colourful tenth of the middle tones, after taking
            away nothing: neutral things should be at (0, 0).
        white_rgb: the lightest value of every channel (99.5 % quantile), 0..1.
        black_rgb: the darkest value of every channel (0.5 % quantile), 0..1.
        mean: mean (a, b) of the whole picture.
        bluest: 0.5 % quantile of b: clearly above 0 when not a single thing is neutral or blue.
        floor: share of the range of lightness over which the darkest 3 % are spread. Near 0
            when many places share one black, the deepest that the paper can show; above about
            0.12 when the tones just taper off, as in a scene that has no black.
    """

    white: tuple[float, float, float]
    black: tuple[float, float, float]
    greys: tuple[float, float]
    white_rgb: tuple[float, float, float]
    black_rgb: tuple[float, float, float]
    mean: tuple[float, float]
    bluest: float
    floor: float = 1.0
    border: tuple[float, float, float] | None = None

    @property
    def lightness_range(self) -> float:
        """L of white minus L of black: about 85 to 100 for a fresh print."""
        return self.white[0] - self.black[0]


def cast_of(pixels: NDArray[np.float32], icc: bytes | None) -> Cast:
    """Measure cast and fading.

    Args:
        pixels: float32 (H, W, 3), RGB 0..1. Measured on an average of at most 320 px, so noise
            and specks do not pass for white or black.
        icc: the profile of the pixels; None for sRGB.
    """
    view = np.ascontiguousarray(reduce_to(pixels, _VIEW))
    view = _without_rim(view)
    picture = to_lab(view, icc).astype(np.float64)
    lab = picture.reshape(-1, 3)
    light = lab[:, 0]
    order = np.argsort(light, kind="stable")
    few = max(1, int(len(order) * _WHITE_SHARE))
    dark = max(1, int(len(order) * _BLACK_SHARE))
    white = np.median(lab[order[-few:]], axis=0)
    black = np.median(lab[order[:dark]], axis=0)
    flat = view.reshape(-1, 3)
    deep = np.quantile(light, (0.001, 0.03))
    return Cast(
        white=_three(white),
        black=_three(black),
        greys=_greys(lab, white[0], black[0]),
        white_rgb=_three(np.quantile(flat, 0.995, axis=0)),
        black_rgb=_three(np.quantile(flat, 0.005, axis=0)),
        mean=(float(lab[:, 1].mean()), float(lab[:, 2].mean())),
        bluest=float(np.quantile(lab[:, 2], 0.005)),
        floor=float((deep[1] - deep[0]) / max(white[0] - black[0], 1.0)),
        border=paper_border(picture),
    )


def _without_rim(view: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture less 2 % on every side, where the scanner's lid or a worn edge may show."""
    rim_y, rim_x = view.shape[0] // 50, view.shape[1] // 50
    return view[rim_y : view.shape[0] - rim_y, rim_x : view.shape[1] - rim_x]


def _greys(lab: NDArray[np.float64], top: float, bottom: float) -> tuple[float, float]:
    span = max(top - bottom, 1.0)
    middle = lab[(lab[:, 0] > bottom + 0.2 * span) & (lab[:, 0] < bottom + 0.9 * span)]
    if len(middle) < 20:
        return 0.0, 0.0
    chroma = np.hypot(middle[:, 1], middle[:, 2])
    calm = middle[np.argsort(chroma, kind="stable")[: max(10, len(middle) // 10)]]
    return float(np.median(calm[:, 1])), float(np.median(calm[:, 2]))


def _three(values: NDArray[np.floating]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
