"""What the store's tests share: a library, real child processes, real faults."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.store.library import Library, lay_out, open_library
from pipeline.store.objects import ObjectStore
from pipeline.store.record import start_run
from tests.pipeline.store.full_ledger import fill

ROOT = Path(__file__).parents[3]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the library of a test lies."""
    return tmp_path / "library"


@pytest.fixture
def library(root: Path) -> Iterator[Library]:
    """A new library, held for writing."""
    with open_library(root, write=True, create=True, busy_timeout_ms=100) as opened:
        yield opened


@pytest.fixture
def run_id(library: Library) -> int:
    """A run that has begun."""
    with library.ledger.write() as session:
        return start_run(session, command="digitize box", box="/box")


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python code in a real process of its own; it is ended with the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: str | Path, before: tuple[str, ...] = ()) -> object:
        process = subprocess.Popen(
            [*before, str(Path(sys.executable).absolute()), "-c", code, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield begin  # type: ignore[misc]
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def strace(tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    """The words that run a command under strace, its log in strace.log."""
    tool = shutil.which("strace")
    if tool is None or subprocess.run([tool, "-o", os.devnull, "true"], check=False).returncode:
        pytest.skip("strace is missing or may not trace here")
    return lambda *options: (str(tool), "-f", "-o", str(tmp_path / "strace.log"), *options)


@pytest.fixture
def mounted() -> Callable[[str], tuple[str, ...]]:
    """The words that run a command after a mount that only it sees."""
    tool = shutil.which("unshare")

    def words(mount: str) -> tuple[str, ...]:
        command = (str(tool), "-m", "sh", "-c", f'{mount} && exec "$@"', "sh")
        if tool is None or subprocess.run([*command, "true"], check=False).returncode:
            pytest.skip("unshare is missing or may not mount here")
        return command

    return words


@pytest.fixture
def box(library: Library) -> Library:
    """A library with rows in every table."""
    fill(library)
    return library


@pytest.fixture
def empty(tmp_path: Path) -> Library:
    """A library whose ledger has no row at all, not even about itself."""
    root = tmp_path / "empty"
    root.mkdir()
    ledger = lay_out(root, 100)
    return Library(root, "", ObjectStore(root / "objects", root / "quarantine"), ledger)
