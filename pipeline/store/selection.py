"""Which rows of the ledger belong together: everything, or some photographs with all they need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from pipeline.core.errors import UnknownPrint
from pipeline.store.tables import APPEND_ONLY, Base, ScanRecord

Key = tuple[Any, ...]
"""The primary key of one row."""

_Row = tuple[str, Key]

_SUBJECTS = frozenset({"scan", "print"})
"""Tables whose rows bring along whatever tells about them; a run, say, does not."""


@dataclass(frozen=True)
class Selection:
    """What to take out of a ledger.

    A scan is never torn apart: naming one print takes its scan, every print of that scan, their
    steps, exports, events and decisions, and whatever those refer to (runs, backs, the twin whose
    work a step took over).

    Args:
        print_ids: the prints wanted; None means every row of the ledger.
    """

    print_ids: frozenset[int] | None = None

    @classmethod
    def of(cls, print_ids: Collection[int]) -> Selection:
        """The scans of these prints."""
        return cls(frozenset(print_ids))


EVERYTHING = Selection()


def table_named(name: str) -> Table:
    """A table of the ledger by its name."""
    return Base.metadata.tables[name]


def selected_keys(session: Session, selection: Selection) -> dict[str, set[Key]] | None:
    """By table the primary keys of the rows selected; None when that is all of them.

    The rows are found along the foreign keys: up from every row to what it refers to, down from
    scans and prints to what tells about them, and down to rows that are part of another (their
    primary key holds a reference).

    Raises:
        UnknownPrint: the ledger has no print of one of the ids.
    """
    if selection.print_ids is None:
        return None
    up, down = _references(session)
    kept: set[_Row] = set()
    waiting: list[_Row] = [("print", (number,)) for number in sorted(selection.print_ids)]
    if strangers := [row[1][0] for row in waiting if row not in up]:
        raise UnknownPrint(f"the ledger has no print number {strangers[0]}")
    waiting += [row for row in up if row[0] == "library"]
    while waiting:
        row = waiting.pop()
        if row not in kept:
            kept.add(row)
            waiting += up.get(row, ())
            waiting += down.get(row, ())
    found: dict[str, set[Key]] = {name: set() for name in APPEND_ONLY}
    for name, key in kept:
        found[name].add(key)
    return found


def scan_ids(session: Session, selection: Selection) -> list[int]:
    """The scans selected, backs included, in the order of their ids."""
    return _ids(session, selection, "scan")


def print_ids(session: Session, selection: Selection) -> list[int]:
    """The prints selected, in the order of their ids; may be more than were asked for."""
    return _ids(session, selection, "print")


def _ids(session: Session, selection: Selection, name: str) -> list[int]:
    keys = selected_keys(session, selection)
    if keys is not None:
        return sorted(key[0] for key in keys[name])
    column = table_named(name).c.id
    return list(session.scalars(select(column).order_by(column)))


def _references(session: Session) -> tuple[Mapping[_Row, list[_Row]], Mapping[_Row, list[_Row]]]:
    """Of each row of the ledger: the rows it needs, and the rows it brings along."""
    up: dict[_Row, list[_Row]] = {}
    down: dict[_Row, list[_Row]] = defaultdict(list)
    for name in APPEND_ONLY:
        table = table_named(name)
        key_columns = list(table.primary_key)
        pointers = [(column, _target(column)) for column in table.columns if column.foreign_keys]
        columns: list[Column[Any]] = [*key_columns, *(column for column, _ in pointers)]
        for values in session.execute(select(*columns)):
            row = (name, tuple(values[: len(key_columns)]))
            needs = up.setdefault(row, [])
            for (column, target), value in zip(pointers, values[len(key_columns) :], strict=True):
                if value is None:
                    continue
                other = (target, (value,))
                needs.append(other)
                if target in _SUBJECTS or column.primary_key:
                    down[other].append(row)
    # A scan's digest is no foreign key, because a file that was refused never became an object.
    for number, sha256 in session.execute(select(ScanRecord.id, ScanRecord.sha256)):
        if ("object", (sha256,)) in up:
            up["scan", (number,)].append(("object", (sha256,)))
    return up, down


def _target(column: Column[Any]) -> str:
    """The table that a column refers to, always by its primary key."""
    (reference,) = column.foreign_keys
    return reference.column.table.name
