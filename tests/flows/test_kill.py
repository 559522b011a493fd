"""kill -9 at several moments of a real process, then the same command again."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.flows.library_contents import contents

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prefect")]

PATIENCE_SECONDS = 120.0


def finished_steps(library: Path) -> int:
    """How many steps the ledger holds, read beside the running process."""
    ledger = library / "ledger.sqlite"
    if not ledger.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5) as connection:
            return connection.execute("select count(*) from step").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def kill_when(process: subprocess.Popen[str], library: Path, steps: int) -> None:
    """SIGKILL as soon as the ledger holds so many steps."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while finished_steps(library) < steps:
        assert process.poll() is None, f"ended before step {steps}: {process.communicate()}"
        assert time.monotonic() < deadline, f"step {steps} never came"
        time.sleep(0.002)
    process.kill()
    process.communicate()


def test_a_job_killed_again_and_again_ends_as_an_undisturbed_one_and_redoes_nothing(
    box: Path, recipe: str, tmp_path: Path, spawn, shoebox
) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    job = ["digitize", box, "--recipe", recipe, "--size", "2x3in", "--dpi", 100]
    shoebox(*job, "--library", calm)
    total = finished_steps(calm)
    assert total == 3 * 6
    for steps in (1, 4, 7, 8, 11, 13, 17):
        kill_when(spawn(*job, "--library", killed), killed, steps)
    shoebox(*job, "--library", killed)
    assert contents(killed) == contents(calm)
    with sqlite3.connect(killed / "ledger.sqlite") as ledger:
        again = ledger.execute(
            "select stage, count(*) from step where status='done' group by key, scan_id, print_id"
            " having count(*) > 1"
        ).fetchall()
        assert again == []
        assert ledger.execute("select count(*) from run").fetchone()[0] == 8
        assert ledger.execute("select count(*) from run_end").fetchone()[0] == 1
    assert not list(killed.rglob("*.part"))
    shoebox("verify", "--library", killed)


def test_a_private_prefect_server_leaves_with_a_killed_parent(tmp_path: Path) -> None:
    import os
    import sys

    program = (
        "import os, signal\n"
        "from flows.local_server import prefect_api\n"
        "with prefect_api() as url:\n"
        "    print(url, os.environ['PREFECT_HOME'], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    url, home = parent.stdout.readline().split()
    assert url.startswith("http://127.0.0.1:")
    assert parent.wait() == -9
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Path(home).exists() or answers(url):
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)


def answers(url: str) -> bool:
    import socket
    from urllib.parse import urlsplit

    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0
