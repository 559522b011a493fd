"""Captions are added one after the other; the last said counts, a print's own before its scan's."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from pipeline.core.caption import Caption
from pipeline.core.errors import LibraryDamaged
from pipeline.store import queries, record
from pipeline.store.captions import (
    Place,
    Source,
    Via,
    add_captions,
    add_source,
    caption_files,
    caption_of,
    captions_in_force,
    newest_source,
    own_captions,
)
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.rows import PrintRow
from pipeline.store.verify import verify

LAKE = Caption(
    title="Lake",
    date="1962?",
    edtf="1962?",
    place="Zürich",
    people=("Anna", "Bert"),
    keywords=("dog",),
    note="two\nlines",
)
HILL = Caption(title="Hill")


def said(
    library: Library, run_id: int, captions: Mapping[Place, Caption], via: Via = "file"
) -> int:
    stored = library.objects.put(lambda file: file.write(b"file\n"), ".csv")
    source = Source(via, "box.csv", stored)
    with library.ledger.write() as session:
        add_source(session, run_id=run_id, source=source, box="/box", rows=len(captions))
        return add_captions(session, run_id=run_id, source=source, captions=captions)


def add_prints(library: Library, run_id: int, name: bytes = b"a", count: int = 2) -> list[PrintRow]:
    with library.ledger.write() as session:
        scan = record.add_scan(
            session, run_id=run_id, box="/box", name_bytes=name, sha256="ab", bytes=1
        )
        made = []
        for ordinal in range(1, count + 1):
            crop = f"{name.decode()}{ordinal}"
            record.add_object(session, StoredObject(crop, 10, ".tif"))
            row = record.add_print(
                session, scan_id=scan.id, ordinal=ordinal, sha256=crop, geometry={}
            )
            made.append(row)
    return made


def in_force(library: Library) -> dict[int, Caption]:
    with library.ledger.read() as session:
        found = captions_in_force(session)
        for row in queries.prints(session):
            assert caption_of(session, row) == found.get(row.id, Caption())
    return found


def test_a_caption_of_a_scan_is_that_of_all_its_prints_unless_one_has_its_own(
    library: Library, run_id: int
) -> None:
    one, two = add_prints(library, run_id)
    (other,) = add_prints(library, run_id, b"b", 1)
    assert in_force(library) == {}
    assert said(library, run_id, {(one.scan_id, None): LAKE, (one.scan_id, 2): HILL}) == 2
    assert in_force(library) == {one.id: LAKE, two.id: HILL}
    assert other.id not in in_force(library)


def test_the_caption_said_last_counts_and_nothing_said_twice_adds_a_row(
    library: Library, run_id: int, root: Path
) -> None:
    one, _ = add_prints(library, run_id)
    place = (one.scan_id, 1)
    assert said(library, run_id, {place: LAKE}) == 1
    assert said(library, run_id, {place: LAKE}) == 0
    changed = replace(LAKE, edtf="", date="long ago")
    assert said(library, run_id, {place: changed}) == 1
    assert in_force(library) == {one.id: changed}
    with sqlite3.connect(root / "ledger.sqlite") as database:
        rows = database.execute(
            "SELECT date, edtf, via, source FROM caption ORDER BY id"
        ).fetchall()
    assert rows == [("1962?", "1962?", "file", "box.csv"), ("long ago", "", "file", "box.csv")]


def test_an_empty_caption_takes_back_what_was_said_and_adds_nothing_where_nothing_was(
    library: Library, run_id: int
) -> None:
    one, two = add_prints(library, run_id)
    said(library, run_id, {(one.scan_id, None): LAKE, (one.scan_id, 2): HILL})
    assert said(library, run_id, {(one.scan_id, 2): Caption(), (one.scan_id, 1): Caption()}) == 1
    assert in_force(library) == {one.id: LAKE, two.id: LAKE}
    assert said(library, run_id, {(one.scan_id, None): Caption()}) == 1
    assert in_force(library) == {}
    with library.ledger.read() as session:
        assert own_captions(session) == {}


def test_lines_of_a_box_that_did_not_change_undo_no_later_correction(
    library: Library, run_id: int
) -> None:
    one, two = add_prints(library, run_id)
    place = (one.scan_id, None)
    assert said(library, run_id, {place: LAKE}, via="box") == 1
    assert said(library, run_id, {place: HILL}, via="file") == 1
    assert said(library, run_id, {place: LAKE}, via="box") == 0
    assert in_force(library) == {one.id: HILL, two.id: HILL}
    assert said(library, run_id, {place: replace(LAKE, title="New")}, via="box") == 1
    assert in_force(library)[one.id].title == "New"


def test_an_empty_line_of_a_box_takes_back_only_what_the_box_said(
    library: Library, run_id: int
) -> None:
    one, _ = add_prints(library, run_id, count=2)
    said(library, run_id, {(one.scan_id, None): HILL}, via="file")
    assert said(library, run_id, {(one.scan_id, None): Caption()}, via="box") == 0
    assert in_force(library)[one.id] == HILL


def test_many_scans_are_compared_at_once(library: Library, run_id: int) -> None:
    with library.ledger.write() as session:
        names = [f"{i}".encode() for i in range(600)]
        scans = [
            record.add_scan(
                session, run_id=run_id, box="/box", name_bytes=name, sha256="ab", bytes=1
            ).id
            for name in names
        ]
    captions: dict[Place, Caption] = {(scan_id, None): HILL for scan_id in scans}
    assert said(library, run_id, captions) == 600
    changed = {**captions, (scans[7], None): LAKE}
    assert said(library, run_id, changed) == 1
    with library.ledger.read() as session:
        assert own_captions(session) == changed


def test_the_file_is_kept_as_an_object_and_verified(library: Library, run_id: int) -> None:
    one, _ = add_prints(library, run_id)
    said(library, run_id, {(one.scan_id, None): LAKE}, via="box")
    with library.ledger.read() as session:
        ((sha256, name),) = caption_files(session).items()
        assert newest_source(session, via="box", box="/box") == sha256
        assert newest_source(session, via="file", box="/box") is None
    assert (name, library.objects.verified_path(sha256).read_bytes()) == ("box.csv", b"file\n")
    report = verify(library)
    assert sha256 not in {bad.sha256 for bad in (*report.damaged, *report.missing)}
    assert report.orphans == ()


def test_a_caption_of_no_scan_or_from_no_file_is_refused(library: Library, run_id: int) -> None:
    one, _ = add_prints(library, run_id)
    with pytest.raises(LibraryDamaged, match="FOREIGN KEY"):
        said(library, run_id, {(99, None): LAKE})
    source = Source("file", "x.csv", StoredObject("cd" * 32, 1, ".csv"))
    with pytest.raises(LibraryDamaged, match="FOREIGN KEY"), library.ledger.write() as session:
        add_captions(session, run_id=run_id, source=source, captions={(one.scan_id, None): LAKE})


def test_a_library_of_the_shoebox_before_is_upgraded_and_keeps_its_rows(root: Path) -> None:
    with open_library(root, write=True, create=True) as made:
        with made.ledger.write() as session:
            run_id = record.start_run(session, command="digitize box")
        one, _ = add_prints(made, run_id)
    with sqlite3.connect(root / "ledger.sqlite") as database:
        database.execute("DROP TABLE caption")
        database.execute("DROP TABLE scan_back")
        database.execute("UPDATE alembic_version SET version_num = '0002'")
    with open_library(root, write=True) as upgraded:
        assert in_force(upgraded) == {}
        said(upgraded, run_id, {(one.scan_id, 1): LAKE})
        assert in_force(upgraded) == {one.id: LAKE}
    with (
        sqlite3.connect(root / "ledger.sqlite") as database,
        pytest.raises(sqlite3.IntegrityError, match="append only"),
    ):
        database.execute("UPDATE caption SET title = 'x'")


@pytest.mark.parametrize("table", ["caption", "scan_back"])
def test_postgresql_too_is_told_to_refuse_changes(table: str) -> None:
    words = io.StringIO()
    migration = import_module("pipeline.store.migrations.versions.0003_captions_and_backs")
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": words}
    )
    with Operations.context(context):
        migration.upgrade()
    assert f'BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW' in words.getvalue()
