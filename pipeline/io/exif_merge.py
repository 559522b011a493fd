"""EXIF for a derivative: what the scan said, made true for the new file."""

from __future__ import annotations

import contextlib
import io
import struct
from typing import Any

from pipeline.core.caption import Caption
from pipeline.core.errors import InputRefused, UnsupportedScan
from pipeline.core.photo import Dpi
from pipeline.io.caption_words import NO_CAPTION, certain_date, is_dated
from pipeline.io.metadata import EXIF_IFD, GPS_IFD, INTEROP_IFD, first_integer
from pipeline.io.tiff_directory import DirectoryReader, DirectoryTree, block_bytes, rational_pair

_PREFIX = b"Exif\x00\x00"
_SRGB, _UNCALIBRATED = 1, 65535
_BROKEN = (ValueError, KeyError, IndexError, TypeError, struct.error)
_TOP, _POINTERS = (EXIF_IFD, GPS_IFD), (EXIF_IFD, GPS_IFD, INTEROP_IFD)
_BIG_KINDS, _MOST_OVERLAP = 16, 2
_IFDS = ("0th", "Exif", "GPS", "Interop")
_OF_THE_FILE = frozenset(
    {256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 330, 34675, *range(529, 533)}
)
_EXIF_OF_THE_FILE = (37121, 37122)
_XP_TITLE, _XP_COMMENT, _XP_KEYWORDS = 40091, 40092, 40094
_TAKEN, _DIGITIZED = 36867, 36868
# Sub-second and offset from UTC, of the date taken and of the date digitised.
_TAKEN_PARTS, _DIGITIZED_PARTS = (37521, 36881), (37522, 36882)

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
    caption: Caption = NO_CAPTION,
    kind: str = "",
    channels: int = 3,
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
        caption: its date becomes the date taken, its title and keywords XPTitle and XPKeywords.
        kind: the file's format; a JPEG's block must tell of its channels.
        channels: 1 for a grey file, else 3.
        max_bytes: drop maker notes, then all but the new fields, when the block is longer.

    Returns:
        a TIFF-structured block without prefix; deterministic.
    """
    import piexif

    found = _loaded(exif)
    top, photo = found["0th"], found["Exif"]
    for tag in _OF_THE_FILE:
        top.pop(tag, None)
    for tag in _EXIF_OF_THE_FILE:
        photo.pop(tag, None)
    if description:
        top[piexif.ImageIFD.ImageDescription] = description.replace("\x00", " ").encode()
        top.pop(_XP_COMMENT, None)
        if not description.isascii():
            top[_XP_COMMENT] = _wide(description)
    if caption.title:
        top[_XP_TITLE] = _wide(caption.title)
    if caption.keywords:
        top[_XP_KEYWORDS] = _wide(";".join(word.replace(";", ",") for word in caption.keywords))
    _put_date(photo, caption)
    top[piexif.ImageIFD.Software] = software.encode()
    top[piexif.ImageIFD.Orientation] = 1
    if dpi is not None:
        top[piexif.ImageIFD.XResolution] = rational_pair(dpi[0])
        top[piexif.ImageIFD.YResolution] = rational_pair(dpi[1])
        top[piexif.ImageIFD.ResolutionUnit] = 2
    photo[piexif.ExifIFD.PixelXDimension], photo[piexif.ExifIFD.PixelYDimension] = size
    photo[piexif.ExifIFD.ColorSpace] = _SRGB if is_srgb else _UNCALIBRATED
    _put_required(top, photo, kind, channels)
    block = _dumped(found)
    if max_bytes is not None and len(block) > max_bytes:
        photo.pop(piexif.ExifIFD.MakerNote, None)
        photo.pop(piexif.ExifIFD.UserComment, None)
        block = _dumped(found)
    if max_bytes is not None and len(block) > max_bytes and exif is not None:
        return merged_exif(
            None,
            size=size,
            dpi=dpi,
            is_srgb=is_srgb,
            description=description,
            software=software,
            caption=caption,
            kind=kind,
            channels=channels,
        )
    return block


def _put_required(top: dict[int, Any], photo: dict[int, Any], kind: str, channels: int) -> None:
    """What EXIF 2.32 asks of every block, and what it asks of one in a JPEG."""
    import piexif

    photo.setdefault(piexif.ExifIFD.ExifVersion, b"0232")
    photo.setdefault(piexif.ExifIFD.FlashpixVersion, b"0100")
    if kind == "jpeg":
        order = b"\x01\x02\x03\x00" if channels == 3 else b"\x01\x00\x00\x00"
        photo[piexif.ExifIFD.ComponentsConfiguration] = order  # Y Cb Cr, or Y alone
        top[piexif.ImageIFD.YCbCrPositioning] = 1


def _put_date(photo: dict[int, Any], caption: Caption) -> None:
    """Say when the picture was taken, if a person said it to the day; else nothing of it.

    What the scan calls the date taken is the day it was scanned: it becomes the date of
    digitising, unless there is one. The time of day is given as midnight, the one form of an
    unknown time that every reader takes (EXIF's blanks make the whole date unreadable to many);
    XMP and IPTC, which can, give the day alone.
    """
    if not is_dated(caption):
        return
    scanned = photo.pop(_TAKEN, None)
    parts = [photo.pop(tag, None) for tag in _TAKEN_PARTS]
    if scanned is not None and _DIGITIZED not in photo:
        photo[_DIGITIZED] = scanned
        for tag, value in zip(_DIGITIZED_PARTS, parts, strict=True):
            photo.pop(tag, None)
            if value is not None:
                photo[tag] = value
    taken = certain_date(caption.edtf)
    if len(taken) == len("1962-05-13"):
        photo[_TAKEN] = f"{taken.replace('-', ':')} 00:00:00".encode()


def _wide(text: str) -> bytes:
    """Text as Windows keeps it in its XP fields: UTF-16, little-endian, ended by a zero."""
    return (text.replace("\x00", " ") + "\x00").encode("utf-16-le")


def _loaded(exif: bytes | None) -> dict[str, dict[int, Any]]:
    """The scan's fields, each one that can be written again; broken ones are left behind."""
    import piexif

    empty: dict[str, dict[int, Any]] = {name: {} for name in _IFDS}
    if exif is None:
        return empty
    try:
        raw = piexif.load(_PREFIX + _sound(exif))
    except (*_BROKEN, InputRefused):
        return empty
    for name in _IFDS:
        for tag, value in raw[name].items():
            if _writable(name, tag, value):
                empty[name][tag] = value
    return empty


def _sound(exif: bytes) -> bytes:
    """The block with those directories alone that lie wholly inside it, and no thumbnail.

    piexif believes every count it reads, and runs out of memory over a wrong one.

    Raises:
        InputRefused: the first directory is damaged, or values lie over each other many times.
    """
    reader = DirectoryReader(io.BytesIO(exif))
    tree = _tree(reader, reader.first)
    if _total(tree) > _MOST_OVERLAP * len(exif):
        raise UnsupportedScan("values lie over each other")
    return block_bytes(tree)


def _total(tree: DirectoryTree) -> int:
    own = sum(len(entry.raw) for entry in tree.entries.values())
    return own + sum(_total(child) for child in tree.children.values())


def _writable(name: str, tag: int, value: Any) -> bool:
    """Whether piexif can write the field; it reads some values it then refuses."""
    import piexif

    try:
        piexif.dump({name: {tag: value}})
    except _BROKEN:
        return False
    return True


def _dumped(found: dict[str, dict[int, Any]]) -> bytes:
    """The fields as a block by the rules of TIFF 6.0.

    piexif orders no tags, ends no directory with a link and lays values at odd offsets, which
    readers forgive and validators do not; so what it made is laid out once more.
    """
    import piexif

    block = bytes(piexif.dump(found)).removeprefix(_PREFIX)
    reader = DirectoryReader(io.BytesIO(block))
    return block_bytes(_tree(reader, reader.first))


def _tree(reader: DirectoryReader, offset: int, pointers: tuple[int, ...] = _TOP) -> DirectoryTree:
    """A directory with those that it points to, but for damaged ones."""
    entries = reader.child(offset)
    children: dict[int, DirectoryTree] = {}
    for tag in pointers:
        if tag in entries:
            with contextlib.suppress(InputRefused):
                place = first_integer(entries, tag, 0)
                below = (INTEROP_IFD,) if tag == EXIF_IFD else ()
                children[tag] = _tree(reader, place, below)
    kept = {t: e for t, e in entries.items() if t not in _POINTERS and e.kind < _BIG_KINDS}
    return DirectoryTree(kept, children)
