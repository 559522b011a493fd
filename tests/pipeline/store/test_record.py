"""What goes into the ledger comes out of it again, in order, under names people can use."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from pipeline.core.errors import LibraryDamaged, StageContractBroken, UnknownPrint
from pipeline.store import queries
from pipeline.store.clock import now
from pipeline.store.library import Library
from pipeline.store.objects import StoredObject
from pipeline.store.record import (
    NewStep,
    Output,
    add_event,
    add_export,
    add_object,
    add_print,
    add_scan,
    add_step,
    end_run,
    start_run,
)
from pipeline.store.rows import ObjectUse, PrintRow, ScanRow


def stored(letter: str) -> StoredObject:
    return StoredObject(letter * 64, 7, ".tif")


def scan(library: Library, run_id: int, name: bytes = b"page.tif", letter: str = "0") -> ScanRow:
    with library.ledger.write() as session:
        return add_scan(
            session, run_id=run_id, box="/box", name_bytes=name, sha256=letter * 64, bytes=7
        )


def add(library: Library, step: NewStep) -> int:
    with library.ledger.write() as session:
        return add_step(session, step)


def new_step(run_id: int, scan_id: int, print_id: int | None = None, **more: Any) -> NewStep:
    facts: dict[str, Any] = {
        "key": "k" * 64,
        "stage": "denoise",
        "stage_version": 1,
        "options": {"strength": 0.5},
        "status": "done",
        "decision": "applied",
        "started_at": now(),
        "seconds": 1.25,
        **more,
    }
    return NewStep(run_id=run_id, scan_id=scan_id, print_id=print_id, **facts)


def split(library: Library, run_id: int, scan_id: int, *letters: str) -> list[PrintRow]:
    """A finished split that found the crops with these letters as digests."""
    outputs = [Output(f"print-{n}", stored(letter)) for n, letter in enumerate(letters, 1)]
    add(library, new_step(run_id, scan_id, stage="split", outputs=outputs))
    with library.ledger.write() as session:
        return [
            add_print(
                session, scan_id=scan_id, ordinal=n, sha256=letter * 64, geometry={"angle": 1}
            )
            for n, letter in enumerate(letters, 1)
        ]


def test_a_run_tells_how_it_ended_or_that_it_never_did(library: Library, run_id: int) -> None:
    with library.ledger.read() as session:
        going = queries.latest_run(session, "/box")
    assert going is not None
    assert (going.command, going.exit_code, going.ended_at) == ("digitize box", None, None)
    with library.ledger.write() as session:
        end_run(session, run_id, exit_code=1, summary={"failed": 2})
        other = start_run(session, command="export", recipe={"stages": ["denoise"]})
    with library.ledger.read() as session:
        ended, newest = queries.latest_run(session, "/box"), queries.latest_run(session)
    assert ended is not None
    assert newest is not None
    assert (ended.exit_code, ended.summary) == (1, {"failed": 2})
    assert (newest.id, newest.recipe) == (other, {"stages": ["denoise"]})


def test_a_run_ends_only_once(library: Library, run_id: int) -> None:
    with library.ledger.write() as session:
        end_run(session, run_id, exit_code=0, summary={})
    with pytest.raises(LibraryDamaged), library.ledger.write() as session:
        end_run(session, run_id, exit_code=1, summary={})


def test_a_second_ingest_of_the_same_file_is_the_same_scan(library: Library, run_id: int) -> None:
    first = scan(library, run_id)
    assert scan(library, run_id) == first
    twin = scan(library, run_id, name=b"copy.tif")
    rescanned = scan(library, run_id, letter="1")
    assert len({first.id, twin.id, rescanned.id}) == 3
    with library.ledger.read() as session:
        assert queries.scans(session, "/box") == [first, twin, rescanned]
        assert queries.scans(session, "/other") == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain.tif", "plain.tif"),
        ("Großmutter.tif".encode(), "Großmutter.tif"),
        (b"\xff\xfe.tif", r"\xff\xfe.tif"),
        (rb"\xff\xfe.tif", r"\\xff\\xfe.tif"),
        (b"new\nline\x1b[31m.tif", r"new\nline\x1b[31m.tif"),
        ("gp\u202efit.tif".encode(), r"gp\u202efit.tif"),
    ],
)
def test_a_scan_keeps_its_bytes_and_shows_a_harmless_name(
    library: Library, run_id: int, name: bytes, shown: str
) -> None:
    scan(library, run_id, name=name)
    with library.ledger.read() as session:
        (row,) = queries.scans(session)
    assert (row.name_bytes, row.name) == (name, shown)
    assert os.fsencode(os.fsdecode(row.name_bytes)) == name


def test_prints_are_named_by_scan_and_place_and_a_new_crop_gets_a_letter(
    library: Library, run_id: int
) -> None:
    page = scan(library, run_id)
    first = split(library, run_id, page.id, "a", "b")
    assert [row.name for row in first] == ["0001-1", "0001-2"]
    assert split(library, run_id, page.id, "a", "b") == first
    second = split(library, run_id, page.id, "a", "c")
    third = split(library, run_id, page.id, "a", "d", "e")
    assert [row.name for row in second + third] == [
        *("0001-1", "0001-2b"),
        *("0001-1", "0001-2c", "0001-3"),
    ]
    with library.ledger.read() as session:
        assert queries.current_prints(session, page.id) == third
        assert len(queries.prints(session, page.id)) == 5
        assert queries.print_by_name(session, "0001-2b") == second[1]


def test_going_back_to_an_earlier_cut_makes_its_prints_current_again(
    library: Library, run_id: int
) -> None:
    page = scan(library, run_id)
    first = split(library, run_id, page.id, "a", "b")
    split(library, run_id, page.id, "c")
    split(library, run_id, page.id, "a", "b")
    add(library, new_step(run_id, page.id, stage="split", status="failed", decision=None))
    with library.ledger.read() as session:
        assert queries.current_prints(session, page.id) == first
        assert queries.current_prints(session, 99) == []


def test_an_unknown_print_is_answered_with_the_nearest(library: Library, run_id: int) -> None:
    page = scan(library, run_id)
    split(library, run_id, page.id, "a", "b")
    with library.ledger.read() as session:
        with pytest.raises(UnknownPrint, match=r"'0001-3'; did you mean 0001-[12]\?"):
            queries.print_by_name(session, "0001-3")
        with pytest.raises(UnknownPrint, match=r"'zebra'$"):
            queries.print_by_name(session, "zebra")


def test_a_step_comes_back_as_it_was_recorded(library: Library, run_id: int) -> None:
    page = scan(library, run_id)
    (photo,) = split(library, run_id, page.id, "a")
    model = {"role": "artifacts", "name": "x4plus", "sha256": "f" * 64}
    step = new_step(
        run_id,
        page.id,
        photo.id,
        reason="grain",
        measures={"sigma": 0.1, "faces": [1, 2]},
        models=[model],
        device="cpu",
        dtype="bfloat16",
        software={"torch": "2"},
        notes=["a note"],
        inputs=[ObjectUse("photo", "a" * 64)],
        outputs=[Output("photo", stored("b")), Output("mask:scratches", stored("c"))],
    )
    step_id = add(library, step)
    with library.ledger.read() as session:
        row = queries.done_step(session, step.key, scan_id=page.id, print_id=photo.id)
        assert row == queries.step_by_id(session, step_id)
    assert row is not None
    for name in ("reason", "measures", "device", "dtype", "software", "seconds", "started_at"):
        assert getattr(row, name) == getattr(step, name)
    assert (row.models, row.notes) == ((model,), ("a note",))
    assert row.inputs == (ObjectUse("photo", "a" * 64),)
    assert row.outputs == (ObjectUse("photo", "b" * 64), ObjectUse("mask:scratches", "c" * 64))
    assert (row.output(), row.output("none")) == ("b" * 64, None)


def test_a_done_step_is_found_for_its_own_subject_only_unless_asked_anywhere(
    library: Library, run_id: int
) -> None:
    page = scan(library, run_id)
    one, two = split(library, run_id, page.id, "a", "b")
    add(library, new_step(run_id, page.id, one.id, key="1" * 64))
    latest = add(library, new_step(run_id, page.id, one.id, key="1" * 64))
    add(library, new_step(run_id, page.id, two.id, key="2" * 64, status="failed"))
    with library.ledger.read() as session:
        own = queries.done_step(session, "1" * 64, scan_id=page.id, print_id=one.id)
        assert own is not None
        assert own.id == latest
        assert queries.done_step(session, "1" * 64, scan_id=page.id, print_id=two.id) is None
        assert queries.done_step(session, "1" * 64, scan_id=page.id, print_id=None) is None
        assert queries.done_step(session, "2" * 64, scan_id=page.id, print_id=two.id) is None
        assert queries.done_step_anywhere(session, "1" * 64) == own


def test_latest_steps_show_the_newest_outcome_of_each_stage(library: Library, run_id: int) -> None:
    page = scan(library, run_id)
    one, two = split(library, run_id, page.id, "a", "b")
    add(library, new_step(run_id, page.id, one.id, status="failed", error_number=112))
    add(library, new_step(run_id, page.id, two.id, status="failed", error_number=112))
    add(library, new_step(run_id, page.id, one.id))
    with library.ledger.read() as session:
        latest = queries.latest_steps(session)
        of_two = queries.latest_steps(session, print_id=two.id)
    found = {(step.print_id, step.stage): step.status for step in latest}
    assert found == {
        (None, "split"): "done",
        (two.id, "denoise"): "failed",
        (one.id, "denoise"): "done",
    }
    assert [step.error_number for step in of_two] == [112]


def test_history_tells_the_scans_steps_first_then_the_prints_own(
    library: Library, run_id: int
) -> None:
    page, other = scan(library, run_id), scan(library, run_id, name=b"other.tif")
    add(library, new_step(run_id, page.id, stage="ingest"))
    add(library, new_step(run_id, other.id, stage="ingest"))
    one, two = split(library, run_id, page.id, "a", "b")
    for stage in ("diagnose", "repair"):
        add(library, new_step(run_id, page.id, two.id, stage=stage))
        add(library, new_step(run_id, page.id, one.id, stage=stage))
    with library.ledger.read() as session:
        told = queries.history(session, one)
    assert [step.stage for step in told] == ["ingest", "split", "diagnose", "repair"]
    assert {step.scan_id for step in told} == {page.id}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), np.float32(1), {1, 2}, object()])
def test_measures_that_are_not_json_numbers_are_refused_whole(
    library: Library, run_id: int, bad: object
) -> None:
    page = scan(library, run_id)
    with pytest.raises(StageContractBroken, match="measures of denoise"):
        add(library, new_step(run_id, page.id, measures={"sigma": bad}))
    with library.ledger.read() as session:
        assert queries.latest_steps(session) == []


def test_an_error_that_names_a_file_of_strange_bytes_can_be_recorded(
    library: Library, run_id: int
) -> None:
    page = scan(library, run_id)
    text = f"{os.fsdecode(b'/box/' + bytes([255]))}: cut\0"
    step_id = add(library, new_step(run_id, page.id, status="failed", error_text=text))
    with library.ledger.read() as session:
        row = queries.step_by_id(session, step_id)
    assert row is not None
    assert row.error_text == r"/box/\udcff: cut\x00"


def test_many_steps_are_read_at_once(library: Library, run_id: int) -> None:
    page = scan(library, run_id)
    with library.ledger.write() as session:
        add_object(session, stored("a"))
        for number in range(1100):
            uses = [ObjectUse("photo", "a" * 64)]
            add_step(session, new_step(run_id, page.id, stage=f"s{number}", inputs=uses))
    with library.ledger.read() as session:
        latest = queries.latest_steps(session, scan_id=page.id, run_id=run_id)
    assert len(latest) == 1100
    assert all(len(step.inputs) == 1 for step in latest)


def test_exports_and_events_are_listed_oldest_first(library: Library, run_id: int) -> None:
    page = scan(library, run_id)
    (photo,) = split(library, run_id, page.id, "a")
    step_id = add(library, new_step(run_id, page.id, photo.id))
    with library.ledger.write() as session:
        for name in ("one.tif", "two.tif"):
            add_export(
                session,
                run_id=run_id,
                print_id=photo.id,
                step_id=step_id,
                path=f"exports/{name}",
                sha256="e" * 64,
                bytes=5,
                options={"dpi": 300},
            )
        add_event(session, run_id=run_id, kind="refused", message="cut", data={"file": "x.tif"})
        add_event(session, run_id=run_id, kind="other", message="m")
    with library.ledger.read() as session:
        exported = queries.exports_of(session, photo.id)
        refused = queries.events(session, run_id=run_id, kind="refused")
    assert [row.path for row in exported] == ["exports/one.tif", "exports/two.tif"]
    assert [(row.message, row.data) for row in refused] == [("cut", {"file": "x.tif"})]
