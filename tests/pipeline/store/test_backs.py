"""Which scan is the back of which is said by rows, the latest of which counts."""

from __future__ import annotations

import pytest

from pipeline.core.errors import LibraryDamaged
from pipeline.core.stage_names import INGEST
from pipeline.store import record
from pipeline.store.backs import back_ids, backs_of, front_of, is_back, pair_back
from pipeline.store.library import Library
from pipeline.store.status import library_status


def add_scan(library: Library, run_id: int, name: str, sha256: str = "ab") -> int:
    with library.ledger.write() as session:
        return record.add_scan(
            session, run_id=run_id, box="/box", name_bytes=name.encode(), sha256=sha256, bytes=1
        ).id


def pair(library: Library, run_id: int, front: int | None, back: int) -> bool:
    with library.ledger.write() as session:
        return pair_back(session, run_id=run_id, scan_id=front, back_scan_id=back)


def backs(library: Library, scan_id: int) -> list[str]:
    with library.ledger.read() as session:
        return [row.name for row in backs_of(session, scan_id)]


def ingest_failed(library: Library, run_id: int, scan_id: int) -> None:
    step = record.NewStep(
        run_id=run_id,
        scan_id=scan_id,
        print_id=None,
        key="k",
        stage=INGEST,
        stage_version=1,
        options={},
        status="failed",
        started_at="now",
        seconds=0.0,
        error_number=303,
        error_text="cut",
    )
    with library.ledger.write() as session:
        record.add_step(session, step)


def test_a_back_is_known_to_its_front_and_paired_once(library: Library, run_id: int) -> None:
    front, back = add_scan(library, run_id, "a.tif"), add_scan(library, run_id, "a_b.tif")
    other = add_scan(library, run_id, "c.tif")
    assert pair(library, run_id, front, back)
    assert not pair(library, run_id, front, back)
    assert (backs(library, front), backs(library, other)) == (["a_b.tif"], [])
    with library.ledger.read() as session:
        assert is_back(session, back)
        assert not is_back(session, front)
        assert back_ids(session) == {back}
        found = front_of(session, back)
        assert found is not None
        assert found.id == front
        assert front_of(session, front) is None


def test_a_pair_can_be_taken_apart_and_put_together_again(library: Library, run_id: int) -> None:
    front, back = add_scan(library, run_id, "a.tif"), add_scan(library, run_id, "a_b.tif")
    pair(library, run_id, front, back)
    assert pair(library, run_id, None, back)
    assert backs(library, front) == []
    with library.ledger.read() as session:
        assert not is_back(session, back)
        assert back_ids(session) == frozenset()
    assert pair(library, run_id, front, back)
    assert backs(library, front) == ["a_b.tif"]


def test_a_back_goes_with_a_front_that_was_scanned_anew(library: Library, run_id: int) -> None:
    front, back = add_scan(library, run_id, "a.tif"), add_scan(library, run_id, "a_b.tif")
    pair(library, run_id, front, back)
    anew = add_scan(library, run_id, "a.tif", "cd")
    pair(library, run_id, anew, back)
    assert (backs(library, front), backs(library, anew)) == ([], ["a_b.tif"])


def test_a_back_that_was_scanned_anew_counts_once(library: Library, run_id: int) -> None:
    front, back = add_scan(library, run_id, "a.tif"), add_scan(library, run_id, "a_b.tif")
    pair(library, run_id, front, back)
    anew = add_scan(library, run_id, "a_b.tif", "cd")
    pair(library, run_id, front, anew)
    with library.ledger.read() as session:
        assert [row.id for row in backs_of(session, front)] == [anew]
        assert back_ids(session) == {back, anew}


def test_status_counts_backs_apart_unless_one_was_refused(library: Library, run_id: int) -> None:
    front, back = add_scan(library, run_id, "a.tif"), add_scan(library, run_id, "a_b.tif")
    cut = add_scan(library, run_id, "a_back.tif")
    for own in (back, cut):
        pair(library, run_id, front, own)
    ingest_failed(library, run_id, cut)
    with library.ledger.read() as session:
        found = library_status(session)
    assert [(item.scan.name, item.state) for item in found.items] == [
        ("a.tif", "unfinished"),
        ("a_back.tif", "failed"),
    ]
    assert (found.scans, found.backs) == (2, 1)
    assert found.document("x")["backs"] == 1


def test_a_back_of_no_scan_is_refused(library: Library, run_id: int) -> None:
    back = add_scan(library, run_id, "a_b.tif")
    with pytest.raises(LibraryDamaged, match="FOREIGN KEY"):
        pair(library, run_id, 99, back)
