"""The library: the folder that Shoebox owns, opened for reading or held for writing."""

from __future__ import annotations

import errno
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from pipeline.core.errors import (
    LedgerDamaged,
    LibraryReadOnly,
    LibraryTooNew,
    NotALibrary,
    WriteFailed,
)
from pipeline.io.atomic import (
    is_part,
    publish,
    remove_stale_parts,
    sync_folder,
    typed_write_errors,
    write_part,
)
from pipeline.store.clock import now
from pipeline.store.lock import HOLDER_FILE, LOCK_FILE, hold
from pipeline.store.objects import ObjectStore
from pipeline.store.session import DATABASE_VARIABLE, Ledger, ledger_url
from pipeline.store.tables import LibraryRecord, RunRecord

FORMAT = 1
"""The layout's number in shoebox.json."""

CARD = "shoebox.json"
"""The file that makes a folder a library; it is written last."""

_LEDGER = "ledger.sqlite"
_README = "README.txt"
_FOLDERS = ("objects", "exports", "logs", "models", "quarantine")
OWN_NAMES = frozenset(
    {CARD, _LEDGER, f"{_LEDGER}-journal", _README, LOCK_FILE, HOLDER_FILE, *_FOLDERS}
)
"""Everything that a library may hold at its top."""

LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", "lost+found"})
"""What operating systems leave in any folder."""

_README_TEXT = """\
This folder is a Shoebox library. Shoebox owns it; please change nothing inside by hand.

  exports/       files made for you: copy, print or share them freely
  objects/       the original scans and every stage's result, named by their SHA-256;
                 the pictures are ordinary files (.tif, .png, .jpg) that other programs open
  ledger.sqlite  how every picture came to be (SQLite 3)
  models/        model weights you added or fetched
  logs/          what was done, in words
  quarantine/    damaged files that were set aside, never deleted
  shoebox.json   the format and the identity of this library

To back it up, copy the whole folder while no command is running.
"""


@dataclass(frozen=True)
class Library:
    """An open library: its folder, its identity (a UUID), its objects and its ledger."""

    root: Path
    id: str
    objects: ObjectStore
    ledger: Ledger

    @property
    def exports(self) -> Path:
        """Where derivatives go when no other folder is asked for."""
        return self.root / "exports"

    @property
    def models(self) -> Path:
        """Model weights that belong to this library."""
        return self.root / "models"

    @property
    def logs(self) -> Path:
        """One log file per run."""
        return self.root / "logs"


@contextmanager
def open_library(
    root: Path, *, write: bool, create: bool = False, busy_timeout_ms: int = 30_000
) -> Iterator[Library]:
    """Open a library for as long as the block runs.

    Args:
        root: the library's folder.
        write: hold the lock, clear what a killed process left, upgrade the schema. Reading needs
            no lock and works while another process writes.
        create: with `write`, make the library when the folder is absent or empty.
        busy_timeout_ms: how long to wait for another program that holds the database.

    Raises:
        LibraryBusy: another process holds the lock; the detail names it.
        LibraryReadOnly: the folder cannot be written to; found out before any work.
        NotALibrary: no library is there, or its ledger belongs to another one.
        LibraryTooNew: a newer Shoebox wrote it.
        LedgerDamaged: the database is malformed or gone.
    """
    if not write:
        _must_be_library(root)
    elif create:
        _must_be_free_or_ours(root)
        with _refusing_read_only(root):
            root.mkdir(parents=True, exist_ok=True)
    else:
        _must_be_library(root)
    with (
        _held(root, create=create, busy_timeout_ms=busy_timeout_ms) if write else nullcontext(),
        _opened(root, may_write=write, busy_timeout_ms=busy_timeout_ms) as library,
    ):
        yield library


@contextmanager
def _held(root: Path, *, create: bool, busy_timeout_ms: int) -> Iterator[None]:
    """Hold the lock over a folder that was found writable, complete and free of leftovers."""
    _probe(root)
    with hold(root):
        if create and not (root / CARD).exists():
            _create(root, busy_timeout_ms)
        _must_be_library(root)
        for name in _FOLDERS:
            with _refusing_read_only(root / name):
                (root / name).mkdir(exist_ok=True)
        _probe(root / "objects")
        remove_stale_parts(root)
        remove_stale_parts(root / "objects")
        remove_stale_parts(root / "exports", recursive=True)
        yield


