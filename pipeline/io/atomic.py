"""Files that are either wholly there or not there at all, whatever happens to the process.

Order of events for one file: an exclusive temporary file in the target's file system, every byte
written, length and digest checked by reading back, permissions, fsync, close, rename, fsync of the
directory. Only after `publish` or `place` has returned may a ledger row name the file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import secrets
import shutil
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.core.errors import DiskFull, LibraryReadOnly, ShoeboxError, WriteFailed
from pipeline.io.spool import Run, Spool

Writer = Callable[[BinaryIO], None]
"""Writes one file's bytes into the open, seekable, readable file it is given."""

_PIECE = 1 << 20
_LABEL_CHARACTERS = 32
_PART_NAME = re.compile(r"^\..*\.[0-9a-f]{16}\.part$", re.DOTALL)
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_NEARLY_NOTHING_FREE = 64 * 1024


@dataclass(frozen=True)
class Published:
    """What was published: hex SHA-256 and length in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class Part:
    """A complete, checked and durable temporary file that has no name of its own yet."""

    path: Path
    sha256: str
    bytes: int

    def discard(self) -> None:
        """Remove the temporary file, if it is still there."""
        _remove(self.path)


def publish(
    path: Path,
    write: Writer,
    *,
    expected_sha256: str | None = None,
    read_only: bool = False,
) -> Published:
    """Write a file so that `path` shows either the old contents or all of the new ones.

    Args:
        path: the target; its directory must exist. A file already there is replaced.
        write: is called once with the temporary file.
        expected_sha256: refuse to publish anything else.
        read_only: take the write permission away from everybody.

    Raises:
        DiskFull: no space or quota is left; nothing was published.
        WriteFailed: any other failure of the disk, or a digest that differs.
    """
    part = write_part(
        path.parent, path.name, write, expected_sha256=expected_sha256, read_only=read_only
    )
    place(part, path, read_only=read_only)
    return Published(part.sha256, part.bytes)


def write_part(
    folder: Path,
    label: str,
    write: Writer,
    *,
    expected_sha256: str | None = None,
    read_only: bool = False,
) -> Part:
    """Write, check and fsync a temporary file; the caller places or discards it.

    Args:
        folder: an existing directory in the same file system as the later target.
        label: becomes part of the temporary name, so that a person can tell what it was.
        write: is called once with the temporary file.
        expected_sha256: fail when the bytes read back have another digest.
        read_only: take the write permission away from everybody.

    Raises:
        DiskFull: no space or quota is left.
        WriteFailed: any other failure of the disk, or a digest that differs.
    """
    # The label is cut: a target's name may itself be as long as the file system allows.
    path = folder / f".{label[:_LABEL_CHARACTERS]}.{secrets.token_hex(8)}.part"
    with typed_write_errors(path), _removed_on_failure(path):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
        try:
            return _fill(path, descriptor, write, expected_sha256, read_only)
        finally:
            os.close(descriptor)


def place(part: Part, path: Path, *, read_only: bool = False) -> None:
    """Give a part its name, and make the name durable.

    Args:
        part: what `write_part` returned; removed when it cannot be placed.
        path: the target, in an existing directory of the same file system.
        read_only: the same value that `write_part` was given.

    Raises:
        DiskFull: no space or quota is left.
        WriteFailed: any other failure of the disk.
    """
    with typed_write_errors(path), _removed_on_failure(part.path):
        if os.name == "nt" and path.exists():
            path.chmod(stat.S_IWRITE)  # Windows does not replace a read-only file.
        part.path.replace(path)
        sync_folder(path.parent)
        if part.path.parent != path.parent:
            sync_folder(part.path.parent)
        if read_only and os.name == "nt":
            path.chmod(stat.S_IREAD)


def sync_folder(folder: Path) -> None:
    """Make the names inside a directory durable (nothing to do on Windows).

    Raises:
        OSError: the fsync failed.
    """
    if os.name != "nt":
        sync_file(folder)


def sync_file(path: Path) -> None:
    """Make the contents of a file that is already there durable.

    Raises:
        OSError: the fsync failed.
    """
    # Windows flushes only through a handle that may write.
    flags = os.O_RDWR | getattr(os, "O_BINARY", 0) if os.name == "nt" else os.O_RDONLY
    descriptor = os.open(path, flags)
    try:
        _fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_stale_parts(
    folder: Path, *, recursive: bool = False, target: str | None = None
) -> list[Path]:
    """Remove temporary files that a killed process left behind; only names made here match.

    Args:
        folder: where to look; may be absent. The caller must be its only writer.
        recursive: look into the folders below as well.
        target: only parts of the file of this name; the caller must be its only writer.

    Returns:
        The paths removed.

    Raises:
        WriteFailed: one of them cannot be removed.
    """
    if not folder.is_dir():
        return []
    found = folder.rglob(".*.part") if recursive else folder.glob(".*.part")
    prefix = "." if target is None else f".{target[:_LABEL_CHARACTERS]}."
    stale = sorted(path for path in found if is_part(path) and path.name.startswith(prefix))
    for path in stale:
        with typed_write_errors(path):
            _remove(path)
    return stale


def is_part(path: Path) -> bool:
    """Whether a path is a temporary file with a name made here."""
    return bool(_PART_NAME.match(path.name)) and not path.is_dir()


@contextlib.contextmanager
def typed_write_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors into Shoebox's own, naming the file.

    Raises:
        DiskFull: no space or quota is left.
        LibraryReadOnly: the file system is read-only.
        WriteFailed: anything else.
    """
    try:
        yield
    except ShoeboxError:
        raise
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        if _is_full(error, path.parent):
            raise DiskFull(f"{path}: {reason}") from error
        if error.errno == errno.EROFS:
            raise LibraryReadOnly(f"{path}: {reason}") from error
        raise WriteFailed(f"{path}: {reason}") from error


