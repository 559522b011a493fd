"""Taking prints from their crop to files: one Prefect task for each print that needs work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State

from flows.known import intact_chain, newest_chain
from flows.pace import CHECK, WRITE
from flows.requests import FilesWanted
from flows.summary import RunSummary
from flows.tasks import FinishedStep, finished_step, step, write_file
from flows.workbenches import pace, workbench
from pipeline.config.recipe import DERIVATIVE
from pipeline.core.errors import ExitCode, ShoeboxError
from pipeline.execute.prints import finished_chain, settle_master
from pipeline.execute.step import Subject
from pipeline.execute.workbench import Workbench
from pipeline.plan.plan import PlannedStep
from pipeline.store.rows import PrintRow, ScanRow, StepRow

_FATAL = (ExitCode.LIBRARY_DAMAGED, ExitCode.LIBRARY_BUSY, ExitCode.WEIGHTS)


@dataclass(frozen=True)
class PrintWork:
    """One print to be taken to its end.

    Args:
        scan: the scan it is on.
        print_row: the print.
        force_from: name of the first stage that is to run even if it was done, or None.
        failed: why it cannot go on: looking at it failed.
        chain: its steps that are done by the ledger, from the first up to the first gap; None
            when that was not asked yet.
        looked: its first step, when that was done ahead of the others in this run.
    """

    scan: ScanRow
    print_row: PrintRow
    force_from: str | None = None
    failed: ShoeboxError | None = None
    chain: tuple[StepRow, ...] | None = None
    looked: FinishedStep | None = None

    @property
    def label(self) -> str:
        """A name a person recognises: the file, and which print on it."""
        return f"{self.scan.name} · print {self.print_row.name}"


# A task rather than a subflow: Prefect 3.8 takes over a second to begin a subflow, 6 ms a task.
@task(
    name="restore print",
    task_run_name="{label}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def restore_print(
    library: str,
    scan_id: int,
    print_id: int,
    label: str,
    source: str,
    force_from: str | None,
    sizes: list[dict[str, Any]],
    looked: FinishedStep | None = None,
) -> list[FinishedStep]:
    """Run every step of one print that is not done: the master's, then one for each size."""
    bench, moving = workbench(library), pace(library)
    finished = [looked] if looked else []
    forced = False
    for planned in bench.steps_of(print_id)[len(finished) :]:
        forced = forced or planned.name == force_from
        with moving.job(print_id, planned.name) as over:
            done = step(library, planned.name, scan_id, print_id, label, source, forced)
            over(done["ran"])
        finished.append(done)
        source = done["photos"][0]
    settle_master(bench, print_id, finished[-1]["step_id"], source)
    for size in sizes:
        again = forced or force_from == DERIVATIVE
        with moving.job(print_id, DERIVATIVE) as over:
            done = step(library, DERIVATIVE, scan_id, print_id, label, source, again, size)
            over(done["ran"])
        finished.append(done)
    return finished


def restore_all(
    library: str, work: Sequence[PrintWork], wanted: Sequence[FilesWanted], summary: RunSummary
) -> None:
    """Restore every print and write its files; a print that fails never stops the others.

    Raises:
        ShoeboxError: the library, the disk or the weights fail for every print alike.
    """
    bench, moving = workbench(library), pace(library)
    if work:
        moving.phase("Restoring")
    summary.prints["total"] += len(work)
    for item in work:
        moving.item(item.label)
        try:
            steps = _restored(bench, library, item, wanted, summary)
            write_files(library, item, wanted, steps[len(bench.plan.print_steps) - 1 :], summary)
        except ShoeboxError as error:
            stop_if_fatal(error)
            summary.prints["failed"] += 1
            if not any(p["item"] == item.label for p in summary.problems):
                summary.problem(item.label, "export", error)
        moving.gone(item.print_row.id)


def stop_if_fatal(error: ShoeboxError) -> None:
    """Raise an error again when going on with the next print makes no sense."""
    out_of_space = error.exit_code is ExitCode.RESOURCES and not error.passes_on_retry
    if error.exit_code in _FATAL or out_of_space:
        raise error


