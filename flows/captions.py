"""Captions of a library: listed to be filled in, and taken in from a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from pipeline.core.caption import Caption
from pipeline.core.errors import ShoeboxError
from pipeline.execute.workbench import software_versions
from pipeline.ingest.caption_file import CaptionFile, CaptionRow, matched, read_caption_file
from pipeline.ingest.caption_taking import keep_source, record_rows
from pipeline.ingest.caption_template import Line
from pipeline.store import queries, record
from pipeline.store.backs import back_ids
from pipeline.store.captions import own_captions
from pipeline.store.library import Library, open_library
from pipeline.store.naming import printable
from pipeline.store.rows import ScanRow
from pipeline.store.status import current_scans


@dataclass(frozen=True)
class CaptionsTaken:
    """What was done with a file of captions: its lines, how many said something new, doubts."""

    rows: int
    recorded: int
    notes: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"rows": self.rows, "recorded": self.recorded, "notes": list(self.notes)}


def caption_lines(root: Path) -> list[Line]:
    """Every scan of a library, and every print where a scan has several, with what is said of it.

    Backs have no lines of their own. Reading the lines back changes nothing.

    Raises:
        LibraryDamaged: there is no library, or it is not whole.
    """
    with open_library(root, write=False) as library, library.ledger.read() as session:
        own, backs = own_captions(session), back_ids(session)
        lines: list[Line] = []
        for scan in current_scans(session):
            if scan.id not in backs:
                lines += _lines_of(session, scan, own)
    return lines


def captions_document(lines: list[Line]) -> list[dict[str, Any]]:
    """Lines as JSON."""
    return [
        {
            "box": line.box,
            "file": line.file,
            "print": line.ordinal,
            **asdict(line.caption),
            "people": list(line.caption.people),
            "keywords": list(line.caption.keywords),
        }
        for line in lines
    ]


def take_captions(root: Path, file: Path) -> CaptionsTaken:
    """Record the captions in a file, as a run of its own; no picture is touched.

    Raises:
        CaptionsRefused: the file is; nothing was recorded.
        LibraryBusy, LibraryDamaged: the library cannot be written to.
        DiskFull, WriteFailed: the library could not take it.
    """
    captions = read_caption_file(file)
    with open_library(root, write=True) as library:
        with library.ledger.read() as session:
            scans = {
                (printable(scan.box), scan.name_bytes): scan for scan in current_scans(session)
            }
            backs = back_ids(session)
        said = matched(captions, scans)
        rows = {scans[place].id: own for place, own in said.by_scan.items()}
        notes = [*captions.notes, *said.notes]
        notes += _impossible(library, captions, rows, backs)
        about = {scan_id: own for scan_id, own in rows.items() if scan_id not in backs}
        recorded = _run(library, captions, about)
    return CaptionsTaken(len(captions.rows), recorded, tuple(notes))


def _run(library: Library, captions: CaptionFile, rows: dict[int, tuple[CaptionRow, ...]]) -> int:
    with library.ledger.write() as session:
        run_id = record.start_run(
            session, command=f"captions --from {captions.name}", software=software_versions()
        )
    try:
        source = keep_source(library, run_id, captions, "file", "")
        recorded = record_rows(library, run_id, source, rows)
    except ShoeboxError as error:
        with library.ledger.write() as session:
            failed = {"error": error.line()}
            record.end_run(session, run_id, exit_code=int(error.exit_code), summary=failed)
        raise
    with library.ledger.write() as session:
        record.end_run(session, run_id, exit_code=0, summary={"captions": recorded})
    return recorded


def _impossible(
    library: Library,
    captions: CaptionFile,
    rows: dict[int, tuple[CaptionRow, ...]],
    backs: frozenset[int],
) -> list[str]:
    """Lines about the back of a print, or about a print that is not on its scan."""
    notes: list[str] = []
    with library.ledger.read() as session:
        for scan_id, own in rows.items():
            prints = len(queries.current_prints(session, scan_id))
            for row in own:
                where = f"{captions.name}, line {row.line}: {printable(row.file)}"
                if scan_id in backs:
                    notes.append(f"{where} is a back; captions belong to its front")
                elif prints and (row.ordinal or 0) > prints:
                    notes.append(f"{where} has no print {row.ordinal}")
    return notes


def _lines_of(
    session: Session, scan: ScanRow, own: dict[tuple[int, int | None], Caption]
) -> list[Line]:
    """A scan's own line, unless only its prints can be meant; then a line for each of these."""

    def line(ordinal: int | None) -> Line:
        caption = own.get((scan.id, ordinal), Caption())
        return Line(printable(scan.box), scan.name, ordinal, caption)

    ordinals = {row.ordinal for row in queries.current_prints(session, scan.id)}
    said = {ordinal for scan_id, ordinal in own if scan_id == scan.id}
    wanted = (ordinals if len(ordinals) > 1 else set()) | {o for o in said if o is not None}
    whole = len(ordinals) < 2 or None in said
    return [*([line(None)] if whole else []), *(line(ordinal) for ordinal in sorted(wanted))]
