"""Between stored integers and the float pixels that stages compute with, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_BAND_ROWS = 16  # as many as stay in a processor's cache


def to_float(samples: NDArray[Any]) -> NDArray[np.float32]:
    """uint8 or uint16 of any shape as float32 in 0..1.

    A single correctly rounded division: `to_integer` brings every value back, and an 8-bit value
    gives the same float as its 16-bit equal (v * 257).
    """
    out: NDArray[np.float32] = samples.astype(np.float32)
    out /= np.float32(np.iinfo(samples.dtype).max)
    return out


def to_integer(pixels: NDArray[np.float32], bits: int) -> NDArray[Any]:
    """float32 in 0..1 of any shape as the nearest uint8 or uint16.

    Args:
        pixels: (H, ...), 0..1.
        bits: 8 or 16.
    """
    dtype = np.uint8 if bits == 8 else np.uint16
    top = np.float32(2**bits - 1)
    out = np.empty(pixels.shape, dtype)
    # Band by band, so that no second float copy of a large scan is made.
    for row in range(0, len(pixels), _BAND_ROWS):
        out[row : row + _BAND_ROWS] = np.rint(pixels[row : row + _BAND_ROWS] * top)
    return out


def to_16_bit(samples: NDArray[Any]) -> NDArray[np.uint16]:
    """uint8 or uint16 of any shape as uint16 of the same brightness; uint16 is given back as is."""
    if samples.dtype == np.uint16:
        return samples
    # Written where it belongs at once: no second copy of a large scan.
    out = np.empty(samples.shape, np.uint16)
    np.multiply(samples, np.uint16(257), out=out)
    return out


def to_8_bit(samples: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """uint16 (H, ...) as the nearest uint8; brings back what `to_16_bit` made of an 8-bit value."""
    out = np.empty(samples.shape, np.uint8)
    for row in range(0, len(samples), _BAND_ROWS):
        # v / 257 rounded; 257 is odd, so no value lies half way between two. Shifting is several
        # times faster than dividing and the same for all 65536 values.
        band = samples[row : row + _BAND_ROWS].astype(np.uint32)
        band *= np.uint32(255)
        band += np.uint32(32895)
        band >>= np.uint32(16)
        out[row : row + _BAND_ROWS] = band
    return out
