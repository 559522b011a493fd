"""Opening a library: made whole, held by one, refused before any work."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import (
    LedgerDamaged,
    LibraryBusy,
    LibraryTooNew,
    NotALibrary,
)
from pipeline.store.library import Library, open_library
from pipeline.store.queries import latest_run
from pipeline.store.record import start_run

Start = Callable[..., subprocess.Popen[str]]
Trace = Callable[..., tuple[str, ...]]

HOLD = """
import sys
from pathlib import Path
from pipeline.store.library import open_library
with open_library(Path(sys.argv[1]), write=True, create=True):
    print("held", flush=True)
    sys.stdin.readline()
"""

OPEN = """
import sys
from pathlib import Path
from pipeline.core.errors import ShoeboxError
from pipeline.store.library import open_library
try:
    with open_library(Path(sys.argv[1]), write=True, create=True) as library:
        print(library.id)
except ShoeboxError as error:
    print(type(error).__name__, error.detail)
"""


def make(root: Path) -> str:
    with open_library(root, write=True, create=True) as library:
        return library.id


def test_a_new_library_has_its_layout_and_one_identity(root: Path) -> None:
    identity = make(root)
    names = {path.name for path in root.iterdir()}
    assert names == {
        *("README.txt", "shoebox.json", "ledger.sqlite", ".lock"),
        *("objects", "exports", "logs", "models", "quarantine"),
    }
    assert json.loads((root / "shoebox.json").read_text()) == {"format": 1, "library_id": identity}
    with open_library(root, write=False) as library:
        assert library.ledger.library_id() == library.id == identity
        assert library.exports == root / "exports"
    assert make(root) == identity


@pytest.mark.parametrize("name", ["with space", "50% ?&#", "ünï", "'quoted\""])
def test_a_library_may_have_any_name(tmp_path: Path, name: str) -> None:
    identity = make(tmp_path / name)
    assert (tmp_path / name / "ledger.sqlite").is_file()
    with open_library(tmp_path / name, write=False) as library:
        assert library.id == identity


def test_a_folder_that_only_holds_the_systems_litter_counts_as_empty(root: Path) -> None:
    root.mkdir()
    (root / ".DS_Store").touch()
    (root / "lost+found").mkdir()
    assert make(root)


def test_a_folder_with_other_files_is_not_taken_over(root: Path) -> None:
    root.mkdir()
    (root / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(NotALibrary, match=r"holiday\.jpg"):
        make(root)
    assert [path.name for path in root.iterdir()] == ["holiday.jpg"]


def test_a_folder_that_is_no_library_is_never_made_one_unasked(root: Path) -> None:
    for write in (False, True):
        with pytest.raises(NotALibrary), open_library(root, write=write):
            pass
    assert not root.exists()
    root.write_bytes(b"a file")
    with pytest.raises(NotALibrary, match="not a folder"):
        make(root)


def test_the_second_process_is_told_the_pid_of_the_first(root: Path, start: Start) -> None:
    holder = start(HOLD, root)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LibraryBusy, match=rf"pid {holder.pid} on "), open_library(root, write=True):
        pass
    holder.communicate("go\n")
    with open_library(root, write=True):
        pass


def test_the_lock_is_free_at_once_when_its_holder_is_killed(root: Path, start: Start) -> None:
    holder = start(HOLD, root)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    os.kill(holder.pid, signal.SIGKILL)
    assert holder.wait() == -signal.SIGKILL
    with open_library(root, write=True):
        words = json.loads((root / ".lock-holder.json").read_text())
        assert words["pid"] == os.getpid()


def test_reading_needs_no_lock(library: Library, root: Path) -> None:
    with library.ledger.write() as session:
        run = start_run(session, command="digitize")
    with open_library(root, write=False) as reader, reader.ledger.read() as session:
        found = latest_run(session)
    assert found is not None
    assert found.id == run


def test_the_lock_is_let_go_when_the_work_fails(root: Path) -> None:
    with pytest.raises(ZeroDivisionError), open_library(root, write=True, create=True):
        raise ZeroDivisionError
    make(root)


def test_what_a_killed_writer_left_is_cleared_when_the_library_is_held(root: Path) -> None:
    make(root)
    name = ".object.0123456789abcdef.part"
    left = [folder / name for folder in (root, root / "objects", root / "exports" / "deep")]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    with open_library(root, write=False):
        assert all(path.exists() for path in left)
    make(root)
    assert not any(path.exists() for path in left)


def test_a_download_that_can_be_resumed_is_not_cleared(root: Path) -> None:
    make(root)
    part = root / "models" / "GFPGANv1.4.pth.part"
    part.write_bytes(b"half")
    make(root)
    assert part.exists()


def test_a_read_only_library_is_refused_before_work_and_still_readable(
    root: Path, start: Start, mounted: Callable[[str], tuple[str, ...]]
) -> None:
    identity = make(root)
    mount = f"mount --bind '{root}' '{root}' && mount -o remount,bind,ro '{root}'"
    printed = start(OPEN, root, before=mounted(mount)).communicate()[0]
    assert printed.startswith("LibraryReadOnly ")
    assert "Read-only file system" in printed
    read = OPEN.replace("write=True, create=True", "write=False")
    assert start(read, root, before=mounted(mount)).communicate()[0] == f"{identity}\n"


def test_a_library_cannot_begin_on_a_read_only_disk(
    tmp_path: Path, start: Start, mounted: Callable[[str], tuple[str, ...]]
) -> None:
    mount = f"mount -t tmpfs -o ro none '{tmp_path}'"
    printed = start(OPEN, tmp_path / "new" / "lib", before=mounted(mount)).communicate()[0]
    assert printed.startswith("LibraryReadOnly ")


def test_a_full_disk_is_named_when_a_library_is_made(
    tmp_path: Path, start: Start, mounted: Callable[[str], tuple[str, ...]]
) -> None:
    mount = f"mount -t tmpfs -o size=64k none '{tmp_path}'"
    printed = start(OPEN, tmp_path / "lib", before=mounted(mount)).communicate()[0]
    assert printed.startswith("DiskFull ")


def test_a_ledger_of_another_library_is_noticed(root: Path, tmp_path: Path) -> None:
    mine, other = make(root), make(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "ledger.sqlite", root / "ledger.sqlite")
    for write in (False, True):
        with pytest.raises(NotALibrary, match=rf"{mine}.*{other}"), open_library(root, write=write):
            pass


def test_a_deleted_ledger_is_never_replaced_by_an_empty_one(root: Path) -> None:
    make(root)
    (root / "ledger.sqlite").unlink()
    for write in (False, True):
        with pytest.raises(LedgerDamaged, match="gone"), open_library(root, write=write):
            pass
    assert not (root / "ledger.sqlite").exists()


def test_a_lost_card_does_not_turn_a_used_ledger_into_a_new_library(root: Path) -> None:
    with open_library(root, write=True, create=True) as library, library.ledger.write() as session:
        start_run(session, command="digitize")
    (root / "shoebox.json").unlink()
    with pytest.raises(NotALibrary, match=library.id):
        make(root)


@pytest.mark.parametrize("words", ["", "[]", "{}", '{"format": "x", "library_id": "1"}', "\0"])
def test_a_damaged_card_is_refused(root: Path, words: str) -> None:
    make(root)
    (root / "shoebox.json").write_text(words)
    with pytest.raises(NotALibrary, match=r"shoebox\.json"):
        make(root)


def test_a_library_of_a_newer_shoebox_is_refused(root: Path) -> None:
    make(root)
    card = json.loads((root / "shoebox.json").read_text())
    (root / "shoebox.json").write_text(json.dumps({**card, "format": 2}))
    with pytest.raises(LibraryTooNew):
        make(root)
    (root / "shoebox.json").write_text(json.dumps(card))
    with sqlite3.connect(root / "ledger.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for write in (False, True):
        with pytest.raises(LibraryTooNew, match="9999"), open_library(root, write=write):
            pass


def test_a_ledger_with_a_zeroed_page_is_refused(root: Path) -> None:
    make(root)
    with (root / "ledger.sqlite").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(bytes(4096))
    for write in (False, True):
        with pytest.raises(LedgerDamaged), open_library(root, write=write):
            pass


def test_a_ledger_that_is_no_database_is_refused(root: Path) -> None:
    make(root)
    (root / "ledger.sqlite").write_bytes(b"not a database at all" * 500)
    with pytest.raises(LedgerDamaged), open_library(root, write=False):
        pass


@pytest.mark.slow
def test_kill_9_at_every_durable_moment_of_making_a_library_is_healed_by_the_same_command(
    root: Path, start: Start, strace: Trace
) -> None:
    moment, killed = 0, True
    while killed:
        moment += 1
        shutil.rmtree(root, ignore_errors=True)
        words = strace("-e", f"inject=fsync,fdatasync:signal=KILL:when={moment}")
        process = start(OPEN, root, before=words)
        process.communicate()
        killed = process.returncode == -signal.SIGKILL
        identity = make(root)
        with open_library(root, write=False) as library:
            assert library.id == identity
            assert library.ledger.problems() == []
        assert not list(root.rglob("*.part"))
    assert moment > 8
