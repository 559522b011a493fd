"""Names for people: of files whose bytes may be anything, and of prints."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a terminal or a page could be misled by, bidi marks included."""


def printable(name: str | bytes) -> str:
    r"""A file name as one line of harmless text; what cannot be shown is written as \xNN.

    Args:
        name: the bytes of the file system, or text that may hold lone surrogates.

    Returns:
        Text without control, format (bidi) or surrogate characters; a backslash is doubled, so
        two different names never read the same.
    """
    data = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    text = data.decode("utf-8", "surrogateescape")
    return "".join(_shown(character) for character in text)


def storable(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogates."""
    clean = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean.replace("\0", "\\x00")


def print_name(scan_id: int, ordinal: int, earlier: int) -> str:
    """The name of a print: "0003-2", and "0003-2b" when its place was cut differently before.

    Args:
        scan_id: the scan's number in the ledger.
        ordinal: which print on the scan, from 1 in reading order.
        earlier: how many other crops had this place before.
    """
    suffix = ""
    number = earlier
    while number > 0:
        number, letter = divmod(number, 26)
        suffix = chr(ord("a") + letter) + suffix
    return f"{scan_id:04d}-{ordinal}{suffix}"


def _shown(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if unicodedata.category(character) in _HIDDEN:
        return character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return character
