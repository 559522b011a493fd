"""Options that several commands share, spelled once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline.core.errors import UsageError
from pipeline.io.derivative_format import Kind
from pipeline.stages.sheet_layout import Fit

Library = Annotated[
    Path | None,
    typer.Option("--library", help="The library's folder; SHOEBOX_LIBRARY stands in for it."),
]
Recipe = Annotated[
    str, typer.Option("--recipe", help="archive, fast, faithful, portrait, or a TOML file.")
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"], typer.Option("--device", help="auto, cpu, cuda or mps.")
]
Sizes = Annotated[
    list[str] | None,
    typer.Option(
        "--size", help="Print size: 8x10in, 10x15cm, A4, wallet; may be given several times."
    ),
]
Dpi = Annotated[float, typer.Option("--dpi", help="Resolution of the print file, 72 to 2400.")]
Format = Annotated[
    Kind,
    typer.Option("--format", help="tiff and png (16 bit), jpeg, pdf, and for screens webp, jxl."),
]
Fitting = Annotated[
    Fit | None,
    typer.Option(
        "--fit",
        help="When the shapes differ: pad (white margins), crop (faces stay in), shrink.",
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace files that Shoebox did not write.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
PrintNames = Annotated[
    list[str] | None,
    typer.Option("--print", help="Only this print, such as 0003-1; may be given several times."),
]
MaxMegapixels = Annotated[
    float, typer.Option("--max-megapixels", help="Refuse larger scans before decoding them.")
]

LeastFace = Annotated[
    int | None,
    typer.Option("--min-face", metavar="PX", help="Leave faces narrower than this, px."),
]
MostFace = Annotated[
    int | None, typer.Option("--max-face", metavar="PX", help="Leave faces wider than this, px.")
]


def library_if_any(given: Path | None) -> Path | None:
    """The library's folder from the option or from SHOEBOX_LIBRARY, or None."""
    named = os.environ.get("SHOEBOX_LIBRARY")
    return given or (Path(named) if named else None)


def library_path(given: Path | None) -> Path:
    """The library's folder from the option or from SHOEBOX_LIBRARY.

    Raises:
        UsageError: neither is given.
    """
    path = library_if_any(given)
    if path is None:
        raise UsageError("no library given", remedy="Add --library DIR or set SHOEBOX_LIBRARY.")
    return path
