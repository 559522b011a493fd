"""Whether a picture, or a part of one, needs redrawing at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.resolution import detail_limit, real_resolution
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles
from pipeline.stages.resample import resample


@dataclass(frozen=True)
class Condition:
    """What speaks for or against redrawing.

    Args:
        fraction: real detail as a share of the Nyquist frequency, 0..1.
        noise: standard deviation of fine noise, at the scan's px or at real resolution, whichever
            is more, 0..1.
        blockiness: JPEG block edges over other edges, less 1.
    """

    fraction: float
    noise: float
    blockiness: float

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "fraction_of_nyquist": round(self.fraction, 4),
            "noise": round(self.noise, 5),
            "blockiness": round(self.blockiness, 4),
        }


@dataclass(frozen=True)
class Limits:
    """From where on a picture needs redrawing; units as in `Condition`."""

    noise_from: float
    blockiness_from: float
    soft_below: float


def condition_of_photo(photo: Photo, *, most_px: int = MOST_PX) -> Condition:
    """The condition of a photo, told from tiles when it has more than `most_px` px."""
    tiles = luma_tiles(photo, most_px=most_px)
    return _condition(tiles, real_resolution(photo).fraction)


def condition_of(plane: NDArray[np.float32]) -> Condition:
    """The condition of a plane, float32 (H, W) in 0..1."""
    return _condition([plane], detail_limit(plane)[0])


def _condition(tiles: Sequence[NDArray[np.float32]], fraction: float) -> Condition:
    # The scanner's noise is finest at the scan's own px. The print's grain is coarser than those
    # when the scan is oversampled, and shows as fine noise only at real resolution.
    real = [_at(tile, fraction) for tile in tiles]
    noise = max(noise_in(tiles).sigma, noise_in(real).sigma)
    return Condition(fraction, noise, blockiness_in(tiles))


def _at(tile: NDArray[np.float32], fraction: float) -> NDArray[np.float32]:
    height, width = (max(1, round(px * fraction)) for px in tile.shape)
    return resample(tile, width, height)


def faults(condition: Condition, limits: Limits, *, may_be_soft: bool = True) -> list[str]:
    """What is wrong with a picture, in words; nothing when it is clean and sharp.

    Args:
        condition: what was measured.
        limits: what is tolerated.
        may_be_soft: False when softness does not count, as for paper that resolves enough.
    """
    return [
        word
        for word, holds in (
            ("noisy", condition.noise >= limits.noise_from),
            ("blocky", condition.blockiness >= limits.blockiness_from),
            ("soft", may_be_soft and condition.fraction < limits.soft_below),
        )
        if holds
    ]
