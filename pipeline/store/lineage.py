"""How one file came to be: the steps that led to it, and no others."""

from __future__ import annotations

from sqlalchemy.orm import Session

from pipeline.store.queries import history
from pipeline.store.rows import PrintRow, StepRow


def lineage(session: Session, print_row: PrintRow, sha256: str) -> list[StepRow]:
    """The finished steps that led to an object of a print, oldest first.

    Walks back from the object through the inputs of the steps that made it. Superseded options,
    failures and repetitions stay out: of several steps of one stage with the same result the
    first counts, for it made the file. A step that declined (same object in and out) is part of
    the story.

    Args:
        session: a session.
        print_row: the print.
        sha256: the object, usually the print's master.

    Returns:
        Empty when no step of the print, or of its scan, made the object.
    """
    makers: dict[str, list[StepRow]] = {}
    for step in history(session, print_row):
        if step.status == "done":
            for use in step.outputs:
                makers.setdefault(use.sha256, []).append(step)
    chosen: dict[int, StepRow] = {}
    seen: set[str] = set()
    waiting = [sha256]
    while waiting:
        digest = waiting.pop()
        if digest in seen:
            continue
        seen.add(digest)
        for step in _first_of_each_stage(makers.get(digest, [])):
            chosen[step.id] = step
            waiting.extend(use.sha256 for use in step.inputs)
    return [chosen[step_id] for step_id in sorted(chosen)]


def _first_of_each_stage(steps: list[StepRow]) -> list[StepRow]:
    first: dict[str, StepRow] = {}
    for step in sorted(steps, key=lambda step: step.id):
        first.setdefault(step.stage, step)
    return list(first.values())
