"""Which object is a print's master now: said by the run that finished it, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pipeline.core.stage_names import ENLARGE
from pipeline.store import queries, record
from pipeline.store.rows import EventRow
from pipeline.store.tables import StepRecord

_KIND = "master"


@dataclass(frozen=True)
class Master:
    """A print's master.

    Args:
        print_id: the print.
        run_id: the run that finished it; its recipe is the master's.
        step_id: the last step that led to it.
        sha256: the object.
        last_step_id: the newest step of the print when the master was finished; what failed
            before is settled.
    """

    print_id: int
    run_id: int
    step_id: int
    sha256: str
    last_step_id: int


def record_master(
    session: Session, *, run_id: int, print_id: int, step_id: int, sha256: str
) -> None:
    """Say that a print's master is finished; nothing is added when that is known already."""
    known = master_of(session, print_id)
    newest = session.scalar(
        select(func.max(StepRecord.id)).where(
            StepRecord.print_id == print_id, StepRecord.stage != ENLARGE
        )
    )
    last_step_id = max(newest or 0, step_id)
    if known and (known.sha256, known.last_step_id) == (sha256, last_step_id):
        return
    record.add_event(
        session,
        run_id=run_id,
        kind=_KIND,
        message=f"the master is {sha256}",
        print_id=print_id,
        data={"step_id": step_id, "sha256": sha256, "last_step_id": last_step_id},
    )


def masters(session: Session) -> dict[int, Master]:
    """The current master of every print that has one, by print id."""
    found = queries.events(session, kind=_KIND)
    return {event.print_id: _master(event) for event in found if event.print_id is not None}


def master_of(session: Session, print_id: int) -> Master | None:
    """One print's current master, or None while it was never finished."""
    found = queries.events(session, kind=_KIND, print_id=print_id)
    return _master(found[-1]) if found else None


def _master(event: EventRow) -> Master:
    data = event.data
    return Master(
        event.print_id or 0, event.run_id, data["step_id"], data["sha256"], data["last_step_id"]
    )
