"""A finished picture as JPEG XL, for the screen: sRGB or its grey, 8 or 16 bits.

The encoder gives a container of boxes (ISO/IEC 18181-2); EXIF and XMP are put into it as boxes of
their own, before the codestream, so that a reader finds them without unpacking the picture.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.io.blocks import Blocks
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.jxl_codestream import HEADER_BYTES, labelled_srgb
from pipeline.io.sample_rows import bands

_BEFORE = (b"JXL ", b"ftyp", b"jxll")
# Bytes before the codestream in a box of a kind, behind the box's own head.
_CODESTREAM_AFTER = {b"jxlc": 0, b"jxlp": 4}
_LOSSLESS_EFFORT, _LOSSY_EFFORT = 3, 7


def write_jxl(
    file: BinaryIO,
    samples: NDArray[Any],
    blocks: Blocks,
    form: DerivativeFormat,
    *,
    threads: int | None = None,
) -> None:
    """Write one JPEG XL; equal arguments give equal bytes, however many threads there are.

    The samples must be sRGB, or grey with the tone curve of sRGB: the codestream says so, and no
    profile is embedded. Resolution stands in EXIF alone; there is no place for IPTC-IIM.

    Args:
        file: empty.
        samples: uint8 or uint16 (H, W, 1 or 3).
        blocks: resolution and metadata.
        form: depth, quality or lossless.
        threads: for packing; None for one a core, at most 8.

    Raises:
        StageContractBroken: the encoder gave something else than it is known to give.
    """
    packed = _packed(samples, form, threads or min(8, os.cpu_count() or 1))
    start, at = _codestream(packed)
    head = bytes(packed[at : at + HEADER_BYTES])
    file.write(packed[:start])
    file.write(_box(b"Exif", b"\x00\x00\x00\x00" + blocks.exif))
    if blocks.xmp is not None:
        file.write(_box(b"xml ", blocks.xmp))
    file.write(packed[start:at])
    file.write(labelled_srgb(head))
    file.write(packed[at + len(head) :])


def _packed(samples: NDArray[Any], form: DerivativeFormat, threads: int) -> memoryview:
    from imagecodecs import jpegxl_encode

    options: dict[str, Any] = {"distance": _distance(form.quality), "effort": _LOSSY_EFFORT}
    if form.lossless:
        options = {"lossless": True, "effort": _LOSSLESS_EFFORT}
    whole = _whole(samples, form)
    flat = whole[..., 0] if whole.shape[2] == 1 else whole
    out = jpegxl_encode(flat, usecontainer=True, numthreads=threads, **options)
    return memoryview(out)


def _whole(samples: NDArray[Any], form: DerivativeFormat) -> NDArray[Any]:
    """The picture at the form's depth, as the encoder takes 8 and 16 bits.

    It takes 16-bit samples for linear light. Stored as they are, that is only a label, which is
    set right afterwards; before they are made XYB they must be what it takes them for.
    """
    linear = form.bit_depth == 16 and not form.lossless
    dtype = np.uint16 if form.bit_depth == 16 else np.uint8
    if samples.dtype == dtype and not linear:
        return np.ascontiguousarray(samples)
    out = np.empty(samples.shape, dtype)
    for top, band in bands(samples, form.bit_depth):
        out[top : top + len(band)] = _linear_light()[band] if linear else band
    return out


@cache
def _linear_light() -> NDArray[np.uint16]:
    """For each 16-bit sRGB value its linear light (IEC 61966-2-1)."""
    encoded = np.arange(65536) / 65535
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    table: NDArray[np.uint16] = np.rint(light * 65535).astype(np.uint16)
    return table


def _distance(quality: int) -> float:
    """The butteraugli distance of a quality like JPEG's: the formula of libjxl's own tools."""
    if quality >= 30:
        return 0.1 + (100 - quality) * 0.09
    return 53 / 3000 * quality**2 - 23 / 20 * quality + 25


def _codestream(data: memoryview) -> tuple[int, int]:
    """(where the first box with a part of the codestream begins, where that part does).

    Raises:
        StageContractBroken: other boxes before it than the encoder is known to write.
    """
    for name, start, body in _boxes(data):
        if name in _CODESTREAM_AFTER:
            return start, body + _CODESTREAM_AFTER[name]
        if name not in _BEFORE:
            break
    raise StageContractBroken("not the JPEG XL container that the encoder is known to write")


def _boxes(data: memoryview) -> Iterator[tuple[bytes, int, int]]:
    """(name, where it starts, where its body starts) of each box."""
    at = 0
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = at + 8
        if length == 1:
            length, body = struct.unpack_from(">Q", data, body)[0], body + 8
        yield name, at, body
        if length < 8:  # to the end
            return
        at += length


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body
