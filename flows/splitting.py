"""Finding the prints on a scan, and looking at each before any is restored."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from flows.known import findings_in, newest_chain
from flows.pace import Pace, sheet_of_object
from flows.restoring import PrintWork, outcome_heard, stop_if_fatal
from flows.summary import RunSummary
from flows.tasks import FinishedStep, IngestedScan, finished_step, step
from flows.workbenches import pace, workbench
from pipeline.config.recipe import FIRST
from pipeline.core.errors import ShoeboxError
from pipeline.execute.prints import register_prints
from pipeline.execute.step import Subject, reusable
from pipeline.execute.workbench import Workbench
from pipeline.plan.parts import Findings
from pipeline.store import queries
from pipeline.store.backs import is_back
from pipeline.store.rows import PrintRow, StepRow

LOOK = "diagnose"
"""The stage that tells how long a print will take; it runs before any of the long work."""


def split_scan(
    library: str,
    scan: IngestedScan,
    summary: RunSummary,
    *,
    key: Hashable,
    force: bool = False,
) -> list[PrintWork]:
    """Find the prints on one scan and look at them; a scan that fails is a problem of its own.

    The back of another scan's prints is left as it is and gives none.

    Args:
        library: the library's path.
        scan: a scan that is in the library.
        summary: what is counted.
        key: what the run's pace calls the scan.
        force: look again although it was done.
    """
    bench, moving = workbench(library), pace(library)
    with bench.library.ledger.read() as session:
        row = queries.scan_by_id(session, scan["scan_id"])
        shows_a_back = is_back(session, row.id)
    if shows_a_back:
        moving.gone(key)
        return []
    subject = Subject(row.id, None, row.name)
    done = None if force else reusable(bench, bench.plan.scan_step, subject, scan["sha256"])
    outcome: FinishedStep | ShoeboxError
    if done is not None:
        outcome = finished_step(done, ran=False)
    else:
        with moving.job(key, FIRST) as over:
            state = step(
                library, FIRST, row.id, None, row.name, scan["sha256"], force, return_state=True
            )
            outcome = outcome_heard(state, over)
    if isinstance(outcome, ShoeboxError):
        stop_if_fatal(outcome)
        moving.gone(key)
        summary.steps["failed"] += 1
        summary.problem(row.name, FIRST, outcome)
        return []
    summary.count_step(row.name, outcome)
    prints = register_prints(bench, outcome["step_id"])
    with bench.library.ledger.read() as session:
        chains = tell_prints(session, bench, moving, key, prints)
    work = [PrintWork(row, found, chain=tuple(chains[found.id])) for found in prints]
    return [look(library, item) for item in work]


def tell_prints(
    session: Session,
    bench: Workbench,
    moving: Pace,
    key: Hashable,
    prints: Sequence[PrintRow],
    most_done: int | None = None,
) -> dict[int, list[StepRow]]:
    """Tell the run's pace of the prints on a scan; gives the steps each has behind it.

    Args:
        session: of the ledger.
        bench, moving: of the run.
        key: what the run's pace calls the scan.
        prints: those found on it.
        most_done: steps from this one on run again, whether they were done or not.
    """
    chains = {row.id: newest_chain(session, row, bench.steps_of(row.id)) for row in prints}
    sizes = {row.id: sheet_of_object(bench.library, row.sha256) for row in prints}
    moving.prints_found(
        key,
        {
            number: (sheet, findings_in(chains[number]), len(chains[number][:most_done]))
            for number, sheet in sizes.items()
            if sheet is not None
        },
    )
    return chains


def look(library: str, item: PrintWork) -> PrintWork:
    """Diagnose a print that was not yet, so that the time left is known before the long work.

    Gives the same work, marked as failed when not even this succeeded.
    """
    bench, moving = workbench(library), pace(library)
    first = bench.plan.print_steps[0] if bench.plan.print_steps else None
    if first is None or first.name != LOOK or item.chain:
        return item
    row = item.print_row
    with moving.job(row.id, LOOK) as over:
        state = step(library, LOOK, row.scan_id, row.id, item.label, row.sha256, return_state=True)
        outcome = outcome_heard(state, over)
    if isinstance(outcome, ShoeboxError):
        stop_if_fatal(outcome)
        return replace(item, failed=outcome)
    with bench.library.ledger.read() as session:
        done = queries.step_by_id(session, outcome["step_id"])
    if done is not None:
        moving.looked(row.id, Findings.of(done.measures))
    return replace(item, looked=outcome)
