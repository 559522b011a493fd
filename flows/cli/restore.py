"""`shoebox restore`: one photo, no library to think about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json, showing_progress
from flows.requests import kind_of
from pipeline.export.faces_told import face_lines
from pipeline.io.derivative import DerivativeFormat


def restore(
    file: Annotated[Path, typer.Argument(help="The picture: TIFF, PNG or JPEG.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    recipe: p.Recipe = "archive",
    device: p.Device = "auto",
    overwrite: p.Overwrite = False,
    min_face: p.LeastFace = None,
    max_face: p.MostFace = None,
    leave_face: Annotated[
        list[int] | None,
        typer.Option(
            "--leave-face",
            min=1,
            metavar="N",
            help="Leave this face, 1 the furthest left; may be given several times.",
        ),
    ] = None,
    json: p.Json = False,
) -> None:
    """Restore one picture, taken as one print, at its own size.

    Example: shoebox restore grandmother.tif -o grandmother-restored.tif
    """
    kind = kind_of(output)
    from flows.one_photo import restore_photo

    with showing_progress(quiet=json):
        report = restore_photo(
            file,
            output,
            DerivativeFormat(kind),
            recipe=recipe,
            device=device,
            overwrite=overwrite,
            min_face=min_face,
            max_face=max_face,
            leave_faces=leave_face or (),
        )
    if json:
        say_json(report)
        return
    for entry in report:
        reason = f": {entry['reason']}" if entry["reason"] else ""
        say(f"  {entry['stage']:<10} {entry['decision']}{reason}")
        for line in face_lines(entry["stage"], entry["measures"]):
            say(f"             {line}")
        for note in entry["notes"]:
            say(f"             {note}")
    say(f"Wrote {output}")
