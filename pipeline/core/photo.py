"""The Photo: one picture in memory, with what is needed to keep its size and colours true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.core.samples import to_float, to_integer

Pixels = NDArray[np.float32]
"""float32 (H, W, 3), RGB, 0..1, in the scan's own encoding."""

Plane = NDArray[np.float32]
"""float32 (H, W), 0..1."""

Samples = NDArray[np.uint16]
"""uint16 (H, W, 3) RGB or (H, W, 1) grey, 0..65535."""

Dpi = tuple[float, float]
"""Samples per inch of paper, (horizontal, vertical)."""

_CHECKED_ROWS = 256


@dataclass(frozen=True, eq=False)
class Photo:
    """One picture, immutable: its samples, its resolution and its colour profile.

    Samples are kept as the 16-bit integers that scans hold and checkpoints store, half the memory
    of floats; stages compute in float32 on the whole (`pixels`) or, as large scans need, on parts
    (`part`). A grey picture has one channel, so it cannot gain colour.

    Args:
        samples: uint16 (H, W, 3) RGB or (H, W, 1) grey in the scan's own encoding. Made read-only.
        dpi: samples per inch of the original paper (x, y), or None when unknown.
        icc: the ICC profile the pixels are encoded in, or None for sRGB by convention.
        bit_depth: bits per sample of the source, 8 or 16.
        infrared: optional uint16 (H, W), registered to the samples.

    Raises:
        StageContractBroken: wrong dtype or shape, a depth that is not 8 or 16, a resolution that
            is not positive.
    """

    samples: Samples
    dpi: Dpi | None = None
    icc: bytes | None = None
    bit_depth: int = 8
    infrared: NDArray[np.uint16] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _sealed(self.samples, "samples", 3))
        if self.samples.shape[2] not in (1, 3):
            raise StageContractBroken(f"a picture of {self.samples.shape[2]} channels, not 1 or 3")
        if self.infrared is not None:
            object.__setattr__(self, "infrared", _sealed(self.infrared, "infrared", 2))
            if self.infrared.shape != self.samples.shape[:2]:
                raise StageContractBroken("the infrared plane is not the size of the picture")
        if self.bit_depth not in (8, 16):
            raise StageContractBroken(f"bit depth {self.bit_depth} is neither 8 nor 16")
        if self.dpi is not None and not all(np.isfinite(d) and d > 0 for d in self.dpi):
            raise StageContractBroken(f"resolution {self.dpi} is not positive")

    @classmethod
    def of(
        cls,
        pixels: Pixels,
        dpi: Dpi | None = None,
        icc: bytes | None = None,
        bit_depth: int = 8,
        monochrome: bool = False,
        infrared: Plane | None = None,
    ) -> Photo:
        """A photo of float pixels, which are rounded to 16 bits.

        Args:
            pixels: float32 (H, W, 3), RGB in 0..1.
            dpi, icc, bit_depth: see the class.
            monochrome: the three channels are equal; one is kept.
            infrared: float32 (H, W) in 0..1.

        Raises:
            StageContractBroken: wrong dtype, shape or range, NaN inside, or three unequal
                channels said to be monochrome; else as for the class.
        """
        _require_pixels(pixels, "pixels", 3)
        if pixels.shape[2] != 3:
            raise StageContractBroken(f"pixels have {pixels.shape[2]} channels, not 3")
        if monochrome and not channels_equal(pixels):
            raise StageContractBroken("a monochrome photo has three unequal channels")
        plane = None
        if infrared is not None:
            _require_pixels(infrared, "infrared", 2)
            plane = to_integer(infrared, 16)
        kept = pixels[..., 1:2] if monochrome else pixels
        return cls(to_integer(kept, 16), dpi, icc, bit_depth, plane)

    @property
    def monochrome(self) -> bool:
        """The scan was grey: one channel, which `pixels` gives three times."""
        return bool(self.samples.shape[2] == 1)

    @property
    def pixels(self) -> Pixels:
        """The whole picture as float32 (H, W, 3): 12 bytes a px, made anew on every call."""
        return self.part(slice(None), slice(None))

    def part(self, rows: slice, columns: slice = slice(None)) -> Pixels:
        """A part of the picture as a fresh float32 (h, w, 3) in 0..1.

        Args:
            rows, columns: px, as slices of an array; a part beyond the edge is cut off.
        """
        cut = to_float(self.samples[rows, columns])
        return np.repeat(cut, 3, axis=2) if self.monochrome else cut

    @property
    def height(self) -> int:
        """Rows, px."""
        return int(self.samples.shape[0])

    @property
    def width(self) -> int:
        """Columns, px."""
        return int(self.samples.shape[1])

    @property
    def size_inches(self) -> tuple[float, float] | None:
        """(width, height) of the paper in inches, or None when the resolution is unknown."""
        if self.dpi is None:
            return None
        return self.width / self.dpi[0], self.height / self.dpi[1]

    def with_pixels(self, pixels: NDArray[Any]) -> Photo:
        """The same photo with other pixels of any size; dpi follows so the paper keeps its size.

        Args:
            pixels: float (H2, W2, 3); clipped to 0..1. When the photo is monochrome the green
                channel is kept.

        Raises:
            StageContractBroken: NaN or Inf inside, or a wrong shape.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3:
            raise StageContractBroken(f"the new pixels are {pixels.shape}, not (H, W, 3)")
        kept = pixels[..., 1:2] if self.monochrome else pixels
        return self.with_samples(rounded(kept))

    def with_samples(self, samples: Samples) -> Photo:
        """The same photo with other samples of any size; dpi follows so the paper keeps its size.

        Args:
            samples: uint16 (H2, W2, C) with as many channels as the photo has.

        Raises:
            StageContractBroken: another dtype or number of channels.
        """
        if samples.ndim != 3 or samples.shape[2] != self.samples.shape[2]:
            raise StageContractBroken(
                f"the new samples are {samples.shape}, not of {self.samples.shape[2]} channels"
            )
        height, width = samples.shape[:2]
        dpi = self.dpi
        infrared = self.infrared
        if (height, width) != (self.height, self.width):
            infrared = None
            if dpi is not None:
                dpi = (dpi[0] * width / self.width, dpi[1] * height / self.height)
        return replace(self, samples=samples, dpi=dpi, infrared=infrared)


def rounded(pixels: NDArray[Any]) -> NDArray[np.uint16]:
    """Float pixels of any shape as 16-bit samples; values beyond 0..1 are clipped.

    Raises:
        StageContractBroken: NaN or Inf inside.
    """
    out = np.empty(pixels.shape, np.uint16)
    for top in range(0, len(pixels), _CHECKED_ROWS):
        band = pixels[top : top + _CHECKED_ROWS]
        if not np.isfinite(band).all():
            raise StageContractBroken("the new pixels contain NaN or Inf")
        clipped = np.clip(band, 0.0, 1.0).astype(np.float32, copy=False)
        out[top : top + _CHECKED_ROWS] = np.rint(clipped * np.float32(65535))
    return out


def channels_equal(pixels: NDArray[Any]) -> bool:
    """Whether the three channels of (H, W, 3) are the same, exactly."""
    return bool(
        np.array_equal(pixels[..., 0], pixels[..., 1])
        and np.array_equal(pixels[..., 1], pixels[..., 2])
    )


def _require_pixels(array: NDArray[Any], name: str, ndim: int) -> None:
    if array.dtype != np.float32 or array.ndim != ndim:
        raise StageContractBroken(
            f"{name} must be float32 with {ndim} dimensions, not {array.dtype} {array.shape}"
        )
    if array.size == 0:
        raise StageContractBroken(f"{name} are empty: {array.shape}")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0.0 and high <= 1.0):  # also false for NaN
        raise StageContractBroken(f"{name} leave the range 0..1: {low:g} to {high:g}")


def _sealed(array: NDArray[Any], name: str, ndim: int) -> NDArray[np.uint16]:
    if array.dtype != np.uint16 or array.ndim != ndim:
        raise StageContractBroken(
            f"{name} must be uint16 with {ndim} dimensions, not {array.dtype} {array.shape}"
        )
    if array.size == 0:
        raise StageContractBroken(f"{name} are empty: {array.shape}")
    view: NDArray[np.uint16] = array.view()
    view.flags.writeable = False
    return view
