"""How far every scan and print of a library has come, read from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from pipeline.core.stage_names import ENLARGE, INGEST
from pipeline.store import queries
from pipeline.store.backs import back_ids
from pipeline.store.masters import Master, masters
from pipeline.store.rows import PrintRow, ScanRow, StepRow

GONE = "refused-scan-gone"
"""Kind of the event that says a refused file is no longer in its box."""

State = Literal["done", "failed", "unfinished"]


@dataclass(frozen=True)
class Item:
    """A print, or a scan that gave none (yet): where it stands and what stopped it.

    `run_id` is the last run that worked on it towards its master; print sizes do not count.
    """

    scan: ScanRow
    print_row: PrintRow | None
    state: State
    stage: str | None
    error: str | None
    run_id: int


@dataclass(frozen=True)
class LibraryStatus:
    """Counts, and one item for every current print and for every scan without prints.

    Scans of backs are counted apart; one is an item only when its file was refused.
    """

    scans: int
    prints: int
    steps: Mapping[str, int]
    items: tuple[Item, ...]
    backs: int = 0

    def document(self, library: str) -> dict[str, Any]:
        """The status as JSON."""
        return {
            "library": library,
            "scans": self.scans,
            "prints": self.prints,
            "backs": self.backs,
            "steps": dict(self.steps),
            "items": [
                {
                    "print": item.print_row.name if item.print_row else None,
                    "scan": item.scan.name,
                    "state": item.state,
                    "stage": item.stage,
                    "error": item.error,
                }
                for item in self.items
            ],
        }


def current_scans(session: Session) -> list[ScanRow]:
    """The newest row of every file, but for refused files that were taken out of their box.

    A file that was replaced in its box counts once, as it is now.
    """
    gone = {event.scan_id for event in queries.events(session, kind=GONE)}
    newest = {(scan.box, scan.name_bytes): scan for scan in queries.scans(session)}
    return sorted(
        (scan for scan in newest.values() if scan.id not in gone), key=lambda scan: scan.id
    )


def library_status(session: Session) -> LibraryStatus:
    """Where everything stands."""
    finished = masters(session)
    items: list[Item] = []
    steps: list[StepRow] = []
    backs, backs_seen = back_ids(session), 0
    for scan in current_scans(session):
        latest = queries.latest_steps(session, scan_id=scan.id)
        if scan.id in backs and not _refused(latest):
            backs_seen += 1
            continue
        prints = queries.current_prints(session, scan.id)
        of_scan = [step for step in latest if step.print_id is None]
        steps += of_scan
        if not prints or any(step.status == "failed" for step in of_scan):
            items.append(_item(scan, None, of_scan, None))
            continue
        for found in prints:
            own = [step for step in latest if step.print_id == found.id]
            steps += own
            items.append(_item(scan, found, own, finished.get(found.id)))
    return LibraryStatus(
        scans=len({item.scan.id for item in items}),
        prints=sum(item.print_row is not None for item in items),
        steps=_counts(steps),
        items=tuple(items),
        backs=backs_seen,
    )


def _refused(latest: Sequence[StepRow]) -> bool:
    return any(step.stage == INGEST and step.status == "failed" for step in latest)


def _item(
    scan: ScanRow, print_row: PrintRow | None, steps: Sequence[StepRow], master: Master | None
) -> Item:
    runs = [step.run_id for step in steps if step.stage != ENLARGE]
    runs += [master.run_id] if master else []
    run_id = max(runs, default=scan.run_id)
    failed = next((step for step in reversed(steps) if _stands(step, master)), None)
    if failed is not None:
        return Item(scan, print_row, "failed", failed.stage, failed.error_text, run_id)
    stage = steps[-1].stage if steps else None
    return Item(scan, print_row, "done" if master else "unfinished", stage, None, run_id)


def _stands(step: StepRow, master: Master | None) -> bool:
    """Whether a failure still counts: a master finished later settles those on its way."""
    if step.status != "failed":
        return False
    return master is None or step.stage == ENLARGE or step.id > master.last_step_id


def _counts(steps: Sequence[StepRow]) -> dict[str, int]:
    return {
        "done": sum(step.status == "done" and step.decision != "skipped" for step in steps),
        "failed": sum(step.status == "failed" for step in steps),
        "skipped": sum(step.status == "done" and step.decision == "skipped" for step in steps),
    }
