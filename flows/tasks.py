"""Thin Prefect tasks: one for each scan brought in, one for each step, one for each file out.

They carry identifiers and digests, never pixels. Prefect's result cache is off: the ledger alone
decides what was done before. A task is retried once, and only for what can pass the second time.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypedDict

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from flows.findings import found_by
from flows.requests import FilesWanted
from flows.workbenches import ease, log, workbench
from pipeline.config.recipe import DERIVATIVE
from pipeline.core.errors import ShoeboxError
from pipeline.execute.step import Subject, run_step
from pipeline.export.derivatives import ExportRequest, write_export
from pipeline.ingest.discover import Candidate
from pipeline.ingest.ingest import ingest_scan
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.output_colour import Intent
from pipeline.io.soft_proof import soft_proof
from pipeline.store import queries
from pipeline.store.rows import StepRow


class IngestedScan(TypedDict):
    """What `ingest` gives: the scan's id, its digest, whether it was new."""

    scan_id: int
    sha256: str
    ran: bool


class FinishedStep(TypedDict):
    """What `step` gives: the ledger's id, the photos' digests, whether the stage ran now.

    `found` is what the step found on the print, for the end of the run; mostly empty.
    """

    step_id: int
    photos: list[str]
    ran: bool
    decision: str
    notes: list[str]
    found: str


def finished_step(row: StepRow, *, ran: bool) -> FinishedStep:
    """What is handed on about a finished step of the ledger."""
    return {
        "step_id": row.id,
        "photos": row.photos,
        "ran": ran,
        "decision": row.decision or "",
        "notes": list(row.notes),
        "found": found_by(row),
    }


class WrittenFile(TypedDict):
    """What `write file` gives: its path and digest, and whether it was written now."""

    path: str
    sha256: str
    written: bool


def passes_on_retry(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task may pass the second time: only after memory ran out."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, ShoeboxError) and error.passes_on_retry


@task(
    name="ingest",
    task_run_name="ingest {label}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def ingest(
    library: str, box: str, name_hex: str, label: str, max_megapixels: float
) -> IngestedScan:
    """Bring one file of the box in; `name_hex` is its name's bytes, which may not be text."""
    name = os.fsdecode(bytes.fromhex(name_hex))
    candidate = Candidate(Path(box) / name, name)
    done = ingest_scan(workbench(library), Path(box), candidate, max_megapixels=max_megapixels)
    log.info("%s %s as scan %04d", "ingested" if done.ran else "recognised", label, done.scan_id)
    return {"scan_id": done.scan_id, "sha256": done.sha256, "ran": done.ran}


@task(
    name="step",
    task_run_name="{stage} · {label}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=1,
    retry_condition_fn=passes_on_retry,
)
def step(
    library: str,
    stage: str,
    scan_id: int,
    print_id: int | None,
    label: str,
    source: str,
    force: bool = False,
    size: dict[str, Any] | None = None,
) -> FinishedStep:
    """Run one stage on one object, or find it done."""
    bench = workbench(library)
    if stage == DERIVATIVE:
        planned = bench.plan.derivative(size or {})
    else:
        planned = next(
            p for p in (bench.plan.scan_step, *bench.steps_of(print_id)) if p.name == stage
        )
    try:
        done = run_step(bench, planned, Subject(scan_id, print_id, label), source, force=force)
    except ShoeboxError as error:
        log.exception("%s of %s failed: %s", stage, label, error.line())
        if error.passes_on_retry:
            ease(bench)
        raise
    log.info(
        "%s · %s: %s, %s %.2f s",
        stage,
        label,
        done.row.decision,
        "ran" if done.ran else "reused",
        done.row.seconds,
    )
    return finished_step(done.row, ran=done.ran)


@task(
    name="write file",
    task_run_name="write {target}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_file(
    library: str,
    print_id: int,
    step_id: int,
    target: str,
    files: FilesWanted,
) -> WrittenFile:
    """Write one finished picture out of the library, unless it is there already."""
    bench = workbench(library)
    with bench.library.ledger.read() as session:
        print_row = queries.print_by_id(session, print_id)
        scan = queries.scan_by_id(session, print_row.scan_id)
        step_row = queries.step_by_id(session, step_id)
    if step_row is None:
        raise RuntimeError(f"step {step_id} is not in the ledger")
    request = ExportRequest(
        scan,
        print_row,
        step_row,
        Path(target),
        files.form,
        files.overwrite,
        files.colour,
        files.credentials,
    )
    row, written = write_export(bench.library, bench.run_id, request)
    log.info("%s %s", "wrote" if written else "kept", target)
    return {"path": target, "sha256": row.sha256, "written": written}


@task(
    name="soft proof",
    task_run_name="soft proof {picture}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def proofed(library: str, picture: str, icc: bytes, intent: Intent, black_point: bool) -> str:
    """Tell in a sentence what a picture loses in an encoding or on a printer."""
    photo = read_checkpoint(workbench(library).library.objects.verified_path(picture))
    return soft_proof(photo, icc, intent, black_point).sentence().rstrip(".")
