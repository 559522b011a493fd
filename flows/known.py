"""What the ledger knows of a box and its prints before anything is asked step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from pipeline.config.recipe import DERIVATIVE
from pipeline.core.stage_names import INGEST, SPLIT
from pipeline.execute.workbench import Workbench
from pipeline.plan.parts import Findings
from pipeline.plan.plan import PlannedStep
from pipeline.plan.rates import rates_of
from pipeline.store import queries
from pipeline.store.library import Library
from pipeline.store.naming import printable
from pipeline.store.rows import PrintRow, ScanRow, StepRow

_RECENT_STEPS = 400


def rates_in(
    library: Library, device: str, megapixels: Callable[[str], float | None]
) -> dict[str, float]:
    """Seconds for a unit of work, from the newest steps in a library's ledger."""
    with library.ledger.read() as session:
        steps = queries.recent_steps(session, _RECENT_STEPS)
    return rates_of(steps, device, megapixels)


def scans_of_box(session: Session, box: str) -> dict[tuple[bytes, int], ScanRow]:
    """The newest row for each name and length of a file in a box."""
    return {(scan.name_bytes, scan.bytes): scan for scan in queries.scans(session, printable(box))}


def scan_in_box(session: Session, box: str, name: bytes) -> ScanRow | None:
    """The newest row of one file of a box, whatever its length."""
    own = [scan for scan in queries.scans(session, box) if scan.name_bytes == name]
    return own[-1] if own else None


def split_prints(session: Session, planned: PlannedStep, scan: ScanRow) -> list[PrintRow] | None:
    """The prints of a scan, when it was taken in and split just as it would be split now."""
    newest = queries.newest_step(session, SPLIT, scan_id=scan.id, print_id=None)
    if newest is None or newest.status != "done" or newest.key != planned.key([scan.sha256]):
        return None
    return queries.current_prints(session, scan.id)


def was_taken_in(library: Library, scan: ScanRow) -> bool:
    """Whether a scan's file was copied in."""
    with library.ledger.read() as session:
        step = queries.newest_step(session, INGEST, scan_id=scan.id, print_id=None)
    return step is not None and step.status == "done"


def newest_chain(
    session: Session, print_row: PrintRow, steps: Sequence[PlannedStep]
) -> list[StepRow]:
    """The print's newest rows that are what these steps would give, from the first on.

    The rows are compared by key; whether their objects are whole is not looked at. An
    enlargement is the first gap: one print may have several.
    """
    newest = {
        row.stage: row
        for row in queries.latest_steps(session, print_id=print_row.id)
        if row.status == "done" and row.stage != DERIVATIVE
    }
    chain: list[StepRow] = []
    source: str | None = print_row.sha256
    for planned in steps:
        row = newest.get(planned.name)
        if row is None or source is None or row.key != planned.key([source]):
            break
        chain.append(row)
        source = row.output()
    return chain


def findings_in(rows: Sequence[StepRow]) -> Findings | None:
    """What `diagnose` found, if it is among these steps."""
    return next((Findings.of(row.measures) for row in rows if row.stage == "diagnose"), None)


def intact_chain(bench: Workbench, chain: Sequence[StepRow]) -> bool:
    """Whether every object these steps made is whole; hashed once a run."""
    return all(bench.is_intact(use.sha256) for row in chain for use in row.outputs)
