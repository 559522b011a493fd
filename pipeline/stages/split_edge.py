"""Where exactly a print's edge lies: between the pixels, and inside the shadow it casts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.split_lid import Image, Lid, difference

Points = NDArray[np.float64]

STEP = 0.25
"""Distance between the samples of a profile, px."""
OUTSIDE = 2.5
"""A profile begins so far outside the outline, px."""
SHARP = 0.05
"""A shadow never darkens by more than this share of the lid's brightness within 1 px."""
FLAT = 0.004
"""Where the brightness changes by less than this within 1 px there is paper, not shadow."""
TINTED = 0.035
"""A shadow keeps the lid's hue: its channels darken alike to within this share."""
DEEPEST_SHADOW = 0.45
"""A shadow is never darker than this share of the lid's brightness below the lid."""


PAPER_EDGE = 0.33
"""Share of a change over 4 px that falls within 1 px at the edge of paper; a ramp has 0.25."""
STANDS_OUT = 1.6
"""How many times steeper than its surroundings the edge of paper is."""


@dataclass(frozen=True, eq=False)
class Look:
    """The working image seen against its lid.

    Args:
        ratio: float32 (H, W, 3), the image divided by the lid's colour.
        contrast: float32 (H, W), difference from the lid, 0..1.
        threshold: difference from which on something lies on the lid, 0..1.
        widest_shadow: px; a softer darkening than this is no shadow.
        residual: float32 (H, W, 3), the image less the lid's colour.
        spread: robust sigma of the lid's noise, 0..1.
        per_mm: working px per mm of paper.
        white: the lid is white, so that white borders hardly stand out from it.
    """

    ratio: Image
    contrast: NDArray[np.float32]
    threshold: float
    widest_shadow: float
    residual: Image
    spread: float
    per_mm: float
    white: bool


def look_at(image: Image, lid: Lid, per_mm: float) -> Look:
    """See a working image of `per_mm` px per mm of paper against its lid."""
    ratio = (image / np.maximum(lid.surface, 0.02)).astype(np.float32)
    widest = float(np.clip(2.0 * per_mm, 4.0, 24.0))
    residual = (image - lid.surface).astype(np.float32)
    contrast = difference(image, lid)
    return Look(
        ratio, contrast, lid.threshold, widest, residual, lid.spread, per_mm, lid.kind == "white"
    )


def edge_along(look: Look, start: Points, inward: Points) -> tuple[Points, NDArray[np.bool_]]:
    """How far inwards of an outline the print's edge lies.

    Outside of the edge lies lid, or a shadow: darker than the lid, of its hue, and ever darker
    towards the print, but without a jump. The edge is the steepest change of colour up to the
    point where that ends. Without such a point within the width of a shadow the outline stays.

    Args:
        look: the image against its lid.
        start: float64 (N, 2) x, y of outline points, in px from the centre of the first pixel.
        inward: float64 (2,), unit vector towards the inside of the print.

    Returns:
        float64 (N,) px, positive is inwards; and bool (N,), whether the change there is as sharp
        as the edge of paper. A sky that fades into the lid has straight outlines too, soft ones.
    """
    depths = np.arange(-OUTSIDE, look.widest_shadow + 2.0, STEP)
    where = (start[:, None, :] + depths[None, :, None] * inward).astype(np.float32)
    ratio = _sample(look.ratio, where)
    contrast = _sample(look.contrast, where)
    stride = round(1 / STEP)
    change = np.zeros_like(ratio)
    change[:, stride // 2 : -stride // 2] = ratio[:, stride:] - ratio[:, :-stride]
    shade = ratio.mean(axis=2)
    darkening = -change.mean(axis=2)
    shadowy = (
        (np.ptp(ratio, axis=2) < TINTED)
        & (shade < 1.01)
        & (shade > 1 - DEEPEST_SHADOW)
        & (darkening > FLAT)
        & (darkening < SHARP)
    )
    index = np.arange(len(depths))[None, :]
    begun = contrast > look.threshold
    outer = begun.argmax(axis=1)
    past = (index >= outer[:, None]) & begun & ~shadowy
    end = past.argmax(axis=1)
    found = past.any(axis=1) & (outer > 0) & (depths[end] <= look.widest_shadow)
    # A shadow that ends in an even tone was no shadow but pale paper, whose edge was passed; any
    # other end is the print itself, whose steepest point follows within about 3 px.
    each = np.arange(len(end))
    later = np.minimum(end + stride, len(depths) - 1)
    even = (np.abs(darkening[each, end]) < FLAT) & (np.abs(darkening[each, later]) < FLAT)
    first = np.where(even, outer, np.maximum(outer, end - 3))
    last = np.where(even, end, end + 3 * stride)
    window = (index >= first[:, None]) & (index <= last[:, None])
    steepness = np.where(window, np.abs(change).max(axis=2), -1.0)
    edge: Points = np.where(found, _peak(steepness, depths), 0.0)
    top = steepness.argmax(axis=1)
    hue = ratio - shade[..., None]  # a shadow has none, so tinted paper stands out of it
    hue_change = np.abs(change + darkening[..., None]).max(axis=2)
    sharp = _is_sharp(ratio, np.abs(change).max(axis=2), top)
    in_shadow = shade[each, top] < 1.0
    sharp |= in_shadow & _is_tinted_step(hue, hue_change, top)
    return edge, ~found | sharp


def _is_tinted_step(
    hue: NDArray[np.float32], change: NDArray[np.float32], top: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the hue changes in a step, near sample `top` of each row, by more than a shadow's."""
    each = np.arange(len(top))
    near = np.abs(np.arange(change.shape[1])[None, :] - top[:, None]) <= round(1.5 / STEP)
    step = np.where(near, change, -1.0).argmax(axis=1)
    reach = round(2 / STEP)
    before, behind = np.maximum(step - reach, 0), np.minimum(step + reach, hue.shape[1] - 1)
    rise = np.abs(hue[each, behind] - hue[each, before]).max(axis=1)
    tinted: NDArray[np.bool_] = (rise > TINTED) & (change[each, step] >= PAPER_EDGE * rise)
    return tinted


def _is_sharp(
    ratio: NDArray[np.float32], change: NDArray[np.float32], top: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the change at sample `top` of each row is a step, not part of a ramp.

    It is the greater part of the change all around it, or (a shadow lies before it) it stands
    out from the changes 2 px before and behind it.
    """
    each = np.arange(len(top))
    reach = round(2 / STEP)
    before, behind = np.maximum(top - reach, 0), np.minimum(top + reach, ratio.shape[1] - 1)
    peak = change[each, top]
    rise = np.abs(ratio[each, behind] - ratio[each, before]).max(axis=1)
    beside = np.maximum(change[each, before], change[each, behind])
    sharp: NDArray[np.bool_] = (peak >= PAPER_EDGE * rise) | (peak >= STANDS_OUT * beside)
    return sharp


def _peak(steepness: NDArray[np.float32], depths: Points) -> Points:
    """Depth of each row's largest value: the centre of gravity of the peak around it, px."""
    top = steepness.argmax(axis=1)
    around = np.abs(depths[None, :] - depths[top][:, None]) <= 1.0
    weights = np.where(around, np.maximum(steepness, 0.0), 0.0).astype(np.float64) ** 2
    centre: Points = (weights * depths).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return centre


def _sample(image: NDArray[np.float32], where: NDArray[np.float32]) -> NDArray[np.float32]:
    sampled: NDArray[np.float32] = cv2.remap(
        image, where[..., 0], where[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return sampled
