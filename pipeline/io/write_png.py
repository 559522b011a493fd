"""A finished picture as PNG, written a band at a time.

Structure after the PNG specification (W3C, third edition, 2025).
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, BinaryIO

from numpy.typing import NDArray

from pipeline.io.blocks import Blocks
from pipeline.io.colour import profile_name
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.png_rows import packed_rows
from pipeline.io.xmp_read import PNG_HEAD

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INCHES_PER_METRE = 100 / 2.54
_GREY, _RGB = 0, 2


def write_png(
    file: BinaryIO,
    samples: NDArray[Any],
    blocks: Blocks,
    form: DerivativeFormat,
    *,
    threads: int | None = None,
) -> None:
    """Write one PNG; equal arguments give equal bytes, however many threads there are.

    There is no place for IPTC-IIM in a PNG; XMP says the same.

    Args:
        file: empty.
        samples: uint8 or uint16 (H, W, 1 or 3); rounded to the form's depth while being packed.
        blocks: profile, resolution and metadata.
        form: the depth.
        threads: for packing; None for one a core.
    """
    height, width, channels = samples.shape
    colour = _RGB if channels == 3 else _GREY
    file.write(_SIGNATURE)
    header = struct.pack(">IIBBBBB", width, height, form.bit_depth, colour, 0, 0, 0)
    _write_chunk(file, b"IHDR", header)
    _write_blocks(file, blocks)
    for piece in packed_rows(samples, form.bit_depth, threads=threads):
        _write_chunk(file, b"IDAT", piece)
    _write_chunk(file, b"IEND", b"")


def _write_blocks(file: BinaryIO, blocks: Blocks) -> None:
    if blocks.icc is not None:
        packed = zlib.compress(blocks.icc, 9)
        _write_chunk(file, b"iCCP", _keyword(profile_name(blocks.icc)) + b"\x00\x00" + packed)
    if blocks.dpi is not None:
        across, down = (round(v * _INCHES_PER_METRE) for v in blocks.dpi)
        _write_chunk(file, b"pHYs", struct.pack(">IIB", across, down, 1))
    if blocks.exif:
        _write_chunk(file, b"eXIf", blocks.exif)
    if blocks.xmp is not None:
        # Not compressed, no language, no translated keyword: what readers of XMP expect.
        _write_chunk(file, b"iTXt", PNG_HEAD + b"\x00\x00\x00\x00" + blocks.xmp)


def _keyword(name: str | None) -> bytes:
    """A name as PNG allows it: 1 to 79 bytes of printable Latin-1, single spaces inside only."""
    printable = "".join(c if c.isprintable() else " " for c in name or "")
    words = " ".join(printable.split()).encode("latin-1", "replace")[:79].strip()
    return words or b"ICC profile"


def _write_chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)) + name)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(name))))
