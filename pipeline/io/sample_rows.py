"""The rows of a picture in the depth that a file asks for, a band at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.samples import to_8_bit, to_16_bit

_BAND_BYTES = 2**22


def at_depth(samples: NDArray[Any], bits: int) -> NDArray[Any]:
    """uint8 or uint16 of any shape as uint8 (rounded) or uint16; given back as is when it fits."""
    if bits == 8:
        return to_8_bit(samples) if samples.dtype == np.uint16 else samples
    return to_16_bit(samples)


def bands(samples: NDArray[Any], bits: int) -> Iterator[tuple[int, NDArray[Any]]]:
    """The picture from top to bottom in bands of about 4 MB, so that no second whole one is made.

    Args:
        samples: uint8 or uint16 (H, W, C).
        bits: 8 or 16, of what is given.

    Returns:
        (first row, the band as a contiguous uint8 or uint16 (h, W, C)).
    """
    rows = band_rows(samples, bits)
    for top in range(0, samples.shape[0], rows):
        yield top, np.ascontiguousarray(at_depth(samples[top : top + rows], bits))


def band_rows(samples: NDArray[Any], bits: int) -> int:
    """How many rows a band has: the same for equal sizes on every machine."""
    _, width, channels = (int(side) for side in samples.shape)
    return max(1, _BAND_BYTES // (width * channels * (bits // 8)))
