"""Which format a file really is, told by its first bytes and never by its name."""

from __future__ import annotations

from typing import Literal

ScanFormat = Literal["tiff", "png", "jpeg"]

HEAD_BYTES = 32
"""How many bytes from the start of a file are enough to tell its format."""

_TIFF_HEADS = (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b")
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_JPEG_HEAD = b"\xff\xd8\xff"

_OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftypheic", "a HEIC picture"),
    (4, b"ftypheix", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIF picture"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"JXL \r\n\x87\n", "a JPEG XL picture"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
)


def sniff(head: bytes) -> ScanFormat | None:
    """The scan format a file starts with, or None.

    Args:
        head: the first `HEAD_BYTES` bytes of the file, or all of a shorter one.
    """
    if head[:4] in _TIFF_HEADS:
        return "tiff"
    if head.startswith(_PNG_HEAD):
        return "png"
    if head.startswith(_JPEG_HEAD):
        return "jpeg"
    return None


def is_cut_signature(head: bytes) -> bool:
    """Whether so few bytes are there that they may be the start of a TIFF, PNG or JPEG."""
    signatures = (*_TIFF_HEADS, _PNG_HEAD, _JPEG_HEAD)
    return any(len(head) < len(whole) and whole.startswith(head) for whole in signatures)


def describe_other(head: bytes) -> str:
    """What a file that is no scan seems to be, as words for a message."""
    for offset, magic, words in _OTHERS:
        if head[offset : offset + len(magic)] == magic:
            return words
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # A character may be cut in two at the end of what was read.
        text = head[: error.start].decode("utf-8") if error.start >= len(head) - 3 else ""
    if text and all(letter.isprintable() or letter in "\r\n\t\ufeff" for letter in text):
        return "text"
    return "of an unknown kind"
