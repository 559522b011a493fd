"""Red eyes: whether the pupil of an eye shines red from a flash.

A flash close to the lens lights the blood behind the retina, and the pupil, which is the darkest
part of a healthy eye, becomes a disc of red light. Red alone proves nothing: skin, lids, brown
irises, make-up and warm light are red too. So redness is what is left of red when the most that
the face's own skin explains is taken away, as a share of the skin's brightness,

    E = (R - k max(G, B)) / R_skin,   k = median of R / max(G, B) over the brighter skin,

which a cast over the whole print hardly moves (its gains cancel). A pupil is then a *disc* in E:
red throughout (`filled`), not spilling over its rim (`spill`), of a pupil's size for this face,
near the landmark; and nowhere in the eye is there a dark disc, which would be the healthy pupil.
That a face comes first and masks over its eyes second is the way of Gaubatz and Ulichney (ICIP
2002); that false finds weigh more than missed eyes, of Volken, Terrier, Vandewalle (CGIV 2006,
doi:10.2352/CGIV.2006.3.1.art00074).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Plane = NDArray[np.float32]

UNIT = 120
"""px between the eyes at the scale patches are looked at."""

HALF = 43
"""px from the middle of a patch to its edge: an eye with its lids."""

LEAST_CONTRAST = 0.08
"""Contrast below which no disc is a red pupil, whatever else speaks for it."""

_RADII = (2.6, 3.2, 4.0, 5.0, 6.2, 7.6, 9.4)
_ZONE = 0.19
_DARK_DISC = 4.2
_ASIDE, _ABOVE = 0.22, 0.1
_RING = (1.3, 1.8)
_CANDIDATES = 4
_SKIN_BRIGHTER_THAN = 40.0
_GLINT = 0.6
_ELSEWHERE = 97


@dataclass(frozen=True)
class RedDisc:
    """A reddish disc of an eye; colours are shares of the skin's red unless said otherwise.

    Args:
        x, y, radius: px of the patch.
        redness: E within the disc, glint left out (median).
        contrast: mean E within the disc less that of the ring around it.
        filled: share of the disc's px nearer to its redness than to its ring's.
        spill: the same share of the ring's px.
        elsewhere: E that few px of the eye's surroundings exceed (97 of 100 stay below).
        dip: red of its middle over that of its outer half; below 1 a darker pupil lies in it.
        hue: of its colour, degrees; 0 is red, 30 orange, negative towards magenta.
        colour: its median R, G, B in 0..1.
        darkest: red of the darkest pupil-sized disc beside it, brows left out.
        skin_ratio: k of the module's formula.
        skin_red: the skin's red, 0..1.
    """

    x: float
    y: float
    radius: float
    redness: float
    contrast: float
    filled: float
    spill: float
    elsewhere: float
    dip: float
    hue: float
    colour: tuple[float, float, float]
    darkest: float
    skin_ratio: float
    skin_red: float


def red_discs(pixels: Pixels) -> list[RedDisc]:
    """The reddest discs of an eye, most contrast first; one at most of little contrast.

    Args:
        pixels: float32 (2 HALF + 1, 2 HALF + 1, 3) in 0..1, see `eye_patch.EyePatch`.
    """
    red, rest = pixels[..., 0], np.maximum(pixels[..., 1], pixels[..., 2])
    ratio, skin_red = skin_of(pixels)
    excess = redness(pixels, ratio, skin_red)
    dark = cv2.filter2D(red, -1, _disc(0.0, _DARK_DISC), borderType=cv2.BORDER_REPLICATE)
    glint = (np.minimum(rest, pixels.min(axis=2)) > _GLINT * skin_red) & (red < ratio * 1.15 * rest)
    return [
        _described(pixels, excess, glint, place, dark / skin_red, ratio, skin_red)
        for number, place in enumerate(_candidates(excess))
        if number == 0 or place[0] >= LEAST_CONTRAST
    ]


def skin_of(pixels: Pixels) -> tuple[float, float]:
    """The skin's red over the stronger of green and blue (at least 1), and its red, 0..1."""
    red, rest = pixels[..., 0], np.maximum(pixels[..., 1], pixels[..., 2])
    lightness = pixels @ np.array([0.299, 0.587, 0.114], np.float32)
    bright = lightness >= np.percentile(lightness, _SKIN_BRIGHTER_THAN)
    ratio = float(np.median(red[bright] / np.maximum(rest[bright], 0.02)))
    return max(1.0, ratio), max(0.02, float(np.median(red[bright])))


