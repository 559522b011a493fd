"""Captions in a CSV file, such as the `box.csv` beside the scans; docs/captions.md tells more."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.caption import Caption
from pipeline.core.edtf_dates import read_date
from pipeline.core.errors import CaptionsRefused
from pipeline.ingest.caption_table import read_bytes, read_table
from pipeline.store.naming import printable

BOX_FILE = "box.csv"
"""The file of captions in the root of a box; letter case does not count."""

COLUMNS = ("file", "print", "title", "date", "place", "people", "keywords", "note", "box")
"""Every column there may be, in the order that `shoebox captions` writes them."""

_MOST_PRINTS = 999
_DEFUSED = re.compile("'+[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


@dataclass(frozen=True)
class CaptionRow:
    """One line: what is said of a file of the box, or of one print on it.

    Args:
        line: where it stands, from 1.
        file: the scan's path inside its box, as it was written.
        ordinal: which print on the scan, from 1; None for all of them.
        box: the box's folder, or "" where it goes without saying.
        caption: what is said; empty to take back what was said before.
    """

    line: int
    file: str
    ordinal: int | None
    box: str
    caption: Caption


@dataclass(frozen=True)
class CaptionFile:
    """A file of captions that was understood.

    Args:
        name: the file's, for people.
        data: its very bytes, for the library to keep.
        sha256: of them.
        rows: its lines.
        notes: what a person should know, as sentences that name the line.
    """

    name: str
    data: bytes
    sha256: str
    rows: tuple[CaptionRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """The lines of a file by the scan they are about, and the lines about none.

    Args:
        by_scan: each scan's lines, by its box and its very name.
        notes: the lines that are about no scan, as sentences.
    """

    by_scan: Mapping[tuple[str, bytes], tuple[CaptionRow, ...]]
    notes: tuple[str, ...]


def read_caption_file(path: Path, name: str | None = None) -> CaptionFile:
    """Read captions; the file is taken as a whole or refused as a whole.

    Raises:
        CaptionsRefused: the detail names file and line, the remedy what to do.
    """
    return parse_captions(read_bytes(path), name or printable(path.name))


def parse_captions(data: bytes, name: str) -> CaptionFile:
    """The captions in a file's contents; errors as for `read_caption_file`."""
    table = read_table(data, name, frozenset(COLUMNS), "file")
    _check_header(table.header, table.rows, name)
    rows: list[CaptionRow] = []
    notes: list[str] = []
    for line, cells in table.rows:
        said = {
            column: _with_formulas(cell)
            for column, cell in zip(table.header, cells, strict=True)
            if column
        }
        where = f"{name}, line {line}"
        if not said["file"]:
            raise CaptionsRefused(
                f"{where}: the column file is empty", remedy="Name the scan it is about."
            )
        row = CaptionRow(
            line,
            said["file"],
            _ordinal(said.get("print", ""), where),
            said.get("box", ""),
            _caption(said),
        )
        rows.append(row)
        notes += [f"{where}: {note}" for note in _doubts(row.caption, said.get("people", ""))]
    _refuse_twice(rows, name)
    return CaptionFile(name, data, hashlib.sha256(data).hexdigest(), tuple(rows), tuple(notes))


def matched(file: CaptionFile, scans: Iterable[tuple[str, bytes]]) -> Matched:
    """Find the scan of each line, among those there are and nowhere else.

    No line's name is ever opened: it is compared with the names of the scans, first letter by
    letter, then without regard to letter case and with `/` for a backslash.

    Args:
        file: the captions.
        scans: (box, name inside it) of every scan, as the file system has the name; with `box`
            as `printable` shows it.

    Raises:
        CaptionsRefused: two lines are about the same print, or a name fits scans of several boxes.
    """
    exact: dict[str, list[tuple[str, bytes]]] = {}
    loose: dict[str, list[tuple[str, bytes]]] = {}
    for box, name in scans:
        for spelling in {printable(name), _text(name)}:
            exact.setdefault(_composed(spelling), []).append((box, name))
        loose.setdefault(_composed(_text(name)).casefold(), []).append((box, name))
    found: dict[tuple[str, bytes], list[CaptionRow]] = {}
    taken: dict[tuple[str, bytes, int | None], int] = {}
    notes: list[str] = []
    for row in file.rows:
        hits = exact.get(_composed(row.file)) or loose.get(_loosely(row.file), [])
        hits = sorted({hit for hit in hits if row.box in ("", hit[0])})
        if len({box for box, _ in hits}) > 1:
            raise CaptionsRefused(
                f"{file.name}, line {row.line}: {row.file} lies in several boxes",
                remedy="Add a column named box with the box's folder.",
            )
        if len(hits) != 1:
            reason = "no scan" if not hits else "several files but for letter case"
            notes.append(f"{file.name}, line {row.line}: {printable(row.file)} is {reason} here")
            continue
        place = (*hits[0], row.ordinal)
        if place in taken:
            raise CaptionsRefused(
                f"{file.name}: lines {taken[place]} and {row.line} are about the same print"
            )
        taken[place] = row.line
        found.setdefault(hits[0], []).append(row)
    return Matched({scan: tuple(rows) for scan, rows in found.items()}, tuple(notes))


