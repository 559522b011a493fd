"""The main job: a box of scans in, masters and print files out."""

from __future__ import annotations

import os
import time
from typing import Any

from prefect import flow

from flows.known import scans_of_box, split_prints, was_taken_in
from flows.pace import sheet_of
from flows.preflight import DigitizeRequest, check_digitize
from flows.restoring import PrintWork, restore_all
from flows.splitting import tell_prints
from flows.summary import RunSummary
from flows.taking_in import TakingIn
from flows.workbenches import (
    close_run,
    open_workbench,
    pace,
    record_events,
    record_request,
    run_notes,
    workbench,
)
from pipeline.core.stage_names import INGEST
from pipeline.execute.workbench import Workbench
from pipeline.io.derivative_format import Kind
from pipeline.stages.sheet_layout import Fit
from pipeline.store import record
from pipeline.store.naming import printable
from pipeline.store.status import GONE, library_status

DEFAULT_MAX_MEGAPIXELS = 1000.0

_LOOK_AHEAD = 20
"""Scans taken in before the first print is restored, where it is known how fast the work goes."""


@flow(name="digitize", flow_run_name="digitize {box}", persist_result=False)
def digitize(
    box: str,
    library: str,
    recipe: str = "archive",
    device: str = "auto",
    size: str | list[str] | None = None,
    dpi: float = 300.0,
    kind: Kind = "tiff",
    fit: Fit | None = None,
    overwrite: bool = False,
    max_megapixels: float = DEFAULT_MAX_MEGAPIXELS,
    min_face: int | None = None,
    max_face: int | None = None,
    backs: bool = True,
) -> dict[str, Any]:
    """Ingest a box, restore every print on its scans, write masters and print files.

    Args:
        box: folder of scans, and of `box.csv` with their captions; never written to.
        library: folder that Shoebox owns; made when it is absent or empty.
        recipe: a bundled recipe's name or a recipe file.
        device: auto, cpu, cuda or mps.
        size: a print size such as 8x10in, or several; None for masters alone.
        dpi: resolution of the print file.
        kind: format of the print file; masters are 16-bit TIFF.
        fit: pad or crop, when picture and paper have different shapes.
        overwrite: replace files in the exports folder that Shoebox did not write.
        max_megapixels: a larger scan is refused before it is decoded.
        min_face, max_face: faces narrower or wider than this are left, px of the print; None
            keeps the recipe's limits.
        backs: keep files named like the back of another with it, instead of restoring them.

    Returns:
        The run's summary as JSON; `exit_code` is 0, or 1 when some scans or prints failed.

    Raises:
        ShoeboxError: nothing could be begun, or nothing can go on.
    """
    began = time.monotonic()
    asked = check_digitize(
        box,
        library,
        recipe=recipe,
        size=size,
        dpi=dpi,
        kind=kind,
        fit=fit,
        overwrite=overwrite,
        min_face=min_face,
        max_face=max_face,
        backs=backs,
    )
    library = str(asked.library)
    with open_workbench(
        library,
        asked.recipe,
        f"digitize {asked.box}",
        device=device,
        derivatives=bool(size),
        create=True,
        box=str(asked.box),
        sizes=[options for w in asked.wanted if (options := w.enlarge_options())],
    ) as bench:
        summary = RunSummary(library, asked.recipe.name, bench.run_id, bench.models.device)
        summary.box = printable(str(asked.box))
        _note_what_lies_there(bench, asked, summary)
        record_request(bench, {"size": size, "dpi": dpi, "kind": kind, "fit": fit})
        for sentence in run_notes(bench):
            summary.note(sentence, "this run")
        _plan_ahead(library, asked)
        _work_through(library, asked, max_megapixels, summary)
        summary.seconds = time.monotonic() - began
        close_run(bench, int(summary.exit_code), summary.document())
        return summary.document()


def _work_through(
    library: str, asked: DigitizeRequest, max_megapixels: float, summary: RunSummary
) -> None:
    """A few scans are taken in, then the first goes all the way, then the others follow.

    So a person sees a finished picture early. On a machine that was never measured each scan goes
    before the next is looked at, until its pace is known: the time left is then told from it.
    """
    looking, moving = "Taking in scans, finding prints", pace(library)
    moving.phase(looking)
    taking = TakingIn(library, asked, max_megapixels, summary)
    taking.begin()
    ahead = _LOOK_AHEAD if moving.is_informed else 1
    work: list[PrintWork] = []
    begun = False
    for number, (front, backs) in enumerate(asked.pairing.in_order, start=1):
        work += taking.take(front, backs)
        if work and not begun and number >= ahead:
            scan = work[0].scan.id
            restore_all(library, [w for w in work if w.scan.id == scan], asked.wanted, summary)
            work = [w for w in work if w.scan.id != scan]
            begun = moving.is_informed
            moving.phase(looking)
    taking.end()
    restore_all(library, work, asked.wanted, summary)


def _note_what_lies_there(bench: Workbench, asked: DigitizeRequest, summary: RunSummary) -> None:
    summary.files["found"] = len(asked.candidates)
    summary.passed_over = [
        {"name": printable(os.fsencode(entry.name)), "reason": entry.reason}
        for entry in asked.passed_over
    ]
    sentences = [f"{entry['name']}: {entry['reason']}" for entry in summary.passed_over]
    record_events(bench, "passed-over", sentences)
    _note_refused_files_that_are_gone(bench, asked)


def _note_refused_files_that_are_gone(bench: Workbench, asked: DigitizeRequest) -> None:
    """A file that was refused and then taken out of the box is no failure any more."""
    there = {os.fsencode(candidate.name) for candidate in asked.candidates}
    with bench.library.ledger.write() as session:
        refused = [
            item.scan
            for item in library_status(session).items
            if item.state == "failed" and item.stage == INGEST
        ]
        for scan in refused:
            if scan.box == printable(str(asked.box)) and scan.name_bytes not in there:
                record.add_event(
                    session,
                    run_id=bench.run_id,
                    kind=GONE,
                    message=f"{scan.name} was refused and is no longer in its box",
                    scan_id=scan.id,
                )


def _plan_ahead(library: str, asked: DigitizeRequest) -> None:
    """Tell the run's pace what lies in the box, by the files' headers and by the ledger."""
    bench, moving = workbench(library), pace(library)
    planned = bench.plan.scan_step
    backs = {os.fsencode(one.name) for _, own in asked.pairing.in_order for one in own}
    with bench.library.ledger.read() as session:
        known = scans_of_box(session, str(asked.box))
        for candidate in asked.candidates:
            name, sheet = os.fsencode(candidate.name), sheet_of(candidate.path)
            if sheet is None:
                continue  # It will be refused.
            scan = known.get((name, candidate.path.stat().st_size))
            if name in backs:
                taken_in = scan is not None and was_taken_in(bench.library, scan)
                moving.scan_ahead(name, sheet, taken_in=taken_in, split=True)
                continue
            prints = None if scan is None else split_prints(session, planned, scan)
            moving.scan_ahead(name, sheet, taken_in=prints is not None, split=prints is not None)
            if scan is not None and prints is not None:
                tell_prints(session, bench, moving, name, prints)