@contextmanager
def _opened(root: Path, *, may_write: bool, busy_timeout_ms: int) -> Iterator[Library]:
    """The library with a ledger that was checked and belongs to it."""
    card_id = _read_card(root)
    path = root / _LEDGER
    if not os.environ.get(DATABASE_VARIABLE) and not path.is_file():
        raise LedgerDamaged(f"{path} is gone")
    url = ledger_url(path, create=False)
    ledger = Ledger(url, may_write=may_write, busy_timeout_ms=busy_timeout_ms)
    try:
        ledger.check()
        if may_write:
            with ledger.write():
                pass  # A database that cannot be written to is found out before any work.
            ledger.upgrade()
        ledger.check_schema()
        if (ledger_id := ledger.library_id()) != card_id:
            raise NotALibrary(
                f"{root / CARD} is of library {card_id}, but {ledger.name} of {ledger_id}",
                remedy="Put back the ledger and the folder that belong together.",
            )
        yield Library(root, card_id, ObjectStore(root / "objects", root / "quarantine"), ledger)
    finally:
        ledger.close()


def lay_out(root: Path, busy_timeout_ms: int) -> Ledger:
    """Make everything of a library but its identity; gives its ledger, of the newest schema.

    What is there already stays. The caller closes the ledger and calls `write_card` in the end.
    """
    with typed_write_errors(root):
        for name in _FOLDERS:
            (root / name).mkdir(exist_ok=True)
    _write_text(root / _README, _README_TEXT)
    url = ledger_url(root / _LEDGER, create=True)
    ledger = Ledger(url, may_write=True, busy_timeout_ms=busy_timeout_ms)
    try:
        ledger.upgrade()
    except BaseException:
        ledger.close()
        raise
    return ledger


def write_card(root: Path, library_id: str) -> None:
    """Make a folder that is complete a library."""
    with typed_write_errors(root):
        sync_folder(root)
    card = {"format": FORMAT, "library_id": library_id}
    _write_text(root / CARD, json.dumps(card, indent=2) + "\n")


def _create(root: Path, busy_timeout_ms: int) -> None:
    """Make a library; shoebox.json comes last, so a killed creation is simply done again."""
    ledger = lay_out(root, busy_timeout_ms)
    try:
        with ledger.write() as session:
            library_id = session.scalars(select(LibraryRecord.id)).first()
            if library_id is None:
                library_id = str(uuid.uuid4())
                session.add(LibraryRecord(id=library_id, created_at=now()))
            elif session.scalars(select(RunRecord.id).limit(1)).first() is not None:
                raise NotALibrary(
                    f"{ledger.name} is the ledger of library {library_id}, but {root / CARD} "
                    "that belongs to it is not there",
                    remedy="Restore shoebox.json from a backup, or choose another folder.",
                )
    finally:
        ledger.close()
    write_card(root, library_id)


def _write_text(path: Path, words: str) -> None:
    data = words.encode()

    def write(file: BinaryIO) -> None:
        file.write(data)

    publish(path, write)


def _must_be_library(root: Path) -> None:
    if not (root / CARD).is_file():
        raise NotALibrary(f"{root} has no {CARD}")


def _must_be_free_or_ours(root: Path) -> None:
    """Absent, empty, a library, or what a killed creation left of one."""
    if not root.exists() or (root / CARD).is_file():
        return
    if not root.is_dir():
        raise NotALibrary(f"{root} is not a folder")
    strange = sorted(
        path.name
        for path in root.iterdir()
        if path.name not in OWN_NAMES | LITTER and not is_part(path)
    )
    if strange:
        raise NotALibrary(f"{root} holds other files, such as {strange[0]!r}")


def _read_card(root: Path) -> str:
    path = root / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        number, library_id = int(card["format"]), str(card["library_id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotALibrary(f"{path} cannot be read: {error}") from error
    if number > FORMAT:
        raise LibraryTooNew(f"{path} has format {number}; this Shoebox knows {FORMAT}")
    return library_id


def _probe(folder: Path) -> None:
    """Really create a file: permissions alone tell nothing about a read-only disk."""
    with _refusing_read_only(folder):
        write_part(folder, "probe", lambda file: None).discard()


@contextmanager
def _refusing_read_only(path: Path) -> Iterator[None]:
    try:
        with typed_write_errors(path):
            yield
    except WriteFailed as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in (errno.EACCES, errno.EPERM):
            raise LibraryReadOnly(error.detail) from cause
        raise
