"""The ledger's database: how it is opened, read, written and upgraded."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, Connection, create_engine, event, inspect, make_url, select, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from pipeline.core.errors import (
    DiskFull,
    LedgerDamaged,
    LedgerLocked,
    LibraryDamaged,
    LibraryReadOnly,
    LibraryTooNew,
    NotALibrary,
    ShoeboxError,
    WriteFailed,
)
from pipeline.store.tables import LibraryRecord

SCHEMA = "0003"
"""The newest schema this Shoebox knows; equals Alembic's head (a test holds them together)."""

DATABASE_VARIABLE = "SHOEBOX_DATABASE_URL"
"""Environment variable that may name a PostgreSQL database for the ledger."""

_PRAGMAS = (
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    # Otherwise INSERT OR REPLACE would delete a row without waking the triggers.
    "recursive_triggers=ON",
)
_SQLITE_ERRORS: dict[int, type[ShoeboxError]] = {
    sqlite3.SQLITE_BUSY: LedgerLocked,
    sqlite3.SQLITE_LOCKED: LedgerLocked,
    sqlite3.SQLITE_PROTOCOL: LedgerLocked,
    sqlite3.SQLITE_CORRUPT: LedgerDamaged,
    sqlite3.SQLITE_NOTADB: LedgerDamaged,
    sqlite3.SQLITE_CANTOPEN: LedgerDamaged,
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_READONLY: LibraryReadOnly,
    sqlite3.SQLITE_IOERR: WriteFailed,
}


class Ledger:
    """One library's provenance database.

    Args:
        url: where the database is (`ledger_url`).
        may_write: when False every write is refused by the database itself.
        busy_timeout_ms: how long to wait for another program that holds the database.
    """

    def __init__(self, url: URL, *, may_write: bool, busy_timeout_ms: int = 30_000) -> None:
        self.url = url
        self.name = _name_for_people(url)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._may_write = may_write
        self._busy_timeout_ms = busy_timeout_ms
        # One connection per session: nothing is shared between threads or after a fork.
        self._engine = create_engine(url, poolclass=NullPool)
        if self.is_sqlite:
            event.listen(self._engine, "connect", self._prepare)
            event.listen(self._engine, "begin", _begin)
        elif not may_write:
            self._engine = self._engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the ledger; keep it short, a writer waits for it.

        Raises:
            LedgerLocked: another program holds the database for longer than the timeout.
            LedgerDamaged: the database is malformed or gone.
        """
        with self._errors(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one immediate transaction: committed at the end, or nothing of it.

        Raises:
            LedgerLocked: another program holds the database for longer than the timeout.
            LedgerDamaged: the database is malformed or gone.
            DiskFull: no space is left; nothing was committed.
            LibraryReadOnly: the database cannot be written to.
            WriteFailed: the disk failed; nothing was committed.
            LibraryDamaged: the ledger refused a row (a broken reference, a change to a row).
        """
        if not self._may_write:
            raise LibraryReadOnly(f"{self.name} was opened for reading")
        engine = self._engine.execution_options(shoebox_begin="BEGIN IMMEDIATE")
        with (
            self._errors(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection()  # Take the write lock now, before the caller reads.
            yield session

    def library_id(self) -> str | None:
        """The id of the library this ledger belongs to; None before it was written.

        Raises:
            LedgerDamaged: there is no such table.
        """
        with self.read() as session:
            return session.scalars(select(LibraryRecord.id)).first()

    def schema(self) -> str | None:
        """The schema's number, None when the database is still empty."""
        with self._errors(), self._engine.connect() as connection:
            return _schema_of(connection)

    def check_schema(self) -> None:
        """Refuse a schema that this Shoebox cannot read.

        Raises:
            LibraryTooNew: a newer Shoebox wrote it.
            NotALibrary: there is no ledger in the database, or one that must be upgraded first.
        """
        found = self.schema()
        if found is None:
            raise NotALibrary(f"{self.name} holds no ledger")
        self._refuse_newer(found)
        if found != SCHEMA:
            raise NotALibrary(
                f"{self.name} has the older schema {found}",
                remedy="Any command that writes to the library upgrades it.",
            )

    def upgrade(self) -> None:
        """Bring the schema to the newest, all of it or nothing.

        Raises:
            LibraryTooNew: a newer Shoebox wrote it.
        """
        found = self.schema()
        if found == SCHEMA:
            return
        if found is not None:
            self._refuse_newer(found)
        from alembic import command
        from alembic.config import Config

        engine = self._engine.execution_options(shoebox_begin="BEGIN IMMEDIATE")
        with (
            as_file(files("pipeline.store") / "migrations") as scripts,
            self._errors(),
            engine.begin() as connection,
        ):
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self) -> None:
        """SQLite's quick check of the whole file.

        Raises:
            LedgerDamaged: pages, cells or records are malformed.
        """
        if found := self._pragma("quick_check"):
            raise LedgerDamaged(f"{self.name}: {'; '.join(found[:3])}")

    def problems(self) -> list[str]:
        """Every fault that the full check of the file, its indexes and references can find."""
        try:
            return self._pragma("integrity_check") + self._broken_references()
        except LedgerDamaged as error:
            return [error.detail]

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _pragma(self, check: str) -> list[str]:
        if not self.is_sqlite:
            return []
        with self.read() as session:
            lines = [str(line) for line in session.scalars(text(f"PRAGMA {check}"))]
        return [] if lines == ["ok"] else lines

    def _broken_references(self) -> list[str]:
        if not self.is_sqlite:
            return []
        with self.read() as session:
            rows = session.execute(text("PRAGMA foreign_key_check")).all()
        return [f"{row[0]} row {row[1]} refers to a missing row of {row[2]}" for row in rows]

    def _refuse_newer(self, found: str) -> None:
        if not (found.isdigit() and int(found) <= int(SCHEMA)):
            raise LibraryTooNew(f"{self.name} has schema {found}; this Shoebox knows {SCHEMA}")

    def _prepare(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # No transaction is ever begun behind our back; see _begin.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={self._busy_timeout_ms}")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if self._may_write:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("PRAGMA synchronous=EXTRA")
        else:
            connection.execute("PRAGMA query_only=ON")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            remedy = None if self.is_sqlite else f"Look after the database in {DATABASE_VARIABLE}."
            raise _typed(error)(f"{self.name}: {reason}", remedy=remedy) from error


def ledger_url(path: Path, *, create: bool) -> URL:
    """Where a library's ledger is: the environment's database, or the file in the library.

    Args:
        path: the SQLite file.
        create: make the file when it is absent; otherwise an absent file is an error.
    """
    if named := os.environ.get(DATABASE_VARIABLE):
        return make_url(named)
    # "rw" still opens a file on a read-only disk for reading; unlike "ro" it can also roll back
    # the journal that a killed process left.
    mode = "rwc" if create else "rw"
    return URL.create(
        "sqlite", database=f"{path.resolve().as_uri()}", query={"mode": mode, "uri": "true"}
    )


def _name_for_people(url: URL) -> str:
    """The file's path, or a server's address without its password."""
    if url.get_backend_name() != "sqlite":
        return url.render_as_string(hide_password=True)
    return unquote((url.database or "").removeprefix("file://"))


def _begin(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    connection.exec_driver_sql(options.get("shoebox_begin", "BEGIN"))


def _schema_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _typed(error: DBAPIError) -> type[ShoeboxError]:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_ERRORS.get(code & 0xFF, LibraryDamaged)
    if isinstance(error, OperationalError):  # Other databases: out of reach, or a lock timeout.
        return LedgerLocked
    return LibraryDamaged
