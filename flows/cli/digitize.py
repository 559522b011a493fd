"""`shoebox digitize`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.runs import run_flow


def digitize(
    box: Annotated[Path, typer.Argument(help="Folder with the scans; never written to.")],
    library: p.Library = None,
    recipe: p.Recipe = "archive",
    device: p.Device = "auto",
    size: p.Sizes = None,
    dpi: p.Dpi = 300.0,
    format: p.Format = "tiff",
    fit: p.Fitting = None,
    overwrite: p.Overwrite = False,
    max_megapixels: p.MaxMegapixels = 1000.0,
    min_face: p.LeastFace = None,
    max_face: p.MostFace = None,
    backs: Annotated[
        bool,
        typer.Option(
            "--backs/--no-backs",
            help="Keep x_back.jpg and x_b.jpg with x.jpg as its back, or restore them as pictures.",
        ),
    ] = True,
    json: p.Json = False,
) -> int:
    """Restore every print on the scans of a box; goes on where it stopped, redoes nothing.

    Captions come from a file box.csv beside the scans; docs/captions.md tells how to write it.

    Example: shoebox digitize ~/scans/attic --library ~/attic-library --size 8x10in
    """
    root = p.library_path(library)
    from flows.preflight import check_digitize

    check_digitize(
        str(box),
        str(root),
        recipe=recipe,
        size=size,
        dpi=dpi,
        kind=format,
        fit=fit,
        overwrite=overwrite,
        min_face=min_face,
        max_face=max_face,
        backs=backs,
    )

    def start() -> dict[str, Any]:
        from flows.digitize import digitize as flow

        return flow(
            box=str(box),
            library=str(root),
            recipe=recipe,
            device=device,
            size=size,
            dpi=dpi,
            kind=format,
            fit=fit,
            overwrite=overwrite,
            max_megapixels=max_megapixels,
            min_face=min_face,
            max_face=max_face,
            backs=backs,
        )

    return run_flow(start, as_json=json)
