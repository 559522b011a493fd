"""EXIF for a derivative: what the scan said, made true for the new file."""

from __future__ import annotations

import struct
from typing import Any

from pipeline.core.photo import Dpi
from pipeline.io.tiff_directory import rational_pair

_PREFIX = b"Exif\x00\x00"
_SRGB, _UNCALIBRATED = 1, 65535
_BROKEN = (ValueError, KeyError, IndexError, TypeError, struct.error)
_IFDS = ("0th", "Exif", "GPS", "Interop")

MAX_JPEG_BLOCK = 65_000
"""Bytes of EXIF that fit in one JPEG segment, with some room."""


def merged_exif(
    exif: bytes | None,
    *,
    size: tuple[int, int],
    dpi: Dpi | None,
    is_srgb: bool,
    description: str,
    software: str,
    max_bytes: int | None = None,
) -> bytes:
    """The scan's EXIF with the fields of the new picture put in; no thumbnail of the old one.

    Args:
        exif: the scan's block without prefix, or None.
        size: (width, height) px of the derivative.
        dpi: its resolution or None, which leaves none in the block.
        is_srgb: whether its pixels are sRGB.
        description: for ImageDescription (UTF-8) and, when not ASCII, XPComment (UTF-16) too;
            "" keeps the scan's own.
        software: for Software.
        max_bytes: drop maker notes, then all but the new fields, when the block is longer.

    Returns:
        a TIFF-structured block without prefix; deterministic.
    """
    import piexif

    found = _loaded(exif)
    top, photo = found["0th"], found["Exif"]
    for tag in (256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 330, 34675):
        top.pop(tag, None)  # the layout of the scan's file
    if description:
        top[piexif.ImageIFD.ImageDescription] = description.replace("\x00", " ").encode()
        top.pop(piexif.ImageIFD.XPComment, None)
        if not description.isascii():
            wide = (description + "\x00").encode("utf-16-le")
            top[piexif.ImageIFD.XPComment] = tuple(wide)
    top[piexif.ImageIFD.Software] = software.encode()
    top[piexif.ImageIFD.Orientation] = 1
    if dpi is not None:
        top[piexif.ImageIFD.XResolution] = rational_pair(dpi[0])
        top[piexif.ImageIFD.YResolution] = rational_pair(dpi[1])
        top[piexif.ImageIFD.ResolutionUnit] = 2
    photo[piexif.ExifIFD.PixelXDimension], photo[piexif.ExifIFD.PixelYDimension] = size
    photo[piexif.ExifIFD.ColorSpace] = _SRGB if is_srgb else _UNCALIBRATED
    block = _dumped(found)
    if max_bytes is not None and len(block) > max_bytes:
        photo.pop(piexif.ExifIFD.MakerNote, None)
        photo.pop(piexif.ExifIFD.UserComment, None)
        block = _dumped(found)
    if max_bytes is not None and len(block) > max_bytes and exif is not None:
        return merged_exif(
            None, size=size, dpi=dpi, is_srgb=is_srgb, description=description, software=software
        )
    return block


def _loaded(exif: bytes | None) -> dict[str, dict[int, Any]]:
    """The scan's fields, each one that can be written again; broken ones are left behind."""
    import piexif

    empty: dict[str, dict[int, Any]] = {name: {} for name in _IFDS}
    if exif is None:
        return empty
    try:
        raw = piexif.load(_PREFIX + exif)
    except _BROKEN:
        return empty
    for name in _IFDS:
        for tag, value in raw[name].items():
            if _writable(name, tag, value):
                empty[name][tag] = value
    return empty


def _writable(name: str, tag: int, value: Any) -> bool:
    """Whether piexif can write the field; it reads some values it then refuses."""
    import piexif

    try:
        piexif.dump({name: {tag: value}})
    except _BROKEN:
        return False
    return True


def _dumped(found: dict[str, dict[int, Any]]) -> bytes:
    import piexif

    return bytes(piexif.dump(found)).removeprefix(_PREFIX)
