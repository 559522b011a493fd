"""A ledger dumped as lines and loaded again is the same ledger, row for row."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.store.ledger_dump import dump_card, dump_tables
from pipeline.store.ledger_load import load_tables
from pipeline.store.library import Library, lay_out, open_library
from pipeline.store.record import (
    start_run,
)
from pipeline.store.session import Ledger, ledger_url
from pipeline.store.tables import (
    APPEND_ONLY,
    EventRecord,
    LibraryRecord,
    RunRecord,
    ScanRecord,
    StepRecord,
)
from tests.pipeline.store.full_ledger import dumped, raw


def test_loaded_again_every_table_is_the_same_to_the_last_byte(
    box: Library, empty: Library
) -> None:
    lines = dumped(box)
    with empty.ledger.write() as session:
        counts = load_tables(session, lines)
    before = raw(box.root / "ledger.sqlite")
    assert all(before[name] for name in APPEND_ONLY), "a table that holds nothing proves nothing"
    assert raw(empty.root / "ledger.sqlite") == before
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert dumped(empty) == lines


def test_a_loaded_ledger_goes_on_counting_where_the_old_one_stopped(
    box: Library, empty: Library
) -> None:
    lines = dumped(box)
    with empty.ledger.write() as session:
        load_tables(session, lines)
    with empty.ledger.write() as session:
        assert start_run(session, command="next") == 3


def test_a_line_is_plain_ascii_with_sorted_columns_and_readable_without_shoebox(
    box: Library,
) -> None:
    lines = dumped(box)
    row = json.loads(lines["scan"][2])
    assert list(row) == sorted(row)
    assert row["name_bytes"] == {"base64": "dHdpbiD/AC50aWY="}
    assert row["id"] == 3
    assert all(line.isascii() and "\n" not in line for table in lines.values() for line in table)
    options = json.loads(lines["step"][0])["options"]
    assert list(options) == ["zebra", "ant"], "inside a value the order is history's"


def test_the_card_names_schema_and_library(library: Library) -> None:
    card = dump_card(library.id)
    assert card == {"schema": library.ledger.schema(), "library_id": library.id}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a ledger without rows."""
    root = tmp_path_factory.mktemp("fresh")
    lay_out(root, 100).close()
    return root / "ledger.sqlite"


def _copied(fresh: Path, to: Path) -> Ledger:
    shutil.copyfile(fresh, to)
    return Ledger(ledger_url(to, create=False), may_write=True)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    words=st.text(st.characters(exclude_categories=["Cs"])),
    name=st.binary(max_size=40),
    value=st.dictionaries(st.text(st.characters()), _JSON, max_size=4),
    number=st.floats(allow_nan=False, allow_infinity=False),
)
def test_whatever_a_ledger_can_hold_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    fresh: Path,
    words: str,
    name: bytes,
    value: dict[str, object],
    number: float,
) -> None:
    here, there = (tmp_path_factory.mktemp("ledger") for _ in range(2))
    first, second = (_copied(fresh, folder / "ledger.sqlite") for folder in (here, there))
    with first.write() as session:
        session.add(LibraryRecord(id=words, created_at=words))
        session.add(
            RunRecord(command=words, recipe=value, software={}, started_at="", box=words or None)
        )
        session.flush()
        session.add(
            ScanRecord(
                run_id=1,
                box=words,
                name=words,
                name_bytes=name,
                sha256="",
                bytes=2**62,
                created_at="",
            )
        )
        session.flush()
        session.add(EventRecord(run_id=1, kind=words, message=words, data=value, created_at=""))
        session.add(
            StepRecord(
                run_id=1,
                scan_id=1,
                key="",
                stage=words,
                stage_version=1,
                options=value,
                status="done",
                reason=words,
                measures=value,
                models=[value],
                software={},
                notes=[words],
                started_at="",
                seconds=number,
            )
        )
    with first.read() as session:
        lines = {table: list(rows) for table, rows in dump_tables(session).items()}
    with second.write() as session:
        load_tables(session, lines)
    assert repr(raw(there / "ledger.sqlite")) == repr(raw(here / "ledger.sqlite"))


def test_no_number_is_not_written(library: Library, run_id: int) -> None:
    with library.ledger.write() as session:
        session.add(
            EventRecord(
                run_id=run_id, kind="k", message="", data={"x": float("nan")}, created_at=""
            )
        )
    with library.ledger.read() as session, pytest.raises(ValueError, match="JSON"):
        list(dump_tables(session)["event"])


def test_reading_does_not_hold_what_is_not_asked_for(box: Library) -> None:
    with open_library(box.root, write=False) as opened, opened.ledger.read() as session:
        tables = dump_tables(session)
        assert json.loads(next(tables["library"]))["id"] == box.id
        assert json.loads(next(tables["step"]))["stage"] == "ingest"
