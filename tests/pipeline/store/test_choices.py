"""Decisions about faces are added one after the other and never lost."""

from __future__ import annotations

import io
import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from pipeline.core.errors import LibraryDamaged
from pipeline.store import record
from pipeline.store.choices import add_face_choice, face_choices
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject

BOX = (0.1, 0.2, 0.3, 0.4)


@pytest.fixture
def print_id(library: Library, run_id: int) -> int:
    return add_print(library, run_id, "ab")


def add_print(library: Library, run_id: int, sha256: str) -> int:
    with library.ledger.write() as session:
        record.add_object(session, StoredObject(sha256, 10, ".tif"))
        scan = record.add_scan(
            session, run_id=run_id, box="/box", name_bytes=b"a", sha256="ab", bytes=1
        )
        row = record.add_print(session, scan_id=scan.id, ordinal=1, sha256=sha256, geometry={})
    return row.id


def test_decisions_come_back_oldest_first_as_they_were_made(
    library: Library, print_id: int
) -> None:
    with library.ledger.write() as session:
        first = add_face_choice(
            session, print_id=print_id, box=BOX, face=2, action="leave", command="choose x --leave"
        )
        second = add_face_choice(
            session,
            print_id=print_id,
            box=BOX,
            face=2,
            action="restore",
            model="GFPGANv1.4",
            strength=0.25,
            command="choose x --model GFPGANv1.4 --strength 0.25",
        )
    with library.ledger.read() as session:
        rows = face_choices(session)[print_id]
    assert [row.id for row in rows] == [first, second]
    assert (rows[0].box, rows[0].face, rows[0].action) == (BOX, 2, "leave")
    assert (rows[1].action, rows[1].model, rows[1].strength) == ("restore", "GFPGANv1.4", 0.25)
    assert rows[1].command.endswith("0.25")
    assert rows[0].created_at <= rows[1].created_at


def test_only_the_prints_asked_for_are_told_of(
    library: Library, run_id: int, print_id: int
) -> None:
    other = add_print(library, run_id, "cd")
    with library.ledger.write() as session:
        for own in (print_id, other):
            add_face_choice(
                session, print_id=own, box=BOX, face=1, action="leave", command="choose"
            )
    with library.ledger.read() as session:
        assert set(face_choices(session)) == {print_id, other}
        assert set(face_choices(session, [other])) == {other}


def test_a_decision_about_no_print_or_of_an_unknown_kind_is_refused(
    library: Library, print_id: int
) -> None:
    facts = {"box": BOX, "face": 1, "command": "choose"}
    with pytest.raises(LibraryDamaged, match="FOREIGN KEY"), library.ledger.write() as session:
        add_face_choice(session, print_id=99, action="leave", **facts)
    with pytest.raises(LibraryDamaged, match="CHECK"), library.ledger.write() as session:
        add_face_choice(session, print_id=print_id, action="perhaps", **facts)  # type: ignore[arg-type]


def test_a_library_of_an_older_shoebox_is_upgraded_and_keeps_its_rows(root: Path) -> None:
    with open_library(root, write=True, create=True) as made:
        run_id = record_a_run(made)
        url = made.ledger.url
    downgrade(root)
    with open_library(root, write=True) as upgraded:
        assert upgraded.ledger.url == url
        print_id = add_print(upgraded, run_id, "ab")
        with upgraded.ledger.write() as session:
            add_face_choice(
                session, print_id=print_id, box=BOX, face=1, action="leave", command="choose"
            )
        with upgraded.ledger.read() as session:
            assert list(face_choices(session)) == [print_id]


def record_a_run(library: Library) -> int:
    with library.ledger.write() as session:
        return record.start_run(session, command="digitize box")


def downgrade(root: Path) -> None:
    """Make the ledger what the first Shoebox made: the newer tables gone, its number back."""
    with sqlite3.connect(root / "ledger.sqlite") as database:
        for table in ("caption", "scan_back", "face_choice"):
            database.execute(f"DROP TABLE {table}")
        database.execute("UPDATE alembic_version SET version_num = '0001'")


def test_postgresql_too_is_told_to_refuse_changes() -> None:
    words = io.StringIO()
    migration = import_module("pipeline.store.migrations.versions.0002_face_choices")
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": words}
    )
    with Operations.context(context):
        migration.upgrade()
    assert 'BEFORE UPDATE OR DELETE ON "face_choice" FOR EACH ROW' in words.getvalue()
