"""What belongs to a photograph comes along with it, and nothing else."""

from __future__ import annotations

import json

import pytest

from pipeline.core.errors import UnknownPrint
from pipeline.store.ledger_dump import dump_tables, objects_in
from pipeline.store.ledger_load import load_tables
from pipeline.store.library import Library
from pipeline.store.selection import Selection, print_ids, scan_ids
from tests.pipeline.store.full_ledger import dumped, raw


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