def redness(pixels: Pixels, skin_ratio: float, skin_red: float) -> Plane:
    """E of the module's formula, float32 (h, w): 0 for what the skin explains."""
    rest = np.maximum(pixels[..., 1], pixels[..., 2])
    return np.asarray((pixels[..., 0] - skin_ratio * rest) / skin_red, dtype=np.float32)


def _candidates(excess: Plane) -> list[tuple[float, float, int, int]]:
    """(contrast, radius, x, y) of the discs of each size that stand out most from their rings."""
    rows, columns = np.ogrid[: excess.shape[0], : excess.shape[1]]
    found: list[tuple[float, float, int, int]] = []
    for radius in _RADII:
        layer = np.where(_zone(), _contrast(excess, radius), -np.inf)
        for _ in range(_CANDIDATES):
            y, x = (int(v) for v in np.unravel_index(int(np.argmax(layer)), layer.shape))
            contrast = float(layer[y, x])
            if not contrast > 0:
                break
            found.append((contrast, radius, x, y))
            layer[np.hypot(columns - x, rows - y) <= max(3.0, 0.8 * radius)] = -np.inf
    return sorted(found, reverse=True)


def _contrast(excess: Plane, radius: float) -> Plane:
    inside = cv2.filter2D(excess, -1, _disc(0.0, radius), borderType=cv2.BORDER_REPLICATE)
    ring = _disc(_RING[0] * radius, _RING[1] * radius)
    around = cv2.filter2D(excess, -1, ring, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(inside - around, dtype=np.float32)


def _described(
    pixels: Pixels,
    excess: Plane,
    glint: NDArray[np.bool_],
    place: tuple[float, float, int, int],
    dark: Plane,
    ratio: float,
    skin_red: float,
) -> RedDisc:
    contrast, radius, x, y = place
    rows, columns = np.ogrid[: excess.shape[0], : excess.shape[1]]
    distance = np.hypot(columns - x, rows - y)
    whole = distance <= 0.8 * radius
    inside = whole & ~glint
    if inside.sum() < 0.4 * whole.sum():
        inside = whole
    ring = (distance >= _RING[0] * radius) & (distance <= _RING[1] * radius)
    within, around = float(np.median(excess[inside])), float(np.median(excess[ring]))
    half = (within + around) / 2
    red = pixels[..., 0]
    outer = (distance >= 0.55 * radius) & (distance <= 0.95 * radius) & ~glint
    middle = (distance <= 0.4 * radius) & ~glint
    colour = np.median(pixels[inside], axis=0)
    return RedDisc(
        x=float(x),
        y=float(y),
        radius=radius,
        redness=within,
        contrast=contrast,
        filled=float((excess[inside] > half).mean()),
        spill=float((excess[ring] > half).mean()),
        elsewhere=float(np.percentile(excess[distance > _RING[1] * radius], _ELSEWHERE)),
        dip=_mean(red, middle) / max(0.02, _mean(red, outer)),
        hue=_hue(colour),
        colour=(float(colour[0]), float(colour[1]), float(colour[2])),
        darkest=float(dark[_beside(columns - x, rows - y)].min()),
        skin_ratio=ratio,
        skin_red=skin_red,
    )


def _beside(across: NDArray[Any], down: NDArray[Any]) -> NDArray[np.bool_]:
    """Where the rest of the same eye may be, seen from a disc in it."""
    return np.asarray(np.hypot(across / _ASIDE, down / _ABOVE) <= UNIT)


def _mean(plane: Plane, where: NDArray[np.bool_]) -> float:
    """The mean of some px; 1 of none."""
    return float(plane[where].mean()) if where.any() else 1.0


def _hue(colour: NDArray[np.float32]) -> float:
    red, green, blue = (float(v) for v in colour)
    return float(np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)))


@cache
def _disc(inner: float, outer: float) -> Plane:
    """A kernel that averages the px between two radii."""
    reach = int(np.ceil(outer))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(rows, columns)
    kernel = ((distance >= inner) & (distance <= outer)).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


@cache
def _zone() -> NDArray[np.bool_]:
    """Where a pupil may lie: landmarks are within a sixth of the eyes' distance."""
    rows, columns = np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1]
    return np.asarray(np.hypot(rows, columns) <= _ZONE * UNIT)
