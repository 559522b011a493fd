"""The IPTC-IIM records that a scan carries, taken out of its file as they stand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from pipeline.io.iptc_iim import MAX_RECORDS
from pipeline.io.jpeg_segments import jpeg_segments
from pipeline.io.sniff import HEAD_BYTES, sniff
from pipeline.io.tiff_field import tiff_field

TIFF_TAG, TIFF_RESOURCES_TAG = 33723, 34377
JPEG_HEAD = b"Photoshop 3.0\x00"
"""What an APP13 segment with Photoshop's image resources begins with."""

IPTC_RESOURCE = 0x0404
"""Number of the image resource that holds IPTC-IIM records."""

_APP13 = 0xED
_RECORD_MARK = b"\x1c"


def scan_iptc(path: Path) -> bytes | None:
    """The records of a TIFF or JPEG file; None when it has none that can be read.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD_BYTES))
        if kind == "tiff":
            return _of_tiff(file)
        return _of_jpeg(file) if kind == "jpeg" else None


def _of_tiff(file: BinaryIO) -> bytes | None:
    """Tag 33723, or else the image resources of tag 34377.

    Many programs write tag 33723 as LONG, and some of them turn its bytes with every number when
    the file is little-endian; each record must begin with its mark, which tells.
    """
    data = tiff_field(file, TIFF_TAG, MAX_RECORDS)
    if data is not None and data.startswith(_RECORD_MARK):
        return data
    if data is not None and len(data) % 4 == 0 and data[3:4] == _RECORD_MARK:
        return _turned(data)
    resources = tiff_field(file, TIFF_RESOURCES_TAG, MAX_RECORDS)
    return _in_resources(resources) if resources else None


def _turned(data: bytes) -> bytes:
    return b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))


def _of_jpeg(file: BinaryIO) -> bytes | None:
    """The resources of all APP13 segments together: a long resource goes on in the next one."""
    gathered = bytearray()
    for data in jpeg_segments(file, _APP13):
        if data.startswith(JPEG_HEAD):
            gathered += data[len(JPEG_HEAD) :]
        if len(gathered) > MAX_RECORDS:
            return None
    return _in_resources(bytes(gathered))


def _in_resources(data: bytes) -> bytes | None:
    """The IPTC records among Photoshop's image resources; several such resources in their order."""
    at, found = 0, bytearray()
    while at + 12 <= len(data) and data[at : at + 4] == b"8BIM":
        number, name_length = struct.unpack_from(">HB", data, at + 4)
        at += 6 + (1 + name_length + 1) // 2 * 2  # the name, padded to an even length
        if at + 4 > len(data):
            break
        length = struct.unpack_from(">I", data, at)[0]
        at += 4
        if at + length > len(data):
            break
        if number == IPTC_RESOURCE:
            found += data[at : at + length]
        at += length + length % 2
    return bytes(found) if found.startswith(_RECORD_MARK) else None
