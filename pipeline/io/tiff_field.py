"""One field of a TIFF's first directory, without reading any other: for files from anywhere."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

_MOST_FIELDS = 4096
_WIDTH = {1: 1, 2: 1, 4: 4, 7: 1}  # BYTE, ASCII, LONG, UNDEFINED
# By version: the letters of a count and of an offset, bytes of both, where the offset stands.
_LAYOUT = {42: ("H", 2, "I", 4, 4), 43: ("Q", 8, "Q", 8, 8)}


def tiff_field(file: BinaryIO, tag: int, max_bytes: int) -> bytes | None:
    """The bytes of a field of BYTE, ASCII, UNDEFINED or LONG, as they stand in the file.

    Args:
        file: seekable; classic TIFF or BigTIFF in either byte order.
        tag: the field's number.
        max_bytes: a longer field is not read.

    Returns:
        None when the field is not there, is too long, or reaches beyond the file.
    """
    head = (_at(file, 0, 16) or b"").ljust(16, b"\x00")
    order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
    version = struct.unpack_from(order + "H", head, 2)[0]
    if not order or version not in _LAYOUT:
        return None
    count_letter, count_bytes, letter, wide, place = _LAYOUT[version]
    start = struct.unpack_from(order + letter, head, place)[0]
    counted = _at(file, start, count_bytes)
    number = struct.unpack(order + count_letter, counted)[0] if counted else 0
    step = 4 + 2 * wide
    table = _at(file, start + count_bytes, number * step) if number <= _MOST_FIELDS else None
    for at in range(0, len(table or b""), step):
        found, kind, count = struct.unpack_from(order + "HH" + letter, table or b"", at)
        if found == tag and kind in _WIDTH:
            value = (table or b"")[at + step - wide : at + step]
            return _value(file, count * _WIDTH[kind], value, order + letter, max_bytes)
    return None


def _value(
    file: BinaryIO, length: int, value: bytes, offset_form: str, max_bytes: int
) -> bytes | None:
    """What a field holds: in its own last bytes if it is so short, else where they point."""
    if length <= len(value):
        return value[:length]
    return _at(file, struct.unpack(offset_form, value)[0], length) if length <= max_bytes else None


def _at(file: BinaryIO, offset: int, length: int) -> bytes | None:
    """So many bytes from an offset, or None when the file does not hold them all."""
    if offset + length > file.seek(0, os.SEEK_END):
        return None
    file.seek(offset)
    data = file.read(length)
    return data if len(data) == length else None
