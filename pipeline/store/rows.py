"""What the ledger tells: frozen rows, free of the session they were read in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.store.tables import ExportRecord, PrintRecord, RunEndRecord, RunRecord, ScanRecord

Status = Literal["done", "failed"]


@dataclass(frozen=True)
class RunRow:
    """One run; `exit_code` is None while it goes on, and for ever when it was killed."""

    id: int
    command: str
    recipe_name: str | None
    recipe: Mapping[str, Any]
    box: str | None
    device: str | None
    software: Mapping[str, Any]
    started_at: str
    exit_code: int | None
    summary: Mapping[str, Any] | None
    ended_at: str | None


@dataclass(frozen=True)
class ScanRow:
    """One file of a box: `name` for people, `name_bytes` as the file system has it."""

    id: int
    run_id: int
    box: str
    name: str
    name_bytes: bytes
    sha256: str
    bytes: int
    created_at: str


@dataclass(frozen=True)
class PrintRow:
    """One photograph on a scan; `sha256` is the object of its crop, before any restoration."""

    id: int
    name: str
    scan_id: int
    ordinal: int
    sha256: str
    geometry: Mapping[str, Any]
    created_at: str


@dataclass(frozen=True)
class ObjectUse:
    """An object in the role a step had it in: "photo", "print-1", "mask:scratches"."""

    role: str
    sha256: str


@dataclass(frozen=True)
class StepRow:
    """One stage applied or tried; inputs and outputs in the order they were given."""

    id: int
    run_id: int
    scan_id: int
    print_id: int | None
    key: str
    stage: str
    stage_version: int
    options: Mapping[str, Any]
    status: Status
    decision: str | None
    reason: str
    error_number: int | None
    error_text: str | None
    measures: Mapping[str, Any]
    models: tuple[Mapping[str, Any], ...]
    device: str | None
    dtype: str | None
    software: Mapping[str, Any]
    notes: tuple[str, ...]
    same_as: int | None
    started_at: str
    seconds: float
    inputs: tuple[ObjectUse, ...]
    outputs: tuple[ObjectUse, ...]

    @property
    def photos(self) -> list[str]:
        """Digests of the photos it made: one, or one for each print after `split`."""
        return [use.sha256 for use in self.outputs if not use.role.startswith("mask:")]

    def output(self, role: str = "photo") -> str | None:
        """The digest of the first output in a role, or None."""
        return next((use.sha256 for use in self.outputs if use.role == role), None)


@dataclass(frozen=True)
class ExportRow:
    """One derivative that was written; the path is relative to the library or absolute."""

    id: int
    run_id: int
    print_id: int
    step_id: int
    path: str
    sha256: str
    bytes: int
    options: Mapping[str, Any]
    created_at: str


@dataclass(frozen=True)
class EventRow:
    """Something that happened beside the steps."""

    id: int
    run_id: int
    scan_id: int | None
    print_id: int | None
    kind: str
    message: str
    data: Mapping[str, Any]
    created_at: str


def run_row(run: RunRecord, end: RunEndRecord | None) -> RunRow:
    """The row of a run and, if it ended, of its end."""
    return RunRow(
        id=run.id,
        command=run.command,
        recipe_name=run.recipe_name,
        recipe=run.recipe,
        box=run.box,
        device=run.device,
        software=run.software,
        started_at=run.started_at,
        exit_code=end.exit_code if end else None,
        summary=end.summary if end else None,
        ended_at=end.ended_at if end else None,
    )


def scan_row(record: ScanRecord) -> ScanRow:
    """The row of a scan."""
    return ScanRow(
        record.id,
        record.run_id,
        record.box,
        record.name,
        record.name_bytes,
        record.sha256,
        record.bytes,
        record.created_at,
    )


def print_row(record: PrintRecord) -> PrintRow:
    """The row of a print."""
    return PrintRow(
        record.id,
        record.name,
        record.scan_id,
        record.ordinal,
        record.sha256,
        record.geometry,
        record.created_at,
    )


def export_row(record: ExportRecord) -> ExportRow:
    """The row of an export."""
    return ExportRow(
        record.id,
        record.run_id,
        record.print_id,
        record.step_id,
        record.path,
        record.sha256,
        record.bytes,
        record.options,
        record.created_at,
    )
