"""The XMP packet that a scan carries, taken out of its file as it stands."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import InputRefused
from pipeline.io.sniff import HEAD_BYTES, sniff
from pipeline.io.tiff_directory import DirectoryReader

TIFF_TAG = 700
JPEG_HEAD = b"http://ns.adobe.com/xap/1.0/\x00"
PNG_HEAD = b"XML:com.adobe.xmp\x00"

_MAX_BYTES = 4 * 2**20


def scan_xmp(path: Path) -> bytes | None:
    """The packet of a TIFF, PNG or JPEG file; None when it has none that can be read.

    The parts of an extended packet of JPEG beyond the first 64 KB are not gathered.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
        try:
            if kind == "tiff":
                return _of_tiff(file)
            if kind == "png":
                return _of_png(file)
            return _of_jpeg(file) if kind == "jpeg" else None
        except (InputRefused, struct.error, zlib.error):
            return None


def _of_tiff(file: BinaryIO) -> bytes | None:
    reader = DirectoryReader(file)
    entry = reader.child(reader.first).get(TIFF_TAG)
    return entry.raw if entry else None


def _of_jpeg(file: BinaryIO) -> bytes | None:
    at = 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return None
        if head[1] == 0xFF:
            at += 1
            continue
        length = struct.unpack(">H", head[2:])[0]
        if head[1] == 0xE1:
            data = file.read(max(0, length - 2))
            if data.startswith(JPEG_HEAD) and len(data) == length - 2:
                return data[len(JPEG_HEAD) :]
        at += 2 + max(2, length)


def _of_png(file: BinaryIO) -> bytes | None:
    size = file.seek(0, os.SEEK_END)
    at = 8
    while at + 12 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if name == b"iTXt" and length <= _MAX_BYTES:
            data = file.read(length)
            if data.startswith(PNG_HEAD) and len(data) == length:
                return _of_text_chunk(data[len(PNG_HEAD) :])
        at += 12 + length
    return None


def _of_text_chunk(data: bytes) -> bytes | None:
    """The text behind a keyword: compression flag and method, language, translation, text."""
    packed, rest = data[:1] == b"\x01", data[2:]
    parts = rest.split(b"\x00", 2)
    if len(parts) < 3:
        return None
    return zlib.decompressobj().decompress(parts[2], _MAX_BYTES) if packed else parts[2]
