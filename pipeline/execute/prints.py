"""The prints a finished split found, and how far each print's restoration has come."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.execute.step import Subject, reusable
from pipeline.execute.workbench import Workbench
from pipeline.plan.plan import PlannedStep
from pipeline.store import queries, record
from pipeline.store.masters import record_master
from pipeline.store.rows import PrintRow, StepRow


def register_prints(bench: Workbench, split_step_id: int) -> list[PrintRow]:
    """Enter the prints of a finished split into the ledger; known ones are recognised."""
    with bench.library.ledger.write() as session:
        split = queries.step_by_id(session, split_step_id)
        assert split is not None
        places = split.measures.get("prints", [])
        photos = [use for use in split.outputs if use.role.startswith("print-")]
        return [
            record.add_print(
                session,
                scan_id=split.scan_id,
                ordinal=position,
                sha256=use.sha256,
                geometry=places[position - 1] if position <= len(places) else {},
            )
            for position, use in enumerate(photos, start=1)
        ]


def settle_master(bench: Workbench, print_id: int, step_id: int, sha256: str) -> None:
    """Record that a print's master is finished, unless that stands there already."""
    with bench.library.ledger.write() as session:
        record_master(
            session, run_id=bench.run_id, print_id=print_id, step_id=step_id, sha256=sha256
        )


def finished_chain(
    bench: Workbench, subject: Subject, source: str, steps: Sequence[PlannedStep]
) -> list[StepRow]:
    """The rows of the steps that need not run again, from the first up to the first gap.

    Args:
        bench: the run's workbench.
        subject: the print.
        source: SHA-256 of the first step's input.
        steps: the steps in order.
    """
    rows: list[StepRow] = []
    for planned in steps:
        row = reusable(bench, planned, subject, source)
        photo = row.output() if row is not None else None
        if row is None or photo is None:
            break
        rows.append(row)
        source = photo
    return rows
