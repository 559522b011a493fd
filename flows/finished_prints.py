"""The prints of a library that are finished, or should be, as an export takes them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from flows.restoring import PrintWork
from pipeline.config.recipe import Recipe
from pipeline.config.recorded_recipe import recorded_recipe
from pipeline.core.errors import RecipeRefused, UnknownPrint
from pipeline.execute.face_choices import waiting
from pipeline.io.digest import canonical_json
from pipeline.store import queries
from pipeline.store.library import Library
from pipeline.store.masters import Master, masters
from pipeline.store.rows import PrintRow, StepRow
from pipeline.store.status import Item, library_status


@dataclass(frozen=True)
class FinishedPrint:
    """A print, the recipe it was made with, and its master's last step (None: not restored).

    `waiting` says that something was decided about its faces since.
    """

    work: PrintWork
    recipe: Recipe
    master: StepRow | None
    waiting: bool


def finished_prints(library: Library, names: Sequence[str] | None) -> list[FinishedPrint]:
    """The current prints of a library, or those of these names.

    Raises:
        RecipeRefused: nothing was restored yet.
        UnknownPrint: one of the names is of no print, or of one that was replaced.
    """
    with library.ledger.read() as session:
        items = [item for item in library_status(session).items if item.print_row]
        if not items:
            raise RecipeRefused(
                "nothing was restored in this library yet", remedy="Start with `shoebox digitize`."
            )
        for name in names or []:
            queries.print_by_name(session, name)
            if name not in {item.print_row.name for item in items if item.print_row}:
                raise UnknownPrint(f"{name!r} was replaced when its scan was split again")
        known = masters(session)
        return [
            _finished(library, session, item, item.print_row, known.get(item.print_row.id))
            for item in items
            if item.print_row and (not names or item.print_row.name in names)
        ]


def _finished(
    library: Library, session: Session, item: Item, row: PrintRow, master: Master | None
) -> FinishedPrint:
    run = queries.run_by_id(session, master.run_id if master else item.run_id)
    recipe = recorded_recipe(run.recipe, run.id)
    step_row = queries.step_by_id(session, master.step_id) if master else None
    return FinishedPrint(
        PrintWork(item.scan, row), recipe, step_row, waiting(library, session, row)
    )


def by_recipe(finished: Sequence[FinishedPrint]) -> list[list[FinishedPrint]]:
    """The prints in groups that were made with one recipe."""
    groups: dict[str, list[FinishedPrint]] = {}
    for item in finished:
        groups.setdefault(canonical_json(item.recipe.document), []).append(item)
    return list(groups.values())
