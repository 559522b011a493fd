"""Asking the ledger. "Latest" always means the highest id, never the clock."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pipeline.core.errors import UnknownPrint
from pipeline.core.stage_names import SPLIT
from pipeline.store.naming import storable
from pipeline.store.rows import (
    EventRow,
    ExportRow,
    ObjectUse,
    PrintRow,
    RunRow,
    ScanRow,
    Status,
    StepRow,
    export_row,
    print_row,
    run_row,
    scan_row,
)
from pipeline.store.tables import (
    EventRecord,
    ExportRecord,
    PrintRecord,
    RunEndRecord,
    RunRecord,
    ScanRecord,
    StepObjectRecord,
    StepRecord,
)

__all__ = [
    "EventRow",
    "ExportRow",
    "ObjectUse",
    "PrintRow",
    "RunRow",
    "ScanRow",
    "StepRow",
    "current_prints",
    "done_step",
    "done_step_anywhere",
    "events",
    "exports_of",
    "history",
    "latest_run",
    "latest_steps",
    "newest_step",
    "print_by_id",
    "print_by_name",
    "prints",
    "recent_steps",
    "run_by_id",
    "scan_by_id",
    "scans",
    "step_by_id",
]

_PRINT_ROLE = re.compile(r"print-(\d+)")
_CHUNK = 500


def done_step(session: Session, key: str, *, scan_id: int, print_id: int | None) -> StepRow | None:
    """The latest finished step with this key for this very scan or print."""
    return _first(
        _steps(
            session,
            StepRecord.key == key,
            StepRecord.status == "done",
            StepRecord.scan_id == scan_id,
            _is(print_id),
            newest_first=True,
            limit=1,
        )
    )


def done_step_anywhere(session: Session, key: str) -> StepRow | None:
    """The latest finished step with this key, whatever it was done for."""
    conditions = (StepRecord.key == key, StepRecord.status == "done")
    return _first(_steps(session, *conditions, newest_first=True, limit=1))


def step_by_id(session: Session, step_id: int) -> StepRow | None:
    """One step."""
    return _first(_steps(session, StepRecord.id == step_id))


def recent_steps(session: Session, limit: int) -> list[StepRow]:
    """The finished steps that were recorded last, newest first."""
    return _steps(session, StepRecord.status == "done", newest_first=True, limit=limit)


def scans(session: Session, box: str | None = None) -> list[ScanRow]:
    """All scans, or those of one box, in the order they were taken in.

    A file that was scanned anew under its old name gives a second row.
    """
    query = select(ScanRecord).order_by(ScanRecord.id)
    if box is not None:
        query = query.where(ScanRecord.box == storable(box))
    return [scan_row(record) for record in session.scalars(query)]


def scan_by_id(session: Session, scan_id: int) -> ScanRow:
    """One scan by its id, which must exist."""
    return scan_row(session.get_one(ScanRecord, scan_id))


def print_by_id(session: Session, print_id: int) -> PrintRow:
    """One print by its id, which must exist."""
    return print_row(session.get_one(PrintRecord, print_id))


def prints(session: Session, scan_id: int | None = None) -> list[PrintRow]:
    """All prints ever found, or those of one scan, by scan and place."""
    query = select(PrintRecord).order_by(PrintRecord.scan_id, PrintRecord.ordinal, PrintRecord.id)
    if scan_id is not None:
        query = query.where(PrintRecord.scan_id == scan_id)
    return [print_row(record) for record in session.scalars(query)]


def print_by_name(session: Session, name: str) -> PrintRow:
    """One print by the name that people use ("0003-2").

    Raises:
        UnknownPrint: there is none; the detail names the nearest.
    """
    record = session.scalars(select(PrintRecord).where(PrintRecord.name == name)).first()
    if record is not None:
        return print_row(record)
    names = session.scalars(select(PrintRecord.name)).all()
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    raise UnknownPrint(f"{name!r}" + (f"; did you mean {near[0]}?" if near else ""))


def current_prints(session: Session, scan_id: int) -> list[PrintRow]:
    """The prints that the scan's latest finished split found, in reading order."""
    split = _first(
        _steps(
            session,
            StepRecord.scan_id == scan_id,
            StepRecord.print_id.is_(None),
            StepRecord.stage == SPLIT,
            StepRecord.status == "done",
            newest_first=True,
            limit=1,
        )
    )
    if split is None:
        return []
    known = {(row.ordinal, row.sha256): row for row in prints(session, scan_id)}
    return [known[place] for place in _places(split) if place in known]


def latest_steps(
    session: Session,
    *,
    scan_id: int | None = None,
    print_id: int | None = None,
    run_id: int | None = None,
) -> list[StepRow]:
    """For each scan or print and each stage its latest step, done or failed, oldest first.

    Args:
        session: a session.
        scan_id: only steps about this scan, its prints included.
        print_id: only steps about this print.
        run_id: only steps of this run.
    """
    subject = (StepRecord.scan_id, StepRecord.print_id, StepRecord.stage)
    newest = select(func.max(StepRecord.id)).group_by(*subject)
    for column, value in (
        (StepRecord.scan_id, scan_id),
        (StepRecord.print_id, print_id),
        (StepRecord.run_id, run_id),
    ):
        if value is not None:
            newest = newest.where(column == value)
    return _steps(session, StepRecord.id.in_(newest))


