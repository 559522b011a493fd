"""Writing an archive package: everything about finished prints in one BagIt folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.export import export
from flows.export_request import check_bag
from flows.listening import listener
from flows.workbenches import log
from pipeline.core.errors import ExitCode, ShoeboxError
from pipeline.execute.workbench import software_versions
from pipeline.export.bag import write_bag
from pipeline.export.size import parse_size
from pipeline.store import queries, record
from pipeline.store.library import Library, open_library
from pipeline.store.selection import EVERYTHING, Selection


@flow(name="export bag", flow_run_name="package to {to}", persist_result=False)
def export_bag(
    library: str,
    to: str,
    prints: list[str],
    sizes: list[str],
    organisation: str,
    device: str,
    wishes: dict[str, Any],
) -> dict[str, Any]:
    """Write the masters and the sizes asked for, then a package with everything.

    Args:
        library: the library.
        to: the package's folder, which must not be there.
        prints: only these prints, with their whole scans; all when empty.
        sizes: print sizes that are made first, into the library's exports folder.
        organisation: who keeps the package; "" for nobody in particular.
        device: auto, cpu, cuda or mps.
        wishes: how the sizes are made, as for `flows.export.export`.

    Returns:
        The run's summary as JSON, with the package's report as `bag`.

    Raises:
        ShoeboxError: nothing could be begun, or the package could not be written whole.
    """
    began = time.monotonic()
    root, target = Path(library).absolute(), Path(to).absolute()
    check_bag(root, target)
    exports = root / "exports"
    masters = {"overwrite": wishes.get("overwrite", False)}
    done = [export(library, str(exports / "masters"), prints or None, device=device, **masters)]
    for size in sizes:
        folder = exports / _folder(size, wishes)
        done.append(export(library, str(folder), prints or None, size, device=device, **wishes))
    listener().phase("Writing the package")
    report = package(str(root), str(target), prints, organisation)
    summary = _together(done)
    summary["outputs"].append(report["path"])
    return {**summary, "bag": report, "seconds": round(time.monotonic() - began, 2)}


@task(
    name="write package",
    task_run_name="package {target}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def package(library: str, target: str, prints: Sequence[str], organisation: str) -> dict[str, Any]:
    """Write the package while nobody else changes the library; its report as JSON."""
    info = {"Source-Organization": organisation} if organisation else {}
    with open_library(Path(library), write=True) as opened:
        with opened.ledger.write() as session:
            ids = [queries.print_by_name(session, name).id for name in prints]
            run_id = record.start_run(
                session, command=f"export --bag --to {target}", software=software_versions()
            )
        try:
            report = write_bag(
                opened,
                Path(target),
                selection=Selection.of(ids) if ids else EVERYTHING,
                bag_info=info,
                progress=listener(),
            )
        except ShoeboxError as error:
            _end(opened, run_id, int(error.exit_code), {"error": error.line()})
            raise
        told = {**asdict(report), "path": str(report.path)}
        _end(opened, run_id, int(ExitCode.DONE), {"bag": told})
    log.info("wrote %s", target)
    return told


def _end(library: Library, run_id: int, code: int, summary: Mapping[str, Any]) -> None:
    with library.ledger.write() as session:
        record.end_run(session, run_id, exit_code=code, summary=summary)


def _folder(size: str, wishes: Mapping[str, Any]) -> str:
    return parse_size(size, wishes["dpi"]).label


def _together(done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One summary of several: counts of the last, files and troubles of all."""
    return {
        **done[-1],
        "outputs": [path for one in done for path in one["outputs"]],
        "problems": [problem for one in done for problem in one["problems"]],
        "plans": [plan for one in done for plan in one["plans"]],
        "notes": [note for one in done for note in one["notes"]],
        "findings": [found for one in done for found in one["findings"]],
        "exit_code": max(int(one["exit_code"]) for one in done),
    }
