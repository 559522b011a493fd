"""`shoebox rerun`: parts of a library again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.runs import run_flow


def rerun(
    library: p.Library = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what failed.")] = False,
    print_name: p.PrintNames = None,
    from_stage: Annotated[
        str | None, typer.Option("--from-stage", help="Run this stage and all after it again.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option("--recipe", help="Another recipe than the last run's.")
    ] = None,
    device: p.Device = "auto",
    overwrite: p.Overwrite = False,
    max_megapixels: p.MaxMegapixels = 1000.0,
    min_face: p.LeastFace = None,
    max_face: p.MostFace = None,
    json: p.Json = False,
) -> int:
    """Run again what failed, one print, or everything from a stage on; the rest is kept.

    Example: shoebox rerun --library ~/attic-library --failed
    """
    root = p.library_path(library)
    from flows.preflight import check_library

    check_library(str(root))

    def start() -> dict[str, Any]:
        from flows.rerun import rerun as flow

        return flow(
            library=str(root),
            failed=failed,
            prints=print_name or None,
            from_stage=from_stage,
            recipe=recipe,
            device=device,
            overwrite=overwrite,
            max_megapixels=max_megapixels,
            min_face=min_face,
            max_face=max_face,
        )

    return run_flow(start, as_json=json)
