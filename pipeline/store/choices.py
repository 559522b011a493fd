"""What people decided about faces: rows added one by one, read back oldest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.store.clock import now
from pipeline.store.naming import storable
from pipeline.store.tables import FaceChoiceRecord

Action = Literal["restore", "leave", "forget"]
"""`restore` with a model or a strength; `leave` as it is; `forget` what was decided before."""


@dataclass(frozen=True)
class FaceChoiceRow:
    """One decision of a person.

    Args:
        id: the row.
        print_id: the print.
        box: of the face: left, top, right, bottom in shares 0..1 of the print's sides.
        face: the number the face had when it was decided.
        action: what is to be done.
        model: the network to restore with, or None for the recipe's.
        strength: 0..1, or None for the recipe's.
        command: the command that was given.
        created_at: ISO 8601, UTC.
    """

    id: int
    print_id: int
    box: tuple[float, float, float, float]
    face: int
    action: Action
    model: str | None
    strength: float | None
    command: str
    created_at: str


def add_face_choice(
    session: Session,
    *,
    print_id: int,
    box: tuple[float, float, float, float],
    face: int,
    action: Action,
    command: str,
    model: str | None = None,
    strength: float | None = None,
) -> int:
    """Record a decision; gives its id. The arguments are those of `FaceChoiceRow`."""
    record = FaceChoiceRecord(
        print_id=print_id,
        box_left=box[0],
        box_top=box[1],
        box_right=box[2],
        box_bottom=box[3],
        face=face,
        action=action,
        model=model,
        strength=strength,
        command=storable(command),
        created_at=now(),
    )
    session.add(record)
    session.flush()
    return record.id


def face_choices(
    session: Session, print_ids: Iterable[int] | None = None
) -> dict[int, list[FaceChoiceRow]]:
    """Every decision, by print id, oldest first; of these prints, or of all."""
    query = select(FaceChoiceRecord).order_by(FaceChoiceRecord.id)
    if print_ids is not None:
        query = query.where(FaceChoiceRecord.print_id.in_(list(print_ids)))
    found: dict[int, list[FaceChoiceRow]] = {}
    for record in session.scalars(query):
        found.setdefault(record.print_id, []).append(_row(record))
    return found


def _row(record: FaceChoiceRecord) -> FaceChoiceRow:
    return FaceChoiceRow(
        id=record.id,
        print_id=record.print_id,
        box=(record.box_left, record.box_top, record.box_right, record.box_bottom),
        face=record.face,
        action=cast(Action, record.action),
        model=record.model,
        strength=record.strength,
        command=record.command,
        created_at=record.created_at,
    )