def newest_step(
    session: Session, stage: str, *, scan_id: int, print_id: int | None
) -> StepRow | None:
    """The newest step of one stage for this very scan or print, done or failed."""
    conditions = (StepRecord.scan_id == scan_id, _is(print_id), StepRecord.stage == stage)
    return _first(_steps(session, *conditions, newest_first=True, limit=1))


def history(session: Session, print_row: PrintRow) -> list[StepRow]:
    """Every step that concerns a print: its scan's (ingest, split), then its own, oldest first.

    Failed and superseded steps are there too; the record is not tidied up.
    """
    own_or_scan = StepRecord.print_id.is_(None) | (StepRecord.print_id == print_row.id)
    found = _steps(session, StepRecord.scan_id == print_row.scan_id, own_or_scan)
    return sorted(found, key=lambda step: (step.print_id is not None, step.id))


def latest_run(
    session: Session, box: str | None = None, *, restored: bool = False
) -> RunRow | None:
    """The run that began last, of all or on one box; `restored`: of those with a recipe."""
    query = (
        select(RunRecord, RunEndRecord)
        .outerjoin(RunEndRecord, RunEndRecord.run_id == RunRecord.id)
        .order_by(RunRecord.id.desc())
        .limit(1)
    )
    if box is not None:
        query = query.where(RunRecord.box == storable(box))
    if restored:
        query = query.where(RunRecord.recipe_name.is_not(None))
    found = session.execute(query).first()
    return None if found is None else run_row(found[0], found[1])


def run_by_id(session: Session, run_id: int) -> RunRow:
    """One run by its id, which must exist."""
    return run_row(session.get_one(RunRecord, run_id), session.get(RunEndRecord, run_id))


def exports_of(session: Session, print_id: int | None = None) -> list[ExportRow]:
    """The exports of one print, or all of them, oldest first."""
    query = select(ExportRecord).order_by(ExportRecord.id)
    if print_id is not None:
        query = query.where(ExportRecord.print_id == print_id)
    return [export_row(record) for record in session.scalars(query)]


def events(
    session: Session,
    *,
    run_id: int | None = None,
    kind: str | None = None,
    print_id: int | None = None,
) -> list[EventRow]:
    """Events, oldest first; of one run, one kind or one print if asked."""
    query = select(EventRecord).order_by(EventRecord.id)
    if print_id is not None:
        query = query.where(EventRecord.print_id == print_id)
    if run_id is not None:
        query = query.where(EventRecord.run_id == run_id)
    if kind is not None:
        query = query.where(EventRecord.kind == kind)
    return [
        EventRow(
            event.id,
            event.run_id,
            event.scan_id,
            event.print_id,
            event.kind,
            event.message,
            event.data,
            event.created_at,
        )
        for event in session.scalars(query)
    ]


def _is(print_id: int | None) -> ColumnElement[bool]:
    return StepRecord.print_id.is_(None) if print_id is None else StepRecord.print_id == print_id


def _first(steps: Sequence[StepRow]) -> StepRow | None:
    return steps[0] if steps else None


def _steps(
    session: Session,
    *conditions: ColumnElement[bool],
    newest_first: bool = False,
    limit: int | None = None,
) -> list[StepRow]:
    order = StepRecord.id.desc() if newest_first else StepRecord.id.asc()
    records = session.scalars(select(StepRecord).where(*conditions).order_by(order).limit(limit))
    found = records.all()
    uses = _uses(session, [record.id for record in found])
    return [_step_row(record, uses) for record in found]


_Uses = dict[tuple[int, str], list[ObjectUse]]


def _uses(session: Session, step_ids: Sequence[int]) -> _Uses:
    uses: _Uses = {}
    for chunk in _chunks(step_ids):
        query = (
            select(StepObjectRecord)
            .where(StepObjectRecord.step_id.in_(chunk))
            .order_by(StepObjectRecord.step_id, StepObjectRecord.position)
        )
        for record in session.scalars(query):
            use = ObjectUse(record.role, record.sha256)
            uses.setdefault((record.step_id, record.direction), []).append(use)
    return uses


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _places(split: StepRow) -> Iterable[tuple[int, str]]:
    """(ordinal, crop digest) of each print a split gave; a lone "photo" is print 1."""
    for use in split.outputs:
        if match := _PRINT_ROLE.fullmatch(use.role):
            yield int(match[1]), use.sha256
        elif use.role == "photo":
            yield 1, use.sha256


def _step_row(record: StepRecord, uses: _Uses) -> StepRow:
    return StepRow(
        id=record.id,
        run_id=record.run_id,
        scan_id=record.scan_id,
        print_id=record.print_id,
        key=record.key,
        stage=record.stage,
        stage_version=record.stage_version,
        options=record.options,
        status=cast(Status, record.status),
        decision=record.decision,
        reason=record.reason,
        error_number=record.error_number,
        error_text=record.error_text,
        measures=record.measures,
        models=tuple(record.models),
        device=record.device,
        dtype=record.dtype,
        software=record.software,
        notes=tuple(record.notes),
        same_as=record.same_as,
        started_at=record.started_at,
        seconds=record.seconds,
        inputs=tuple(uses.get((record.id, "in"), ())),
        outputs=tuple(uses.get((record.id, "out"), ())),
    )
