"""Running parts again: what failed, one print, or everything from one stage on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import flow

from flows.digitize import DEFAULT_MAX_MEGAPIXELS
from flows.known import was_taken_in
from flows.pace import sheet_of_object
from flows.requests import files_wanted
from flows.restoring import PrintWork, outcome_heard, restore_all, stop_if_fatal
from flows.splitting import split_scan, tell_prints
from flows.summary import RunSummary
from flows.tasks import IngestedScan, ingest
from flows.workbenches import (
    close_run,
    last_request,
    open_workbench,
    pace,
    record_request,
    run_notes,
    workbench,
)
from pipeline.config.face_options import with_face_sizes
from pipeline.config.recipe import DERIVATIVE, FIRST, Recipe, load_recipe
from pipeline.config.recorded_recipe import recorded_recipe
from pipeline.core.errors import (
    OriginalDamaged,
    RecipeRefused,
    ScanUnreadable,
    ShoeboxError,
    UnknownPrint,
)
from pipeline.core.stage_names import INGEST
from pipeline.io.digest import canonical_json
from pipeline.stages.registry import stage_named
from pipeline.store import queries
from pipeline.store.library import open_library
from pipeline.store.rows import ScanRow
from pipeline.store.status import Item, library_status


@dataclass(frozen=True)
class Choice:
    """What is to be run again: only failures, only these prints, or everything."""

    failed: bool
    prints: tuple[str, ...]


@flow(name="rerun", flow_run_name="rerun {library}", persist_result=False)
def rerun(
    library: str,
    failed: bool = False,
    prints: list[str] | None = None,
    from_stage: str | None = None,
    recipe: str | None = None,
    device: str = "auto",
    overwrite: bool = False,
    max_megapixels: float = DEFAULT_MAX_MEGAPIXELS,
    min_face: int | None = None,
    max_face: int | None = None,
) -> dict[str, Any]:
    """Run again what is named; without a choice, whatever the recipe finds undone.

    Args:
        library: the library.
        failed: only scans and prints whose last attempt failed.
        prints: only these prints, by name.
        from_stage: run this stage and all after it even where they were done.
        recipe: another recipe than the one these prints were made with.
        device: auto, cpu, cuda or mps.
        overwrite: replace files in the exports folder that Shoebox did not write.
        max_megapixels: a larger scan is refused before it is decoded.
        min_face, max_face: faces narrower or wider than this are left, px of the print; None
            keeps the recipe's limits.

    Returns:
        The run's summary as JSON.

    Raises:
        ShoeboxError: nothing could be begun, or nothing can go on.
    """
    began = time.monotonic()
    library = str(Path(library).absolute())
    choice = Choice(failed, tuple(prints or ()))
    chosen, request, items = _look_up(library, recipe, choice)
    chosen = with_face_sizes(chosen, min_face, max_face)
    _check_stage(chosen, from_stage)
    wanted = files_wanted(
        Path(library) / "exports",
        size=request.get("size"),
        dpi=request.get("dpi", 300.0),
        kind=request.get("kind", "tiff"),
        fit=request.get("fit"),
        overwrite=overwrite,
    )
    with open_workbench(
        library,
        chosen,
        f"rerun {library}",
        device=device,
        derivatives=bool(request.get("size")),
        sizes=[options for w in wanted if (options := w.enlarge_options())],
    ) as bench:
        summary = RunSummary(library, chosen.name, bench.run_id, bench.models.device)
        record_request(bench, request)
        work = _prepare(library, items, from_stage, max_megapixels, summary)
        for sentence in run_notes(bench):
            summary.note(sentence, "this run")
        restore_all(library, work, wanted, summary)
        summary.seconds = time.monotonic() - began
        close_run(bench, int(summary.exit_code), summary.document())
        return summary.document()


def _look_up(
    library: str, recipe: str | None, choice: Choice
) -> tuple[Recipe, dict[str, Any], list[Item]]:
    with open_library(Path(library), write=False) as opened, opened.ledger.read() as session:
        items = _choose(list(library_status(session).items), choice)
        request = last_request(opened)
        runs = sorted({item.run_id for item in items})
        recipes = {
            canonical_json(run.recipe): run
            for run in (queries.run_by_id(session, run_id) for run_id in runs)
        }
        newest = queries.latest_run(session, restored=True)
    if recipe is not None:
        return load_recipe(recipe), request, items
    if newest is None:
        raise RecipeRefused(
            "nothing was run in this library yet", remedy="Start with `shoebox digitize`."
        )
    if len(recipes) > 1:
        names = ", ".join(sorted({str(run.recipe_name) for run in recipes.values()}))
        raise RecipeRefused(
            f"these prints were made with different recipes ({names})",
            remedy="Say which with --recipe, or choose prints with --print.",
        )
    run = next(iter(recipes.values()), newest)
    return recorded_recipe(run.recipe, run.id), request, items


def _check_stage(recipe: Recipe, from_stage: str | None) -> None:
    if from_stage is not None:
        stage_named(from_stage)
        if from_stage not in (*recipe.stage_names(), DERIVATIVE):
            raise RecipeRefused(f"recipe {recipe.name} has no stage {from_stage!r}")


def _choose(items: Sequence[Item], choice: Choice) -> list[Item]:
    chosen = [item for item in items if not choice.failed or item.state == "failed"]
    if not choice.prints:
        return chosen
    known = {item.print_row.name for item in items if item.print_row}
    for name in choice.prints:
        if name not in known:
            raise UnknownPrint(repr(name))
    return [item for item in chosen if item.print_row and item.print_row.name in choice.prints]


def _prepare(
    library: str,
    items: Sequence[Item],
    from_stage: str | None,
    max_megapixels: float,
    summary: RunSummary,
) -> list[PrintWork]:
    """The prints to restore: those chosen, and those of scans that first have to be split."""
    again = from_stage == FIRST
    scans = {item.scan.id: item.scan for item in items if item.print_row is None or again}.values()
    own = [item for item in items if item.print_row and not again]
    _plan_ahead(library, list(scans), own, from_stage)
    work: list[PrintWork] = []
    for scan in _taken_in(library, scans, max_megapixels, summary):
        pace(library).item(_name(library, scan))
        work += split_scan(library, scan, summary, key=scan["scan_id"], force=again)
    return work + [
        PrintWork(item.scan, item.print_row, from_stage) for item in own if item.print_row
    ]


def _plan_ahead(
    library: str, scans: Sequence[ScanRow], items: Sequence[Item], from_stage: str | None
) -> None:
    """Tell the run's pace what is to be done, by the ledger."""
    bench, moving = workbench(library), pace(library)
    for scan in scans:
        sheet = sheet_of_object(bench.library, scan.sha256)
        if sheet is not None:
            moving.scan_ahead(scan.id, sheet, taken_in=True, split=False)
    names = [planned.name for planned in bench.plan.print_steps]
    again = names.index(from_stage) if from_stage in names else None
    with bench.library.ledger.read() as session:
        for item in items:
            if item.print_row:
                tell_prints(session, bench, moving, item.print_row.id, [item.print_row], again)


