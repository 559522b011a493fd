"""`shoebox history`: how one photograph came to be."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json
from pipeline.core.caption import Caption
from pipeline.core.errors import NotOurFile
from pipeline.export.faces_told import face_lines
from pipeline.store import queries
from pipeline.store.captions import backs_of, caption_of
from pipeline.store.choices import FaceChoiceRow, face_choices
from pipeline.store.library import open_library
from pipeline.store.rows import StepRow

if TYPE_CHECKING:
    from flows.whose_file import FileRecord


def history(
    what: Annotated[
        str,
        typer.Argument(metavar="PRINT|FILE", help="Such as 0003-1, or a file that was exported."),
    ],
    library: p.Library = None,
    json: p.Json = False,
) -> None:
    """Tell how a photograph came to be, step by step, from its scan to now; of a file, to it.

    Example: shoebox history 0003-1 --library ~/attic-library
    """
    if is_file_name(what):
        _history_of_file(Path(what), library, as_json=json)
        return
    root = p.library_path(library)
    with open_library(root, write=False) as opened, opened.ledger.read() as session:
        found = queries.print_by_name(session, what)
        scan = queries.scan_by_id(session, found.scan_id)
        steps = queries.history(session, found)
        decided = face_choices(session, [found.id]).get(found.id, [])
        caption = caption_of(session, found)
        backs = backs_of(session, found.scan_id)
    if json:
        say_json([_document(step) for step in steps])
        return
    say(f"Print {found.name} of {scan.name} (from {scan.box})")
    for line in caption_lines(caption):
        say(f"  {line}")
    for back in backs:
        say(f"  its back: {back.name}")
    for step in steps:
        while decided and step.print_id and decided[0].created_at < step.started_at:
            say(_decision(decided.pop(0)))
        _say_step(step)
    for row in decided:
        say(_decision(row))


def is_file_name(text: str) -> bool:
    """Whether an argument means a file rather than the name of a print."""
    return Path(text).suffix != "" or any(mark in text for mark in (os.sep, "/"))


def _history_of_file(path: Path, library: Path | None, *, as_json: bool) -> None:
    from flows.whose_file import library_of, record_of_file

    root = p.library_if_any(library) or library_of(path)
    if root is None:
        raise NotOurFile(f"{path} lies in no library")
    with open_library(root, write=False) as opened:
        record = record_of_file(opened, path)
    if as_json:
        say_json(_file_document(record))
        return
    say(f"{path}: print {record.print_row.name} of {record.scan.name} (from {record.scan.box})")
    say(f"  {_state(record)}")
    if record.beside:
        say(f"  with the prints {', '.join(record.beside)} on the same sheet")
    for line in caption_lines(record.caption):
        say(f"  {line}")
    for step in record.steps:
        _say_step(step)


def _state(record: FileRecord) -> str:
    if record.export is None:
        return (
            "not a file that Shoebox wrote; it says that it shows the picture made by these steps:"
        )
    written = record.export.created_at[:19]
    if record.unchanged:
        return f"as Shoebox wrote it on {written}"
    return f"changed since Shoebox wrote it on {written}"


def _file_document(record: FileRecord) -> dict[str, Any]:
    export = record.export
    return {
        "file": str(record.path),
        "sha256": record.sha256,
        "print": record.print_row.name,
        "scan": record.scan.name,
        "box": record.scan.box,
        "unchanged": record.unchanged,
        "exported_at": None if export is None else export.created_at,
        "exported_to": None if export is None else export.path,
        "options": None if export is None else dict(export.options),
        "picture": record.picture,
        "beside": list(record.beside),
        "caption": asdict(record.caption),
        "steps": [_document(step) for step in record.steps],
    }


def caption_lines(caption: Caption) -> list[str]:
    """What a person wrote about a print, a line for each thing."""
    told = {
        "title": caption.title,
        "date": caption.date if caption.date == caption.edtf else _dated(caption),
        "place": caption.place,
        "people": ", ".join(caption.people),
        "keywords": ", ".join(caption.keywords),
        "note": caption.note,
    }
    return [f"{name}: {words}" for name, words in told.items() if words]


def _dated(caption: Caption) -> str:
    return f"{caption.date} (EDTF {caption.edtf})" if caption.edtf else caption.date


def _say_step(step: StepRow) -> None:
    say(_sentence(step))
    for line in face_lines(step.stage, step.measures):
        say(f"{' ' * _INDENT}{line}")


_INDENT = 33
"""Where the words about a step begin."""


def _decision(row: FaceChoiceRow) -> str:
    return f"  {row.created_at[:19]}  decided    `shoebox {row.command}`"


def _document(step: StepRow) -> dict[str, Any]:
    main = next((model for model in step.models if model["role"] == step.stage), None)
    main = main or next(iter(step.models), None)
    return {
        "stage": step.stage,
        "version": step.stage_version,
        "status": step.status,
        "decision": step.decision,
        "reason": step.reason,
        "error": step.error_text,
        "options": dict(step.options),
        "inputs": [use.sha256 for use in step.inputs],
        "outputs": [use.sha256 for use in step.outputs],
        "roles": [use.role for use in step.outputs],
        "model": main["name"] if main else None,
        "weights_sha256": main["sha256"] if main else None,
        "models": [dict(model) for model in step.models],
        "device": step.device,
        "dtype": step.dtype,
        "started_at": step.started_at,
        "seconds": step.seconds,
        "measures": dict(step.measures),
        "notes": list(step.notes),
        "same_as": step.same_as,
        "software": dict(step.software),
        "key": step.key,
        "run": step.run_id,
    }


def _sentence(step: StepRow) -> str:
    head = f"  {step.started_at[:19]}  {step.stage:<10}"
    if step.status == "failed":
        return f"{head} FAILED: {step.error_text}"
    models = ", ".join(dict.fromkeys(str(model["name"]) for model in step.models))
    text = f"{head} {step.decision}"
    text += f": {step.reason}" if step.reason else ""
    text += f" [{models} on {step.device}]" if models else ""
    return f"{text} ({step.seconds:.2f} s)"
