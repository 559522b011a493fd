"""The Photo: one picture in memory, with what is needed to keep its size and colours true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken

Pixels = NDArray[np.float32]
"""float32 (H, W, 3), RGB, 0..1, in the scan's own encoding."""

Plane = NDArray[np.float32]
"""float32 (H, W), 0..1."""

Dpi = tuple[float, float]
"""Samples per inch of paper, (horizontal, vertical)."""


@dataclass(frozen=True, eq=False)
class Photo:
    """One picture, immutable: its pixels, its resolution and its colour profile.

    Args:
        pixels: float32 (H, W, 3), RGB in 0..1, in the scan's own RGB encoding. Made read-only.
        dpi: samples per inch of the original paper (x, y), or None when unknown.
        icc: the ICC profile the pixels are encoded in, or None for sRGB by convention.
        bit_depth: bits per sample of the source, 8 or 16.
        monochrome: the scan was grey; the three channels are identical and must stay so.
        infrared: optional float32 (H, W) in 0..1, registered to the pixels.

    Raises:
        StageContractBroken: wrong dtype, shape or range, NaN inside, a depth that is not 8 or 16,
            a resolution that is not positive, or three unequal channels on a monochrome photo.
    """

    pixels: Pixels
    dpi: Dpi | None = None
    icc: bytes | None = None
    bit_depth: int = 8
    monochrome: bool = False
    infrared: Plane | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", _sealed(self.pixels, "pixels", 3))
        if self.pixels.shape[2] != 3:
            raise StageContractBroken(f"pixels have {self.pixels.shape[2]} channels, not 3")
        if self.infrared is not None:
            object.__setattr__(self, "infrared", _sealed(self.infrared, "infrared", 2))
            if self.infrared.shape != self.pixels.shape[:2]:
                raise StageContractBroken("the infrared plane is not the size of the picture")
        if self.bit_depth not in (8, 16):
            raise StageContractBroken(f"bit depth {self.bit_depth} is neither 8 nor 16")
        if self.dpi is not None and not all(np.isfinite(d) and d > 0 for d in self.dpi):
            raise StageContractBroken(f"resolution {self.dpi} is not positive")
        if self.monochrome and not _channels_equal(self.pixels):
            raise StageContractBroken("a monochrome photo has three unequal channels")

    @property
    def height(self) -> int:
        """Rows, px."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns, px."""
        return int(self.pixels.shape[1])

    @property
    def size_inches(self) -> tuple[float, float] | None:
        """(width, height) of the paper in inches, or None when the resolution is unknown."""
        if self.dpi is None:
            return None
        return self.width / self.dpi[0], self.height / self.dpi[1]

    def with_pixels(self, pixels: NDArray[Any]) -> Photo:
        """The same photo with other pixels of any size; dpi follows so the paper keeps its size.

        Args:
            pixels: float (H2, W2, 3); clipped to 0..1 and cast to float32. When the photo is
                monochrome the green channel is copied to all three.

        Raises:
            StageContractBroken: NaN or Inf inside, or a wrong shape.
        """
        if not np.isfinite(pixels).all():
            raise StageContractBroken("the new pixels contain NaN or Inf")
        clipped = np.clip(pixels, 0.0, 1.0).astype(np.float32, copy=False)
        if self.monochrome and clipped.ndim == 3 and not _channels_equal(clipped):
            clipped = np.repeat(clipped[..., 1:2], 3, axis=2)
        height, width = clipped.shape[:2]
        dpi = self.dpi
        infrared = self.infrared
        if (height, width) != (self.height, self.width):
            infrared = None
            if dpi is not None:
                dpi = (dpi[0] * width / self.width, dpi[1] * height / self.height)
        return replace(self, pixels=clipped, dpi=dpi, infrared=infrared)


def _channels_equal(pixels: NDArray[Any]) -> bool:
    return bool(
        np.array_equal(pixels[..., 0], pixels[..., 1])
        and np.array_equal(pixels[..., 1], pixels[..., 2])
    )


def _sealed(array: NDArray[Any], name: str, ndim: int) -> NDArray[np.float32]:
    if array.dtype != np.float32 or array.ndim != ndim:
        raise StageContractBroken(
            f"{name} must be float32 with {ndim} dimensions, not {array.dtype} {array.shape}"
        )
    if array.size == 0:
        raise StageContractBroken(f"{name} are empty: {array.shape}")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0.0 and high <= 1.0):  # also false for NaN
        raise StageContractBroken(f"{name} leave the range 0..1: {low:g} to {high:g}")
    view: NDArray[np.float32] = array.view()
    view.flags.writeable = False
    return view