def _name(library: str, scan: IngestedScan) -> str:
    with workbench(library).library.ledger.read() as session:
        return queries.scan_by_id(session, scan["scan_id"]).name


def _taken_in(
    library: str, scans: Iterable[ScanRow], max_megapixels: float, summary: RunSummary
) -> list[IngestedScan]:
    """Scans that are in the library, and those that can now be brought in from their box."""
    ready: list[IngestedScan] = []
    missing: list[ScanRow] = []
    for scan in scans:
        if _has_original(library, scan):
            ready.append({"scan_id": scan.id, "sha256": scan.sha256, "ran": False})
        else:
            missing.append(scan)
    moving = pace(library)
    if ready or missing:
        moving.phase("Taking in scans, finding prints")
    summary.files["found"] = len(missing)
    for scan in missing:
        moving.item(scan.name)
        hexed = scan.name_bytes.hex()
        with moving.job(scan.id, INGEST) as over:
            state = ingest(library, scan.box, hexed, scan.name, max_megapixels, return_state=True)
            outcome = outcome_heard(state, over)
        if isinstance(outcome, ScanUnreadable) and was_taken_in(workbench(library).library, scan):
            outcome = OriginalDamaged(f"{scan.name} ({scan.sha256}); its box has it no more either")
        if isinstance(outcome, ShoeboxError):
            stop_if_fatal(outcome)
            summary.files["refused"] += 1
            summary.problem(scan.name, INGEST, outcome)
            moving.gone(scan.id)
        else:
            summary.files["new"] += 1
            ready.append(outcome)
    return ready


def _has_original(library: str, scan: ScanRow) -> bool:
    return was_taken_in(workbench(library).library, scan) and workbench(library).is_intact(
        scan.sha256
    )
