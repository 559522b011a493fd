"""What people wrote about scans and prints: rows added one by one, the latest counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from pipeline.core.caption import Caption
from pipeline.store import queries, record
from pipeline.store.backs import backs_of, is_back
from pipeline.store.clock import now
from pipeline.store.naming import storable
from pipeline.store.objects import StoredObject
from pipeline.store.rows import PrintRow
from pipeline.store.tables import CaptionRecord

__all__ = [
    "CAPTIONS",
    "Place",
    "Source",
    "Via",
    "add_captions",
    "add_source",
    "backs_of",
    "caption_files",
    "caption_of",
    "captions_in_force",
    "is_back",
    "newest_source",
    "own_captions",
]

CAPTIONS = "captions"
"""Kind of the event that says which file of captions a run took in, by digest."""

_FEW = 500
"""Scans that are asked about by id; of more, everything is read."""

Via = Literal["box", "file"]
"""How captions came: with the scans in their box, or from a file that a person named."""

Place = tuple[int, int | None]
"""A scan's id, and which print on it; None for all of them."""


@dataclass(frozen=True)
class Source:
    """The file that captions came from; the object keeps its bytes."""

    via: Via
    name: str
    stored: StoredObject


def add_source(session: Session, *, run_id: int, source: Source, box: str, rows: int) -> None:
    """Record that a run took a file of captions in; the object must be durable on disk.

    Args:
        session: a writing session.
        run_id: the run.
        source: the file.
        box: the box it lies in, or "".
        rows: how many lines it has.
    """
    record.add_object(session, source.stored)
    record.add_event(
        session,
        run_id=run_id,
        kind=CAPTIONS,
        message=f"captions of {source.name}",
        data={
            "via": source.via,
            "box": storable(box),
            "name": storable(source.name),
            "sha256": source.stored.sha256,
            "bytes": source.stored.bytes,
            "rows": rows,
        },
    )


def newest_source(session: Session, *, via: Via, box: str) -> str | None:
    """The digest of the file of captions that was taken in last in this way, from this box."""
    found = queries.events(session, kind=CAPTIONS)
    wanted = (via, storable(box))
    own = [e.data["sha256"] for e in found if (e.data["via"], e.data["box"]) == wanted]
    return own[-1] if own else None


def caption_files(session: Session) -> dict[str, str]:
    """Every file of captions the library keeps: its digest, and its name for people."""
    found = queries.events(session, kind=CAPTIONS)
    return {event.data["sha256"]: event.data["name"] for event in found}


def add_captions(
    session: Session, *, run_id: int, source: Source, captions: Mapping[Place, Caption]
) -> int:
    """Record what is new among captions; gives how many rows that were.

    A file that a person named is compared with what is in force. The file in a box is compared
    with what it said before: unchanged lines do not undo what was said since by other means.
    """
    scans = {scan_id for scan_id, _ in captions}
    known = _latest(
        session,
        via="box" if source.via == "box" else None,
        scan_ids=sorted(scans) if len(scans) < _FEW else None,
    )
    fresh = {
        place: caption
        for place, caption in captions.items()
        if caption != known.get(place, Caption())
    }
    for (scan_id, ordinal), caption in fresh.items():
        session.add(
            CaptionRecord(
                run_id=run_id,
                scan_id=scan_id,
                ordinal=ordinal,
                title=storable(caption.title),
                date=storable(caption.date),
                edtf=caption.edtf,
                place=storable(caption.place),
                people=[storable(person) for person in caption.people],
                keywords=[storable(keyword) for keyword in caption.keywords],
                note=storable(caption.note),
                via=source.via,
                source=storable(source.name),
                source_sha256=source.stored.sha256,
                created_at=now(),
            )
        )
    session.flush()
    return len(fresh)


def own_captions(session: Session) -> dict[Place, Caption]:
    """The caption said last of each scan and of each place on one; taken back ones are left out."""
    return {place: caption for place, caption in _latest(session).items() if caption}


def captions_in_force(session: Session) -> dict[int, Caption]:
    """The caption of every print that has one, by print id: its own, else its scan's."""
    own = own_captions(session)
    if not own:
        return {}
    found = {row.id: _of(row, own) for row in queries.prints(session)}
    return {print_id: caption for print_id, caption in found.items() if caption}


def caption_of(session: Session, print_row: PrintRow) -> Caption:
    """One print's caption: its own, else its scan's, else an empty one."""
    own = _latest(session, scan_ids=(print_row.scan_id,))
    return _of(print_row, {place: caption for place, caption in own.items() if caption})


def _of(row: PrintRow, own: Mapping[Place, Caption]) -> Caption:
    return own.get((row.scan_id, row.ordinal)) or own.get((row.scan_id, None)) or Caption()


def _latest(
    session: Session, *, via: Via | None = None, scan_ids: Sequence[int] | None = None
) -> dict[Place, Caption]:
    query = select(CaptionRecord).order_by(CaptionRecord.id)
    if via is not None:
        query = query.where(CaptionRecord.via == via)
    if scan_ids is not None:
        query = query.where(CaptionRecord.scan_id.in_(scan_ids))
    return {(row.scan_id, row.ordinal): _caption(row) for row in session.scalars(query)}


def _caption(row: CaptionRecord) -> Caption:
    return Caption(
        title=row.title,
        date=row.date,
        edtf=row.edtf,
        place=row.place,
        people=tuple(row.people),
        keywords=tuple(row.keywords),
        note=row.note,
    )
