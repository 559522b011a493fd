"""`shoebox captions`: list the captions of a library, or take some in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json

_MOST_NOTES = 20


def captions(
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE.csv", help="Record the captions in this file."),
    ] = None,
    library: p.Library = None,
    json: p.Json = False,
) -> None:
    """Print every scan with its caption as CSV to fill in, or record captions with --from.

    Example: shoebox captions --library ~/attic-library > captions.csv
    """
    root = p.library_path(library)
    from flows import captions as flow

    if source is not None:
        taken = flow.take_captions(root, source)
        if json:
            say_json(taken.document())
            return
        say(f"Lines: {taken.rows}, new or changed: {taken.recorded}.")
        for note in taken.notes[:_MOST_NOTES]:
            say(f"Note: {note}.")
        if len(taken.notes) > _MOST_NOTES:
            say(f"... and {len(taken.notes) - _MOST_NOTES} more lines like these.")
        if taken.recorded:
            say("`shoebox export` writes files that carry them.")
        return
    lines = flow.caption_lines(root)
    if json:
        say_json(flow.captions_document(lines))
        return
    from pipeline.ingest.caption_template import BYTE_ORDER_MARK, caption_csv

    # A spreadsheet opens the file that this is sent to; a terminal needs no mark.
    mark = "" if sys.stdout.isatty() else BYTE_ORDER_MARK
    sys.stdout.buffer.write((mark + caption_csv(lines)).encode())
