"""JPEG: markers walked to the true end, then decoded with every warning taken seriously."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.core.errors import TruncatedScan, UnsupportedScan
from pipeline.core.photo import Dpi
from pipeline.io.jpeg_check import decode_strictly
from pipeline.io.metadata import (
    UNKNOWN_RESOLUTION,
    first_integer,
    read_exif,
    sane_dpi,
    sane_icc,
    sane_orientation,
    tagged_resolution,
)
from pipeline.io.read_raw import CMYK_REMEDY, RawHeader, RawSamples, check_size
from pipeline.io.tiff_directory import Directory

_SOI, _EOI, _SOS, _APP0, _APP1, _APP2 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_READ_FRAMES = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive"}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})
_APP14, _COMMENT = 0xEE, 0xFE
# JFIF and Adobe segments also say which colour encoding the pixels have.
_PLAIN_JFIF = b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
_ADOBE = (b"\x00", b"\x01")
_ICC_HEAD = b"ICC_PROFILE\x00"
_EXIF_HEAD = b"Exif\x00\x00"
_CM = 2.54
# A progressive file has about ten scans; a crafted one has thousands to burn time.
_MAX_SCANS = 200


@dataclass(frozen=True)
class _Segment:
    marker: int
    data: bytes
    end: int  # offset just after the segment


def read_header(file: BinaryIO, max_megapixels: float) -> RawHeader:
    """Read the segments before the first scan.

    Raises:
        TruncatedScan: the file ends before its pixels begin.
        UnsupportedScan: CMYK, 12 bits, lossless, arithmetic or hierarchical coding.
        EmptyScan, ScanTooLarge: by the size in the header.
    """
    segments = list(_segments(file))
    frame = next((s for s in segments if s.marker in _FRAMES), None)
    if frame is None or len(frame.data) < 6:
        raise TruncatedScan("the JPEG has no frame header")
    depth, height, width, channels = struct.unpack(">BHHB", frame.data[:6])
    check_size(width, height, max_megapixels)
    _refuse_kinds(frame.marker, depth, channels)
    exif, directory, events = _exif(segments)
    orientation, more = sane_orientation(first_integer(directory, 274, 1))
    events += more
    dpi, more = _resolution(segments, directory)
    events += more
    icc, more = _profile(segments, channels)
    events += more
    if dpi is None:
        events += (UNKNOWN_RESOLUTION,)
    return RawHeader("jpeg", width, height, 8, channels, dpi, orientation, exif, icc, events)


def read_samples(file: BinaryIO, header: RawHeader) -> RawSamples:
    """Decode all pixels.

    Raises:
        TruncatedScan: no end marker, or scan data is missing or damaged.
        UnsupportedScan: more scans than any real picture has.
    """
    segments = list(_segments(file))
    file.seek(0)
    data = file.read()
    end = _true_end(data, segments[-1].end)
    stream = _without_metadata(segments) + data[segments[-1].end : end]
    colour, events = decode_strictly(stream, "GRAY" if header.channels == 1 else "RGB")
    if colour.shape[:2] != (header.height, header.width):
        raise TruncatedScan(f"the JPEG decoded to {colour.shape}")
    return RawSamples(colour, events=events)


def _segments(file: BinaryIO) -> Iterator[_Segment]:
    """The marker segments from the start up to and including the first scan's header."""
    size = file.seek(0, os.SEEK_END)
    at = 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4:
            raise TruncatedScan(f"the JPEG ends at byte {size}, before its pixels")
        if head[0] != 0xFF:
            raise TruncatedScan(f"the JPEG is damaged at byte {at}: no marker where one must be")
        marker = head[1]
        if marker == 0xFF or marker in _BARE:  # fill byte, or a marker without a segment
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (_EOI, _SOI):
            raise TruncatedScan("the JPEG ends before its pixels")
        length = struct.unpack(">H", head[2:])[0]
        data = file.read(length - 2) if length >= 2 else b""
        if length < 2 or len(data) != length - 2:
            raise TruncatedScan(f"the JPEG ends at byte {size}, inside a header")
        at += 2 + length
        yield _Segment(marker, data, at)
        if marker == _SOS:
            return


