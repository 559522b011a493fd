"""kill -9 at every durable moment of a step: the ledger never names what is not there."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.store.library import open_library
from pipeline.store.queries import latest_steps
from pipeline.store.verify import verify

Start = Callable[..., subprocess.Popen[str]]
Trace = Callable[..., tuple[str, ...]]

STEP = """
import sys
from pathlib import Path
from pipeline.store.clock import now
from pipeline.store.library import open_library
from pipeline.store.queries import done_step
from pipeline.store.record import NewStep, Output, add_scan, add_step, start_run
with open_library(Path(sys.argv[1]), write=True) as library:
    with library.ledger.read() as session:
        done = done_step(session, "k" * 64, scan_id=1, print_id=None)
    if done is not None and library.objects.is_intact(done.output()):
        print("nothing to do")
        sys.exit(0)
    stored = library.objects.put(lambda file: file.write(b"checkpoint" * 50_000), ".tif")
    with library.ledger.write() as session:
        run_id = start_run(session, command="digitize")
        scan = add_scan(
            session, run_id=run_id, box="/b", name_bytes=b"n", sha256="0" * 64, bytes=1
        )
        add_step(
            session,
            NewStep(
                run_id=run_id, scan_id=scan.id, print_id=None, key="k" * 64, stage="ingest",
                stage_version=1, options={}, status="done", started_at=now(), seconds=0.0,
                outputs=[Output("photo", stored)],
            ),
        )
    print("done")
"""


@pytest.fixture
def ready(root: Path) -> Path:
    """A library that is there already."""
    with open_library(root, write=True, create=True):
        return root


def outcome(root: Path) -> tuple[int, int, int]:
    """(objects on disk, steps on record, part files), after checking that no row lies."""
    with open_library(root, write=False) as library:
        report = verify(library)
        assert report.sound, report
        with library.ledger.read() as session:
            steps = len(latest_steps(session))
        return len(list(library.objects.all())), steps, len(list(root.rglob("*.part")))


@pytest.mark.slow
@pytest.mark.parametrize("call", ["fsync", "fdatasync", "rename", "unlink"])
def test_kill_9_at_every_durable_moment_then_the_same_command_finishes(
    ready: Path, start: Start, strace: Trace, call: str
) -> None:
    for moment in range(1, 40):
        for path in ready.glob("objects/??/*"):
            path.unlink()
        (ready / "ledger.sqlite").unlink()
        (ready / "shoebox.json").unlink()
        with open_library(ready, write=True, create=True):
            pass
        killer = strace("-e", f"inject={call}:signal=KILL:when={moment}")
        process = start(STEP, ready, before=killer)
        process.communicate()
        objects, steps, _ = outcome(ready)
        assert steps <= objects
        again = start(STEP, ready).communicate()[0]
        assert again == ("nothing to do\n" if steps else "done\n")
        assert outcome(ready) == (1, 1, 0)
        if process.returncode == 0:
            assert moment > 1
            return
        assert process.returncode == -signal.SIGKILL
    pytest.fail("the step never got through")


def test_an_orphan_of_a_killed_process_is_adopted(ready: Path, start: Start) -> None:
    dies = STEP.replace(
        "    with library.ledger.write()",
        "    import os; os.kill(os.getpid(), 9)\n    with library.ledger.write()",
        1,
    )
    process = start(dies, ready)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert outcome(ready) == (1, 0, 0)
    (orphan,) = ready.glob("objects/??/*.tif")
    inode = orphan.stat().st_ino
    assert start(STEP, ready).communicate()[0] == "done\n"
    assert outcome(ready) == (1, 1, 0)
    assert orphan.stat().st_ino == inode


def test_an_orphan_with_a_flipped_bit_is_not_adopted(ready: Path, start: Start) -> None:
    assert start(STEP, ready).communicate()[0] == "done\n"
    (path,) = ready.glob("objects/??/*.tif")
    whole = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(b"C" + whole[1:])
    assert start(STEP, ready).communicate()[0] == "done\n"
    assert path.read_bytes() == whole
    assert [aside.read_bytes()[:1] for aside in (ready / "quarantine").iterdir()] == [b"C"]


def test_a_deleted_checkpoint_is_made_again(ready: Path, start: Start) -> None:
    assert start(STEP, ready).communicate()[0] == "done\n"
    (path,) = ready.glob("objects/??/*.tif")
    path.unlink()
    assert start(STEP, ready).communicate()[0] == "done\n"
    assert outcome(ready) == (1, 1, 0)


def test_the_row_is_committed_only_when_the_object_and_its_name_are_durable(
    ready: Path, start: Start, strace: Trace
) -> None:
    trace = strace("-y", "-e", "trace=write,pwrite64,fsync,fdatasync,unlink,/^rename")
    assert start(STEP, ready, before=trace).communicate()[0] == "done\n"
    log = (ready.parent / "strace.log").read_text(encoding="utf-8")
    moments = {
        "written": r" write\(\d+<[^>]*\.object\.[0-9a-f]+\.part>",
        "durable": r" fsync\(\d+<[^>]*\.object\.[0-9a-f]+\.part>",
        "named": r" rename\w*\(.*\.object\.[0-9a-f]+\.part",
        "name durable": r" fsync\(\d+<[^>]*/objects/[0-9a-f]{2}>",
        "row written": r" pwrite64\(\d+<[^>]*ledger\.sqlite>",
        "row durable": r" f\w*sync\(\d+<[^>]*ledger\.sqlite>",
        "row committed": r" unlink\(.*ledger\.sqlite-journal",
    }
    last = {name: max(m.start() for m in re.finditer(p, log)) for name, p in moments.items()}
    assert sorted(last, key=last.__getitem__) == list(moments)


def test_a_kill_while_the_ledger_is_being_written_is_rolled_back_by_a_mere_reader(
    ready: Path, start: Start, strace: Trace
) -> None:
    dies = strace("-P", str(ready / "ledger.sqlite-journal"), "-e", "inject=unlink:signal=KILL")
    process = start(STEP, ready, before=dies)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    journal = ready / "ledger.sqlite-journal"
    assert journal.stat().st_size > 0
    assert outcome(ready) == (1, 0, 0)
    assert not journal.exists()
    assert start(STEP, ready).communicate()[0] == "done\n"
    assert outcome(ready) == (1, 1, 0)
