"""A finished picture as JPEG: 8 bits, every px with its own colour (4:4:4)."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.io.blocks import Blocks
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.pillow_picture import pillow_picture

_APP13 = b"\xff\xed"
_PHOTOSHOP = b"Photoshop 3.0\x00"
_IPTC_RESOURCE = 0x0404
_MAX_SEGMENT = 65_533


def write_jpeg(
    file: BinaryIO, samples: NDArray[Any], blocks: Blocks, form: DerivativeFormat
) -> None:
    """Write one baseline JPEG; equal arguments give equal bytes.

    JFIF knows whole samples per inch only; EXIF beside it has the exact resolution.

    Args:
        file: empty.
        samples: uint8 or uint16 (H, W, 1 or 3).
        blocks: profile, resolution and metadata; EXIF, XMP and IPTC each fit in one segment.
        form: the quality.

    Raises:
        UsageError: a side over 65,535 px.
        StageContractBroken: IPTC records too long for a segment.
    """
    height, width, _ = samples.shape
    form.refuse_size(width, height)
    options: dict[str, Any] = {} if blocks.dpi is None else {"dpi": blocks.dpi}
    if blocks.xmp is not None:
        options["xmp"] = blocks.xmp
    if blocks.iptc is not None:
        options["extra"] = _photoshop_segment(blocks.iptc)
    pillow_picture(samples).save(
        file,
        "JPEG",
        quality=form.quality,
        subsampling=0,
        icc_profile=blocks.icc,
        exif=b"Exif\x00\x00" + blocks.exif,
        **options,
    )


def _photoshop_segment(iptc: bytes) -> bytes:
    """IPTC-IIM records as the image resource 0x0404 of an APP13 segment.

    After Adobe's Photoshop File Formats Specification: signature, number, empty name padded to
    two bytes, length, data padded to an even length.
    """
    resource = b"8BIM" + struct.pack(">HHI", _IPTC_RESOURCE, 0, len(iptc)) + iptc
    data = _PHOTOSHOP + resource + b"\x00" * (len(iptc) % 2)
    if len(data) > _MAX_SEGMENT:
        raise StageContractBroken(f"{len(iptc)} bytes of IPTC do not fit into a JPEG segment")
    return _APP13 + struct.pack(">H", len(data) + 2) + data