def _true_end(data: bytes, at: int) -> int:
    """The offset after the end marker that closes the pixels beginning at `at`.

    Inside entropy-coded data FF is followed by 00 or a restart marker, so the first other marker
    ends a scan; an end marker inside a thumbnail is never met, being within a segment.
    """
    scans = 1
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise TruncatedScan(f"the JPEG ends at byte {len(data)} without its end marker")
        marker = data[at + 1]
        if marker == _EOI:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0 or marker in _BARE:
            at += 2
        else:
            scans += marker == _SOS
            if scans > _MAX_SCANS:
                raise UnsupportedScan(f"a JPEG with more than {_MAX_SCANS} scans")
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _without_metadata(segments: list[_Segment]) -> bytes:
    """The header with only what decoding needs, so that a warning can only be about pixels."""
    out = bytearray(b"\xff\xd8")
    for segment in segments:
        body = segment.data
        if 0xE0 <= segment.marker <= 0xEF or segment.marker == _COMMENT:
            if segment.marker == _APP0 and body.startswith(b"JFIF\x00"):
                body = _PLAIN_JFIF
            elif not (segment.marker == _APP14 and body[:5] == b"Adobe" and body[11:12] in _ADOBE):
                continue
        out += struct.pack(">BBH", 0xFF, segment.marker, len(body) + 2) + body
    return bytes(out)


def _refuse_kinds(marker: int, depth: int, channels: int) -> None:
    if marker not in _READ_FRAMES:
        raise UnsupportedScan(f"a JPEG of an uncommon coding (frame type {marker - 0xC0})")
    if depth != 8:
        raise UnsupportedScan(f"a JPEG with {depth} bits per sample")
    if channels == 4:
        raise UnsupportedScan("a CMYK JPEG", remedy=CMYK_REMEDY)
    if channels not in (1, 3):
        raise UnsupportedScan(f"a JPEG with {channels} channels")


def _exif(segments: list[_Segment]) -> tuple[bytes | None, Directory, tuple[str, ...]]:
    for segment in segments:
        if segment.marker == _APP1 and segment.data.startswith(_EXIF_HEAD):
            return read_exif(segment.data)
    return None, {}, ()


def _resolution(
    segments: list[_Segment], directory: Directory
) -> tuple[Dpi | None, tuple[str, ...]]:
    """JFIF density when it has a unit, else EXIF; a density without unit is only a pixel shape.

    JFIF knows whole numbers only, so EXIF is preferred where it says the same more finely.
    """
    tagged, tagged_events = tagged_resolution(directory)
    jfif, events = _jfif_density(segments)
    if jfif is None:
        return tagged, (*events, *tagged_events)
    if tagged is not None and max(abs(tagged[i] - jfif[i]) for i in (0, 1)) <= 1:
        return tagged, ()
    return jfif, ()


def _jfif_density(segments: list[_Segment]) -> tuple[Dpi | None, tuple[str, ...]]:
    for segment in segments:
        if segment.marker == _APP0 and segment.data.startswith(b"JFIF\x00"):
            if len(segment.data) < 12 or segment.data[7] not in (1, 2):
                return None, ()
            across, down = struct.unpack(">HH", segment.data[8:12])
            scale = _CM if segment.data[7] == 2 else 1.0
            return sane_dpi(across * scale, down * scale)
    return None, ()


def _profile(segments: list[_Segment], channels: int) -> tuple[bytes | None, tuple[str, ...]]:
    """The ICC profile put together from its numbered parts."""
    parts: dict[int, bytes] = {}
    total = 0
    for segment in segments:
        if segment.marker == _APP2 and segment.data.startswith(_ICC_HEAD):
            rest = segment.data[len(_ICC_HEAD) :]
            if len(rest) > 2:
                parts.setdefault(rest[0], rest[2:])
                total = rest[1]
    if not parts:
        return None, ()
    if sorted(parts) != list(range(1, total + 1)):
        return None, (f"ICC profile dropped: it is cut, {len(parts)} of {total} parts are there",)
    return sane_icc(b"".join(parts[i] for i in sorted(parts)), channels)
