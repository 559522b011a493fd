"""A ledger dumped as lines and loaded again is the same ledger, row for row."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.errors import UnknownPrint
from pipeline.store.clock import now
from pipeline.store.ledger_dump import dump_card, dump_tables, objects_in
from pipeline.store.ledger_load import load_tables
from pipeline.store.library import Library, lay_out, open_library
from pipeline.store.objects import ObjectStore, StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_event,
    add_export,
    add_print,
    add_scan,
    add_step,
    end_run,
    start_run,
)
from pipeline.store.rows import ObjectUse
from pipeline.store.selection import EVERYTHING, Selection, print_ids, scan_ids
from pipeline.store.session import Ledger, ledger_url
from pipeline.store.tables import (
    APPEND_ONLY,
    CaptionRecord,
    EventRecord,
    FaceChoiceRecord,
    LibraryRecord,
    RunRecord,
    ScanBackRecord,
    ScanRecord,
    StepRecord,
)

Put = Callable[[str], StoredObject]


def raw(ledger: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table as the database file has it, JSON as text."""
    with sqlite3.connect(ledger) as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)  # noqa: S608
            for name in APPEND_ONLY
        }


def dumped(library: Library, selection: Selection = EVERYTHING) -> dict[str, list[str]]:
    with library.ledger.read() as session:
        return {name: list(lines) for name, lines in dump_tables(session, selection).items()}


@pytest.fixture
def put(library: Library) -> Put:
    """Store an object of a few words."""
    return lambda words: library.objects.put(lambda file: file.write(words.encode()), ".tif")


def step(run_id: int, scan_id: int, stage: str, *outputs: Output, **more: object) -> NewStep:
    values: dict[str, object] = {
        "print_id": None,
        "key": f"{stage}-{scan_id}",
        "stage_version": 1,
        "options": {"zebra": 1, "ant": [1.0, 0.1 + 0.2, -0.0, 1e-320, 10**30]},
        "status": "done",
        "decision": "applied",
        "started_at": now(),
        "seconds": 0.1 + 0.2,
        "outputs": outputs,
        **more,
    }
    return NewStep(run_id=run_id, scan_id=scan_id, stage=stage, **values)  # type: ignore[arg-type]


@pytest.fixture
def box(library: Library, put: Put) -> Library:
    """Two prints on scan 1, its back on scan 2, a twin of scan 1 on scan 3, a stranger on 4."""
    with library.ledger.write() as session:
        run = start_run(
            session, command="digitize 'Omas\u2028Kiste'", box="/box", recipe={"b": 1, "a": None}
        )
        other = start_run(session, command="digitize other", box="/other")
        names = (b"page.tif", b"page_back.tif", b"twin \xff\x00.tif")
        for number, (name, words) in enumerate(zip(names, ("p", "b", "p"), strict=True), 1):
            stored = put(words)
            add_scan(
                session,
                run_id=run,
                box="/box",
                name_bytes=name,
                sha256=stored.sha256,
                bytes=stored.bytes,
            )
            add_step(session, step(run, number, "ingest", Output("original", stored)))
        crops = [put("crop 1"), put("crop 2")]
        add_step(
            session,
            step(run, 1, "split", *(Output(f"print-{i}", c) for i, c in enumerate(crops, 1))),
        )
        prints = [
            add_print(session, scan_id=1, ordinal=i, sha256=c.sha256, geometry={"angle": 0.1})
            for i, c in enumerate(crops, 1)
        ]
        first = add_step(
            session,
            step(
                run,
                1,
                "denoise",
                Output("photo", put("clean")),
                print_id=prints[0].id,
                inputs=[ObjectUse("photo", crops[0].sha256)],
                measures={"noise": 0.1, "\ud800 lone": "\x00\U0001f600"},
            ),
        )
        twin = add_print(session, scan_id=3, ordinal=1, sha256=crops[0].sha256, geometry={})
        add_step(
            session,
            step(run, 3, "denoise", Output("photo", put("clean")), print_id=twin.id, same_as=first),
        )
        add_export(
            session,
            run_id=run,
            print_id=1,
            step_id=first,
            path="exports/1.tif",
            sha256="0" * 64,
            bytes=2**40,
            options={},
        )
        add_event(session, run_id=run, kind="refused", message="of nobody", data={"x": []})
        add_event(session, run_id=run, kind="seen", message="m", data={}, print_id=1, scan_id=1)
        end_run(session, run, exit_code=0, summary={"z": 1, "a": 2})
        session.add(
            FaceChoiceRecord(
                print_id=1,
                box_left=0.1,
                box_top=1 / 3,
                box_right=0.5,
                box_bottom=0.7,
                face=1,
                action="restore",
                strength=0.3,
                command="choose",
                created_at=now(),
            )
        )
        session.add(
            CaptionRecord(
                run_id=run,
                scan_id=1,
                ordinal=1,
                title="Anna",
                date="1962?",
                edtf="1962?",
                place="",
                people=["Anna"],
                keywords=[],
                note="",
                via="box.csv",
                source="box.csv",
                source_sha256=put("b").sha256,
                created_at=now(),
            )
        )
        session.add(ScanBackRecord(run_id=run, scan_id=1, back_scan_id=2, created_at=now()))
        stranger = put("stranger")
        add_scan(
            session,
            run_id=other,
            box="/other",
            name_bytes=b"s.tif",
            sha256=stranger.sha256,
            bytes=stranger.bytes,
        )
        add_step(session, step(other, 4, "ingest", Output("original", stranger)))
        add_print(session, scan_id=4, ordinal=1, sha256=stranger.sha256, geometry={})
    return library


@pytest.fixture
def empty(tmp_path: Path) -> Library:
    """A library whose ledger has no row at all, not even about itself."""
    root = tmp_path / "empty"
    root.mkdir()
    ledger = lay_out(root, 100)
    return Library(root, "", ObjectStore(root / "objects", root / "quarantine"), ledger)


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


def test_one_print_brings_its_scan_its_siblings_its_back_its_twin_and_no_stranger(
    box: Library,
) -> None:
    with box.ledger.read() as session:
        chosen = Selection.of([2])
        assert scan_ids(session, chosen) == [1, 2]
        assert print_ids(session, chosen) == [1, 2]
        assert scan_ids(session, Selection.of([3])) == [1, 2, 3], "the twin took over step 5"
        needed = {item.sha256 for item in objects_in(session, chosen)}
        everything = {item.sha256 for item in objects_in(session)}
    lines = dumped(box, chosen)
    assert len(lines["run"]) == len(lines["run_end"]) == 1
    assert [json.loads(line)["message"] for line in lines["event"]] == ["m"]
    assert len(lines["caption"]) == len(lines["scan_back"]) == len(lines["face_choice"]) == 1
    assert len(everything) - len(needed) == 1
    assert needed == {json.loads(line)["sha256"] for line in lines["object"]}


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_any_selection_can_be_loaded_and_has_no_broken_reference(
    box: Library, empty: Library, number: int
) -> None:
    lines = dumped(box, Selection.of([number]))
    with empty.ledger.write() as session:
        load_tables(session, lines)
    assert empty.ledger.problems() == []
    before = raw(box.root / "ledger.sqlite")
    for name, rows in raw(empty.root / "ledger.sqlite").items():
        assert set(map(repr, rows)) <= set(map(repr, before[name]))


def test_a_print_that_is_not_there_is_refused(box: Library) -> None:
    with box.ledger.read() as session, pytest.raises(UnknownPrint):
        dump_tables(session, Selection.of([1, 99]))


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
