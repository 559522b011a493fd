"""The ledger as lines of JSON: everything that its tables hold, and back again.

One line is one row: an object with a key for each column, keys sorted, columns of JSON just as
they are, binary columns as {"base64": "…"}, numbers with all their digits. Any program that reads
JSON can read it; no database is needed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import LargeBinary, Table, select
from sqlalchemy.orm import Session

from pipeline.store.objects import StoredObject
from pipeline.store.selection import (
    EVERYTHING,
    Key,
    Selection,
    selected_keys,
    table_named,
)
from pipeline.store.session import SCHEMA
from pipeline.store.tables import APPEND_ONLY

_BATCH = 500


def dump_card(library_id: str) -> dict[str, str]:
    """What tells a reader which tables to expect and whose they are (`schema.json`)."""
    return {"schema": SCHEMA, "library_id": library_id}


def dump_tables(session: Session, selection: Selection = EVERYTHING) -> dict[str, Iterator[str]]:
    """Every table of the ledger as lines of ASCII without line ends, in an order fit for loading.

    The lines are read as they are asked for, so the session must stay open until then. Rows come
    in the order of their primary keys; a table without selected rows gives no line.

    Args:
        session: a session that sees one state of the ledger.
        selection: which rows.

    Raises:
        UnknownPrint: the selection names a print that the ledger has not.
        ValueError: while reading: a row holds NaN or infinity, which no ledger should.
    """
    keys = selected_keys(session, selection)
    return {
        name: _lines(session, table_named(name), None if keys is None else keys[name])
        for name in APPEND_ONLY
    }


def objects_in(session: Session, selection: Selection = EVERYTHING) -> list[StoredObject]:
    """The objects that a selection needs, in the order of their digests."""
    keys = selected_keys(session, selection)
    table = table_named("object")
    rows = _rows(session, table, None if keys is None else keys["object"])
    return [StoredObject(row["sha256"], row["bytes"], row["suffix"]) for row in rows]


def _lines(session: Session, table: Table, keys: set[Key] | None) -> Iterator[str]:
    for row in _rows(session, table, keys):
        values = {name: _plain(table, name, row[name]) for name in sorted(row)}
        # Inside a value the order of keys is kept: `history --json` shows it.
        yield json.dumps(values, separators=(",", ":"), allow_nan=False)


def _plain(table: Table, name: str, value: Any) -> Any:
    if isinstance(table.c[name].type, LargeBinary) and value is not None:
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value


def _rows(session: Session, table: Table, keys: set[Key] | None) -> Iterator[dict[str, Any]]:
    """The rows of a table by primary key; of those selected, or all."""
    query = select(table).order_by(*table.primary_key)
    if keys is None:
        for row in session.execute(query, execution_options={"yield_per": _BATCH}):
            yield dict(row._mapping)
        return
    first, *_ = table.primary_key
    key_names = [column.name for column in table.primary_key]
    for chunk in _chunks(sorted({key[0] for key in keys})):
        for row in session.execute(query.where(first.in_(chunk))):
            values = dict(row._mapping)
            if tuple(values[name] for name in key_names) in keys:
                yield values


def _chunks(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    waiting = iter(values)
    while chunk := list(islice(waiting, _BATCH)):
        yield chunk
