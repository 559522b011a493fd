"""TIFF directories (IFDs), read strictly and written plainly; EXIF blocks are made of them too.

Structure after the TIFF 6.0 specification (Adobe, 1992) and the BigTIFF design. Strict means
that a directory or value that does not lie wholly inside the file is an error, not a warning.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np

from pipeline.core.errors import TruncatedScan, UnsupportedScan

MAX_DIRECTORIES = 1000
MAX_ENTRIES = 4096

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _LONG8 = 1, 2, 3, 4, 5, 7, 16

# Bytes of one value of each field type.
_WIDTH = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_WIDTH |= {16: 8, 17: 8, 18: 8}
# The number inside, for decoding and for turning the byte order.
_NUMBER = {1: "u1", 2: "u1", 3: "u2", 4: "u4", 5: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4"}
_NUMBER |= {10: "i4", 11: "f4", 12: "f8", 13: "u4", 16: "u8", 17: "i8", 18: "u8"}


@dataclass(frozen=True)
class Entry:
    """One field of a directory: its type, how many values, and their bytes in `order`."""

    kind: int
    count: int
    raw: bytes
    order: str = "<"

    def numbers(self) -> tuple[float, ...]:
        """The values as numbers; a rational is divided, and is NaN over zero."""
        flat = np.frombuffer(self.raw, self.order + _NUMBER[self.kind])
        if self.kind in (5, 10):
            pairs = flat.reshape(-1, 2).astype(np.float64)
            over = np.where(pairs[:, 1] == 0, np.nan, pairs[:, 1])
            return tuple(float(v) for v in pairs[:, 0] / over)
        return tuple(flat.tolist())

    def integers(self) -> tuple[int, ...]:
        """The values as whole numbers; empty when the field does not hold such."""
        if self.kind in (2, 5, 10, 11, 12):
            return ()
        return tuple(np.frombuffer(self.raw, self.order + _NUMBER[self.kind]).tolist())

    def little(self) -> Entry:
        """The same values in little-endian order."""
        if self.order == "<":
            return self
        flat = np.frombuffer(self.raw, ">" + _NUMBER[self.kind])
        return Entry(self.kind, self.count, flat.astype("<" + _NUMBER[self.kind]).tobytes())


Directory = dict[int, Entry]


def byte_entry(data: bytes, *, undefined: bool = True) -> Entry:
    """A field of opaque bytes (UNDEFINED), or of BYTE."""
    return Entry(_UNDEFINED if undefined else _BYTE, len(data), data)


def text_entry(text: str) -> Entry:
    """An ASCII field, ended by a zero; other letters go as UTF-8, as most readers expect."""
    data = text.replace("\x00", " ").encode() + b"\x00"
    return Entry(_ASCII, len(data), data)


def short_entry(*values: int) -> Entry:
    """A field of 16-bit numbers."""
    return Entry(_SHORT, len(values), struct.pack(f"<{len(values)}H", *values))


def long_entry(*values: int) -> Entry:
    """A field of 32-bit numbers."""
    return Entry(_LONG, len(values), struct.pack(f"<{len(values)}I", *values))


def offset_entry(values: Iterable[int], big: bool) -> Entry:
    """A field of file offsets or lengths, 64-bit in BigTIFF."""
    numbers = list(values)
    kind, letter = (_LONG8, "Q") if big else (_LONG, "I")
    return Entry(kind, len(numbers), struct.pack(f"<{len(numbers)}{letter}", *numbers))


def rational_pair(value: float) -> tuple[int, int]:
    """A positive number as (numerator, denominator), as near as a denominator of 10,000 allows."""
    part = Fraction(value).limit_denominator(10_000)
    return part.numerator, part.denominator


def rational_entry(value: float) -> Entry:
    """A positive number as one RATIONAL field."""
    return Entry(_RATIONAL, 1, struct.pack("<II", *rational_pair(value)))


@dataclass
class DirectoryReader:
    """Reads directories from an open file.

    Args:
        file: seekable; the TIFF header is at `start`.
        start: where the header begins.

    Raises:
        TruncatedScan: the header is cut or names no directory inside the file.
        UnsupportedScan: not a TIFF header.
    """

    file: BinaryIO
    start: int = 0
    order: str = field(init=False)
    big: bool = field(init=False)
    first: int = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.file.seek(0, os.SEEK_END) - self.start
        head = self._bytes(0, 8, "the header")
        if head[:2] not in (b"II", b"MM"):
            raise UnsupportedScan("no TIFF byte order mark")
        self.order = "<" if head[:2] == b"II" else ">"
        version = self._unpack("H", head[2:4])
        if version not in (42, 43):
            raise UnsupportedScan(f"TIFF version {version}")
        self.big = version == 43
        if self.big:
            self.first = self._unpack("Q", self._bytes(8, 8, "the header"))
        else:
            self.first = self._unpack("I", head[4:8])

    def chain(self) -> list[Directory]:
        """All directories of the main chain, in file order.

        Raises:
            TruncatedScan: one lies outside the file, or there is none.
            UnsupportedScan: the chain runs in a circle or is endless.
        """
        found: list[Directory] = []
        seen: set[int] = set()
        offset = self.first
        while offset:
            if offset in seen or len(found) >= MAX_DIRECTORIES:
                raise UnsupportedScan("its chain of pages runs in a circle or has no end")
            seen.add(offset)
            directory, offset = self.directory(offset)
            found.append(directory)
        if not found:
            raise TruncatedScan("the file holds no picture directory; its writing was not finished")
        return found

    def directory(self, offset: int) -> tuple[Directory, int]:
        """The directory at an offset, and the offset of the next one (0 for none).

        Raises:
            TruncatedScan: it, or a value of it, reaches beyond the file.
            UnsupportedScan: more fields than any picture has.
        """
        directory, end = self._entries(offset)
        link = self._bytes(end, 8 if self.big else 4, "a page directory")
        return directory, self._unpack("Q" if self.big else "I", link)

    def child(self, offset: int) -> Directory:
        """A directory outside the chain (EXIF, GPS); some writers leave out its empty link.

        Raises:
            TruncatedScan, UnsupportedScan: as for `directory`.
        """
        return self._entries(offset)[0]

    def _entries(self, offset: int) -> tuple[Directory, int]:
        """The fields of the directory at an offset, and where its table ends."""
        count_letter, count_bytes, entry_bytes = ("Q", 8, 20) if self.big else ("H", 2, 12)
        count = self._unpack(count_letter, self._bytes(offset, count_bytes, "a page directory"))
        if count > MAX_ENTRIES:
            raise UnsupportedScan(f"a page directory with {count} fields")
        table = offset + count_bytes
        body = self._bytes(table, count * entry_bytes, "a page directory")
        directory: Directory = {}
        for index in range(count):
            field_bytes = body[index * entry_bytes : (index + 1) * entry_bytes]
            tag, kind = struct.unpack(self.order + "HH", field_bytes[:4])
            if kind in _WIDTH and tag not in directory:
                directory[tag] = self._entry(tag, kind, field_bytes[4:])
        return directory, table + count * entry_bytes

    def _entry(self, tag: int, kind: int, tail: bytes) -> Entry:
        letter, inline = ("Q", 8) if self.big else ("I", 4)
        count = self._unpack(letter, tail[:inline])
        length = count * _WIDTH[kind]
        if length <= inline:
            raw = tail[inline : inline + length]
        else:
            raw = self._bytes(self._unpack(letter, tail[inline:]), length, f"TIFF field {tag}")
        return Entry(kind, count, raw, self.order)

    def _bytes(self, offset: int, length: int, what: str) -> bytes:
        if offset < 0 or offset + length > self.size:
            raise TruncatedScan(
                f"{what} should end at byte {offset + length}, but the file has {self.size}"
            )
        self.file.seek(self.start + offset)
        data = self.file.read(length)
        if len(data) != length:
            raise TruncatedScan(f"{what} could not be read whole")
        return data

    def _unpack(self, letter: str, data: bytes) -> int:
        value: Any = struct.unpack(self.order + letter, data)[0]
        return int(value)


@dataclass(frozen=True)
class DirectoryTree:
    """A directory to be written, with the directories that tags of it point to."""

    entries: Directory
    children: Mapping[int, DirectoryTree] = field(default_factory=dict)


def directory_bytes(tree: DirectoryTree, at: int, link: int, *, big: bool = False) -> bytes:
    """A directory, its values and its children as little-endian bytes to stand at offset `at`.

    Args:
        tree: what to write; entries may be in either byte order.
        at: file offset where the bytes will stand; even.
        link: offset of the next directory in the chain, 0 for none.
        big: BigTIFF layout.
    """
    letter, inline, head = ("Q", 8, "<Q") if big else ("I", 4, "<H")
    entries = {tag: entry.little() for tag, entry in tree.entries.items()}
    entries |= {tag: offset_entry([0], big) for tag in tree.children}
    table = struct.calcsize(head) + len(entries) * (4 + 2 * inline) + inline
    values = bytearray()
    places: dict[int, bytes] = {}
    for tag in sorted(entries):
        raw = entries[tag].raw
        if tag in tree.children or len(raw) <= inline:
            places[tag] = raw.ljust(inline, b"\x00")
        else:
            places[tag] = struct.pack("<" + letter, at + table + len(values))
            values += raw + b"\x00" * (-len(raw) % 2)
    for tag in sorted(tree.children):
        child_at = at + table + len(values)
        values += directory_bytes(tree.children[tag], child_at, 0, big=big)
        places[tag] = struct.pack("<" + letter, child_at)
    out = bytearray(struct.pack(head, len(entries)))
    for tag in sorted(entries):
        out += struct.pack("<HH" + letter, tag, entries[tag].kind, entries[tag].count)
        out += places[tag]
    out += struct.pack("<" + letter, link)
    return bytes(out + values)


def block_bytes(tree: DirectoryTree) -> bytes:
    """A whole TIFF-structured block, as EXIF uses it: header, directory, children."""
    return b"II\x2a\x00" + struct.pack("<I", 8) + directory_bytes(tree, 8, 0)
