"""The tags of an ICC profile taken apart and put together (ICC.1:2022, 7.2 and 7.3)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

HEADER_BYTES = 128
MAX_TAGS = 200


def tags_of(icc: bytes) -> dict[bytes, bytes]:
    """The profile's tags by signature.

    Raises:
        struct.error: the table is cut.
    """
    count = min(struct.unpack_from(">I", icc, HEADER_BYTES)[0], MAX_TAGS)
    found: dict[bytes, bytes] = {}
    for index in range(count):
        name, offset, size = struct.unpack_from(">4sII", icc, HEADER_BYTES + 4 + 12 * index)
        found[name] = icc[offset : offset + size]
    return found


def undated(icc: bytes) -> bytes:
    """The profile with its creation date set to the first of January 2000."""
    return icc[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + icc[36:]


def assembled(header_of: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """A profile of these tags with the header of another one, undated.

    Args:
        header_of: the profile whose version, class, spaces and rendering intent are taken.
        tags: tag data by four-letter signature; equal data is stored once.
    """
    table, body = struct.pack(">I", len(tags)), b""
    start = HEADER_BYTES + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in places:
            places[data] = start + len(body)
            body += data + b"\x00" * (-len(data) % 4)
        table += struct.pack(">4sII", name, places[data], len(data))
    # Bytes 84 to 99 are an MD5 of the other profile.
    head = struct.pack(">I", start + len(body)) + header_of[4:84] + bytes(44)
    return undated(head + table + body)


def description(name: str, version: int) -> bytes:
    """The data of a description tag for profiles of major version 2 or 4."""
    if version >= 4:
        wide = name.encode("utf-16-be")
        return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(wide), 28) + wide
    text = name.encode("ascii", "replace") + b"\x00"
    return b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78)
