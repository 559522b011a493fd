"""Opening the workbench of a run, and finding it again from inside a Prefect task.

Prefect is handed names and digests only; tasks of the same process look up what they work with
here, by the library's path.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from flows.known import rates_in
from flows.listening import listener
from flows.machine_rates import measured_rates
from flows.pace import Pace, sheet_of_object
from flows.preflight import resolve_chosen, resolve_models
from pipeline.config.recipe import Recipe
from pipeline.core.errors import ShoeboxError
from pipeline.core.heap import return_large_blocks
from pipeline.execute.face_choices import choices_in_force
from pipeline.execute.workbench import Workbench, software_versions
from pipeline.models.gpu_lock import hold_device
from pipeline.models.model_set import ModelSet
from pipeline.plan.plan import make_plan
from pipeline.store import queries, record
from pipeline.store.library import Library, open_library

_open: dict[str, tuple[Workbench, Pace]] = {}

log = logging.getLogger("shoebox")

_REQUEST = "request"


def workbench(library: str) -> Workbench:
    """The open workbench of a library.

    Raises:
        RuntimeError: a task was run outside its flow.
    """
    return _at_work(library)[0]


def pace(library: str) -> Pace:
    """The pace of the run that has a library open; errors as for `workbench`."""
    return _at_work(library)[1]


def _at_work(library: str) -> tuple[Workbench, Pace]:
    try:
        return _open[library]
    except KeyError:
        raise RuntimeError(f"no run has {library} open: start a flow, not a task") from None


@contextmanager
def open_workbench(
    library: str,
    recipe: Recipe,
    command: str,
    *,
    device: str,
    derivatives: bool,
    masters: bool = True,
    create: bool = False,
    box: str | None = None,
    sizes: Sequence[Mapping[str, Any]] = (),
) -> Iterator[Workbench]:
    """Verify the weights, take the library's lock, begin a run in the ledger.

    `sizes` are the print sizes the run will make, as options of the enlargement; they make the
    time left right, and say whether faces must be found for a crop.

    The run's end is recorded by `close_run`; a run without an end was killed.

    Raises:
        WeightsError: before the run begins; before the library is touched, unless the model was
            chosen for a face.
        GpuBusy: another process uses the GPU that was asked for by name; with "auto" the CPU
            works then, and a note says so.
        LibraryBusy, LibraryDamaged: the library cannot be used.
    """
    return_large_blocks()
    root = Path(library)
    crops = any(size.get("fit") == "crop" for size in sizes)
    resolved = resolve_models(recipe, root, masters=masters, derivatives=derivatives, crops=crops)
    with (
        hold_device(device) as held,
        open_library(root, write=True, create=create) as opened,
    ):
        choices = choices_in_force(opened) if masters else {}
        resolved |= resolve_chosen(recipe, choices, root, resolved)
        models = ModelSet(resolved, device=held.name)
        software = software_versions()
        with opened.ledger.write() as session:
            run_id = record.start_run(
                session,
                command=command,
                recipe_name=recipe.name,
                recipe=dict(recipe.document),
                box=box,
                device=models.device,
                software=software,
            )
        plan = make_plan(recipe, resolved)
        steps = [*plan.print_steps] if masters else []
        steps += [plan.derivative(size) for size in sizes]
        moving = Pace(_rates(opened, models.device), listener(), steps, 1 + len(sizes))
        bench = Workbench(
            *(opened, plan, resolved, models, run_id, moving, software, held.note), choices=choices
        )
        with _run_log(opened, run_id):
            _open[library] = bench, moving
            try:
                yield bench
            except ShoeboxError as error:
                close_run(bench, int(error.exit_code), {"error": error.line()})
                raise
            finally:
                del _open[library]


def run_notes(bench: Workbench) -> list[str]:
    """What a person should know of a run as a whole."""
    return [*bench.plan.fallback_notes(), *([bench.device_note] if bench.device_note else [])]


def _rates(library: Library, device: str) -> dict[str, float]:
    """What this machine was measured to take: in this library, else by `shoebox doctor`."""

    @cache
    def megapixels(sha256: str) -> float | None:
        sheet = sheet_of_object(library, sha256)
        return None if sheet is None else sheet.megapixels

    return measured_rates(device) | rates_in(library, device, megapixels)


def ease(bench: Workbench) -> None:
    """After memory ran out: drop every loaded network and go on with the processor's memory."""
    bench.models = ModelSet(bench.resolved, device="cpu")


def close_run(bench: Workbench, exit_code: int, summary: dict[str, Any]) -> None:
    """Record how the run ended."""
    with bench.library.ledger.write() as session:
        record.end_run(session, bench.run_id, exit_code=exit_code, summary=summary)


def record_events(bench: Workbench, kind: str, messages: Sequence[str]) -> None:
    """Record things worth knowing that are no steps."""
    if messages:
        with bench.library.ledger.write() as session:
            for message in messages:
                record.add_event(session, run_id=bench.run_id, kind=kind, message=message)


def record_request(bench: Workbench, files: dict[str, Any]) -> None:
    """Record which files a run is to write, so that a rerun writes the same."""
    with bench.library.ledger.write() as session:
        record.add_event(
            session, run_id=bench.run_id, kind=_REQUEST, message="files wanted", data=files
        )


def last_request(library: Library) -> dict[str, Any]:
    """The files the latest run was to write; empty when there was none."""
    with library.ledger.read() as session:
        requests = queries.events(session, kind=_REQUEST)
    return dict(requests[-1].data) if requests else {}


class _RunLog(logging.FileHandler):
    """A log that stays quiet when it cannot be written, say, because the disk is full.

    Whatever really failed is told once, in one line; the log must neither hide nor repeat it.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Do nothing; the default prints a traceback."""

    def close(self) -> None:
        """Close the file, also when its last lines found no space."""
        with suppress(OSError):
            super().close()


@contextmanager
def _run_log(library: Library, run_id: int) -> Iterator[None]:
    """Write what the run does, with full tracebacks, to `logs/run-0001.log`."""
    handler = _RunLog(library.logs / f"run-{run_id:04d}.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
