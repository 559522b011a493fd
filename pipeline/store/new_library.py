"""A library made from a copy of one: there is all of it in the end, or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import BagRefused, LibraryBusy, ShoeboxError, TargetExists
from pipeline.io.atomic import is_part, publish, remove_stale_parts, typed_write_errors
from pipeline.store.library import CARD, LITTER, OWN_NAMES, Library, lay_out, write_card
from pipeline.store.lock import HOLDER_FILE, LOCK_FILE, hold
from pipeline.store.objects import ObjectStore

UNFINISHED = ".unfinished-import"
"""Marks a folder in which a library is being made; never there beside a finished one for long."""

_LOCKS = frozenset({LOCK_FILE, HOLDER_FILE})
_MARK_TEXT = b"""\
A Shoebox library was being made here from an archive package. If no command is running, the
making was cut short: give the same command again, or delete this folder.
"""


@contextmanager
def new_library(root: Path, library_id: str, *, busy_timeout_ms: int = 30_000) -> Iterator[Library]:
    """A library to be filled, row by row and file by file; it is one once the block ends well.

    Until then a marker stands in the folder and shoebox.json does not, so no command takes it for
    a library. When the block fails everything is removed again; what a killed process left is
    removed by the next attempt. The block has to write the ledger's own library row.

    Args:
        root: absent, empty, or what a killed attempt left.
        library_id: which id the library shall have.
        busy_timeout_ms: how long to wait for another program that holds the database.

    Raises:
        TargetExists: a library or something else is there already.
        LibraryBusy: another process is making a library there.
        LibraryReadOnly, WriteFailed, DiskFull: the folder cannot be written to.
    """
    check_target(root)
    existed = root.is_dir()
    with typed_write_errors(root):
        root.mkdir(parents=True, exist_ok=True)
    try:
        with hold(root):
            yield from _made(root, library_id, busy_timeout_ms)
    except LibraryBusy:
        raise
    except BaseException:
        _leave(root, existed)
        raise


def check_target(root: Path) -> None:
    """Refuse a folder in which something is.

    Raises:
        TargetExists: it is a library, holds other files or is no folder.
    """
    remedy = "Choose a new or an empty folder."
    if not os.path.lexists(root):
        return
    if not root.is_dir():
        raise TargetExists(f"{root} is not a folder", remedy=remedy)
    names = {path.name for path in root.iterdir() if not is_part(path)}
    if CARD in names:
        raise TargetExists(f"{root} is a library already", remedy=remedy)
    expected = LITTER | _LOCKS | (OWN_NAMES | {UNFINISHED} if UNFINISHED in names else set())
    if strange := sorted(names - expected):
        raise TargetExists(f"{root} holds other files, such as {strange[0]!r}", remedy=remedy)


def _made(root: Path, library_id: str, busy_timeout_ms: int) -> Iterator[Library]:
    check_target(root)  # Again: before the lock was held somebody else may have been here.
    _clear(root)
    publish(root / UNFINISHED, _write_mark)
    try:
        ledger = lay_out(root, busy_timeout_ms)
        try:
            objects = ObjectStore(root / "objects", root / "quarantine")
            yield Library(root, library_id, objects, ledger)
            if (found := ledger.library_id()) != library_id:
                raise BagRefused(f"the ledger is of library {found}, not of {library_id}")
        finally:
            ledger.close()
        write_card(root, library_id)
    except BaseException:
        # What cannot be removed now (say, on a dead disk) is still marked as unfinished.
        with contextlib.suppress(ShoeboxError):
            _clear(root)
        raise
    with contextlib.suppress(OSError):  # The library is whole; a marker beside it is harmless.
        (root / UNFINISHED).unlink()


def _write_mark(file: BinaryIO) -> None:
    file.write(_MARK_TEXT)


def _clear(root: Path) -> None:
    """Remove what an attempt made, the marker last; the caller holds the lock."""
    with typed_write_errors(root):
        for name in sorted(OWN_NAMES - _LOCKS):
            path = root / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, onerror=_once_more)
            else:
                path.unlink(missing_ok=True)
    remove_stale_parts(root)
    with typed_write_errors(root):
        (root / UNFINISHED).unlink(missing_ok=True)


def _once_more(remove: Callable[[str], object], path: str, _error: object) -> None:
    # Windows does not remove files that are read-only, as objects are.
    Path(path).chmod(stat.S_IWRITE)
    remove(path)


def _leave(root: Path, existed: bool) -> None:
    """Take away the lock's own files, and the folder if it was not there before."""
    if (root / CARD).exists() or (root / UNFINISHED).exists():
        return
    with contextlib.suppress(OSError):
        for name in _LOCKS:
            (root / name).unlink(missing_ok=True)
        if not existed:
            root.rmdir()