def _check_header(
    header: Sequence[str], rows: Iterable[tuple[int, tuple[str, ...]]], name: str
) -> None:
    for column in header:
        if column and column not in COLUMNS:
            near = difflib.get_close_matches(column, COLUMNS, n=1, cutoff=0.4)
            raise CaptionsRefused(
                f"{name}, line 1: unknown column {printable(column)!r}"
                + (f"; did you mean {near[0]}?" if near else ""),
                remedy=f"The columns are {', '.join(COLUMNS)}; docs/captions.md tells of each.",
            )
        if column and header.count(column) > 1:
            raise CaptionsRefused(f"{name}, line 1: two columns are named {column}")
    nameless = [place for place, column in enumerate(header) if not column]
    for line, cells in rows:
        if place := next((place for place in nameless if cells[place]), None):
            raise CaptionsRefused(f"{name}, line {line}: column {place + 1} has no name")


def _ordinal(cell: str, where: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", cell) or not 1 <= int(cell) <= _MOST_PRINTS:
        raise CaptionsRefused(
            f"{where}: {cell[:40]!r} in the column print is not a number from 1",
            remedy="Leave it empty to speak of all prints on the scan.",
        )
    return int(cell)


def _caption(said: Mapping[str, str]) -> Caption:
    def one_line(column: str) -> str:
        return " ".join(said.get(column, "").split())

    people, keywords = said.get("people", ""), said.get("keywords", "")
    return Caption(
        title=one_line("title"),
        date=one_line("date"),
        edtf=read_date(one_line("date")).edtf,
        place=one_line("place"),
        people=_listed(people, "[;\n]"),
        keywords=_listed(keywords, "[;\n]" if ";" in keywords else "[,\n]"),
        note=said.get("note", ""),
    )


def _listed(cell: str, separator: str) -> tuple[str, ...]:
    """The parts of a cell, each once, in their order."""
    parts = (" ".join(part.split()) for part in re.split(separator, cell))
    return tuple(dict.fromkeys(part for part in parts if part))


def _doubts(caption: Caption, people: str) -> Iterator[str]:
    if note := read_date(caption.date).note:
        yield f"the date {caption.date!r} is kept as it is written, but {note}"
    if "," in people and not re.search("[;\n]", people):
        yield f"{people!r} is taken as one name; people are separated by semicolons"


def _refuse_twice(rows: Iterable[CaptionRow], name: str) -> None:
    seen: dict[tuple[str, str, int | None], int] = {}
    for row in rows:
        place = (row.box, _composed(row.file), row.ordinal)
        if place in seen:
            raise CaptionsRefused(
                f"{name}: lines {seen[place]} and {row.line} are both about {printable(row.file)}"
                + (f", print {row.ordinal}" if row.ordinal else ""),
                remedy="Keep one of them, or number the prints in the column print.",
            )
        seen[place] = row.line


def _with_formulas(cell: str) -> str:
    """Take off the apostrophe that `shoebox captions` puts before what could be a formula."""
    return cell[1:] if _DEFUSED.match(cell) else cell


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula; reading it again gives the text itself."""
    return "'" + text if _DEFUSED.match("'" + text) else text


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _loosely(name: str) -> str:
    return _composed(name).replace("\\", "/").removeprefix("./").casefold()
