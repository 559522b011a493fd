"""A private Prefect server for one run: on loopback, on a free port, gone with its parent.

Prefect's own temporary server outlives a parent that was killed. This one watches its standard
input: when the parent dies, however it dies, the pipe closes and the server leaves.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from flows.model_folders import user_folder
from pipeline.core.errors import ServerLost, ShoeboxError
from pipeline.io.atomic import publish

_STARTUP_SECONDS = 120.0
_HOME_PREFIX = "shoebox-prefect-"
_DATABASE = "prefect.db"

PRIVATE_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_UI_ENABLED": "false",
    # Nothing of a private server is looked at afterwards: no block types, no event store.
    "PREFECT_SERVER_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}
"""Prefect's settings during a run, unless the user set them: no telemetry, no chatter."""


@contextmanager
def prefect_api() -> Iterator[str]:
    """The address of the Prefect API to use: the user's own, or a private server's.

    When `PREFECT_API_URL` is set it is used as it is. Otherwise a server is started for the
    length of the context. Must be entered before `prefect` is first imported, because Prefect
    reads its settings then.

    Raises:
        ServerLost: the private server did not start, or the server stopped answering; raised in
            place of the client's own errors.
    """
    quiet = {k: v for k, v in PRIVATE_SETTINGS.items() if k not in os.environ}
    own = os.environ.get("PREFECT_API_URL")
    if own:
        quiet.pop("PREFECT_LOGGING_TO_API_ENABLED", None)
        with _environment(quiet), _missed(own):
            yield own
        return
    home = Path(tempfile.mkdtemp(prefix=_HOME_PREFIX))
    settings = {
        **quiet,
        # A server on this machine that does not answer at once is dead: do not try for minutes.
        "PREFECT_CLIENT_MAX_RETRIES": "1",
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / _DATABASE}",
    }
    try:
        with _environment(settings), _server(home) as url, _missed(url):
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _missed(url: str) -> Iterator[None]:
    """Tell a lost server from every other failure."""
    import httpx

    try:
        yield
    except httpx.TransportError as error:
        _forget_events()
        raise ServerLost(f"{url}: {error or type(error).__name__}") from error


def _forget_events() -> None:
    """Drop what Prefect would tell a dead server for minutes while the process ends."""
    from prefect.events.worker import EventsWorker

    logging.getLogger("EventsWorker").setLevel(logging.CRITICAL)
    for worker in tuple(EventsWorker._instances.values()):  # type: ignore[misc]
        worker._queue.queue.clear()


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


@contextmanager
def _server(home: Path) -> Iterator[str]:
    log = home / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "flows.local_server", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{_announced(process, log, 'port')}/api"
        with _environment({"PREFECT_API_URL": url}):
            import prefect  # noqa: F401 - loaded while the server starts, to save the wait

            _announced(process, log, "ready")
            yield url
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _announced(process: subprocess.Popen[bytes], log: Path, what: str) -> int:
    """Wait for the server's next line, which must tell `what`."""
    assert process.stdout is not None
    timer = threading.Timer(_STARTUP_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
    finally:
        timer.cancel()
    if not line:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise ServerLost(f"the private server did not start: {''.join(last) or 'it said nothing'}")
    value: int = json.loads(line)[what]
    return value


def serve(home: Path) -> None:
    """Run the server until standard input closes; then remove its folder."""
    listener = socket.create_server(("127.0.0.1", 0))
    _announce({"port": listener.getsockname()[1]})
    os.environ["PREFECT__SERVER_EPHEMERAL"] = "1"
    # The tables are made below, so that they can be kept for the next start.
    os.environ["PREFECT_SERVER_DATABASE_MIGRATE_ON_START"] = "false"
    import uvicorn
    from prefect.server.api.server import create_app

    _make_tables(home)

    class _Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _announce({"ready": 1})

    server = _Announcing(uvicorn.Config(create_app(), log_level="error", lifespan="on"))

    def leave_with_parent() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True
        grace = threading.Timer(5.0, _leave_now, args=[home])
        grace.daemon = True
        grace.start()

    threading.Thread(target=leave_with_parent, daemon=True).start()
    server.run(sockets=[listener])
    _leave_now(home)


def _make_tables(home: Path) -> None:
    """Prefect's empty tables: a copy of those an earlier start made, else made by Prefect.

    Making them is a hundred migrations and half the time of a start.
    """
    import prefect

    kept = user_folder() / f"prefect-{prefect.__version__}.sqlite"
    target = home / _DATABASE
    if _is_whole(kept):
        shutil.copyfile(kept, target)
        return
    import asyncio

    from prefect.server.database import provide_database_interface

    asyncio.run(provide_database_interface().create_db())
    with suppress(OSError, sqlite3.Error, ShoeboxError):
        copy = home / "tables.sqlite"
        with closing(sqlite3.connect(target)) as made, closing(sqlite3.connect(copy)) as fresh:
            made.backup(fresh)
            fresh.execute("PRAGMA journal_mode=DELETE")  # one file, complete by itself
        data = copy.read_bytes()
        kept.parent.mkdir(parents=True, exist_ok=True)

        def write(file: BinaryIO) -> None:
            file.write(data)

        publish(kept, write)


def _is_whole(database: Path) -> bool:
    """Whether a SQLite file is there and sound."""
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as opened:
            sound = opened.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('flow_run', 'task_run')"
            return sound and opened.execute(tables).fetchone() == (2,)
    except (sqlite3.Error, OSError):
        return False


def _announce(fact: dict[str, int]) -> None:
    os.write(1, json.dumps(fact).encode() + b"\n")


def _leave_now(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
