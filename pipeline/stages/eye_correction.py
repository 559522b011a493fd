"""Taking the light of a flash out of a pupil.

What a red pupil shows is what it would show anyway, nearly black with the glint of the flash on
the cornea, plus light from the blood behind it: a sum, in linear light. The light has one colour
and many strengths, and the glint has none of its colour: so how much of it is in a px is told by
how far its red stands above its green and blue, and that much is taken away. The glint stays, and
so does the soft rim, which has less of it. What tint is left in the core is taken away at equal
luminance (the tapered desaturation of Gaubatz and Ulichney, ICIP 2002). Px are changed where they
are red and connected to the pupil's middle, holes closed, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.eye_patch import EyePatch
from pipeline.stages.measure.red_pupil import RedDisc, redness

Plane = NDArray[np.float32]

_REACH = 1.9
_MOST_RADII, _MOST_UNITS = 1.6, 0.08
_INSIDE = 0.4
_GAMMA = 2.2
_BLURRED, _BLURRED_PX = 0.5, 1.2
_TINTED, _PLAIN = 0.2, 0.5
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_DARKEST = 0.02
"""Linear light of a pupil, at most, as far as the eye's own dark allows."""


@dataclass(frozen=True)
class Corrected:
    """A pupil corrected.

    Args:
        pixels: float32 (h, w, 3) in 0..1 of the part.
        mask: float32 (h, w), share of the correction in each px.
        rows, columns: the part, px of the print.
        before, after: redness of the pupil (see `measure.red_pupil`).
    """

    pixels: Pixels
    mask: Plane
    rows: slice
    columns: slice
    before: float
    after: float


def corrected(photo: Photo, patch: EyePatch, disc: RedDisc) -> Corrected | None:
    """A pupil without the light of the flash, or None when its px cannot be told from others.

    Args:
        photo: the print, in colour.
        patch: the eye.
        disc: its red pupil.
    """
    x, y = patch.in_print(disc.x, disc.y)
    radius = max(1.0, disc.radius * patch.step)
    reach = int(np.ceil(_REACH * radius)) + 2
    rows = slice(max(0, round(y) - reach), min(photo.height, round(y) + reach + 1))
    columns = slice(max(0, round(x) - reach), min(photo.width, round(x) + reach + 1))
    pixels = photo.part(rows, columns)
    down, across = np.mgrid[rows, columns]
    distance = np.hypot(across - x, down - y).astype(np.float32)
    # Of small eyes the disc is found too large, being blurred; of large ones rather too small.
    most = max(radius, min(_MOST_RADII * radius, _MOST_UNITS * patch.unit))
    inside = _pupil(redness(pixels, disc.skin_ratio, disc.skin_red), distance, radius, most, disc)
    if inside is None:
        return None
    mask = _soft(inside, radius)
    floor = _dark_of(patch.pixels, radius)
    dark = _without_flash(pixels, inside & (distance <= radius), floor)
    made = pixels + mask[..., None] * (dark - pixels)
    core = inside & (distance <= 0.8 * radius)
    return Corrected(
        np.asarray(made, dtype=np.float32),
        mask,
        rows,
        columns,
        float(np.median(redness(pixels, disc.skin_ratio, disc.skin_red)[core])),
        float(np.median(redness(made, disc.skin_ratio, disc.skin_red)[core])),
    )


def _pupil(
    excess: Plane, distance: Plane, radius: float, most: float, disc: RedDisc
) -> NDArray[np.bool_] | None:
    """The px of the pupil: red, connected to its middle, holes (the glint) closed."""
    around = disc.redness - disc.contrast
    level = around + _INSIDE * (disc.redness - around)
    red = ((excess > level) & (distance <= most)).astype(np.uint8)
    count, labels = cv2.connectedComponents(red, connectivity=8)
    if count < 2:
        return None
    middle = labels[(distance <= 0.7 * radius) & (labels > 0)]
    if not middle.size:
        return None
    main = labels == int(np.bincount(middle).argmax())
    contours, _ = cv2.findContours(main.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    # The glint may lie at the rim, where it is no hole: pupils are convex, so the hull is taken.
    hull = cv2.convexHull(np.vstack(contours))
    filled = cv2.fillConvexPoly(np.zeros(excess.shape, np.uint8), hull, 1).astype(np.bool_)
    return np.asarray(filled & (distance <= most))


def _soft(inside: NDArray[np.bool_], radius: float) -> Plane:
    """The mask of the correction: the pupil and a rim of it, ending softly."""
    reach = int(0.12 * radius)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    wide = cv2.dilate(inside.astype(np.uint8), kernel).astype(np.float32)
    soft = cv2.GaussianBlur(wide, (0, 0), max(0.5, 0.08 * radius))
    return np.asarray(np.where(soft > 0.02, soft, 0.0), dtype=np.float32)


def _without_flash(pixels: Pixels, core: NDArray[np.bool_], dark: float) -> Pixels:
    """The part as it would be without the light from behind the pupil, float32 (h, w, 3).

    Args:
        pixels: the part.
        core: px that surely belong to the pupil.
        dark: linear light a pupil without flash has here.
    """
    linear = pixels**_GAMMA
    over = linear[..., 0] - np.maximum(linear[..., 1], linear[..., 2])
    # The redder half of the core: neither glint nor rim.
    strong = core & (over >= np.median(over[core]))
    colour = np.median(linear[strong], axis=0) - dark
    amount = np.clip(over / max(1e-4, float(np.median(over[strong]))), 0.0, 1.5)
    left = np.maximum(linear - amount[..., None] * np.maximum(colour, 0.0), 0.0)
    grey = np.repeat((left @ _LUMINANCE)[..., None], 3, axis=2)
    # The rim and the glint hold little of the light; they keep their own tint.
    share = np.clip((amount - _TINTED) / (_PLAIN - _TINTED), 0.0, 1.0)[..., None]
    plain = np.maximum(left + share * (grey - left), np.minimum(dark, linear))
    return np.asarray(plain ** (1 / _GAMMA), dtype=np.float32)


def _dark_of(pixels: Pixels, radius: float) -> float:
    """Linear light of a pupil of a radius, px of the print, as dark as its eye allows.

    What is darkest around the eye, but not more than a pupil can have; a pupil of few px is blurred
    with what lies around it, and the lighter the smaller it is.
    """
    luminance = np.asarray(pixels**_GAMMA @ _LUMINANCE)
    own = min(float(np.percentile(luminance, 1.0)), _DARKEST)
    return own + _BLURRED * float(np.median(luminance)) * float(np.exp(-radius / _BLURRED_PX))
