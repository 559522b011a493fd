"""Writing masters and print sizes of finished prints to a folder of the person's choice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import flow

from flows.export_request import (
    ExportRequest,
    ExportWishes,
    export_request,
    refuse_strangers,
)
from flows.finished_prints import FinishedPrint, by_recipe, finished_prints
from flows.listening import listener
from flows.pace import sheet_of_object
from flows.print_plans import Plans, planned_papers
from flows.print_sheets import pages_of, write_sheets
from flows.requests import FilesWanted
from flows.restoring import stop_if_fatal, write_one
from flows.summary import RunSummary
from flows.tasks import FinishedStep, finished_step, proofed, step
from flows.workbenches import close_run, open_workbench, pace, workbench
from pipeline.config.recipe import DERIVATIVE
from pipeline.core.errors import ShoeboxError, StageFailed
from pipeline.io.derivative_format import Compression, Kind
from pipeline.io.output_colour import Intent
from pipeline.stages.sheet_layout import Fit
from pipeline.store.library import Library, open_library

_WAITING = (
    "something was decided about a face since this was made; "
    "`shoebox rerun --print PRINT` follows it"
)


Outcomes = list[tuple[FilesWanted, FinishedStep]]
"""What was made of one print: for which wish, by which step."""


@flow(name="export", flow_run_name="export to {to}", persist_result=False)
def export(
    library: str,
    to: str,
    prints: list[str] | None = None,
    size: str | list[str] | None = None,
    dpi: float = 300.0,
    kind: Kind = "tiff",
    fit: Fit | None = None,
    bleed: str = "0",
    border: str = "0",
    force: bool = False,
    bit_depth: int = 0,
    quality: int = 95,
    compression: Compression = "deflate",
    lossless: bool = False,
    profile: str | None = None,
    intent: Intent = "relative",
    black_point: bool = True,
    proof: str | None = None,
    sheet: str | None = None,
    certificate: str | None = None,
    key: str | None = None,
    overwrite: bool = False,
    device: str = "auto",
) -> dict[str, Any]:
    """Write finished prints as files.

    Args:
        library: the library.
        to: folder for the files; made when absent; not inside the library's own folders.
        prints: only these prints, by name.
        size: a print size such as 8x10in, or several; None for masters at their own size.
        device: auto, cpu, cuda or mps.
        dpi, kind, fit, bleed, border, force, bit_depth, quality, compression, lossless, profile,
        intent, black_point, proof, sheet, certificate, key, overwrite: see `ExportWishes`.

    Returns:
        The run's summary as JSON, with a plan for each print and size.

    Raises:
        ShoeboxError: nothing could be begun, or nothing can go on.
    """
    began = time.monotonic()
    root = Path(library).absolute()
    wishes = ExportWishes(
        sizes=(size,) if isinstance(size, str) else tuple(size or ()),
        dpi=dpi,
        kind=kind,
        fit=fit,
        bleed=bleed,
        border=border,
        force=force,
        bit_depth=bit_depth,
        quality=quality,
        compression=compression,
        lossless=lossless,
        profile=profile,
        intent=intent,
        black_point=black_point,
        proof=proof,
        sheet=sheet,
        certificate=certificate,
        key=key,
        overwrite=overwrite,
    )
    asked = export_request(root, Path(to).absolute(), wishes)
    with open_library(root, write=False) as opened:
        finished = finished_prints(opened, prints)
        papers = [one.paper for one in asked.files if one.paper is not None]
        plans = planned_papers(opened, finished, papers)
        _refuse_misfits(opened, asked, finished, plans)
    summary = RunSummary(str(root), "", 0, device)
    summary.plans = [planned.as_json() for planned in plans.values()]
    summary.prints["total"] = len(finished)
    _export_all(str(root), finished, asked, plans, summary, device)
    summary.seconds = time.monotonic() - began
    return summary.document()


def _refuse_misfits(
    library: Library, asked: ExportRequest, finished: Sequence[FinishedPrint], plans: Plans
) -> None:
    """Refuse, before anything is begun, what could not be written in the end.

    Raises:
        SizeRefused, UsageError: a print does not fit on the sheet, or not into the format.
        TargetExists: a file that Shoebox did not write stands in the way.
    """
    if asked.page is not None:
        for files in asked.files:
            if files.paper is not None:
                recipes = [item.recipe for item in finished]
                pages_of(files.paper, asked.page, len(finished), recipes)
        return
    for files in asked.files:
        for planned in plans.values():
            if planned.paper == files.paper:
                files.form.refuse_size(*planned.plan.placing.layout.sheet)
    refuse_strangers(
        library, asked.files, [(item.work.scan, item.work.print_row) for item in finished]
    )


def _export_all(
    library: str,
    finished: Sequence[FinishedPrint],
    asked: ExportRequest,
    plans: Plans,
    summary: RunSummary,
    device: str,
) -> None:
    """One run for each recipe: a print is enlarged as its own recipe says."""
    began = time.monotonic()
    listener().phase("Exporting")
    sizes = [options for one in asked.files if (options := one.enlarge_options())]
    made: list[tuple[FinishedPrint, Outcomes]] = []
    for group in by_recipe(finished):
        with open_workbench(
            library,
            group[0].recipe,
            f"export to {asked.folder}",
            device=device,
            derivatives=bool(sizes),
            masters=False,
            sizes=sizes,
        ) as bench:
            summary.recipe, summary.run_id = group[0].recipe.name, bench.run_id
            summary.device = bench.models.device
            _plan_ahead(library, group)
            made += [(item, _export_one(library, item, asked, plans, summary)) for item in group]
            if asked.page is not None and len(made) == len(finished):
                write_sheets(library, asked, made, summary)
            summary.seconds = time.monotonic() - began
            close_run(bench, int(summary.exit_code), summary.document())


def _export_one(
    library: str,
    item: FinishedPrint,
    asked: ExportRequest,
    plans: Plans,
    summary: RunSummary,
) -> Outcomes:
    """Make one print in every size that is not refused; gives what was made."""
    moving, number = pace(library), item.work.print_row.id
    moving.item(item.work.label)
    if item.waiting:
        summary.note(_WAITING, item.work.label)
    made: Outcomes = []
    failed = False
    for files in asked.files:
        try:
            _heed(item, files, plans, summary)
            last = _derived(library, item, files, summary)
            if asked.page is None:
                write_one(library, item.work, files, last, summary)
            if asked.proof is not None:
                device = asked.proof
                told = proofed(
                    library, last["photos"][0], device.icc, device.intent, device.black_point
                )
                summary.note(told, item.work.label)
            made.append((files, last))
        except ShoeboxError as error:
            stop_if_fatal(error)
            failed = True
            summary.problem(item.work.label, "export", error)
    summary.prints["failed"] += failed
    moving.gone(number)
    return made


def _heed(
    item: FinishedPrint,
    files: FilesWanted,
    plans: Plans,
    summary: RunSummary,
) -> None:
    """Tell what the print will be on this paper.

    Raises:
        EnlargementRefused: it is not worth the paper.
    """
    planned = plans.get((item.work.print_row.id, files.paper)) if files.paper else None
    if planned is not None:
        if (refusal := planned.refusal()) is not None:
            raise refusal
        summary.findings.setdefault(item.work.label, []).append(planned.plan.sentence)


def _plan_ahead(library: str, group: Sequence[FinishedPrint]) -> None:
    """Tell the run's pace which prints are written."""
    bench, moving = workbench(library), pace(library)
    for item in group:
        master = item.master.output() if item.master else None
        sheet = sheet_of_object(bench.library, master) if master else None
        if sheet is not None:
            row = item.work.print_row
            moving.prints_found(row.id, {row.id: (sheet, None, 0)})


def _derived(
    library: str, item: FinishedPrint, files: FilesWanted, summary: RunSummary
) -> FinishedStep:
    """The master's last step, or the enlargement's when a size is wanted."""
    master = item.master.output() if item.master else None
    if item.master is None or master is None:
        raise StageFailed(
            f"{item.work.label} is not restored yet", remedy="`shoebox rerun` restores it."
        )
    size = files.enlarge_options()
    if size is None:
        return finished_step(item.master, ran=False)
    row = item.work.print_row
    with pace(library).job(row.id, DERIVATIVE) as over:
        label = item.work.label
        done = step(library, DERIVATIVE, row.scan_id, row.id, label, master, False, size)
        over(done["ran"])
    summary.count_step(item.work.label, done)
    return done
