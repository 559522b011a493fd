"""Writing masters and print sizes of finished prints to a folder of the person's choice."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow
from sqlalchemy.orm import Session

from flows.listening import listener
from flows.pace import sheet_of_object
from flows.requests import FilesWanted, Kind, picture_format
from flows.restoring import PrintWork, stop_if_fatal, write_files
from flows.summary import RunSummary
from flows.tasks import FinishedStep, finished_step, step
from flows.workbenches import close_run, open_workbench, pace, workbench
from pipeline.config.recipe import DERIVATIVE, Recipe
from pipeline.config.recorded_recipe import recorded_recipe
from pipeline.core.errors import (
    RecipeRefused,
    ShoeboxError,
    StageFailed,
    TargetRefused,
    UnknownPrint,
)
from pipeline.execute.face_choices import waiting
from pipeline.export.size import parse_size
from pipeline.io.digest import canonical_json
from pipeline.store import queries
from pipeline.store.library import Library, open_library
from pipeline.store.masters import Master, masters
from pipeline.store.rows import PrintRow, StepRow
from pipeline.store.status import Item, library_status

_WAITING = (
    "something was decided about a face since this was made; "
    "`shoebox rerun --print PRINT` follows it"
)


@dataclass(frozen=True)
class _Finished:
    """A print, the recipe it was made with, and its master's last step (None: not restored).

    `waiting` says that something was decided about its faces since.
    """

    work: PrintWork
    recipe: Recipe
    master: StepRow | None
    waiting: bool


@flow(name="export", flow_run_name="export to {to}", persist_result=False)
def export(
    library: str,
    to: str,
    prints: list[str] | None = None,
    size: str | None = None,
    dpi: float = 300.0,
    kind: Kind = "tiff",
    fit: str | None = None,
    quality: int = 95,
    overwrite: bool = False,
    device: str = "auto",
) -> dict[str, Any]:
    """Write finished prints as files.

    Args:
        library: the library.
        to: folder for the files; made when absent; not inside the library's own folders.
        prints: only these prints, by name.
        size: a print size such as 8x10in, or None for masters at their own size.
        dpi: resolution of the print file.
        kind: tiff (16 bit), png (16 bit) or jpeg.
        fit: pad or crop, when picture and paper have different shapes.
        quality: of a JPEG, 1 to 100.
        overwrite: replace files that Shoebox did not write.
        device: auto, cpu, cuda or mps.

    Returns:
        The run's summary as JSON.

    Raises:
        ShoeboxError: nothing could be begun, or nothing can go on.
    """
    began = time.monotonic()
    library = str(Path(library).absolute())
    folder = _checked_target(Path(library), Path(to).absolute())
    parsed = parse_size(size, dpi) if size else None
    files = FilesWanted(folder, picture_format(kind, quality), parsed, fit, overwrite)
    with open_library(Path(library), write=False) as opened:
        finished = _look_up(opened, prints)
    summary = RunSummary(library, "", 0, device)
    summary.prints["total"] = len(finished)
    listener().phase("Exporting")
    sizes = [options] if (options := files.enlarge_options()) else []
    # A print is enlarged as its own recipe says: one run for each recipe.
    for group in _by_recipe(finished):
        recipe = group[0].recipe
        with open_workbench(
            library,
            recipe,
            f"export to {folder}",
            device=device,
            derivatives=parsed is not None,
            masters=False,
            sizes=sizes,
        ) as bench:
            summary.recipe, summary.run_id = recipe.name, bench.run_id
            summary.device = bench.models.device
            _plan_ahead(library, group)
            for item in group:
                _export_one(library, item, files, summary)
            summary.seconds = time.monotonic() - began
            close_run(bench, int(summary.exit_code), summary.document())
    return summary.document()


def _export_one(library: str, item: _Finished, files: FilesWanted, summary: RunSummary) -> None:
    moving, number = pace(library), item.work.print_row.id
    moving.item(item.work.label)
    if item.waiting:
        summary.note(_WAITING, item.work.label)
    try:
        steps = _derived(library, item, files, summary)
        write_files(library, item.work, [files], steps, summary)
    except ShoeboxError as error:
        stop_if_fatal(error)
        summary.prints["failed"] += 1
        summary.problem(item.work.label, "export", error)
    moving.gone(number)


def _plan_ahead(library: str, group: list[_Finished]) -> None:
    """Tell the run's pace which prints are written."""
    bench, moving = workbench(library), pace(library)
    for item in group:
        master = item.master.output() if item.master else None
        sheet = sheet_of_object(bench.library, master) if master else None
        if sheet is not None:
            row = item.work.print_row
            moving.prints_found(row.id, {row.id: (sheet, None, 0)})


def _by_recipe(finished: list[_Finished]) -> list[list[_Finished]]:
    groups: dict[str, list[_Finished]] = {}
    for item in finished:
        groups.setdefault(canonical_json(item.recipe.document), []).append(item)
    return list(groups.values())


def _checked_target(library: Path, folder: Path) -> Path:
    if folder == library or (
        library in folder.parents and library / "exports" not in folder.parents
    ):
        raise TargetRefused(
            f"{folder} is one of the library's own folders",
        )
    return folder


def _look_up(library: Library, names: list[str] | None) -> list[_Finished]:
    with library.ledger.read() as session:
        items = [item for item in library_status(session).items if item.print_row]
        if not items:
            raise RecipeRefused(
                "nothing was restored in this library yet", remedy="Start with `shoebox digitize`."
            )
        for name in names or []:
            queries.print_by_name(session, name)
            if name not in {item.print_row.name for item in items if item.print_row}:
                raise UnknownPrint(f"{name!r} was replaced when its scan was split again")
        finished = masters(session)
        return [
            _finished(library, session, item, item.print_row, finished.get(item.print_row.id))
            for item in items
            if item.print_row and (not names or item.print_row.name in names)
        ]


def _finished(
    library: Library, session: Session, item: Item, row: PrintRow, master: Master | None
) -> _Finished:
    run = queries.run_by_id(session, master.run_id if master else item.run_id)
    recipe = recorded_recipe(run.recipe, run.id)
    step_row = queries.step_by_id(session, master.step_id) if master else None
    return _Finished(PrintWork(item.scan, row), recipe, step_row, waiting(library, session, row))


def _derived(
    library: str, item: _Finished, files: FilesWanted, summary: RunSummary
) -> list[FinishedStep]:
    """The master's last step, then the enlargement's when a size is wanted."""
    master = item.master.output() if item.master else None
    if item.master is None or master is None:
        raise StageFailed(
            f"{item.work.label} is not restored yet", remedy="`shoebox rerun` restores it."
        )
    steps = [finished_step(item.master, ran=False)]
    size = files.enlarge_options()
    if size is not None:
        row = item.work.print_row
        with pace(library).job(row.id, DERIVATIVE) as over:
            label = item.work.label
            done = step(library, DERIVATIVE, row.scan_id, row.id, label, master, False, size)
            over(done["ran"])
        summary.count_step(item.work.label, done)
        steps.append(done)
    return steps