def _restored(
    bench: Workbench,
    library: str,
    item: PrintWork,
    wanted: Sequence[FilesWanted],
    summary: RunSummary,
) -> list[FinishedStep]:
    sizes = [options for w in wanted if (options := w.enlarge_options()) is not None]
    if item.failed is not None:
        summary.steps["failed"] += 1
        summary.problem(item.label, "restore", item.failed)
        raise item.failed
    with pace(library).job(item.print_row.id, CHECK):
        known = None if item.force_from or item.looked else _known_steps(bench, item, sizes)
    if known is not None:
        summary.prints["already_done"] += 1
        for done in known:
            summary.count_step(item.label, done)
        master = known[len(bench.plan.print_steps) - 1]
        settle_master(bench, item.print_row.id, master["step_id"], master["photos"][0])
        return known
    state: State[list[FinishedStep]] = restore_print(
        library,
        item.scan.id,
        item.print_row.id,
        item.label,
        item.print_row.sha256,
        item.force_from,
        sizes,
        item.looked,
        return_state=True,
    )
    steps: list[FinishedStep] | ShoeboxError = outcome_of(state)
    if isinstance(steps, ShoeboxError):
        summary.steps["failed"] += 1
        summary.problem(item.label, "restore", steps)
        raise steps
    for done in steps:
        summary.count_step(item.label, done)
    summary.prints["restored"] += 1
    return steps


def outcome_of(state: State[Any]) -> Any:
    """What a Prefect run gave, or the ShoeboxError it failed with.

    Raises:
        BaseException: it failed with anything else: a bug, or an interruption.
    """
    result = state.result(raise_on_failure=False)
    if isinstance(result, BaseException) and not isinstance(result, ShoeboxError):
        raise result
    return result


def outcome_heard(state: State[Any], over: Callable[[bool], None]) -> Any:
    """The same, with the run's pace told whether anything really ran.

    Args:
        state: of an ingest or a step, whose result says whether it `ran`.
        over: what `Pace.job` gave.
    """
    outcome = outcome_of(state)
    over(not isinstance(outcome, ShoeboxError) and outcome["ran"])
    return outcome


def _known_steps(
    bench: Workbench, item: PrintWork, sizes: Sequence[dict[str, Any]]
) -> list[FinishedStep] | None:
    """The finished steps of a print, when nothing at all is left to do."""
    subject = Subject(item.scan.id, item.print_row.id, item.label)
    planned = bench.steps_of(item.print_row.id)
    rows = list(_chain(bench, item))
    if len(rows) < len(planned) or not intact_chain(bench, rows):
        # Perhaps done under an older row; and what is damaged is set aside here.
        rows = finished_chain(bench, subject, item.print_row.sha256, planned)
    if len(rows) < len(planned):
        return None
    master = rows[-1].output() if rows else item.print_row.sha256
    for size in sizes:
        enlarge: list[PlannedStep] = [bench.plan.derivative(size)]
        made = finished_chain(bench, subject, master or "", enlarge)
        if not made:
            return None
        rows += made
    return [finished_step(row, ran=False) for row in rows]


def _chain(bench: Workbench, item: PrintWork) -> Sequence[StepRow]:
    if item.chain is not None:
        return item.chain
    with bench.library.ledger.read() as session:
        return newest_chain(session, item.print_row, bench.steps_of(item.print_row.id))


def write_files(
    library: str,
    item: PrintWork,
    wanted: Sequence[FilesWanted],
    steps: Sequence[FinishedStep],
    summary: RunSummary,
) -> None:
    """Write the files of one print.

    Args:
        library: the library's path.
        item: the print.
        wanted: which files.
        steps: the master's last step, then one step for each wanted file that has a size.
        summary: where the files are listed.
    """
    sized = iter(steps[1:])
    for files in wanted:
        last = next(sized) if files.paper is not None else steps[0]
        write_one(library, item, files, last, summary)


def write_one(
    library: str, item: PrintWork, files: FilesWanted, last: FinishedStep, summary: RunSummary
) -> None:
    """Write one file of one print, made by its `last` step."""
    with pace(library).job(item.print_row.id, WRITE) as over:
        target = files.target(item.scan, item.print_row)
        written = write_file(library, item.print_row.id, last["step_id"], str(target), files)
        over(written["written"])
    summary.outputs.append(written["path"])
