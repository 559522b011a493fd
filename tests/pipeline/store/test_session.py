"""The ledger's database: bounded waits, whole transactions, rows that nobody can change."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from pipeline.core.errors import LedgerLocked, LibraryDamaged, LibraryReadOnly
from pipeline.store.library import Library, open_library
from pipeline.store.objects import StoredObject
from pipeline.store.queries import latest_run
from pipeline.store.record import add_object, start_run
from pipeline.store.session import SCHEMA
from pipeline.store.tables import APPEND_ONLY, Base, PrintRecord

Start = Callable[..., subprocess.Popen[str]]

HOLD_DATABASE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
"""

_VALID = {"status": "done", "direction": "in", "action": "leave"}
"""Columns that take only certain words, with one of them."""


def test_the_schema_known_is_the_newest_migration() -> None:
    with as_file(files("pipeline.store") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_the_migrations_make_exactly_the_tables(library: Library, root: Path) -> None:
    engine = create_engine(f"sqlite:///{root / 'ledger.sqlite'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert set(APPEND_ONLY) == set(Base.metadata.tables)


def test_the_database_is_opened_with_the_safe_settings(library: Library) -> None:
    wanted = {
        "journal_mode": "delete",
        "synchronous": 3,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "busy_timeout": 100,
    }
    with library.ledger.read() as session:
        found = {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_can_be_changed_or_deleted_by_any_program(
    library: Library, root: Path, table: str
) -> None:
    with sqlite3.connect(root / "ledger.sqlite") as database:
        names = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        holes = ", ".join("?" for _ in names)
        row = [_VALID.get(name, "1") for name in names]
        database.execute(f'INSERT INTO "{table}" VALUES ({holes})', row)  # noqa: S608
        for change in (f'UPDATE "{table}" SET "{names[0]}" = 2', f'DELETE FROM "{table}"'):  # noqa: S608
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                database.execute(change)


def test_a_row_that_refers_to_nothing_is_refused(library: Library) -> None:
    with pytest.raises(LibraryDamaged, match="FOREIGN KEY"), library.ledger.write() as session:
        session.add(
            PrintRecord(
                name="0001-1", scan_id=1, ordinal=1, sha256="ab", geometry={}, created_at="now"
            )
        )


def test_a_failed_block_leaves_no_row(library: Library) -> None:
    with pytest.raises(ZeroDivisionError), library.ledger.write() as session:
        start_run(session, command="digitize")
        raise ZeroDivisionError
    with library.ledger.read() as session:
        assert latest_run(session) is None


def test_a_reader_cannot_write(library: Library, root: Path) -> None:
    with open_library(root, write=False) as reader:
        with pytest.raises(LibraryReadOnly), reader.ledger.write() as session:
            start_run(session, command="digitize")
        # Not even by mistake: the database itself refuses.
        with pytest.raises(LibraryReadOnly), reader.ledger.read() as session:
            start_run(session, command="digitize")
    with library.ledger.read() as session:
        assert latest_run(session) is None


@pytest.mark.parametrize("hold", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_database_held_by_another_program_is_a_bounded_wait(
    library: Library, root: Path, start: Start, hold: str
) -> None:
    other = start(HOLD_DATABASE, root / "ledger.sqlite", hold)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(LedgerLocked, match="locked"), library.ledger.write():
        pass
    if hold == "BEGIN EXCLUSIVE":
        with pytest.raises(LedgerLocked), library.ledger.read() as session:
            latest_run(session)
    other.communicate("go\n")
    with library.ledger.write() as session:
        assert start_run(session, command="digitize") == 1


def test_a_writer_waits_for_a_short_holder(root: Path, start: Start) -> None:
    with open_library(root, write=True, create=True) as library:
        other = start(HOLD_DATABASE, root / "ledger.sqlite", "BEGIN IMMEDIATE")
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        with library.ledger.write() as session:
            assert start_run(session, command="digitize") == 1


def test_the_same_object_can_be_recorded_twice(library: Library) -> None:
    stored = StoredObject("a" * 64, 7, ".tif")
    for _ in range(2):
        with library.ledger.write() as session:
            add_object(session, stored)
            add_object(session, stored)


def test_a_commit_on_a_full_disk_leaves_the_ledger_as_it_was(
    tmp_path: Path, start: Start, mounted: Callable[[str], tuple[str, ...]]
) -> None:
    code = """
import sys
from pathlib import Path
from pipeline.core.errors import DiskFull
from pipeline.store.library import open_library
from pipeline.store.queries import latest_run
from pipeline.store.record import start_run
with open_library(Path(sys.argv[1]) / "lib", write=True, create=True) as library:
    with library.ledger.write() as session:
        start_run(session, command="small")
    try:
        with library.ledger.write() as session:
            start_run(session, command="x" * 2_000_000)
    except DiskFull:
        print("full")
    with library.ledger.read() as session:
        print(latest_run(session).command, library.ledger.problems())
"""
    before = mounted(f"mount -t tmpfs -o size=1m none '{tmp_path}'")
    assert start(code, tmp_path, before=before).communicate()[0] == "full\nsmall []\n"


def test_a_commit_whose_fsync_fails_is_not_a_commit(
    root: Path, start: Start, strace: Callable[..., tuple[str, ...]]
) -> None:
    code = """
import sys
from pathlib import Path
from pipeline.core.errors import WriteFailed
from pipeline.store.library import open_library
from pipeline.store.record import start_run
with open_library(Path(sys.argv[1]), write=True) as library:
    try:
        with library.ledger.write() as session:
            start_run(session, command="lost")
        print("committed")
    except WriteFailed as error:
        print("refused", "I/O" in error.detail)
"""
    with open_library(root, write=True, create=True):
        pass
    log = root.parent / "strace.log"
    quiet = start(code, root, before=strace("-y", "-e", "trace=fsync,fdatasync"))
    assert quiet.communicate()[0] == "committed\n"
    calls = re.findall(r"(f\w*sync)\(\d+<([^>]*)>", log.read_text())
    journal = next(index for index, (_, path) in enumerate(calls) if path.endswith("-journal"))
    # strace counts each kind of call by itself.
    name = calls[journal][0]
    when = [call for call, _ in calls[: journal + 1]].count(name)
    failing = strace("-e", f"inject={name}:error=EIO:when={when}")
    assert start(code, root, before=failing).communicate()[0] == "refused True\n"
    with open_library(root, write=False) as library, library.ledger.read() as session:
        found = latest_run(session)
    assert found is not None
    assert found.id == 1
