"""`shoebox export`: finished prints as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.runs import run_flow


def export(
    to: Annotated[Path, typer.Option("--to", help="Folder for the files.")],
    library: p.Library = None,
    print_name: p.PrintNames = None,
    size: p.Size = None,
    dpi: p.Dpi = 300.0,
    format: p.Format = "tiff",
    fit: p.Fit = None,
    quality: Annotated[
        int, typer.Option("--quality", min=1, max=100, help="Of a JPEG, 1 to 100.")
    ] = 95,
    overwrite: p.Overwrite = False,
    device: p.Device = "auto",
    json: p.Json = False,
) -> int:
    """Write masters, or one print size of them, to a folder.

    Example: shoebox export --library ~/attic-library --to ~/prints --size 10x15cm --format jpeg
    """
    root = p.library_path(library)
    from flows.preflight import check_library

    check_library(str(root))

    def start() -> dict[str, Any]:
        from flows.export import export as flow

        return flow(
            library=str(root),
            to=str(to),
            prints=print_name or None,
            size=size,
            dpi=dpi,
            kind=format,
            fit=fit,
            quality=quality,
            overwrite=overwrite,
            device=device,
        )

    return run_flow(start, as_json=json)
