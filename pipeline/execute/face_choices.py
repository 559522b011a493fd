"""Which decisions about faces are in force: the latest one for each face, unless it was taken back.

A decision is kept with the place of its face on the print, so it holds whatever the recipe, the
numbering or the result of a step becomes. When a scan is cut anew, its prints get other edges and
other names; a decision follows its place on the scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from pipeline.config.face_options import FACES
from pipeline.core.errors import ObjectMissing
from pipeline.io.read import inspect_scan
from pipeline.stages.face_choice import Box, FaceChoice, nearest, shares
from pipeline.store import queries
from pipeline.store.choices import FaceChoiceRow, face_choices
from pipeline.store.library import Library
from pipeline.store.rows import PrintRow

Corners = NDArray[np.float64]
"""float64 (3, 2): where a print's top left, top right and bottom left lie on its scan, px."""


def choices_in_force(library: Library) -> dict[int, tuple[FaceChoice, ...]]:
    """The decisions in force by print id; prints without any are absent.

    Their order depends on the faces' places alone, so the same decisions give the same step key
    in whatever order they were made.
    """
    with library.ledger.read() as session:
        rows = face_choices(session)
        scans = {queries.print_by_id(session, print_id).scan_id for print_id in rows}
        prints = [row for scan_id in scans for row in queries.prints(session, scan_id)]
        found = {row.id: _of_print(library, session, row, rows) for row in prints}
    return {print_id: choices for print_id, choices in found.items() if choices}


def choices_of(library: Library, session: Session, print_row: PrintRow) -> tuple[FaceChoice, ...]:
    """The decisions in force about one print."""
    others = [row.id for row in queries.prints(session, print_row.scan_id)]
    return _of_print(library, session, print_row, face_choices(session, others))


def waiting(library: Library, session: Session, print_row: PrintRow) -> bool:
    """Whether something was decided about a print's faces since they were last restored."""
    step = queries.newest_step(session, FACES, scan_id=print_row.scan_id, print_id=print_row.id)
    if step is None or step.status != "done":
        return False
    decided = choices_of(library, session, print_row)
    followed = list(step.options.get("choices", []))
    return followed != [choice.model_dump(mode="json") for choice in decided]


def in_force(rows: Sequence[FaceChoiceRow]) -> tuple[FaceChoice, ...]:
    """What is left of a print's decisions, given oldest first, from left to right."""
    kept: list[FaceChoice] = []
    for row in rows:
        earlier = nearest(kept, row.box)
        if earlier is not None:
            del kept[earlier]
        if row.action != "forget":
            kept.append(
                FaceChoice(
                    box=row.box,
                    leave=row.action == "leave",
                    model=row.model,
                    strength=row.strength,
                )
            )
    return tuple(sorted(kept, key=lambda choice: choice.box or ()))


def carried(box: Box, before: Corners, after: Corners) -> Box | None:
    """A place on one print as the place on another print of the same scan.

    Args:
        box: left, top, right, bottom, shares of the first print's sides.
        before, after: where the two prints lie on the scan.

    Returns:
        Shares of the second print's sides; None when most of it lies beyond that print.
    """
    places = np.array([[box[0], box[1]], [box[2], box[1]], [box[0], box[3]], [box[2], box[3]]])
    on_scan = before[0] + places @ (before[1:] - before[0])
    there = (on_scan - after[0]) @ np.linalg.inv(after[1:] - after[0])
    low, high = there.min(axis=0), there.max(axis=0)
    if not ((low + high) / 2 > 0).all() or not ((low + high) / 2 < 1).all():
        return None
    left, top, right, bottom = shares((*low, *high), 1, 1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _of_print(
    library: Library,
    session: Session,
    print_row: PrintRow,
    rows: dict[int, list[FaceChoiceRow]],
) -> tuple[FaceChoice, ...]:
    """What is in force of its own decisions and of those about other cuts of the same paper."""
    mine = list(rows.get(print_row.id, ()))
    others = [row for row in queries.prints(session, print_row.scan_id) if row.id != print_row.id]
    for other in others:
        theirs = rows.get(other.id, ())
        corners = [_corners(library, row) for row in (other, print_row)] if theirs else [None, None]
        if corners[0] is None or corners[1] is None:
            continue
        for row in theirs:
            box = carried(row.box, corners[0], corners[1])
            mine += [replace(row, box=box)] if box else []
    return in_force(sorted(mine, key=lambda row: row.id))


def _corners(library: Library, print_row: PrintRow) -> Corners | None:
    """Where a print lies on its scan; a print that was not cut is the whole of it."""
    quad = print_row.geometry.get("cut", {}).get("quad")
    if quad is not None:
        return np.asarray([quad[0], quad[1], quad[3]], dtype=np.float64)
    try:
        seen = inspect_scan(library.objects.path(print_row.sha256), max_megapixels=float("inf"))
    except ObjectMissing:
        return None
    return np.array([[0, 0], [seen.width, 0], [0, seen.height]], dtype=np.float64)
