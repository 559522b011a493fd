"""PNG: every chunk checked against its CRC, then decoded at full depth."""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from pipeline.core.errors import NotAScan, TruncatedScan, UnsupportedScan
from pipeline.core.photo import Dpi
from pipeline.io.metadata import (
    UNKNOWN_RESOLUTION,
    first_integer,
    metric_dpi,
    read_exif,
    sane_dpi,
    sane_icc,
    sane_orientation,
    tagged_resolution,
)
from pipeline.io.read_raw import RawHeader, RawSamples, check_size
from pipeline.io.tiff_directory import Directory

_SIGNATURE_BYTES = 8
_KEPT = (b"IHDR", b"pHYs", b"iCCP", b"sRGB", b"gAMA", b"eXIf", b"tRNS", b"acTL")
_MAX_KEPT_BYTES = 64 * 2**20
_MAX_ICC_BYTES = 16 * 2**20
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_SRGB_GAMMA = 45455
_PIECE = 4 * 2**20
_NO_EXIF: tuple[bytes | None, Directory, tuple[str, ...]] = (None, {}, ())


@dataclass(frozen=True)
class _Chunk:
    name: bytes
    data: bytes  # empty unless the chunk is one of _KEPT


def read_header(file: BinaryIO, max_megapixels: float) -> RawHeader:
    """Walk the chunks (their CRCs too, except of the pixels) and take what describes the picture.

    Raises:
        TruncatedScan: a chunk is cut or damaged, or the end is missing.
        UnsupportedScan: an animation, or a header no PNG may have.
        EmptyScan, ScanTooLarge: by the size in the header.
    """
    chunks = {c.name: c.data for c in reversed(_chunks(file, pixels_too=False))}
    if b"IHDR" not in chunks or len(chunks[b"IHDR"]) != 13:
        raise NotAScan("the PNG header is not one")
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    check_size(width, height, max_megapixels)
    if b"IDAT" not in chunks:
        raise TruncatedScan("the PNG holds no pixels")
    if b"acTL" in chunks:
        raise UnsupportedScan("an animated PNG")
    if kind not in (_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGB_ALPHA):
        raise UnsupportedScan(f"PNG colour type {kind}")
    channels = {_GREY: 1, _RGB: 3, _PALETTE: 3, _GREY_ALPHA: 2, _RGB_ALPHA: 4}[kind]
    channels += b"tRNS" in chunks
    exif, directory, exif_events = read_exif(chunks[b"eXIf"]) if b"eXIf" in chunks else _NO_EXIF
    orientation, orientation_events = sane_orientation(first_integer(directory, 274, 1))
    dpi, dpi_events = _resolution(chunks.get(b"pHYs"))
    if dpi is None and not dpi_events:
        dpi, dpi_events = tagged_resolution(directory)
    icc, icc_events = _profile(chunks, 1 if channels <= 2 else 3)
    events = exif_events + orientation_events + dpi_events + icc_events + _gamma(chunks)
    if dpi is None:
        events += (UNKNOWN_RESOLUTION,)
    return RawHeader(
        "png", width, height, max(8, depth), channels, dpi, orientation, exif, icc, events
    )


def read_samples(file: BinaryIO, header: RawHeader) -> RawSamples:
    """Decode all pixels; palettes and fewer than 8 bits are expanded.

    Raises:
        TruncatedScan: a CRC is wrong, or the pixels end too early.
    """
    from imagecodecs import PngError, png_decode

    _chunks(file, pixels_too=True)
    file.seek(0)
    try:
        decoded = png_decode(file.read())
    except (PngError, ValueError) as error:
        raise TruncatedScan(f"the PNG cannot be decoded: {error}") from error
    array = decoded.reshape(*decoded.shape[:2], -1)
    wanted = np.uint16 if header.bit_depth == 16 else np.uint8
    expected = (header.height, header.width, header.channels)
    if array.shape != expected or array.dtype != wanted:
        raise TruncatedScan(f"the PNG decoded to {array.dtype} {array.shape}, not {expected}")
    if header.channels in (2, 4):
        return RawSamples(array[..., :-1], alpha=array[..., -1])
    return RawSamples(array)


def _chunks(file: BinaryIO, *, pixels_too: bool) -> list[_Chunk]:
    """All chunks up to IEND, each length and CRC checked.

    Args:
        pixels_too: also read and check the pixels' own CRCs.
    """
    size = file.seek(0, os.SEEK_END)
    at = _SIGNATURE_BYTES
    found: list[_Chunk] = []
    kept_bytes = 0
    while True:
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            raise TruncatedScan(f"the PNG ends at byte {size} without its IEND chunk")
        length, name = struct.unpack(">I4s", head)
        if at + 12 + length > size:
            raise TruncatedScan(
                f"PNG chunk {name.decode('latin-1')} should end at byte {at + 12 + length}, "
                f"but the file has {size}"
            )
        keep = name in _KEPT and kept_bytes + length <= _MAX_KEPT_BYTES
        data = b""
        if pixels_too or keep:
            data = _checked(file, name, length, keep)
            kept_bytes += len(data)
        found.append(_Chunk(name, data))
        if name == b"IEND":
            return found
        at += 12 + length


def _checked(file: BinaryIO, name: bytes, length: int, keep: bool) -> bytes:
    crc = zlib.crc32(name)
    parts: list[bytes] = []
    left = length
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            raise TruncatedScan(f"PNG chunk {name.decode('latin-1')} could not be read whole")
        crc = zlib.crc32(piece, crc)
        left -= len(piece)
        if keep:
            parts.append(piece)
    if file.read(4) != struct.pack(">I", crc):
        raise TruncatedScan(f"PNG chunk {name.decode('latin-1')} is damaged: its CRC is wrong")
    return b"".join(parts)


def _resolution(data: bytes | None) -> tuple[Dpi | None, tuple[str, ...]]:
    """From pHYs; unit 1 is the metre, unit 0 gives only the shape of a pixel."""
    if data is None or len(data) != 9 or data[8] != 1:
        return None, ()
    across, down = struct.unpack(">II", data[:8])
    return sane_dpi(metric_dpi(across), metric_dpi(down))


def _profile(chunks: dict[bytes, bytes], channels: int) -> tuple[bytes | None, tuple[str, ...]]:
    if b"iCCP" not in chunks:
        return None, ()
    _, _, packed = chunks[b"iCCP"].partition(b"\x00")
    try:
        unpacker = zlib.decompressobj()
        icc = unpacker.decompress(packed[1:], _MAX_ICC_BYTES)
    except zlib.error as error:
        return None, (f"ICC profile dropped: it is damaged ({error})",)
    return sane_icc(icc, channels)


def _gamma(chunks: dict[bytes, bytes]) -> tuple[str, ...]:
    """An event when the file states a tone curve that is not sRGB's and gives no profile."""
    data = chunks.get(b"gAMA", b"")
    if len(data) != 4 or b"sRGB" in chunks or b"iCCP" in chunks:
        return ()
    gamma = struct.unpack(">I", data)[0]
    if abs(gamma - _SRGB_GAMMA) <= 500 or gamma == 0:
        return ()
    return (f"PNG gamma {gamma / 100_000:g} is not applied; the pixels are taken as sRGB",)
