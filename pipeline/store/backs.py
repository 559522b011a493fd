"""Which scan shows the back of which: rows added one by one, the latest about a back counts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.store import queries
from pipeline.store.clock import now
from pipeline.store.rows import ScanRow
from pipeline.store.tables import ScanBackRecord


def pair_back(session: Session, *, run_id: int, scan_id: int | None, back_scan_id: int) -> bool:
    """Record that a scan shows the back of another's prints, unless that is known.

    Args:
        session: a writing session.
        run_id: the run that found them together.
        scan_id: the front; None when the scan is a picture of its own after all.
        back_scan_id: the back.

    Returns:
        Whether a row was added.
    """
    if _fronts(session, back_scan_id).get(back_scan_id) == scan_id:
        return False
    session.add(
        ScanBackRecord(run_id=run_id, scan_id=scan_id, back_scan_id=back_scan_id, created_at=now())
    )
    session.flush()
    return True


def is_back(session: Session, scan_id: int) -> bool:
    """Whether a scan shows the back of another's prints."""
    return _fronts(session, scan_id).get(scan_id) is not None


def back_ids(session: Session) -> frozenset[int]:
    """The ids of all scans that show backs."""
    fronts = _fronts(session)
    return frozenset(back for back, front in fronts.items() if front is not None)


def front_of(session: Session, scan_id: int) -> ScanRow | None:
    """The scan whose back this scan shows, or None."""
    front = _fronts(session, scan_id).get(scan_id)
    return None if front is None else queries.scan_by_id(session, front)


def backs_of(session: Session, scan_id: int) -> list[ScanRow]:
    """The scans that show the backs of a scan's prints, in the order they were taken in.

    A back that was scanned anew under its old name counts once, as it is now.
    """
    ids = [back for back, front in _fronts(session).items() if front == scan_id]
    newest = {(row.box, row.name_bytes): row for row in _rows(session, ids)}
    return sorted(newest.values(), key=lambda row: row.id)


def _rows(session: Session, ids: list[int]) -> list[ScanRow]:
    return [queries.scan_by_id(session, number) for number in sorted(ids)]


def _fronts(session: Session, back_scan_id: int | None = None) -> dict[int, int | None]:
    """By back the front it has now, None when it has none any more."""
    query = select(ScanBackRecord).order_by(ScanBackRecord.id)
    if back_scan_id is not None:
        query = query.where(ScanBackRecord.back_scan_id == back_scan_id)
    return {record.back_scan_id: record.scan_id for record in session.scalars(query)}
