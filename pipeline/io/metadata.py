"""Resolution, EXIF and profile taken from a file with suspicion: kept when sound, else named."""

from __future__ import annotations

import io
import math
import struct

from pipeline.core.errors import InputRefused
from pipeline.core.photo import Dpi
from pipeline.io.colour import profile_fault
from pipeline.io.tiff_directory import (
    Directory,
    DirectoryReader,
    DirectoryTree,
    block_bytes,
)

MIN_DPI, MAX_DPI = 10.0, 20_000.0
"""Outside this no scanner or camera works; such a value is a program's placeholder."""

CM_PER_INCH = 2.54

ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
EXIF_IFD, GPS_IFD, INTEROP_IFD = 34665, 34853, 40965
# What of a TIFF's first directory describes the photograph rather than the file's layout.
_DESCRIPTIVE = frozenset({270, 271, 272, 305, 306, 315, 316, 33432, 18246, 18249}) | frozenset(
    range(40091, 40096)
)

UNKNOWN_RESOLUTION = "resolution unknown"


def sane_dpi(across: float, down: float) -> tuple[Dpi | None, tuple[str, ...]]:
    """A resolution in samples per inch if it can be true, else None and the event saying why."""
    if all(math.isfinite(v) and MIN_DPI <= v <= MAX_DPI for v in (across, down)):
        return (across, down), ()
    return None, (f"resolution {across:g} x {down:g} dpi cannot be right; taken as unknown",)


def tagged_resolution(directory: Directory) -> tuple[Dpi | None, tuple[str, ...]]:
    """The resolution of TIFF or EXIF tags 282, 283 and 296 (unit: 2 inch, 3 cm, 1 none).

    Returns:
        (dpi or None, events); an absent resolution gives None without an event.
    """
    if X_RESOLUTION not in directory and Y_RESOLUTION not in directory:
        return None, ()
    unit = first_integer(directory, RESOLUTION_UNIT, 2)
    across = _first_number(directory, X_RESOLUTION)
    down = _first_number(directory, Y_RESOLUTION)
    across, down = (down if across is None else across), (across if down is None else down)
    if across is None or down is None or unit not in (2, 3):
        return None, ()
    scale = CM_PER_INCH if unit == 3 else 1.0
    return sane_dpi(_tidy(across * scale), _tidy(down * scale))


def _tidy(dpi: float) -> float:
    """Undo the rounding of a metric unit: 118.11 per cm is meant to be 300 dpi."""
    if not math.isfinite(dpi):
        return dpi
    whole = round(dpi)
    return float(whole) if abs(dpi - whole) < 0.005 else dpi


def metric_dpi(per_metre: float) -> float:
    """Samples per inch from samples per metre, the unit's rounding undone."""
    return _tidy(per_metre * CM_PER_INCH / 100)


def first_integer(directory: Directory, tag: int, default: int) -> int:
    """The first whole number of a field, or the default when there is none."""
    entry = directory.get(tag)
    values = entry.integers() if entry else ()
    return values[0] if values else default


def _first_number(directory: Directory, tag: int) -> float | None:
    entry = directory.get(tag)
    values = entry.numbers() if entry else ()
    return values[0] if values else None


def sane_orientation(value: int) -> tuple[int, tuple[str, ...]]:
    """1..8, or 1 with an event for any other number."""
    if 1 <= value <= 8:
        return value, ()
    return 1, (f"orientation {value} does not exist; taken as upright",)


def sane_icc(icc: bytes | None, channels: int) -> tuple[bytes | None, tuple[str, ...]]:
    """A profile that is whole and fits pixels of 1 or 3 channels, else None and an event."""
    if icc is None:
        return None, ()
    fault = profile_fault(icc, "GRAY" if channels == 1 else "RGB")
    if fault:
        return None, (f"ICC profile dropped: {fault}",)
    return icc[: struct.unpack(">I", icc[:4])[0]], ()


def read_exif(block: bytes) -> tuple[bytes | None, Directory, tuple[str, ...]]:
    """An EXIF block checked and made upright.

    Args:
        block: TIFF-structured, with or without the prefix "Exif" and two zeros.

    Returns:
        (the block with its orientation set to 1, its first directory as found, events); a
        damaged block gives (None, {}, event).
    """
    block = block.removeprefix(b"Exif\x00\x00")
    try:
        reader = DirectoryReader(io.BytesIO(block))
        directory = reader.child(reader.first)
        for tag in (EXIF_IFD, GPS_IFD):
            if tag in directory:
                reader.child(first_integer(directory, tag, 0))
    except InputRefused as error:
        return None, {}, (f"EXIF dropped, it is damaged: {error.detail}",)
    return _made_upright(block, reader), directory, ()


def _made_upright(block: bytes, reader: DirectoryReader) -> bytes:
    """Set the orientation to 1 in place, so that maker notes keep their offsets."""
    out = bytearray(block)
    count = struct.unpack_from(reader.order + "H", block, reader.first)[0]
    for index in range(count):
        at = reader.first + 2 + 12 * index
        tag, kind, number = struct.unpack_from(reader.order + "HHI", block, at)
        if tag == ORIENTATION and number == 1 and kind in (1, 3, 4):
            letter = {1: "B", 3: "H", 4: "I"}[kind]
            struct.pack_into(reader.order + letter, out, at + 8, 1)
    return bytes(out)


def descriptive_tree(
    reader: DirectoryReader, directory: Directory
) -> tuple[DirectoryTree, tuple[str, ...]]:
    """What describes the photograph in a first directory, with its EXIF and GPS directories.

    Returns:
        (the tree, possibly empty; events for parts that are damaged and left out).
    """
    children: dict[int, DirectoryTree] = {}
    events: list[str] = []
    for tag, words in ((EXIF_IFD, "EXIF"), (GPS_IFD, "GPS data")):
        if tag not in directory:
            continue
        try:
            child = reader.child(first_integer(directory, tag, 0))
        except InputRefused as error:
            events.append(f"{words} dropped, it is damaged: {error.detail}")
            continue
        child.pop(INTEROP_IFD, None)  # points to bytes that do not travel along
        children[tag] = DirectoryTree(_portable(child))
    kept = {tag: entry for tag, entry in directory.items() if tag in _DESCRIPTIVE}
    return DirectoryTree(_portable(kept), children), tuple(events)


def _portable(directory: Directory) -> Directory:
    """Without the 64-bit field types that only BigTIFF has."""
    return {tag: entry for tag, entry in directory.items() if entry.kind < 16}


def exif_from_tiff(
    reader: DirectoryReader, directory: Directory
) -> tuple[bytes | None, tuple[str, ...]]:
    """The descriptive part of a TIFF page as an EXIF block of its own, or None.

    Returns:
        (block or None, events).
    """
    tree, events = descriptive_tree(reader, directory)
    if not tree.entries and not tree.children:
        return None, events
    return block_bytes(tree), events
