"""The paper's own border around a picture: the one place where a print surely was white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Lab = NDArray[np.float64]

_LIGHT = 70.0
_EVEN = 4.0
_ALIKE = 6.0
_STRIP = 2
_DEEPER = 0.08
_OTHER = 6.0


def paper_border(lab: Lab) -> tuple[float, float, float] | None:
    """Lab of a print's white border, or None when there is none.

    A border is light, even and alike on at least three sides, and ends: a little further in, the
    picture begins. A plain background that goes on inwards is no border.

    Args:
        lab: float64 (H, W, 3), CIE Lab, of a small view whose outermost rim was cut away.
    """
    if min(lab.shape[:2]) < 20 * _STRIP:
        return None
    sides = [lab, lab[::-1], lab.transpose(1, 0, 2), lab.transpose(1, 0, 2)[::-1]]
    borders = [_median(side[:_STRIP]) for side in sides if _is_even(side[:_STRIP])]
    light = [border for border in borders if border[0] >= _LIGHT]
    if len(light) < 3:
        return None
    common = np.median(light, axis=0)
    alike = [border for border in light if np.linalg.norm(border - common) < _ALIKE]
    ends = sum(_ends(side, common) for side in sides)
    if len(alike) < 3 or ends < 3:
        return None
    return float(common[0]), float(common[1]), float(common[2])


def _ends(side: Lab, border: Lab) -> bool:
    """Whether something else than the border lies a little further in."""
    depth = max(2 * _STRIP, round(_DEEPER * side.shape[0]))
    inner = side[depth : depth + _STRIP]
    margin = round(_DEEPER * side.shape[1])
    away = np.linalg.norm(inner[:, margin : side.shape[1] - margin] - border, axis=2)
    return float(np.median(away)) > _OTHER


def _is_even(strip: Lab) -> bool:
    return bool((_spread(strip) < _EVEN).all())


def _spread(strip: Lab) -> NDArray[np.float64]:
    """Spread of L, a and b along a strip, little moved by specks and worn corners."""
    flat = strip.reshape(-1, 3)
    low, high = np.quantile(flat, (0.16, 0.84), axis=0)
    return np.asarray((high - low) / 2)


def _median(strip: Lab) -> Lab:
    return np.asarray(np.median(strip.reshape(-1, 3), axis=0))
