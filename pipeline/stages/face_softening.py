"""Softening a noisy print before faces are looked for on it.

Detectors were trained on clean pictures. Noise that a person looks through makes them miss small
faces: of ten faces 20 to 100 px wide on a faded, noisy print six were surely found as it was, ten
when it was softened a little. A clean print is left as it is, though softening would hardly matter.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.sampling import luma_tiles

SOFTENING = 0.8
"""Standard deviation of the softening of a noisy print, px of the print."""

NOISY = 0.03
"""Noise as a share of the range of tones from which a print is noisy."""

_FINE = 0.5
"""Scale below which averaging down takes the noise away by itself."""


def softening_of(photo: Photo) -> float:
    """How much a print is to be softened: standard deviation in px, 0 when it is not noisy."""
    tiles = luma_tiles(photo)
    low, high = np.quantile(
        np.concatenate([tile[::3, ::3].ravel() for tile in tiles]), [0.05, 0.95]
    )
    return SOFTENING if noise_in(tiles).sigma > NOISY * max(high - low, 0.02) else 0.0


def softened(samples: NDArray[Any], sigma: float, scale: float) -> NDArray[Any]:
    """A piece of a print as it goes on to be shown at a scale; softened when that would show noise.

    Args:
        samples: uint16 (h, w, C).
        sigma: as `softening_of` gives it.
        scale: px shown per px of the piece.
    """
    if sigma <= 0 or scale < _FINE:
        return samples
    return np.asarray(cv2.GaussianBlur(samples, (0, 0), sigma)).reshape(samples.shape)
