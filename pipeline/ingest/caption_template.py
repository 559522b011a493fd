"""A library's scans and captions as CSV to fill in, which `caption_file` reads back."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.caption import Caption
from pipeline.ingest.caption_file import COLUMNS, defused

BYTE_ORDER_MARK = "\ufeff"
"""What spreadsheets need at the beginning of a file to read it as UTF-8."""


@dataclass(frozen=True)
class Line:
    """One line to fill in: a scan, or one print on it, and what is said of it so far."""

    box: str
    file: str
    ordinal: int | None
    caption: Caption


def caption_csv(lines: Sequence[Line]) -> str:
    """The lines as CSV with a header; a column for the box only when there are several.

    Every cell is quoted, so that no program splits it elsewhere, and one that a spreadsheet
    would take for a formula begins with an apostrophe, which is taken off on reading.
    """
    several = len({line.box for line in lines}) > 1
    columns = [column for column in COLUMNS if column != "box" or several]
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for line in lines:
        cells = _cells(line)
        writer.writerow([defused(cells[column]) for column in columns])
    return text.getvalue()


def _cells(line: Line) -> dict[str, str]:
    caption = line.caption
    return {
        "file": line.file,
        "print": "" if line.ordinal is None else str(line.ordinal),
        "title": caption.title,
        "date": caption.date,
        "place": caption.place,
        "people": _joined(caption.people),
        "keywords": _joined(caption.keywords),
        "note": caption.note,
        "box": line.box,
    }


def _joined(parts: Sequence[str]) -> str:
    """Parts separated by semicolons; one that holds a comma ends with one, to stay one part."""
    whole = "; ".join(parts)
    return f"{whole};" if len(parts) == 1 and "," in whole else whole
