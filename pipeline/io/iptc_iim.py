"""IPTC-IIM records (Information Interchange Model 4.2): the scan's carried over, a caption put in.

Old programs, and many picture agencies, read these and not XMP. Which data set holds what follows
the guidelines of the Metadata Working Group (2.0, 2010). Lengths are those of IIM 4.2, in bytes.
"""

from __future__ import annotations

import struct

from pipeline.core.caption import Caption
from pipeline.io.caption_words import certain_date, cleaned, cut, is_dated
from pipeline.io.said import ScanWords

UTF_8 = b"\x1b%G"
"""The value of data set 1:90 that says UTF-8 (ISO 2022)."""

MAX_RECORDS = 4 * 2**20
"""Bytes of the longest block of records that is read."""

_MARK = 0x1C
_VERSION, _TITLE, _KEYWORD, _CREATED, _CREATED_TIME = 0, 5, 25, 55, 60
_DIGITIZED, _DIGITIZED_TIME, _BY_LINE, _PLACE, _CAPTION = 62, 63, 80, 92, 120
_LONGEST = {_TITLE: 64, _KEYWORD: 64, _PLACE: 32, _CAPTION: 2000}

# Of the scan's file and not of the photograph: the version, the program that wrote it, previews.
_OF_THE_FILE = frozenset({_VERSION, 65, 70, 125, 200, 201, 202})
_MOST_SETS = 2000

DataSet = tuple[int, bytes]
"""Number of a data set of record 2, and its value."""


def iptc_records(scan: bytes | None, caption: Caption, *, description: str) -> bytes | None:
    """The records for a derivative, in UTF-8; deterministic.

    Each part of the caption stands for the scan's of the same kind; what else the scan says of the
    photograph stays. A date of the scan gives way as it does in EXIF and XMP: the day of scanning
    becomes the date of digitising.

    Args:
        scan: the scan's records, or None.
        caption: what a person wrote; any letters.
        description: for the caption field (2:120); "" keeps the scan's own.

    Returns:
        records without any wrapper; None when neither the scan nor a person says anything.
    """
    kept = scan_data_sets(scan) if scan else []
    if not kept and not caption:
        return None
    ours = _ours(caption, description)
    gone = {number for number, _ in ours}
    if is_dated(caption):
        kept = _scanned_on(kept)
        gone |= {_CREATED, _CREATED_TIME}
    sets = [(n, value) for n, value in kept if n not in gone] + ours
    sets.sort(key=lambda item: item[0])  # stable: several of one kind keep their order
    head = _data_set(1, 90, UTF_8) + _data_set(2, _VERSION, struct.pack(">H", 4))
    return head + b"".join(_data_set(2, number, value) for number, value in sets)


def _ours(caption: Caption, description: str) -> list[DataSet]:
    texts = [(_TITLE, caption.title), (_PLACE, caption.place), (_CAPTION, description)]
    texts += [(_KEYWORD, word) for word in caption.keywords]
    sets = [(n, cut(cleaned(text), _LONGEST[n]).encode()) for n, text in texts if text]
    if taken := certain_date(caption.edtf):
        sets.append((_CREATED, taken.replace("-", "").ljust(8, "0").encode()))
    return sets


def _scanned_on(kept: list[DataSet]) -> list[DataSet]:
    """The scan's sets with its date created as the date of digitising, unless it has that."""
    if any(number == _DIGITIZED for number, _ in kept):
        return kept
    new = {_CREATED: _DIGITIZED, _CREATED_TIME: _DIGITIZED_TIME}
    return [(new.get(number, number), value) for number, value in kept]


def scan_words(records: bytes | None) -> ScanWords:
    """What a scan's records say of the photograph, for blocks that say it in another way."""
    sets = scan_data_sets(records) if records else []
    texts: dict[int, list[str]] = {}
    for number, value in sets:
        texts.setdefault(number, []).append(value.decode("utf-8", "replace").strip())
    return ScanWords(
        title=texts.get(_TITLE, [""])[0],
        caption=texts.get(_CAPTION, [""])[0],
        place=texts.get(_PLACE, [""])[0],
        keywords=tuple(text for text in texts.get(_KEYWORD, []) if text),
        creators=tuple(text for text in texts.get(_BY_LINE, []) if text),
    )


def scan_data_sets(records: bytes) -> list[DataSet]:
    """The sets of record 2 that tell of the photograph, their texts in UTF-8.

    Records without a character set are taken for UTF-8 if they can be that, else for Windows
    Latin 1, as others do. Reading ends where the block is damaged or padded.
    """
    found, character_set = _split(records)
    return [
        (number, cleaned(_text(value, character_set)).encode())
        for number, value in found
        if number not in _OF_THE_FILE
    ]


def _split(records: bytes) -> tuple[list[DataSet], bytes]:
    """All sets of record 2, and the character set of record 1."""
    found: list[DataSet] = []
    character_set = b""
    at = 0
    records = records[:MAX_RECORDS]
    while at + 5 <= len(records) and records[at] == _MARK and len(found) < _MOST_SETS:
        record, number, length = struct.unpack_from(">BBH", records, at + 1)
        at += 5
        if length & 0x8000:  # an extended data set: so many bytes hold the length
            digits = length & 0x7FFF
            if digits > 4:
                break
            length = int.from_bytes(records[at : at + digits], "big")
            at += digits
        if at + length > len(records):
            break
        value = records[at : at + length]
        at += length
        if (record, number) == (1, 90):
            character_set = value
        elif record == 2:
            found.append((number, value))
    return found, character_set


def _text(value: bytes, character_set: bytes) -> str:
    if character_set == UTF_8:
        return value.decode("utf-8", "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _data_set(record: int, number: int, value: bytes) -> bytes:
    if len(value) < 0x8000:
        return struct.pack(">BBBH", _MARK, record, number, len(value)) + value
    return struct.pack(">BBBHI", _MARK, record, number, 0x8004, len(value)) + value
