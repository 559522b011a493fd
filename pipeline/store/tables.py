"""The ledger's tables. Rows are only ever added: triggers refuse every UPDATE and DELETE.

Times are ISO 8601 text in UTC, digests hex SHA-256; both read the same in every database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The declarative base: lists, objects and JSON scalars are stored as JSON."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class LibraryRecord(Base):
    """The one row that ties the ledger to its folder."""

    __tablename__ = "library"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[str]


class RunRecord(Base):
    """One command that worked on the library: who asked for what, on which machine."""

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    command: Mapped[str]
    recipe_name: Mapped[str | None]
    recipe: Mapped[dict[str, Any]]
    box: Mapped[str | None] = mapped_column(index=True)
    device: Mapped[str | None]
    software: Mapped[dict[str, Any]]
    started_at: Mapped[str]


class RunEndRecord(Base):
    """How a run ended; a killed run has none."""

    __tablename__ = "run_end"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    exit_code: Mapped[int]
    summary: Mapped[dict[str, Any]]
    ended_at: Mapped[str]


class ObjectRecord(Base):
    """One object that was durable on disk when this row was written."""

    __tablename__ = "object"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    suffix: Mapped[str]
    created_at: Mapped[str]


class ScanRecord(Base):
    """One file of a box. The digest names an object once the scan was taken in."""

    __tablename__ = "scan"
    __table_args__ = (UniqueConstraint("box", "name_bytes", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    box: Mapped[str]
    name: Mapped[str]
    name_bytes: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(index=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[str]


class PrintRecord(Base):
    """One physical photograph found on a scan, with the object that holds its crop."""

    __tablename__ = "print"
    __table_args__ = (UniqueConstraint("scan_id", "ordinal", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"))
    ordinal: Mapped[int]
    sha256: Mapped[str] = mapped_column(ForeignKey("object.sha256"))
    geometry: Mapped[dict[str, Any]]
    created_at: Mapped[str]


class StepRecord(Base):
    """One stage applied, or tried, on one scan (`print_id` empty) or print."""

    __tablename__ = "step"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"), index=True)
    print_id: Mapped[int | None] = mapped_column(ForeignKey("print.id"), index=True)
    key: Mapped[str] = mapped_column(index=True)
    stage: Mapped[str]
    stage_version: Mapped[int]
    options: Mapped[dict[str, Any]]
    status: Mapped[str]
    decision: Mapped[str | None]
    reason: Mapped[str]
    error_number: Mapped[int | None]
    error_text: Mapped[str | None]
    measures: Mapped[dict[str, Any]]
    models: Mapped[list[Any]]
    device: Mapped[str | None]
    dtype: Mapped[str | None]
    software: Mapped[dict[str, Any]]
    notes: Mapped[list[Any]]
    same_as: Mapped[int | None] = mapped_column(ForeignKey("step.id"))
    started_at: Mapped[str]
    seconds: Mapped[float] = mapped_column(Double)


class StepObjectRecord(Base):
    """One object that a step read (`in`) or made (`out`), in which role."""

    __tablename__ = "step_object"

    step_id: Mapped[int] = mapped_column(ForeignKey("step.id"), primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("object.sha256"), index=True)


class ExportRecord(Base):
    """One derivative file that was written for a purpose."""

    __tablename__ = "export"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    print_id: Mapped[int] = mapped_column(ForeignKey("print.id"), index=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("step.id"))
    path: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    options: Mapped[dict[str, Any]]
    created_at: Mapped[str]


class EventRecord(Base):
    """Something worth remembering that is no step: a file refused, an object set aside."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id"))
    print_id: Mapped[int | None] = mapped_column(ForeignKey("print.id"))
    kind: Mapped[str] = mapped_column(index=True)
    message: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[str]


class FaceChoiceRecord(Base):
    """What a person decided about one face; its place in shares 0..1 of the print's sides."""

    __tablename__ = "face_choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    print_id: Mapped[int] = mapped_column(ForeignKey("print.id"), index=True)
    box_left: Mapped[float] = mapped_column(Double)
    box_top: Mapped[float] = mapped_column(Double)
    box_right: Mapped[float] = mapped_column(Double)
    box_bottom: Mapped[float] = mapped_column(Double)
    face: Mapped[int]
    action: Mapped[str]
    model: Mapped[str | None]
    strength: Mapped[float | None] = mapped_column(Double)
    command: Mapped[str]
    created_at: Mapped[str]


class CaptionRecord(Base):
    """What a person said of a scan, or of one print on it (`ordinal`); all empty: taken back."""

    __tablename__ = "caption"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"), index=True)
    ordinal: Mapped[int | None]
    title: Mapped[str]
    date: Mapped[str]
    edtf: Mapped[str]
    place: Mapped[str]
    people: Mapped[list[Any]]
    keywords: Mapped[list[Any]]
    note: Mapped[str]
    via: Mapped[str]
    source: Mapped[str]
    source_sha256: Mapped[str] = mapped_column(ForeignKey("object.sha256"))
    created_at: Mapped[str]


class ScanBackRecord(Base):
    """Which scan shows the back of the prints on another; `scan_id` empty: of none any more."""

    __tablename__ = "scan_back"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("scan.id"), index=True)
    back_scan_id: Mapped[int] = mapped_column(ForeignKey("scan.id"), index=True)
    created_at: Mapped[str]


APPEND_ONLY: tuple[str, ...] = (
    "library",
    "run",
    "run_end",
    "object",
    "scan",
    "print",
    "step",
    "step_object",
    "export",
    "event",
    "face_choice",
    "caption",
    "scan_back",
)
"""Every table of the ledger, in an order that satisfies the foreign keys."""
