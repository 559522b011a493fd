"""`shoebox history`: how one photograph came to be."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.cli import parameters as p
from flows.cli.console import say, say_json
from flows.faces_told import face_lines
from pipeline.store import queries
from pipeline.store.choices import FaceChoiceRow, face_choices
from pipeline.store.library import open_library
from pipeline.store.rows import StepRow


def history(
    print_name: Annotated[str, typer.Argument(metavar="PRINT", help="Such as 0003-1.")],
    library: p.Library = None,
    json: p.Json = False,
) -> None:
    """Tell how a photograph came to be, step by step, from its scan to now.

    Example: shoebox history 0003-1 --library ~/attic-library
    """
    root = p.library_path(library)
    with open_library(root, write=False) as opened, opened.ledger.read() as session:
        found = queries.print_by_name(session, print_name)
        scan = queries.scan_by_id(session, found.scan_id)
        steps = queries.history(session, found)
        decided = face_choices(session, [found.id]).get(found.id, [])
    if json:
        say_json([_document(step) for step in steps])
        return
    say(f"Print {found.name} of {scan.name} (from {scan.box})")
    for step in steps:
        while decided and step.print_id and decided[0].created_at < step.started_at:
            say(_decision(decided.pop(0)))
        say(_sentence(step))
        for line in face_lines(step.stage, step.measures):
            say(f"{' ' * _INDENT}{line}")
    for row in decided:
        say(_decision(row))


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
