"""Is everything that the ledger names still there, and still what it was?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.core.errors import ObjectDamaged, ObjectMissing
from pipeline.core.progress import Progress, Silent
from pipeline.io.digest import sha256_file
from pipeline.store.captions import caption_files
from pipeline.store.library import Library
from pipeline.store.queries import ExportRow, exports_of, prints, scans
from pipeline.store.tables import (
    ObjectRecord,
    PrintRecord,
    ScanRecord,
    StepObjectRecord,
    StepRecord,
)

ExportChange = Literal["changed", "gone", "unreadable"]


@dataclass(frozen=True)
class BadObject:
    """An object that is damaged or gone.

    Args:
        sha256: its digest.
        reason: what was found.
        used_by: where the ledger names it, in words: "0003-2 denoise (out photo)".
        originals: the scans whose original it is, as "box: name", or the file of captions; these
            cannot be recomputed.
    """

    sha256: str
    reason: str
    used_by: tuple[str, ...]
    originals: tuple[str, ...]


@dataclass(frozen=True)
class ChangedExport:
    """An exported file that is no longer what was written."""

    print_name: str
    path: Path
    reason: ExportChange


@dataclass(frozen=True)
class VerifyReport:
    """What `verify` found.

    Args:
        objects: how many objects were read and hashed.
        bytes: how many bytes that were.
        damaged: results whose digest is wrong; the next run computes them again.
        missing: results that are gone; the next run computes them again.
        originals: original scans damaged or gone; only a backup brings them back.
        orphans: files among the objects that no row names; harmless, adopted when needed.
        rows_bad: faults of the database itself.
        exports_changed: exports edited, replaced or moved away; nothing of the library is lost.
    """

    objects: int
    bytes: int
    damaged: tuple[BadObject, ...]
    missing: tuple[BadObject, ...]
    originals: tuple[BadObject, ...]
    orphans: tuple[Path, ...]
    rows_bad: tuple[str, ...]
    exports_changed: tuple[ChangedExport, ...]

    @property
    def sound(self) -> bool:
        """No object is damaged or missing and the database is in order."""
        return not (self.damaged or self.missing or self.originals or self.rows_bad)


def verify(library: Library, progress: Progress | None = None) -> VerifyReport:
    """Hash every object again, check every row, look at every export; nothing is changed.

    While another process writes to the library its newest objects may show as orphans.

    Args:
        library: an open library; reading is enough.
        progress: is told of the bytes hashed.

    Raises:
        LedgerDamaged: the database is so malformed that its rows cannot be read.
    """
    progress = progress or Silent()
    on_disk = {path.name[:64]: path for path in library.objects.files()}
    rows_bad = library.ledger.problems()
    with library.ledger.read() as session:
        recorded = {row.sha256: row for row in session.scalars(select(ObjectRecord))}
        lengths = {sha256: row.bytes for sha256, row in recorded.items()}
        uses = _uses(session)
        originals = _originals(session)
    bad = _bad_objects(library, lengths, uses, originals, progress)
    damaged = [item for item, gone in bad if not gone and not item.originals]
    missing = [item for item, gone in bad if gone and not item.originals]
    return VerifyReport(
        objects=len(lengths) - sum(gone for _, gone in bad),
        bytes=sum(lengths.values()),
        damaged=tuple(damaged),
        missing=tuple(missing),
        originals=tuple(item for item, _ in bad if item.originals),
        orphans=tuple(path for sha256, path in on_disk.items() if sha256 not in recorded),
        rows_bad=tuple(rows_bad),
        exports_changed=tuple(_changed_exports(library)),
    )


def _bad_objects(
    library: Library,
    lengths: Mapping[str, int],
    uses: Mapping[str, list[str]],
    originals: Mapping[str, list[str]],
    progress: Progress,
) -> list[tuple[BadObject, bool]]:
    """Each object that fails its check, and whether it is gone altogether."""
    progress.begin("verify", sum(lengths.values()), "B")
    found: list[tuple[BadObject, bool]] = []
    for sha256 in sorted(lengths):
        try:
            library.objects.verified_path(sha256)
        except (ObjectDamaged, ObjectMissing) as error:
            bad = BadObject(
                sha256,
                error.detail,
                tuple(uses.get(sha256, ())),
                tuple(originals.get(sha256, ())),
            )
            found.append((bad, isinstance(error, ObjectMissing)))
        progress.advance(lengths[sha256])
    return found


def _uses(session: Session) -> dict[str, list[str]]:
    """By digest: every place where a step names the object, in words."""
    query = (
        select(StepObjectRecord, StepRecord, PrintRecord.name, ScanRecord.name)
        .join(StepRecord, StepRecord.id == StepObjectRecord.step_id)
        .join(ScanRecord, ScanRecord.id == StepRecord.scan_id)
        .outerjoin(PrintRecord, PrintRecord.id == StepRecord.print_id)
        .order_by(StepRecord.id, StepObjectRecord.direction, StepObjectRecord.position)
    )
    uses: dict[str, list[str]] = {}
    for use, step, print_name, scan_name in session.execute(query):
        words = f"{print_name or scan_name} {step.stage} ({use.direction} {use.role})"
        uses.setdefault(use.sha256, []).append(words)
    for row in prints(session):
        uses.setdefault(row.sha256, []).append(f"{row.name} (crop)")
    return uses


def _originals(session: Session) -> dict[str, list[str]]:
    """By digest: the scans or files of captions whose original the object is."""
    found: dict[str, list[str]] = {}
    for row in scans(session):
        found.setdefault(row.sha256, []).append(f"{row.box}: {row.name}")
    for sha256, name in caption_files(session).items():
        found.setdefault(sha256, []).append(f"captions: {name}")
    return found


def _changed_exports(library: Library) -> list[ChangedExport]:
    """Of each path the newest export only: writing it anew over an old one is no change."""
    with library.ledger.read() as session:
        names = {row.id: row.name for row in prints(session)}
        newest = {row.path: row for row in exports_of(session)}
    changed: list[ChangedExport] = []
    for row in newest.values():
        path = library.root / row.path  # An absolute path stays as it is.
        if reason := _change(path, row):
            changed.append(ChangedExport(names[row.print_id], path, reason))
    return changed


def _change(path: Path, row: ExportRow) -> ExportChange | None:
    try:
        if path.stat().st_size == row.bytes and sha256_file(path) == row.sha256:
            return None
    except FileNotFoundError:
        return "gone"
    except OSError:
        return "unreadable"
    return "changed"
