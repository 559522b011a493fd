"""What the three format readers hand to `read`: stored samples and what the header says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from pipeline.core.errors import EmptyScan, ScanTooLarge
from pipeline.core.photo import Dpi
from pipeline.io.sniff import ScanFormat

CMYK_REMEDY = "Convert it to RGB with its own colour profile in an image editor, and save it anew."


@dataclass(frozen=True)
class RawHeader:
    """What the file says about its picture; width, height and dpi are as stored, not upright.

    Args:
        format: told by content.
        width: px as stored.
        height: px as stored.
        bit_depth: 8 or 16, what the samples are expanded to.
        channels: samples per pixel in the file; a palette counts as 3.
        dpi: (along stored rows, along stored columns), or None.
        orientation: 1..8, not yet applied.
        exif: a TIFF-structured block with its orientation reset to 1, or None.
        icc: a profile already checked against the kind of pixel, or None.
        events: plain sentences.
    """

    format: ScanFormat
    width: int
    height: int
    bit_depth: int
    channels: int
    dpi: Dpi | None
    orientation: int
    exif: bytes | None
    icc: bytes | None
    events: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RawSamples:
    """Decoded samples as stored, before orientation.

    Args:
        colour: uint8 or uint16 (H, W, 1 or 3), full range, black is 0.
        alpha: same dtype (H, W), 0 is transparent, or None.
        premultiplied: the colour has already been multiplied by alpha.
        infrared: same dtype (H, W), or None.
        events: plain sentences about what decoding found.
    """

    colour: NDArray[Any]
    alpha: NDArray[Any] | None = None
    premultiplied: bool = False
    infrared: NDArray[Any] | None = None
    events: tuple[str, ...] = ()


def check_size(width: int, height: int, max_megapixels: float) -> None:
    """Refuse a picture by what its header says, before anything is decoded.

    Raises:
        EmptyScan: no pixels.
        ScanTooLarge: more pixels than the limit.
    """
    if width <= 0 or height <= 0:
        raise EmptyScan(f"the header says {width} x {height} px")
    megapixels = width * height / 1e6
    if megapixels > max_megapixels:
        raise ScanTooLarge(
            f"the header says {width} x {height} px ({megapixels:.0f} megapixels); "
            f"the limit is {max_megapixels:g} megapixels"
        )
