"""What a network may not change: the print's tonality, its colour and its lack of colour.

A network is trusted with detail only. Everything coarser is put back from the print, and a print
of one tone (grey, sepia, cyanotype) takes nothing but lightness from it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.measure.resolution import luminance
from pipeline.stages.measure.sampling import reduced

Array = NDArray[np.float32]

_VIEW = 128
"""Longer side, px, of the view that tells the kind of tone."""

_BINS = 24

_SINGLE_TONE = 0.033
"""Rest of the tint, 0..1: a stained sepia print measures 0.027, old colour prints 0.055 and up."""


def tone_correction(made: Array, print_pixels: Array, coarse_px: float) -> Array:
    """What made pixels lack to have the print's own coarse tones and colours.

    Args:
        made: float32 (k H, k W, C) in 0..1 from a network, k the factor it enlarged by.
        print_pixels: float32 (H, W, C) in 0..1, the picture it was made from.
        coarse_px: standard deviation, px of the print, of the blur above which the print has the
            last word.

    Returns:
        float32 (h, w, C), to be brought to any size of the same picture and added. It is smooth,
        and so has only as many px as that needs.
    """
    height, width = print_pixels.shape[:2]
    size = _size_for_blur(width, height, coarse_px)
    # Every other row tells as much of so coarse a tone, in half the time.
    rows = made[::2] if len(made) >= 2 * height else made
    lack = _area(print_pixels, size) - _area(rows, size)
    return _like(cv2.GaussianBlur(lack, (0, 0), coarse_px / _step(coarse_px)), lack)


def keep_single_tone(made: Pixels, print_pixels: Pixels, chroma_px: float) -> Pixels:
    """Take the lightness of made pixels and the tint of the print.

    Args:
        made: float32 (H, W, 3) in 0..1 from a network.
        print_pixels: float32 (H, W, 3) in 0..1 at the same size.
        chroma_px: standard deviation, px, of the blur on the print's tint, so that its colour
            noise does not stay behind; 0 keeps it as it is.

    Returns:
        float32 (H, W, 3), not clipped. Three channels that were equal stay exactly equal.
    """
    lightness = luminance(made)[..., None]
    tint = tint_of(print_pixels, chroma_px)
    if tint is None:
        return np.repeat(lightness, 3, axis=2)
    return np.asarray(lightness + tint, dtype=np.float32)


def tint_of(pixels: Pixels, chroma_px: float) -> Pixels | None:
    """What of a picture is not lightness: float32 (H, W, 3), or None when it is grey.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        chroma_px: standard deviation, px, of the blur on it; 0 for none.
    """
    tint = np.asarray(pixels - luminance(pixels)[..., None], dtype=np.float32)
    if float(np.abs(tint).max()) < 1e-5:
        return None
    return coarse(tint, chroma_px) if chroma_px > 0 else tint


def coarse(pixels: Array, sigma_px: float) -> Array:
    """A Gaussian blur of any width in bounded time: wide ones are done on a reduced picture."""
    height, width = pixels.shape[:2]
    small = _area(pixels, _size_for_blur(width, height, sigma_px))
    blurred = _like(cv2.GaussianBlur(small, (0, 0), sigma_px / _step(sigma_px)), small)
    if blurred.shape == pixels.shape:
        return blurred
    return _like(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_CUBIC), pixels)


def _step(sigma_px: float) -> float:
    """px for each px of a picture so reduced that the blur is some 4 px wide."""
    return max(1.0, sigma_px / 4.0)


def _size_for_blur(width: int, height: int, sigma_px: float) -> tuple[int, int]:
    step = _step(sigma_px)
    return max(1, round(width / step)), max(1, round(height / step))


def _area(pixels: Array, size: tuple[int, int]) -> Array:
    """A picture averaged down to (width, height)."""
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return _like(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), pixels)


def _like(value: object, other: Array) -> Array:
    """What OpenCV gave, as float32; it drops the last axis of (H, W, 1), which is put back."""
    array = np.asarray(value, dtype=np.float32)
    return array[..., None] if array.ndim < other.ndim else array


def has_single_tone(photo: Photo) -> bool:
    """Whether all colour in a photo follows from its lightness: grey, sepia and the like.

    The picture is reduced so that colour noise averages out; what is left of the tint after the
    median tint of its lightness is taken away must be small nearly everywhere. A badly faded
    colour print may count as one; it then keeps its own colours, which does it no harm.
    """
    if photo.monochrome:
        return True
    small = reduced(photo, _VIEW)
    lightness = luminance(small).ravel()
    tint = (small - luminance(small)[..., None]).reshape(-1, 3)[:, [0, 2]]
    edges = np.quantile(lightness, np.linspace(0, 1, _BINS + 1)[1:-1])
    group = np.searchsorted(edges, lightness)
    rest = np.zeros_like(tint)
    for number in range(_BINS):
        inside = group == number
        if inside.any():
            rest[inside] = tint[inside] - np.median(tint[inside], axis=0)
    return bool(np.quantile(np.hypot(rest[:, 0], rest[:, 1]), 0.9) < _SINGLE_TONE)
