"""The segments of a JPEG file before its picture data."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_MOST_SEGMENTS = 5000


def jpeg_segments(file: BinaryIO, wanted: int) -> Iterator[bytes]:
    """The contents of every whole segment with this marker, up to the start of the picture.

    Args:
        file: a JPEG, seekable.
        wanted: second byte of the marker, 0xE1 for APP1.
    """
    at = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xDA, 0xD9):
            return
        if head[1] == 0xFF:
            at += 1
            continue
        length = struct.unpack(">H", head[2:])[0]
        if head[1] == wanted:
            data = file.read(max(0, length - 2))
            if len(data) == length - 2:
                yield data
        at += 2 + max(2, length)
