"""How far every scan and print of a library has come, read from the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from pipeline.store import queries
from pipeline.store.rows import PrintRow, ScanRow, StepRow

State = Literal["done", "failed", "unfinished"]


@dataclass(frozen=True)
class Item:
    """A print, or a scan that gave none (yet): where it stands and what stopped it."""

    scan: ScanRow
    print_row: PrintRow | None
    state: State
    stage: str | None
    error: str | None


@dataclass(frozen=True)
class LibraryStatus:
    """Counts, and one item for every current print and for every scan without prints."""

    scans: int
    prints: int
    steps: Mapping[str, int]
    items: tuple[Item, ...]

    def document(self, library: str) -> dict[str, Any]:
        """The status as JSON."""
        return {
            "library": library,
            "scans": self.scans,
            "prints": self.prints,
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
    """The newest row of every file: one that was replaced in its box counts once."""
    newest = {(scan.box, scan.name_bytes): scan for scan in queries.scans(session)}
    return sorted(newest.values(), key=lambda scan: scan.id)


def library_status(session: Session) -> LibraryStatus:
    """Where everything stands."""
    last_stage = _last_stage(session)
    items: list[Item] = []
    steps: list[StepRow] = []
    for scan in current_scans(session):
        latest = queries.latest_steps(session, scan_id=scan.id)
        prints = queries.current_prints(session, scan.id)
        of_scan = [step for step in latest if step.print_id is None]
        steps += of_scan
        if not prints or any(step.status == "failed" for step in of_scan):
            items.append(_item(scan, None, of_scan, None))
            continue
        for found in prints:
            own = [step for step in latest if step.print_id == found.id]
            steps += own
            items.append(_item(scan, found, own, last_stage))
    return LibraryStatus(
        scans=len({item.scan.id for item in items}),
        prints=sum(item.print_row is not None for item in items),
        steps=_counts(steps),
        items=tuple(items),
    )


def _item(
    scan: ScanRow, print_row: PrintRow | None, steps: Sequence[StepRow], last_stage: str | None
) -> Item:
    if not steps:
        return Item(scan, print_row, "unfinished", None, None)
    newest = steps[-1]
    failed = next((step for step in reversed(steps) if step.status == "failed"), None)
    if failed is not None:
        return Item(scan, print_row, "failed", failed.stage, failed.error_text)
    done = any(step.stage == last_stage for step in steps)
    return Item(scan, print_row, "done" if done else "unfinished", newest.stage, None)


def _last_stage(session: Session) -> str | None:
    run = queries.latest_run(session)
    stages = run.recipe.get("stages") if run is not None else None
    return stages[-1] if stages else None


def _counts(steps: Sequence[StepRow]) -> dict[str, int]:
    return {
        "done": sum(step.status == "done" and step.decision != "skipped" for step in steps),
        "failed": sum(step.status == "failed" for step in steps),
        "skipped": sum(step.status == "done" and step.decision == "skipped" for step in steps),
    }
