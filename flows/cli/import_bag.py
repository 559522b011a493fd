"""`shoebox import-bag`: an archive package becomes a library again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json, showing_progress
from flows.listening import listener
from pipeline.ingest.bag_import import ImportReport
from pipeline.ingest.bag_import import import_bag as import_checked


def import_bag(
    bag: Annotated[Path, typer.Argument(metavar="BAG", help="The archive package's folder.")],
    library: p.Library = None,
    json: p.Json = False,
) -> None:
    """Bring an archive package back as a library; the folder given must be new or empty.

    Example: shoebox import-bag ~/attic-bag --library ~/attic-library
    """
    root = p.library_path(library)
    with showing_progress(quiet=json):
        progress = listener()
        progress.phase("Importing the package")
        progress.item(bag.name)
        found = import_checked(bag, root, progress)
    if json:
        say_json(asdict(found))
        return
    _show(found, root)


def _show(found: ImportReport, root: Path) -> None:
    say(
        f"{found.scans} scans, {found.prints} prints and {found.steps} steps are in {root} again: "
        f"{found.objects} objects, {found.bytes / 1e6:.1f} MB, {found.exports} exported files."
    )
    for path in found.exports_missing:
        say(f"Not in the package: {path} (`shoebox export` writes it anew).")
    say(f"`shoebox verify --library {root}` hashes everything once more.")
