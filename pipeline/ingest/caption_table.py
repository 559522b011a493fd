"""A CSV file of captions as rows of cells: its encoding, its delimiter, its limits."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import CaptionsRefused

MOST_BYTES = 50_000_000
MOST_ROWS = 100_000
MOST_CHARACTERS = 10_000
"""In one cell."""

_DELIMITERS = (",", ";", "\t")
_DELIMITER_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_UTF32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_SAVE_AS_UTF8 = 'Save it as "CSV UTF-8".'


@dataclass(frozen=True)
class Table:
    """The rows below the header, each with the line it begins on; blank rows are left out."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_bytes(path: Path) -> bytes:
    """The contents of a caption file, which are bounded.

    Raises:
        CaptionsRefused: it cannot be read, is no regular file or too large.
    """
    # Without O_NONBLOCK the open of a FIFO would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CaptionsRefused(f"{path} is not a regular file")
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CaptionsRefused(f"{path}: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise CaptionsRefused(f"{path} is larger than {MOST_BYTES // 1_000_000} MB")
    return data


def read_table(data: bytes, name: str, known: frozenset[str], required: str) -> Table:
    """The table in a CSV file with a header.

    The delimiter is the one of comma, semicolon and tab with which the header has the required
    column, and most of the known ones.

    Args:
        data: the file's contents: UTF-8, with or without a byte order mark, or UTF-16 with one.
        name: the file's, for errors.
        known: the columns there may be, lower case.
        required: the one there must be.

    Raises:
        CaptionsRefused: the detail names the file and the line.
    """
    text = _decoded(data, name)
    _refuse_controls(text, name)
    said = _DELIMITER_LINE.match(text)
    body, first_line = (text[said.end() :], 2) if said else (text, 1)
    delimiter = _delimiter(body, known, required, said[1] if said else None)
    if delimiter is None:
        raise CaptionsRefused(f"{name}: there is no column named {required} in its first line")
    header: tuple[str, ...] | None = None
    rows: list[tuple[int, tuple[str, ...]]] = []
    for line, cells in _records(body, delimiter, name, first_line):
        if header is None:
            header = tuple(cell.lower() for cell in cells)
            continue
        if any(cells[len(header) :]):
            raise CaptionsRefused(
                f"{name}, line {line}: {len(cells)} cells under {len(header)} columns",
                remedy="Put a cell that holds the delimiter in double quotes.",
            )
        if len(rows) == MOST_ROWS:
            raise CaptionsRefused(f"{name}, line {line}: more than {MOST_ROWS} rows")
        padded = cells + ("",) * (len(header) - len(cells))
        rows.append((line, padded[: len(header)]))
    return Table(header or (), tuple(rows))


def _decoded(data: bytes, name: str) -> str:
    if data.startswith(_UTF32):
        raise CaptionsRefused(f"{name}, line 1: it is in UTF-32", remedy=_SAVE_AS_UTF8)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if wide:
            raise CaptionsRefused(
                f"{name}: its UTF-16 is damaged at byte {error.start}", remedy=_SAVE_AS_UTF8
            ) from error
        # The codec counts without the byte order mark that it took off.
        place = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = _line_of(data[:place].decode("latin-1"))
        raise CaptionsRefused(
            f"{name}, line {line}: byte 0x{data[place]:02x} at {place} is not UTF-8",
            remedy=_SAVE_AS_UTF8,
        ) from error


def _refuse_controls(text: str, name: str) -> None:
    """Refuse what no spreadsheet writes and no XML file can hold."""
    for match in re.finditer("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]", text):
        line, code = _line_of(text[: match.start()]), ord(match[0])
        hint = " (UTF-16 without its mark?)" if code == 0 else ""
        raise CaptionsRefused(
            f"{name}, line {line}: control character U+{code:04X}{hint}", remedy=_SAVE_AS_UTF8
        )


def _line_of(before: str) -> int:
    return 1 + len(re.findall("\r\n|\r|\n", before))


def _delimiter(body: str, known: frozenset[str], required: str, said: str | None) -> str | None:
    """The delimiter the file names or the header speaks for, or None."""
    heads = {}
    for delimiter in (said,) if said else _DELIMITERS:
        try:
            first = next((cells for _, cells in _records(body, delimiter, "", 1)), ())
        except (CaptionsRefused, TypeError, ValueError):
            continue
        names = [cell.lower() for cell in first]
        if required in names:
            heads[delimiter] = sum(cell in known for cell in names)
    return max(heads, key=lambda delimiter: heads[delimiter], default=None)


def _records(
    body: str, delimiter: str, name: str, first_line: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The records that are not blank, each with its first line; cells are stripped."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + first_line
        try:
            cells = tuple(_clean(cell) for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise CaptionsRefused(
                f"{name}, line {line}: {error}",
                remedy="Write a double quote inside a quoted cell twice.",
            ) from error
        long = next((cell for cell in cells if len(cell) > MOST_CHARACTERS), None)
        if long is not None:
            raise CaptionsRefused(
                f"{name}, line {line}: a cell has {len(long)} characters; "
                f"at most {MOST_CHARACTERS} are taken"
            )
        if any(cells):
            yield line, cells


def _clean(cell: str) -> str:
    """A cell in Unicode's composed form, its line ends as one kind, nothing around it."""
    lines = re.split("\r\n|[\r\n\u2028\u2029]", unicodedata.normalize("NFC", cell))
    return "\n".join(lines).strip().strip("\ufeff")
