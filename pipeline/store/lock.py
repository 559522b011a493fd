"""One writer at a time: an operating-system lock that a dead holder frees at once."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from pipeline.core.errors import LibraryBusy
from pipeline.io.atomic import publish, typed_write_errors

LOCK_FILE = ".lock"
HOLDER_FILE = ".lock-holder.json"
_PATIENCE_SECONDS = 1.0


@contextmanager
def hold(root: Path) -> Iterator[None]:
    """Hold a library for writing while the block runs; never waits for another process.

    The lock is on `.lock`; who holds it stands in `.lock-holder.json` beside it, because the
    file that is locked may not be read by others everywhere.

    Raises:
        LibraryBusy: another process holds it; the detail names its pid, machine and command.
        LibraryReadOnly: the folder cannot be written to.
    """
    path = root / LOCK_FILE
    # Not bound to a thread: whoever leaves the block lets go.
    lock = FileLock(path, thread_local=False)
    with typed_write_errors(path):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LibraryBusy(f"{root} is held by {_holder(root)}") from None
    try:
        _sign(root)
        yield
    finally:
        # Stale words do no harm: they are only read while somebody holds the lock.
        with contextlib.suppress(OSError):
            (root / HOLDER_FILE).unlink(missing_ok=True)
        lock.release()


def _sign(root: Path) -> None:
    words = {
        "pid": os.getpid(),
        "host": platform.node(),
        "command": " ".join(sys.argv) or sys.executable,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    data = json.dumps(words, indent=2).encode()

    def write(file: BinaryIO) -> None:
        file.write(data)

    publish(root / HOLDER_FILE, write)


def _holder(root: Path) -> str:
    """Who holds the lock, in words; a holder that just took it gets a moment to sign."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        found = _signature(root)
        if found is not None:
            return f"pid {found['pid']} on {found.get('host', '?')} ({found.get('command', '?')})"
        if time.monotonic() > deadline:
            return "another process that has not signed"
        time.sleep(0.02)


def _signature(root: Path) -> dict[str, Any] | None:
    try:
        words = json.loads((root / HOLDER_FILE).read_text(encoding="utf-8"))
        pid = int(words["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if words.get("host") == platform.node() and os.name != "nt" and not _alive(pid):
        return None  # Left by a holder that was killed; the new one has not signed yet.
    return dict(words)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
