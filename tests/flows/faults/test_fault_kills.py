"""kill -9 at the worst moments, SIGTERM, a second process, a dead Prefect server."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.store.library import open_library
from pipeline.store.verify import verify

pytestmark = pytest.mark.xdist_group("prefect")

PATIENCE_SECONDS = 120.0
WRITE = re.compile(r"^(\d+) +write\(\d+<([^>]*)>", re.MULTILINE)


def wait_for(condition: Callable[[], object], process) -> None:
    """Wait until something is true of a running process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None, f"ended too early: {process.communicate()}"
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.002)


def second_write_of_a_checkpoint(trace: str) -> int:
    """Which of the main thread's writes is the second one into one and the same checkpoint."""
    writes = WRITE.findall(trace)
    parts = Counter(path for _, path in writes if "/objects/" in path and path.endswith(".part"))
    main = next(thread for thread, path in writes if path in parts)
    mine = [path for thread, path in writes if thread == main]
    several = [path for path, times in parts.items() if times > 1]
    # The first is the scan's copy; the second is the first checkpoint of a stage.
    first = mine.index(several[1])
    return mine.index(several[1], first + 1) + 1


@pytest.mark.slow
def test_kill_9_at_the_worst_moments_one_after_another_ends_as_an_undisturbed_run(
    job, calm, strace, tmp_path: Path
) -> None:
    library = tmp_path / "library"

    def killed_at(call: str, *options: str, when: int = 1) -> None:
        fault = f"inject={call}:signal=KILL:when={when}"
        said = job.digitize(library, before=strace(*options, "-e", fault))
        assert said.code == -signal.SIGKILL, said

    def orphans() -> tuple[Path, ...]:
        with open_library(library, write=False) as opened:
            report = verify(opened)
        assert report.sound, report
        return report.orphans

    # In the middle of writing a checkpoint.
    killed_at("write", when=second_write_of_a_checkpoint(calm.trace))
    (part,) = library.rglob("*.part")
    assert part.parent == library / "objects"
    assert part.stat().st_size > 0
    assert orphans() == ()

    # After a checkpoint got its name, before its row.
    digest = calm.output("denoise", "large.tif")
    folder = library / "objects" / digest[:2]
    assert not folder.exists(), "two objects share this folder: choose another one"
    killed_at("fsync", "-P", str(folder))
    assert not part.exists()
    (orphan,) = folder.iterdir()
    inode = orphan.stat().st_ino
    assert orphans() == (orphan,)

    # While a row is being committed.
    journal = library / "ledger.sqlite-journal"
    killed_at("unlink", "-P", str(journal), when=5)
    assert journal.stat().st_size > 0
    orphans()
    assert not journal.exists()

    # After a finished picture got its name in the exports, before its row.
    masters = library / "exports" / "masters"
    killed_at("fsync", "-P", str(masters))
    assert len(list(masters.iterdir())) == 1
    assert job.rows(library, "select count(*) from export") == [(0,)]
    orphans()

    job.finish(library)
    assert job.contents(library) == calm.contents
    assert orphan.stat().st_ino == inode, "it was whole, so it is adopted, not written again"
    assert not list(library.rglob("*.part"))
    twice = "select 1 from step where status = 'done' group by key, scan_id, print_id"
    assert job.rows(library, f"{twice} having count(*) > 1") == []
    orphans()


@pytest.mark.slow
def test_a_job_that_is_told_to_terminate_leaves_a_library_that_goes_on(
    job, calm, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    process = job.start(*job.words(library))
    wait_for(lambda: len(job.rows(library, "select 1 from step")) >= 5, process)
    process.terminate()
    _, err = process.communicate()
    assert process.returncode == -signal.SIGTERM
    assert err == ""
    assert job.run("verify", "--library", library).code == 0
    assert job.finish(library)["steps"]["reused"] >= 3
    assert job.contents(library) == calm.contents


@pytest.mark.slow
def test_of_two_jobs_at_once_the_second_leaves_with_the_pid_of_the_first(
    job, calm, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    first = job.start(*job.words(library))
    wait_for((library / ".lock-holder.json").exists, first)
    first.send_signal(signal.SIGSTOP)
    try:
        second = job.digitize(library)
    finally:
        first.send_signal(signal.SIGCONT)
    assert second.code == 4, second
    assert second.only_line().startswith("E400 ")
    assert f"pid {first.pid} " in second.err
    _, err = first.communicate()
    assert (first.returncode, err) == (0, "")
    assert job.contents(library) == calm.contents


@pytest.mark.slow
def test_when_the_prefect_server_dies_in_mid_run_one_line_says_so_and_a_rerun_finishes(
    job, calm, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    alone = {k: v for k, v in job.environment.items() if k != "PREFECT_API_URL"}
    process = job.start(*job.words(library), environment=alone)
    wait_for(lambda: len(job.rows(library, "select 1 from step")) >= 5, process)
    os.kill(private_server_of(process.pid), signal.SIGKILL)
    _, err = process.communicate()
    assert process.returncode == 1
    assert len(err.splitlines()) == 1, err
    assert err.startswith("E120 Prefect's server did not start, or stopped answering")
    assert job.run("verify", "--library", library).code == 0
    assert job.finish(library)["steps"]["reused"] >= 3
    assert job.contents(library) == calm.contents


def private_server_of(pid: int) -> int:
    """The process id of the server that a job started for itself."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    if not children.exists():
        pytest.skip("this system does not tell the children of a process")
    (server,) = [
        child
        for child in map(int, children.read_text().split())
        if b"flows.local_server" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    return server
