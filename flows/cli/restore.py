"""`shoebox restore`: one photo, no library to think about."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json, showing_progress
from flows.requests import Kind, picture_format
from pipeline.core.errors import UsageError

_KINDS: dict[str, Kind] = {
    ".tif": "tiff",
    ".tiff": "tiff",
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
}


def restore(
    file: Annotated[Path, typer.Argument(help="The picture: TIFF, PNG or JPEG.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    recipe: p.Recipe = "archive",
    device: p.Device = "auto",
    overwrite: p.Overwrite = False,
    json: p.Json = False,
) -> None:
    """Restore one picture, taken as one print, at its own size.

    Example: shoebox restore grandmother.tif -o grandmother-restored.tif
    """
    kind = _KINDS.get(output.suffix.lower())
    if kind is None:
        raise UsageError(f"{output} has no known ending", remedy="End it in .tif, .png or .jpg.")
    from flows.one_photo import restore_photo

    with showing_progress(quiet=json):
        report = restore_photo(
            file,
            output,
            picture_format(kind),
            recipe=recipe,
            device=device,
            overwrite=overwrite,
        )
    if json:
        say_json(report)
        return
    for entry in report:
        reason = f": {entry['reason']}" if entry["reason"] else ""
        say(f"  {entry['stage']:<10} {entry['decision']}{reason}")
        for note in entry["notes"]:
            say(f"             {note}")
    say(f"Wrote {output}")
