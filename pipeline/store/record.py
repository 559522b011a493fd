"""Adding to the ledger: each function writes rows into a session, none ever changes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipeline.core.errors import StageContractBroken
from pipeline.io.digest import canonical_json
from pipeline.store.clock import now
from pipeline.store.naming import print_name, printable, storable
from pipeline.store.objects import StoredObject
from pipeline.store.rows import ObjectUse, PrintRow, ScanRow, Status, print_row, scan_row
from pipeline.store.tables import (
    EventRecord,
    ExportRecord,
    ObjectRecord,
    PrintRecord,
    RunEndRecord,
    RunRecord,
    ScanRecord,
    StepObjectRecord,
    StepRecord,
)


@dataclass(frozen=True)
class Output:
    """An object that a step made, in its role."""

    role: str
    stored: StoredObject


@dataclass(frozen=True)
class NewStep:
    """One stage applied or tried, as it goes into the ledger.

    Args:
        run_id: the run that did it.
        scan_id: the scan it is about.
        print_id: the print, or None for a step on the whole scan (ingest, split).
        key: hex SHA-256 over stage, version, options, inputs and weights.
        stage: the stage's name.
        stage_version: its version.
        options: all its options, JSON.
        status: `done` or `failed`.
        started_at: ISO 8601, UTC.
        seconds: how long it took.
        decision: `applied` or `skipped`; None when it failed.
        reason: why, in plain words.
        error_number: of the error class, when it failed.
        error_text: the error's line, when it failed.
        measures: JSON; no NaN.
        models: {"role", "name", "sha256"} of every model really used.
        device: "cpu", "cuda:0" and the like.
        dtype: the arithmetic of the network.
        software: versions by package.
        notes: sentences for the summary.
        same_as: the step whose identical work was taken over instead of being done again.
        inputs: objects read; they are in the ledger already.
        outputs: objects made; durable on disk before this is called.
    """

    run_id: int
    scan_id: int
    print_id: int | None
    key: str
    stage: str
    stage_version: int
    options: Mapping[str, Any]
    status: Status
    started_at: str
    seconds: float
    decision: str | None = None
    reason: str = ""
    error_number: int | None = None
    error_text: str | None = None
    measures: Mapping[str, Any] = field(default_factory=dict)
    models: Sequence[Mapping[str, Any]] = ()
    device: str | None = None
    dtype: str | None = None
    software: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    same_as: int | None = None
    inputs: Sequence[ObjectUse] = ()
    outputs: Sequence[Output] = ()


def start_run(
    session: Session,
    *,
    command: str,
    recipe_name: str | None = None,
    recipe: Mapping[str, Any] | None = None,
    box: str | None = None,
    device: str | None = None,
    software: Mapping[str, Any] | None = None,
) -> int:
    """Record that a run begins; gives its id."""
    run = RunRecord(
        command=storable(command),
        recipe_name=recipe_name,
        recipe=_json(recipe or {}, "the recipe"),
        box=None if box is None else storable(box),
        device=device,
        software=_json(software or {}, "the software list"),
        started_at=now(),
    )
    session.add(run)
    session.flush()
    return run.id


def end_run(session: Session, run_id: int, *, exit_code: int, summary: Mapping[str, Any]) -> None:
    """Record how a run ended; at most once for each run."""
    session.add(
        RunEndRecord(
            run_id=run_id,
            exit_code=int(exit_code),
            summary=_json(summary, "the summary"),
            ended_at=now(),
        )
    )
    session.flush()


def add_object(session: Session, stored: StoredObject) -> None:
    """Record an object that is durable on disk; known ones are left as they are."""
    if session.get(ObjectRecord, stored.sha256) is None:
        session.add(
            ObjectRecord(
                sha256=stored.sha256, bytes=stored.bytes, suffix=stored.suffix, created_at=now()
            )
        )
        session.flush()


def add_scan(
    session: Session, *, run_id: int, box: str, name_bytes: bytes, sha256: str, bytes: int
) -> ScanRow:
    """Record a file of a box; the same name with the same contents is the same scan.

    Args:
        session: a writing session.
        run_id: the run that found it.
        box: the box's folder as text.
        name_bytes: the file's path inside the box, `os.fsencode`d.
        sha256: of its contents; need not (yet) name an object.
        bytes: its length.

    Returns:
        The new row, or the one there already (its `run_id` is then an older run's).
    """
    box = storable(box)
    known = session.scalars(
        select(ScanRecord).where(
            ScanRecord.box == box,
            ScanRecord.name_bytes == name_bytes,
            ScanRecord.sha256 == sha256,
        )
    ).first()
    if known is not None:
        return scan_row(known)
    record = ScanRecord(
        run_id=run_id,
        box=box,
        name=printable(name_bytes),
        name_bytes=name_bytes,
        sha256=sha256,
        bytes=bytes,
        created_at=now(),
    )
    session.add(record)
    session.flush()
    return scan_row(record)


def add_print(
    session: Session, *, scan_id: int, ordinal: int, sha256: str, geometry: Mapping[str, Any]
) -> PrintRow:
    """Record a photograph found on a scan; the same crop in the same place is the same print.

    Args:
        session: a writing session.
        scan_id: the scan it is on.
        ordinal: which one, from 1 in reading order.
        sha256: the object of the crop, already in the ledger.
        geometry: where it lies on the scan, JSON.

    Returns:
        The new row, or the one there already. When the place was cut differently before, the
        new print gets a name of its own ("0003-2b").
    """
    place = (PrintRecord.scan_id == scan_id, PrintRecord.ordinal == ordinal)
    known = session.scalars(select(PrintRecord).where(*place, PrintRecord.sha256 == sha256)).first()
    if known is not None:
        return print_row(known)
    earlier = session.scalar(select(func.count()).select_from(PrintRecord).where(*place)) or 0
    record = PrintRecord(
        name=print_name(scan_id, ordinal, earlier),
        scan_id=scan_id,
        ordinal=ordinal,
        sha256=sha256,
        geometry=_json(geometry, "the print's geometry"),
        created_at=now(),
    )
    session.add(record)
    session.flush()
    return print_row(record)


def add_step(session: Session, step: NewStep) -> int:
    """Record a step with its inputs and outputs; gives its id.

    Raises:
        StageContractBroken: the options or measures hold NaN, or something that is not JSON.
    """
    record = StepRecord(
        run_id=step.run_id,
        scan_id=step.scan_id,
        print_id=step.print_id,
        key=step.key,
        stage=step.stage,
        stage_version=step.stage_version,
        options=_json(step.options, f"options of {step.stage}"),
        status=step.status,
        decision=step.decision,
        reason=storable(step.reason),
        error_number=step.error_number,
        error_text=None if step.error_text is None else storable(step.error_text),
        measures=_json(step.measures, f"measures of {step.stage}"),
        models=[_json(model, f"models of {step.stage}") for model in step.models],
        device=step.device,
        dtype=step.dtype,
        software=_json(step.software, "the software list"),
        notes=[storable(note) for note in step.notes],
        same_as=step.same_as,
        started_at=step.started_at,
        seconds=step.seconds,
    )
    session.add(record)
    for output in step.outputs:
        add_object(session, output.stored)
    session.flush()
    outputs = [ObjectUse(output.role, output.stored.sha256) for output in step.outputs]
    for direction, uses in (("in", step.inputs), ("out", outputs)):
        for position, use in enumerate(uses):
            session.add(
                StepObjectRecord(
                    step_id=record.id,
                    direction=direction,
                    position=position,
                    role=use.role,
                    sha256=use.sha256,
                )
            )
    session.flush()
    return record.id


def add_export(
    session: Session,
    *,
    run_id: int,
    print_id: int,
    step_id: int,
    path: str,
    sha256: str,
    bytes: int,
    options: Mapping[str, Any],
) -> int:
    """Record a derivative that was published; gives its id."""
    record = ExportRecord(
        run_id=run_id,
        print_id=print_id,
        step_id=step_id,
        path=path,
        sha256=sha256,
        bytes=bytes,
        options=_json(options, "the export's options"),
        created_at=now(),
    )
    session.add(record)
    session.flush()
    return record.id


def add_event(
    session: Session,
    *,
    run_id: int,
    kind: str,
    message: str,
    scan_id: int | None = None,
    print_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Record something worth remembering that is no step; gives its id."""
    record = EventRecord(
        run_id=run_id,
        scan_id=scan_id,
        print_id=print_id,
        kind=kind,
        message=storable(message),
        data=_json(data or {}, f"the data of event {kind}"),
        created_at=now(),
    )
    session.add(record)
    session.flush()
    return record.id


def _json(value: Mapping[str, Any], what: str) -> dict[str, Any]:
    """The value as a plain dictionary that is surely JSON: NaN and NumPy numbers are refused."""
    try:
        canonical_json(value)
    except (ValueError, TypeError) as error:
        raise StageContractBroken(f"{what} cannot be written as JSON: {error}") from error
    return dict(value)
