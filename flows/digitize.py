"""The main job: a box of scans in, masters and print files out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import Any

from prefect import flow

from flows.listening import listener
from flows.preflight import DigitizeRequest, check_digitize
from flows.requests import Kind
from flows.restoring import PrintWork, outcome_of, restore_all, stop_if_fatal
from flows.summary import RunSummary
from flows.tasks import IngestedScan, ingest, step
from flows.workbenches import close_run, open_workbench, record_events, record_request, workbench
from pipeline.config.recipe import FIRST
from pipeline.core.errors import ShoeboxError
from pipeline.core.stage_names import INGEST
from pipeline.execute.prints import register_prints
from pipeline.execute.workbench import Workbench
from pipeline.store import queries, record
from pipeline.store.naming import printable
from pipeline.store.rows import ScanRow
from pipeline.store.status import GONE, library_status

DEFAULT_MAX_MEGAPIXELS = 1000.0


@flow(name="digitize", flow_run_name="digitize {box}", persist_result=False)
def digitize(
    box: str,
    library: str,
    recipe: str = "archive",
    device: str = "auto",
    size: str | None = None,
    dpi: float = 300.0,
    kind: Kind = "tiff",
    fit: str | None = None,
    overwrite: bool = False,
    max_megapixels: float = DEFAULT_MAX_MEGAPIXELS,
) -> dict[str, Any]:
    """Ingest a box, restore every print on its scans, write masters and print files.

    Args:
        box: folder of scans; never written to.
        library: folder that Shoebox owns; made when it is absent or empty.
        recipe: a bundled recipe's name or a recipe file.
        device: auto, cpu, cuda or mps.
        size: a print size such as 8x10in, or None for masters alone.
        dpi: resolution of the print file.
        kind: format of the print file; masters are 16-bit TIFF.
        fit: pad or crop, when picture and paper have different shapes.
        overwrite: replace files in the exports folder that Shoebox did not write.
        max_megapixels: a larger scan is refused before it is decoded.

    Returns:
        The run's summary as JSON; `exit_code` is 0, or 1 when some scans or prints failed.

    Raises:
        ShoeboxError: nothing could be begun, or nothing can go on.
    """
    began = time.monotonic()
    asked = check_digitize(
        box, library, recipe=recipe, size=size, dpi=dpi, kind=kind, fit=fit, overwrite=overwrite
    )
    library = str(asked.library)
    with open_workbench(
        library,
        asked.recipe,
        f"digitize {asked.box}",
        device=device,
        derivatives=size is not None,
        create=True,
        box=str(asked.box),
    ) as bench:
        summary = RunSummary(library, asked.recipe.name, bench.run_id, bench.models.device)
        summary.box = printable(str(asked.box))
        _note_what_lies_there(bench, asked, summary)
        record_request(bench, {"size": size, "dpi": dpi, "kind": kind, "fit": fit})
        ingested = _ingest_all(asked, max_megapixels, summary)
        work = split_all(library, ingested, summary)
        for sentence in bench.plan.fallback_notes():
            summary.note(sentence, "this run")
        restore_all(library, work, asked.wanted, summary)
        summary.seconds = time.monotonic() - began
        close_run(bench, int(summary.exit_code), summary.document())
        return summary.document()


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


def _ingest_all(
    asked: DigitizeRequest, max_megapixels: float, summary: RunSummary
) -> list[IngestedScan]:
    library, box = str(asked.library), str(asked.box)
    listener().phase("Taking in scans", len(asked.candidates))
    ingested: list[IngestedScan] = []
    for candidate in asked.candidates:
        name = os.fsencode(candidate.name)
        label = printable(name)
        listener().item(label)
        state = ingest(library, box, name.hex(), label, max_megapixels, return_state=True)
        outcome = outcome_of(state)
        if isinstance(outcome, ShoeboxError):
            stop_if_fatal(outcome)
            summary.files["refused"] += 1
            summary.problem(label, INGEST, outcome)
        else:
            summary.files["new" if outcome["ran"] else "recognised"] += 1
            ingested.append(outcome)
        listener().item_done(1)
    return ingested


def split_all(
    library: str, scans: Sequence[IngestedScan], summary: RunSummary, *, force: bool = False
) -> list[PrintWork]:
    """Find the prints on each scan; a scan that fails is a problem of its own.

    Args:
        library: the library's path.
        scans: scans that are in the library.
        summary: what is counted.
        force: look again although it was done, and restore every print from the start.
    """
    bench = workbench(library)
    listener().phase("Finding prints", len(scans))
    work: list[PrintWork] = []
    for scan in scans:
        row = _scan_row(library, scan["scan_id"])
        listener().item(row.name)
        state = step(
            library, FIRST, row.id, None, row.name, scan["sha256"], force, return_state=True
        )
        outcome = outcome_of(state)
        if isinstance(outcome, ShoeboxError):
            stop_if_fatal(outcome)
            summary.steps["failed"] += 1
            summary.problem(row.name, FIRST, outcome)
        else:
            summary.count_step(row.name, outcome)
            work += [PrintWork(row, found) for found in register_prints(bench, outcome["step_id"])]
        listener().item_done(1)
    return work


def _scan_row(library: str, scan_id: int) -> ScanRow:
    with workbench(library).library.ledger.read() as session:
        return queries.scan_by_id(session, scan_id)
