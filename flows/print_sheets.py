"""Putting many small prints on pages: what `shoebox export --sheet` does after enlarging them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.export_request import ExportRequest
from flows.finished_prints import FinishedPrint
from flows.requests import FilesWanted, Paper
from flows.restoring import stop_if_fatal
from flows.summary import RunSummary
from flows.tasks import FinishedStep
from flows.workbenches import log, workbench
from pipeline.config.recipe import Recipe
from pipeline.core.errors import ShoeboxError, UsageError
from pipeline.core.photo import Photo
from pipeline.export.imposition import (
    DEFAULT_GAP_INCHES,
    DEFAULT_MARGIN_INCHES,
    Page,
    arrange,
    impose,
)
from pipeline.export.sheet_export import SheetPrint, SheetRequest, write_sheet_page
from pipeline.export.size import PrintSize
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.output_colour import OutputColour, converted, output_colour
from pipeline.store import queries
from pipeline.store.library import Library

Made = Sequence[tuple[FinishedPrint, Sequence[tuple[FilesWanted, FinishedStep]]]]
"""Each print with what was made of it: which wish, by which step."""


def pages_of(paper: Paper, page: PrintSize, count: int, recipes: Iterable[Recipe]) -> list[Page]:
    """Where so many prints of one size go, which were made with these recipes.

    Raises:
        SizeRefused: not even one fits on the page.
        UsageError: prints that keep their own shape have no common size.
    """
    if "shrink" in {paper.fit or recipe.enlarge["fit"] for recipe in recipes}:
        raise UsageError(
            "prints that keep their own shape do not line up on a sheet",
            remedy="Add --fit pad or --fit crop, or leave out --sheet.",
        )
    dpi = paper.size.dpi
    return arrange(
        count,
        paper.size.pixels,
        page.pixels,
        dpi=dpi,
        bleed_px=paper.bleed_px,
        margin_px=round(DEFAULT_MARGIN_INCHES * dpi),
        gap_px=round(DEFAULT_GAP_INCHES * dpi),
    )


def write_sheets(library: str, asked: ExportRequest, made: Made, summary: RunSummary) -> None:
    """Write the pages of every size; a page that fails never stops the others."""
    for files in asked.files:
        steps = [
            (item.work.print_row.id, step["step_id"])
            for item, outcomes in made
            for wish, step in outcomes
            if wish is files
        ]
        if files.paper is None or asked.page is None or not steps:
            continue
        pages = pages_of(files.paper, asked.page, len(steps), [item.recipe for item, _ in made])
        for number, page in enumerate(pages, start=1):
            on_page, steps = steps[: len(page.slots)], steps[len(page.slots) :]
            target = files.folder / (
                f"sheet_{files.paper.size.label}_{number:02d}{files.form.suffix}"
            )
            try:
                write_sheet(library, str(target), on_page, page, files)
                summary.outputs.append(str(target))
            except ShoeboxError as error:
                stop_if_fatal(error)
                summary.problem(target.name, "export", error)


@task(
    name="write sheet",
    task_run_name="write {target}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_sheet(
    library: str, target: str, steps: Sequence[tuple[int, int]], page: Page, files: FilesWanted
) -> bool:
    """Write one page, unless it is there already; `steps` are (print id, step id)."""
    bench = workbench(library)
    colour = files.colour or output_colour("srgb")
    prints = tuple(_sheet_print(bench.library, *ids) for ids in steps)
    request = SheetRequest(
        prints,
        _as_json(page),
        colour,
        Path(target),
        # The bleed is around each print; the page itself is not cut.
        replace(files.form, bleed_px=0),
        files.overwrite,
    )
    written = write_sheet_page(
        bench.library,
        bench.run_id,
        request,
        lambda: next(impose([page], _encoded(bench.library, prints, colour))),
    )
    log.info("%s %s", "wrote" if written else "kept", target)
    return written


def _sheet_print(library: Library, print_id: int, step_id: int) -> SheetPrint:
    with library.ledger.read() as session:
        step = queries.step_by_id(session, step_id)
        assert step is not None
        return SheetPrint(queries.print_by_id(session, print_id), step)


def _encoded(
    library: Library, prints: Sequence[SheetPrint], colour: OutputColour
) -> Iterator[Photo]:
    """The pictures, all in one encoding: one page cannot have several."""
    for one in prints:
        photo = read_checkpoint(library.objects.verified_path(one.picture))
        # One that was in that encoding already may only have implied it.
        yield replace(converted(photo, colour), icc=colour.icc)


def _as_json(page: Page) -> dict[str, Any]:
    return {
        "page_px": list(page.size),
        "dpi": page.dpi,
        "print_px": list(page.cell),
        "bleed_px": page.bleed,
        "places": len(page.slots),
    }
