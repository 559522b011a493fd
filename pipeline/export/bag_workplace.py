"""The hidden folder beside a package's target in which it is built, and the rename that ends it."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.core.errors import DiskFull, LibraryBusy, TargetExists, TargetRefused
from pipeline.io.atomic import sync_folder, typed_write_errors
from pipeline.io.digest import sha256_bytes
from pipeline.store.library import Library

_LABEL_CHARACTERS = 32
_BUILT, _LOCK = "bag", "lock"


@contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """An empty folder beside the target, removed at the end whatever happens.

    What a killed process left behind there is cleared first: its lock is gone with it. Two
    processes that want the same target do not meet.

    Raises:
        TargetExists: something stands at the target.
        LibraryBusy: another process is building this very package.
        DiskFull, WriteFailed, LibraryReadOnly: the folder cannot be made.
    """
    _refuse_existing(target)
    name = f".{target.name[:_LABEL_CHARACTERS]}.{sha256_bytes(os.fsencode(target.name))[:16]}.part"
    work = target.parent / name
    with typed_write_errors(work):
        target.parent.mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
    lock = FileLock(work / _LOCK, thread_local=False)
    with typed_write_errors(work):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LibraryBusy(f"{target} is being written by another process") from None
    try:
        with typed_write_errors(work):
            if (work / _BUILT).exists():
                shutil.rmtree(work / _BUILT)
            (work / _BUILT).mkdir()
        yield work / _BUILT
    finally:
        shutil.rmtree(work / _BUILT, ignore_errors=True)
        if os.name == "nt":  # Windows removes no file that is open.
            lock.release()
        with contextlib.suppress(OSError):
            (work / _LOCK).unlink(missing_ok=True)
            work.rmdir()
        lock.release()


def give_name(built: Path, target: Path) -> None:
    """Rename a durable folder to its target, and make the name durable.

    Raises:
        TargetExists: something came to stand at the target meanwhile.
        WriteFailed: it cannot be renamed.
    """
    _refuse_existing(target)
    with typed_write_errors(target):
        built.rename(target)
        sync_folder(target.parent)


def check_target(library: Library, target: Path) -> Path:
    """The target as an absolute path.

    Raises:
        TargetRefused: it lies among the library's own folders.
        TargetExists: something stands there; a package is never overwritten.
    """
    target = target.absolute()
    folder, root = target.parent.resolve(), library.root.resolve()
    exports = root / library.exports.name
    inside = folder == root or root in folder.parents
    if inside and folder != exports and exports not in folder.parents:
        raise TargetRefused(f"{target} is one of the library's own folders")
    _refuse_existing(target)
    return target


def check_space(folder: Path, needed: int) -> None:
    """Refuse to begin what cannot end.

    Args:
        folder: where the package will lie, an existing folder.
        needed: bytes.

    Raises:
        DiskFull: fewer bytes are free.
    """
    with typed_write_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"{folder}: the package takes {needed:,} bytes, {free:,} are free",
            remedy="Free some space, or choose a folder on another disk.",
        )


def _refuse_existing(target: Path) -> None:
    if os.path.lexists(target):
        raise TargetExists(
            f"{target} is there already", remedy="Choose another name; packages are kept apart."
        )
