"""Kernels fitted to a picture at several sizes: short blurs show in full, long ones reduced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.core.samples import to_float
from pipeline.stages.measure.blur_fit import Fit, fit_kernels
from pipeline.stages.measure.blur_spectrum import Spectrum, spectrum_in, tile_size
from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.sampling import SIDE, Tile, luma_of, spread_tiles
from pipeline.stages.measure.specks import without_specks

Plane = NDArray[np.float32]

SCALES = (1, 2, 4)
"""px of the photo for a px that is looked at."""

_SMALLEST = 192
"""px of the shorter side below which a reduced picture has too little to tell."""

_LOOKED_AT = {1: 1.0, 2: 1.5, 4: 4.0}
"""Share of the px asked for that is looked at, by scale: reduced ones cost less."""


@dataclass(frozen=True)
class FitAt:
    """What fits at one size.

    Args:
        scale: px of the photo for a px of what was looked at.
        spectrum: of what was looked at.
        fit: what was found; its lengths are in px of what was looked at.
    """

    scale: int
    spectrum: Spectrum
    fit: Fit


def fits_of(
    photo: Photo,
    *,
    most_px: int,
    scales: Sequence[int] = SCALES,
    clear_of_specks: float | None = None,
) -> list[FitAt]:
    """Fit kernels to a photo in full and reduced by 2 and 4, as far as it is large enough.

    Args:
        photo: any photo.
        most_px: px looked at of a larger picture.
        scales: of `SCALES`, ascending.
        clear_of_specks: the photo's noise, 0..1, where hard thin scratches are to be left out;
            None where they are not.

    Returns:
        Finest first; none at all when the photo is too small or holds nothing.
    """
    found = []
    for scale in scales:
        if scale > 1 and min(photo.height, photo.width) < scale * _SMALLEST:
            break
        planes = _planes(photo, scale, round(most_px * _LOOKED_AT[scale]), clear_of_specks)
        tile = tile_size(planes)
        spectrum = spectrum_in(planes, tile) if tile else None
        if spectrum is not None:
            found.append(FitAt(scale, spectrum, fit_kernels(spectrum)))
    return found


def _planes(photo: Photo, scale: int, most_px: int, noise: float | None) -> list[Plane]:
    tiles = spread_tiles(photo.height, photo.width, most_px=most_px, side=SIDE * scale)
    if noise is None:
        return [_reduced(photo, tile, scale) for tile in tiles]
    return [_cleared(photo, tile, scale, noise) for tile in tiles]


def _cleared(photo: Photo, tile: Tile, scale: int, noise: float) -> Plane:
    """The same without what is thin and stands far out."""
    plane = without_specks(luma_of(photo, tile), noise, photo.dpi and min(photo.dpi)).plane
    height, width = plane.shape[0] // scale, plane.shape[1] // scale
    whole = plane[: height * scale, : width * scale]
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _reduced(photo: Photo, tile: Tile, scale: int) -> Plane:
    """Encoded lightness of a part of a photo, averaged over `scale` px each way."""
    cut = photo.samples[tile]
    height, width = cut.shape[0] // scale, cut.shape[1] // scale
    if scale > 1:
        cut = cut[: height * scale, : width * scale]
        cut = np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA))
    seen = to_float(cut.reshape(height, width, -1))
    return np.ascontiguousarray(seen[..., 0]) if seen.shape[2] == 1 else luma(seen)
