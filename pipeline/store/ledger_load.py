"""Rows of a ledger read back from lines of JSON, each value checked before it is believed."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, get_args, get_origin, get_type_hints

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Double,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from pipeline.core.errors import BagRefused, LibraryTooNew
from pipeline.store.naming import storable
from pipeline.store.selection import table_named
from pipeline.store.session import SCHEMA
from pipeline.store.tables import APPEND_ONLY, Base

_BATCH = 500
LONGEST_LINE = 64 * 1024 * 1024
"""In characters; a step's measures are some thousands."""


def check_card(card: Mapping[str, Any], where: str) -> str:
    """The id of the library that a dump is of, after its schema was found readable.

    Args:
        card: what `ledger_dump.dump_card` made.
        where: the file's name, for the error.

    Raises:
        LibraryTooNew: the dump has a newer schema than this Shoebox knows.
        BagRefused: the card does not say what it should.
    """
    schema, library_id = card.get("schema"), card.get("library_id")
    if not (isinstance(schema, str) and isinstance(library_id, str) and library_id):
        raise BagRefused(f"{where} does not tell the ledger's schema and library")
    if not (schema.isascii() and schema.isdigit()):
        raise BagRefused(f"{where} names no schema: {storable(schema)[:40]!r}")
    if int(schema) > int(SCHEMA):
        raise LibraryTooNew(f"{where} has schema {schema}; this Shoebox knows {SCHEMA}")
    return library_id


def load_tables(
    session: Session,
    tables: Mapping[str, Iterable[str]],
    *,
    check: Callable[[str, Mapping[str, Any]], None] | None = None,
) -> dict[str, int]:
    """Write the rows of a dump into an empty ledger, with the ids they had.

    Tables and columns that the dump's older schema did not have stay empty or take their
    defaults. The caller's transaction must be rolled back when this fails (`Ledger.write` does).

    Args:
        session: a session of a ledger whose tables are empty.
        tables: lines by table's name, as `ledger_dump.dump_tables` gives them.
        check: is called with the table's name and each row, and may refuse it.

    Returns:
        How many rows each table got.

    Raises:
        BagRefused: a table, column or value is none of the ledger's, or a reference is broken.
    """
    if strange := sorted(set(tables) - set(APPEND_ONLY)):
        raise BagRefused(f"the ledger has no table {storable(strange[0])[:80]!r}")
    counts: dict[str, int] = {}
    for name in APPEND_ONLY:
        rows = _rows(name, tables.get(name, ()), check)
        counts[name] = _insert(session, name, rows)
    _move_sequences(session)
    return counts


def read_rows(name: str, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The checked rows of one table, a value for every column.

    Raises:
        BagRefused: a line is no row of this table.
    """
    return _rows(name, lines, None)


def _rows(
    name: str, lines: Iterable[str], check: Callable[[str, Mapping[str, Any]], None] | None
) -> Iterator[dict[str, Any]]:
    table, shapes = table_named(name), _json_shapes(name)
    for number, line in enumerate(lines, 1):
        where = f"{name}.jsonl line {number}"
        values = _object(line, where)
        if strange := sorted(set(values) - set(table.c.keys())):
            raise BagRefused(f"{where}: there is no column {storable(strange[0])[:80]!r}")
        row = {
            column.name: _value(column, values, shapes.get(column.name), where)
            for column in table.c
        }
        if check is not None:
            check(name, row)
        yield row


def _object(line: str, where: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise BagRefused(f"{where} is longer than {LONGEST_LINE} characters")
    try:
        values = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BagRefused(f"{where}: {error}") from error
    if not isinstance(values, dict):
        raise BagRefused(f"{where} is no JSON object")
    return values


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is there twice")
    return values


def _value(column: Column[Any], row: Mapping[str, Any], shape: type | None, where: str) -> Any:
    """The value of one column as the database takes it."""
    if column.name not in row:
        return _default(column, where)
    value = row[column.name]
    if value is None and column.nullable:
        return None
    try:
        return _typed(column, value, shape)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BagRefused(f"{where}, {column.name}: {error}") from error


def _default(column: Column[Any], where: str) -> Any:
    """What a column holds that the dump's schema did not have yet."""
    if isinstance(column.default, ScalarElementColumnDefault):
        return column.default.arg
    if column.nullable:
        return None
    raise BagRefused(f"{where} has no {column.name}")


def _typed(column: Column[Any], value: Any, shape: type | None) -> Any:
    kind = column.type
    if isinstance(kind, JSON):
        _require(shape is None or isinstance(value, shape), "an object or list was expected")
        _require_finite(value)
        return value
    if isinstance(kind, LargeBinary):
        return _bytes(value)
    if isinstance(kind, Integer):
        limit = 2 ** (63 if isinstance(kind, BigInteger) else 31)
        whole = isinstance(value, int) and not isinstance(value, bool)
        _require(whole and -limit <= value < limit, "no whole number of that size")
        return value
    if isinstance(kind, Double | Float | Numeric):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        _require(number and math.isfinite(value), "no finite number")
        return float(value)
    assert isinstance(kind, String), kind
    _require(isinstance(value, str), "no text")
    value.encode()  # A lone surrogate is a ValueError.
    return value


def _bytes(value: Any) -> bytes:
    _require(isinstance(value, dict) and set(value) == {"base64"}, "no base64")
    try:
        return base64.b64decode(value["base64"], validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _require_finite(value: Any) -> None:
    """Refuse numbers such as 1e999, which JSON reads as infinity."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, float):
            _require(math.isfinite(item), "no finite number")
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def _json_shapes(name: str) -> dict[str, type]:
    """Of each column of JSON whether it holds an object (dict) or a list."""
    table = table_named(name)
    (mapped,) = (m.class_ for m in Base.registry.mappers if m.local_table is table)
    shapes: dict[str, type] = {}
    for attribute, hint in get_type_hints(mapped).items():
        inner = get_args(hint)[0] if get_args(hint) else None
        if (shape := get_origin(inner)) in (dict, list):
            shapes[attribute] = shape
    return shapes


def _insert(session: Session, name: str, rows: Iterator[dict[str, Any]]) -> int:
    table, count = table_named(name), 0
    while batch := list(islice(rows, _BATCH)):
        try:
            session.execute(insert(table), batch)
        except (IntegrityError, DataError) as error:
            reason = " ".join(str(error.orig).split())
            raise BagRefused(f"{name}.jsonl: the ledger refuses a row: {reason}") from error
        count += len(batch)
    return count


def _move_sequences(session: Session) -> None:
    """Let PostgreSQL number new rows after those that came with their ids; SQLite does anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in APPEND_ONLY:
        table = table_named(name)
        if not _is_numbered(table):
            continue
        highest = session.scalar(select(func.max(table.c.id)))
        if highest is not None:
            words = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
            session.execute(words, {"name": f'"{name}"', "highest": highest})


def _is_numbered(table: Table) -> bool:
    return "id" in table.c and isinstance(table.c.id.type, Integer)
