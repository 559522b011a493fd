"""Lines that no ledger would hold are refused, and nothing of them is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import BagRefused, LibraryTooNew
from pipeline.store.ledger_load import check_card, load_tables, read_rows
from pipeline.store.library import lay_out
from pipeline.store.session import SCHEMA, Ledger

RUN = {
    "id": 1,
    "command": "digitize",
    "recipe_name": None,
    "recipe": {},
    "box": None,
    "device": None,
    "software": {},
    "started_at": "2026",
}
LIBRARY = {"id": "L", "created_at": "2026"}
SCAN = {
    "id": 1,
    "run_id": 1,
    "box": "/b",
    "name": "n",
    "name_bytes": {"base64": "bg=="},
    "sha256": "0" * 64,
    "bytes": 1,
    "created_at": "2026",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    found = lay_out(tmp_path, 100)
    yield found
    found.close()


Load = Callable[..., dict[str, int]]


@pytest.fixture
def load(ledger: Ledger) -> Load:
    """Load rows, given as objects or as lines."""

    def into(**tables: list[Any]) -> dict[str, int]:
        lines = {
            name: [row if isinstance(row, str) else json.dumps(row) for row in rows]
            for name, rows in tables.items()
        }
        with ledger.write() as session:
            return load_tables(session, {"library": [json.dumps(LIBRARY)], **lines})

    return into


def test_good_rows_are_loaded(load: Load, ledger: Ledger) -> None:
    assert load(run=[RUN], scan=[SCAN])["scan"] == 1
    assert ledger.library_id() == "L"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "1"}, "id: no whole number"),
        ({"id": True}, "id: no whole number"),
        ({"id": 2**31}, "id: no whole number"),
        ({"command": 7}, "command: no text"),
        ({"command": "\ud800"}, "command: .*surrogate"),
        ({"recipe": []}, "recipe: an object or list"),
        ({"recipe": "{}"}, "recipe: an object or list"),
        ({"recipe": None}, "recipe: an object or list"),
        ({"colour": "red"}, "there is no column 'colour'"),
    ],
)
def test_a_value_of_another_kind_is_refused_and_named(
    load: Load, ledger: Ledger, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(BagRefused, match=f"run.jsonl line 2.*{words}"):
        load(run=[RUN, {**RUN, "id": 2, **change}])
    assert ledger.library_id() is None, "nothing of a dump that was refused may stay"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[1]",
        "null",
        "[" * 100_000,
        json.dumps(RUN).replace('"recipe": {}', '"recipe": {"x": NaN}'),
        json.dumps(RUN).replace('"recipe": {}', '"recipe": {"x": 1e999}'),
        json.dumps(RUN).replace('"recipe": {}', f'"recipe": {{"x": {"9" * 5000}}}'),
        json.dumps(RUN).replace('"id": 1', '"id": 1, "id": 2'),
    ],
)
def test_a_line_that_is_no_row_is_refused(load: Load, line: str) -> None:
    with pytest.raises(BagRefused, match=r"run\.jsonl line 1"):
        load(run=[line])


@pytest.mark.parametrize("value", ["bg==", {"base64": "!"}, {"base64": 1}, {"hex": "00"}, None])
def test_bytes_must_be_base64(load: Load, value: object) -> None:
    with pytest.raises(BagRefused, match="name_bytes"):
        load(run=[RUN], scan=[{**SCAN, "name_bytes": value}])


def test_a_broken_reference_is_refused_by_the_ledger(load: Load, ledger: Ledger) -> None:
    with pytest.raises(BagRefused, match=r"scan\.jsonl.*FOREIGN KEY"):
        load(run=[RUN], scan=[{**SCAN, "run_id": 7}])
    assert ledger.library_id() is None


def test_the_same_id_twice_is_refused(load: Load) -> None:
    with pytest.raises(BagRefused, match=r"run\.jsonl.*UNIQUE"):
        load(run=[RUN, RUN])


def test_a_table_of_no_ledger_is_refused(load: Load) -> None:
    with pytest.raises(BagRefused, match="no table 'users'"):
        load(users=[{"id": 1}])


def test_what_an_older_schema_lacked_stays_empty_and_what_it_had_may_not_be_missing(
    load: Load,
) -> None:
    without_command = {name: value for name, value in RUN.items() if name != "command"}
    with pytest.raises(BagRefused, match="has no command"):
        load(run=[without_command])
    without_device = {name: value for name, value in RUN.items() if name != "device"}
    assert load(run=[without_device])["face_choice"] == 0


def test_a_card_of_a_newer_schema_is_refused_as_too_new() -> None:
    newer = f"{int(SCHEMA) + 1:04d}"
    with pytest.raises(LibraryTooNew, match=newer):
        check_card({"schema": newer, "library_id": "L"}, "schema.json")
    assert check_card({"schema": "0001", "library_id": "L"}, "schema.json") == "L"


@given(
    card=st.dictionaries(
        st.sampled_from(["schema", "library_id"]),
        st.none() | st.integers() | st.text() | st.lists(st.text()),
    )
)
def test_no_card_at_all_is_taken_that_is_not_one(card: dict[str, Any]) -> None:
    try:
        found = check_card(card, "schema.json")
    except (BagRefused, LibraryTooNew):
        return
    assert found == card["library_id"] != ""
    assert int(card["schema"]) <= int(SCHEMA)


@given(line=st.text(max_size=200) | st.recursive(st.integers(), st.lists).map(json.dumps))
def test_no_line_does_anything_but_be_refused_or_read(line: str) -> None:
    with pytest.raises(BagRefused):
        list(read_rows("run", [line]))
