"""Fine detail that is not the picture's: hard thin scratches and specks, taken out to measure.

A blurred print with white scratches is as sharp as its scratches, if one only asks the spectrum.
Here whatever is thin and stands far out of its surroundings is replaced by their median, not to
repair the picture but to see how sharp the rest of it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.resolution import (
    RealResolution,
    detail_limit_in,
    real_resolution,
    resolution_at,
)
from pipeline.stages.measure.sampling import luma_of

Plane = NDArray[np.float32]

_WIDEST_INCH = 0.015
_USUAL_WIDEST = 9
_FAR_OUT = 26.0  # 255ths
_NOISES = 6.0
_ONE_IN = 3  # tiles asked whether there is anything thin at all
_FEW = 0.06  # share of px up to which thin things may be damage; print and gravel have more
_COARSE = 0.15  # of the Nyquist frequency, below which nothing fine was found anyhow
_MUCH_LESS = 0.6


@dataclass(frozen=True)
class Smoothed:
    """A plane without thin things.

    Args:
        plane: float32 (H, W), 0..1.
        share: of px that were replaced, 0..1.
    """

    plane: Plane
    share: float


def resolution_beneath_specks(
    photo: Photo, tiles: Sequence[Plane], noise: float
) -> tuple[RealResolution, bool]:
    """What a photo really resolves, not what scratches on it do.

    Args:
        photo: any photo.
        tiles: encoded lightness of parts of it, float32 (H, W), 0..1.
        noise: of the tiles, 0..1.

    Returns:
        `real_resolution` and False, unless a few thin things that stand far out are all that is
        fine: then the resolution without them, and True.
    """
    found = real_resolution(photo)
    dpi = None if photo.dpi is None else min(photo.dpi)
    shares = [without_specks(tile, noise, dpi).share for tile in tiles[::_ONE_IN]]
    if found.fraction < _COARSE or not 0.0 < float(np.mean(shares)) <= _FEW:
        return found, False

    def cut(rows: slice, columns: slice) -> Plane:
        return without_specks(luma_of(photo, (rows, columns)), noise, dpi).plane

    beneath, _ = detail_limit_in(cut, photo.height, photo.width)
    if beneath < _MUCH_LESS * found.fraction:
        return resolution_at(photo, beneath), True
    return found, False


def without_specks(plane: Plane, noise: float, dpi: float | None = None) -> Smoothed:
    """Replace what is thin and stands far out by the median of its surroundings.

    Args:
        plane: float32 (H, W), 0..1.
        noise: its noise, 0..1.
        dpi: of the scan, from which follows how wide a scratch may be.
    """
    coarse = np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8)
    calm = cv2.medianBlur(coarse, _side(dpi))
    off = cv2.absdiff(coarse, calm)
    thin = (off > max(_FAR_OUT, _NOISES * noise * 255)).astype(np.uint8)
    if not thin.any():
        return Smoothed(plane, 0.0)
    thin = cv2.dilate(thin, np.ones((5, 5), np.uint8))
    filled = np.where(thin > 0, calm.astype(np.float32) / np.float32(255), plane)
    return Smoothed(np.asarray(filled, np.float32), float(thin.mean()))


def _side(dpi: float | None) -> int:
    widest = _USUAL_WIDEST if dpi is None else round(_WIDEST_INCH * dpi)
    return int(np.clip(widest, 7, 21)) // 2 * 2 + 1
