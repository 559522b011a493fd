"""What a network may not change: the print's tonality, its colour and its lack of colour.

A network is trusted with detail only. Everything coarser is put back from the print, and a print
of one tone (grey, sepia, cyanotype) takes nothing but lightness from it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.stages.measure.resolution import luminance

_BINS = 24

_SINGLE_TONE = 0.033
"""Rest of the tint, 0..1: a stained sepia print measures 0.027, old colour prints 0.055 and up."""


def keep_tonality(made: Pixels, print_pixels: Pixels, coarse_px: float) -> Pixels:
    """Give made pixels the print's own coarse tones and colours.

    Args:
        made: float32 (H, W, 3) in 0..1 from a network.
        print_pixels: float32 (H, W, 3) in 0..1, the picture it was made from, at the same size.
        coarse_px: standard deviation, px, of the blur above which the print has the last word.

    Returns:
        float32 (H, W, 3), not clipped.
    """
    # Blurred one by one, at a reduced size: a large scan leaves no room for whole differences.
    correction = _reduced_blur(print_pixels, coarse_px) - _reduced_blur(made, coarse_px)
    return _array(cv2.add(made, _spread(correction, made)))


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
    tint = print_pixels - luminance(print_pixels)[..., None]
    if float(np.abs(tint).max()) < 1e-5:
        return np.repeat(lightness, 3, axis=2)
    if chroma_px > 0:
        tint = coarse(tint, chroma_px)
    return np.asarray(lightness + tint, dtype=np.float32)


def coarse(pixels: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """A Gaussian blur of any width in bounded time: wide ones are done on a reduced picture."""
    return _spread(_reduced_blur(pixels, sigma_px), pixels)


def _reduced_blur(pixels: NDArray[np.float32], sigma_px: float) -> NDArray[np.float32]:
    """The blurred picture at a size at which the blur is some 4 px wide."""
    height, width = pixels.shape[:2]
    factor = max(1.0, sigma_px / 4.0)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    if size != (width, height):
        pixels = _array(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
    return _array(cv2.GaussianBlur(pixels, (0, 0), sigma_px / factor))


def _spread(small: NDArray[np.float32], like: NDArray[np.float32]) -> NDArray[np.float32]:
    """A reduced picture at the size of another."""
    if small.shape[:2] == like.shape[:2]:
        return small
    size = (like.shape[1], like.shape[0])
    return _array(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC))


def has_single_tone(pixels: Pixels) -> bool:
    """Whether all colour in a picture follows from its lightness: grey, sepia and the like.

    The picture is reduced so that colour noise averages out; what is left of the tint after the
    median tint of its lightness is taken away must be small nearly everywhere. A badly faded
    colour print may count as one; it then keeps its own colours, which does it no harm.
    """
    height, width = pixels.shape[:2]
    factor = max(1.0, max(height, width) / 128)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    small = _array(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))
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


def _array(value: object) -> NDArray[np.float32]:
    return np.asarray(value, dtype=np.float32)
