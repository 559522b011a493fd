"""`shoebox demo`: a small aged box, and everything run on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.console import say
from flows.cli.runs import run_flow


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the box and its library are made.")
    ] = Path("shoebox-demo"),
    recipe: p.Recipe = "archive",
    device: p.Device = "auto",
    json: p.Json = False,
) -> int:
    """Make a small box of aged public-domain photographs and restore it from end to end.

    Example: shoebox demo --folder /tmp/shoebox-demo
    """
    from pipeline.demo.box import make_demo_box

    box, library = folder / "demo_box", folder / "demo_library"
    made = make_demo_box(box)
    if not json:
        say(f"Made {len(made)} scans in {box}")

    def start() -> dict[str, Any]:
        from flows.digitize import digitize as flow

        return flow(
            box=str(box), library=str(library), recipe=recipe, device=device, size="5x5in", dpi=300
        )

    exit_code = run_flow(start, as_json=json)
    sheet = library / "exports" / "contact_sheet.jpg"
    from flows.sheet import write_contact_sheet

    if write_contact_sheet(library, sheet) and not json:
        say(f"Before and after, side by side: {sheet}")
        say(f"Masters and print files:       {library / 'exports'}")
        say(f"What was done to one of them:  shoebox history 0001-1 --library {library}")
    return exit_code
