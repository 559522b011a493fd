"""`shoebox status`: how far everything has come."""

from __future__ import annotations

from rich.table import Table

from flows.cli import parameters as p
from flows.cli.console import out, say, say_json
from pipeline.store.library import open_library
from pipeline.store.status import LibraryStatus, library_status


def status(library: p.Library = None, json: p.Json = False) -> None:
    """Show every print, where it stands and what failed; works while a run goes on.

    Example: shoebox status --library ~/attic-library
    """
    root = p.library_path(library)
    with open_library(root, write=False) as opened, opened.ledger.read() as session:
        found = library_status(session)
    if json:
        say_json(found.document(str(root)))
    else:
        _show(found)


def _show(found: LibraryStatus) -> None:
    steps = found.steps
    backs = f", {found.backs} backs of prints" if found.backs else ""
    say(f"{found.scans} scans, {found.prints} prints{backs}.")
    say(
        f"Steps: {steps['done']} changed pixels, {steps['skipped']} decided to change nothing, "
        f"{steps['failed']} failed."
    )
    table = Table("print", "scan", "state", "stage", box=None, pad_edge=False)
    for item in found.items:
        name = item.print_row.name if item.print_row else "-"
        table.add_row(name, item.scan.name, item.state, item.stage or "-")
    out.print(table, markup=False)
    for item in found.items:
        if item.error:
            say(f"{item.print_row.name if item.print_row else item.scan.name}: {item.error}")
