"""The XMP packet that a file carries, taken out of it as it stands."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from pipeline.io.jpeg_segments import jpeg_segments
from pipeline.io.sniff import HEAD_BYTES, sniff
from pipeline.io.tiff_field import tiff_field
from pipeline.io.xmp_tree import MAX_PACKET

TIFF_TAG = 700
JPEG_HEAD = b"http://ns.adobe.com/xap/1.0/\x00"
PNG_HEAD = b"XML:com.adobe.xmp\x00"
WEBP_CHUNK = b"XMP "
JXL_BOX = b"xml "

_APP1 = 0xE1
_JXL_SIGNATURE = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_MOST_PARTS = 100_000


def scan_xmp(path: Path) -> bytes | None:
    """The packet of a TIFF, PNG or JPEG file; None when it has none that can be read.

    The parts of an extended packet of JPEG beyond the first 64 KB are not gathered.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return _of_scan(file)


def file_xmp(path: Path) -> bytes | None:
    """The packet of a file in any format that Shoebox writes; None when none can be read.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
            return _of_webp(file)
        if head.startswith(_JXL_SIGNATURE):
            return _of_boxes(file)
        if head.startswith(b"%PDF"):
            return _of_pdf(file)
        return _of_scan(file)


def _of_scan(file: BinaryIO) -> bytes | None:
    file.seek(0)
    kind = sniff(file.read(HEAD_BYTES))
    if kind == "tiff":
        return tiff_field(file, TIFF_TAG, MAX_PACKET)
    if kind == "png":
        return _of_png(file)
    return _of_jpeg(file) if kind == "jpeg" else None


def _of_jpeg(file: BinaryIO) -> bytes | None:
    packets = (data for data in jpeg_segments(file, _APP1) if data.startswith(JPEG_HEAD))
    first = next(packets, None)
    return None if first is None else first[len(JPEG_HEAD) :]


def _of_png(file: BinaryIO) -> bytes | None:
    size = file.seek(0, os.SEEK_END)
    at = 8
    while at + 12 <= size:
        file.seek(at)
        length, name = struct.unpack(">I4s", file.read(8))
        if name == b"iTXt" and length <= MAX_PACKET:
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
    return _inflated(parts[2]) if packed else parts[2]


def _inflated(data: bytes) -> bytes | None:
    try:
        return zlib.decompressobj().decompress(data, MAX_PACKET)
    except zlib.error:
        return None


def _of_webp(file: BinaryIO) -> bytes | None:
    """The chunk "XMP " of a RIFF container."""
    at = 12
    for _ in range(_MOST_PARTS):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return None
        name, length = struct.unpack("<4sI", head)
        if name == WEBP_CHUNK:
            return _whole(file, length)
        at += 8 + length + length % 2
    return None


def _of_boxes(file: BinaryIO) -> bytes | None:
    """The box "xml " of an ISO base media file; boxes packed with Brotli are left alone."""
    size = file.seek(0, os.SEEK_END)
    at = 0
    for _ in range(_MOST_PARTS):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return None
        length, name = struct.unpack_from(">I4s", head)
        start = 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0:
            length = size - at
        if length < start:
            return None
        if name == JXL_BOX:
            file.seek(at + start)
            return _whole(file, length - start)
        at += length
    return None


def _whole(file: BinaryIO, length: int) -> bytes | None:
    data = file.read(length) if length <= MAX_PACKET else b""
    return data if data and len(data) == length else None


def _of_pdf(file: BinaryIO) -> bytes | None:
    """The metadata stream of the document, as it stands or deflated."""
    import pikepdf

    try:
        with pikepdf.open(file) as document:
            stream = document.Root.get("/Metadata")
            if not isinstance(stream, pikepdf.Stream):
                return None
            raw = stream.read_raw_bytes()
            packing = stream.get("/Filter")
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, MemoryError):
        return None
    if len(raw) > MAX_PACKET:
        return None
    if packing is None:
        return bytes(raw)
    return _inflated(raw) if packing == pikepdf.Name.FlateDecode else None
