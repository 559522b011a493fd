"""One step: reuse it when it was done, else run it and record what happened, good or bad."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from pipeline.config.recipe import DERIVATIVE
from pipeline.core.errors import ShoeboxError
from pipeline.core.photo import Photo
from pipeline.execute.outputs import described, store_outcome
from pipeline.execute.stage_run import run_stage
from pipeline.execute.workbench import Workbench
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.read import read_scan
from pipeline.plan.plan import PlannedStep
from pipeline.stages.base import Outcome, Tools
from pipeline.store import queries, record
from pipeline.store.clock import now
from pipeline.store.record import NewStep, Output
from pipeline.store.rows import ObjectUse, StepRow


@dataclass(frozen=True)
class Subject:
    """What a step works on: a scan, or one print of it; `label` is its name for people."""

    scan_id: int
    print_id: int | None
    label: str


@dataclass(frozen=True)
class StepResult:
    """A step's row in the ledger, and whether the stage ran now or its result was reused."""

    row: StepRow
    ran: bool


def reusable(
    bench: Workbench, planned: PlannedStep, subject: Subject, source: str
) -> StepRow | None:
    """The subject's finished step with this key, if every object it made is intact.

    A damaged object is set aside, so that running the step again replaces it. When another
    result of the same stage is newer (the recipe was changed and changed back, or a forced rerun
    failed), a row is added that takes the older result over, so that the newest row always tells
    what the print is made of.
    """
    key = planned.key([source])
    with bench.library.ledger.read() as session:
        row = queries.done_step(session, key, scan_id=subject.scan_id, print_id=subject.print_id)
        newest = queries.newest_step(
            session, planned.name, scan_id=subject.scan_id, print_id=subject.print_id
        )
    if row is None or newest is None or not _outputs_intact(bench, row):
        return None
    if row.id == newest.id or planned.name == DERIVATIVE:
        return row
    return _taken_over(bench, planned, subject, source, row)


def run_step(
    bench: Workbench,
    planned: PlannedStep,
    subject: Subject,
    source: str,
    *,
    force: bool = False,
) -> StepResult:
    """Run one stage on one object, unless the ledger holds the result already.

    Args:
        bench: the run's workbench.
        planned: stage, options and models.
        subject: the scan or print.
        source: SHA-256 of the input object.
        force: run even when the result is known.

    Raises:
        ShoeboxError: whatever failed, after it was recorded as a failed step.
    """
    if not force:
        known = reusable(bench, planned, subject, source)
        if known is not None:
            return StepResult(known, ran=False)
        shared = _done_for_another_record(bench, planned, subject, source)
        if shared is not None:
            return StepResult(shared, ran=False)
    draft, clock = _draft(bench, planned, subject, source, now()), time.perf_counter()
    try:
        outcome, outputs = _run(bench, planned, source)
    except ShoeboxError as error:
        seconds = time.perf_counter() - clock
        failed = replace(draft, seconds=seconds, error_number=error.number, error_text=error.line())
        _recorded(bench, failed)
        raise
    timed = replace(draft, seconds=time.perf_counter() - clock)
    row = _recorded(bench, _finished(timed, planned, outcome, outputs))
    bench.intact.update(output.stored.sha256 for output in outputs)
    return StepResult(row, ran=True)


def _run(bench: Workbench, planned: PlannedStep, source: str) -> tuple[Outcome, list[Output]]:
    photo = _load(bench, planned, source)
    outcome = run_stage(planned, photo, Tools(bench.models, bench.progress))
    stage, objects = planned.configured.stage, bench.library.objects
    return outcome, store_outcome(objects, stage, photo, source, outcome)


def _load(bench: Workbench, planned: PlannedStep, source: str) -> Photo:
    objects = bench.library.objects
    if planned.configured.stage.scope == "print":
        return read_checkpoint(objects.verified_path(source))
    return read_scan(objects.verified_original(source), max_megapixels=float("inf")).photo


def _outputs_intact(bench: Workbench, row: StepRow) -> bool:
    damaged = [use.sha256 for use in row.outputs if not bench.is_intact(use.sha256)]
    for sha256 in damaged:
        set_aside(bench, sha256, f"output of {row.stage}")
    return not damaged


def set_aside(bench: Workbench, sha256: str, what: str) -> None:
    """Move a damaged object out of the way, or note that it is gone; on record as an event."""
    if sha256 in bench.library.objects.all():
        target = bench.library.objects.set_aside(sha256)
        message = f"{what} {sha256} no longer matched its digest and was moved to {target.name}"
    else:
        message = f"{what} {sha256} is gone"
    with bench.library.ledger.write() as session:
        record.add_event(session, run_id=bench.run_id, kind="object-damaged", message=message)


def _done_for_another_record(
    bench: Workbench, planned: PlannedStep, subject: Subject, source: str
) -> StepRow | None:
    """Give this record its own row when the same pixels went through the same step before."""
    with bench.library.ledger.read() as session:
        other = queries.done_step_anywhere(session, planned.key([source]))
    if other is None or (other.scan_id, other.print_id) == (subject.scan_id, subject.print_id):
        return None
    if not _outputs_intact(bench, other):
        return None
    return _taken_over(bench, planned, subject, source, other)


def _taken_over(
    bench: Workbench, planned: PlannedStep, subject: Subject, source: str, other: StepRow
) -> StepRow:
    """Record that a step is what an earlier step was, without doing it again."""
    objects = bench.library.objects
    same = replace(
        _draft(bench, planned, subject, source, other.started_at),
        status="done",
        decision=other.decision,
        reason=other.reason,
        measures=other.measures,
        models=other.models,
        device=other.device,
        dtype=other.dtype,
        software=other.software,
        notes=other.notes,
        same_as=other.same_as or other.id,
        outputs=tuple(Output(use.role, described(objects, use.sha256)) for use in other.outputs),
    )
    return _recorded(bench, same)


def _draft(
    bench: Workbench, planned: PlannedStep, subject: Subject, source: str, started_at: str
) -> NewStep:
    """What is known of a step before it ran; a failure until it is replaced by its result."""
    return NewStep(
        run_id=bench.run_id,
        scan_id=subject.scan_id,
        print_id=subject.print_id,
        key=planned.key([source]),
        stage=planned.name,
        stage_version=planned.configured.stage.version,
        options=planned.options,
        status="failed",
        started_at=started_at,
        seconds=0.0,
        device=bench.models.device if planned.models else "cpu",
        software=bench.software,
        inputs=(ObjectUse("photo", source),),
    )


def _finished(
    draft: NewStep, planned: PlannedStep, outcome: Outcome, outputs: Sequence[Output]
) -> NewStep:
    used = [use for use in planned.models if use.name in outcome.models]
    fallbacks = tuple(use.fallback_note for use in used if use.fallback_note)
    return replace(
        draft,
        status="done",
        decision=outcome.decision,
        reason=outcome.reason,
        measures=outcome.measures,
        models=tuple(asdict(use) for use in used),
        dtype=str(outcome.measures.get("dtype", "float32")),
        notes=(*outcome.notes, *fallbacks),
        outputs=tuple(outputs),
    )


def _recorded(bench: Workbench, step: NewStep) -> StepRow:
    with bench.library.ledger.write() as session:
        row = queries.step_by_id(session, record.add_step(session, step))
    assert row is not None
    return row
