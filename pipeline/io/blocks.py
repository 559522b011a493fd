"""What stands in a picture file beside its pixels."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.photo import Dpi


@dataclass(frozen=True)
class Blocks:
    """Profile, resolution and metadata, ready for any format's own wrapping.

    Args:
        icc: the ICC profile the samples are encoded in, or None for none embedded.
        dpi: samples per inch (across, down), or None when unknown.
        exif: a TIFF-structured EXIF block without prefix.
        xmp: an XMP packet, or None.
        iptc: IPTC-IIM records without any wrapper, or None.
    """

    icc: bytes | None
    dpi: Dpi | None
    exif: bytes
    xmp: bytes | None = None
    iptc: bytes | None = None