def _fill(
    path: Path, descriptor: int, write: Writer, expected_sha256: str | None, read_only: bool
) -> Part:
    spool = Spool(descriptor)
    buffered = io.BufferedRandom(spool, buffer_size=_PIECE)
    try:
        write(cast(BinaryIO, buffered))
        buffered.flush()
    finally:
        spool.release()
    sha256, length, as_written = _read_back(descriptor, spool.runs())
    if length != spool.end:
        raise WriteFailed(f"{path}: {spool.end} bytes were written, {length} are there")
    if not as_written:
        raise WriteFailed(f"{path}: the digest read back is not that of what was written")
    if expected_sha256 not in (None, sha256):
        raise WriteFailed(f"{path}: the digest read back is {sha256}, not {expected_sha256}")
    if read_only and os.name != "nt":
        # Before the fsync and the rename, so that nobody ever sees the file writable.
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & ~0o222)
    _fsync(descriptor)
    return Part(path, sha256, length)


def _read_back(descriptor: int, runs: Sequence[Run]) -> tuple[str, int, bool]:
    """SHA-256 and length of the whole file, and whether each run of it has its CRC."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    digest, length, as_written = hashlib.sha256(), 0, True
    for run in runs:
        crc = 0
        while piece := os.read(descriptor, min(_PIECE, run.end - length)):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            length += len(piece)
        as_written &= crc == run.crc
    while piece := os.read(descriptor, _PIECE):
        digest.update(piece)
        length += len(piece)
    return digest.hexdigest(), length, as_written


def _fsync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # On macOS fsync stops at the drive's cache; some file systems know only fsync.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


@contextlib.contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Remove the temporary file on any way out but the good one, an interrupt included."""
    try:
        yield
    except BaseException:
        # What stays behind (say, on a dead disk) is swept by remove_stale_parts later.
        with contextlib.suppress(OSError):
            _remove(path)
        raise


def _remove(path: Path) -> None:
    if os.name == "nt" and path.exists():
        path.chmod(stat.S_IWRITE)
    path.unlink(missing_ok=True)


def _is_full(error: OSError, folder: Path) -> bool:
    if error.errno in _FULL:
        return True
    # Some encoders report a failed write without saying why.
    if error.errno is None and folder.is_dir():
        return shutil.disk_usage(folder).free < _NEARLY_NOTHING_FREE
    return False
