"""Immutable files named by their SHA-256: scans as they came in, checkpoints, masks."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import (
    ObjectDamaged,
    ObjectMissing,
    OriginalDamaged,
    ScanChanged,
    ScanUnreadable,
)
from pipeline.io.atomic import (
    Part,
    Writer,
    place,
    sync_file,
    sync_folder,
    typed_write_errors,
    write_part,
)
from pipeline.io.digest import sha256_file

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,10})?")
_PIECE = 1 << 20


@dataclass(frozen=True)
class StoredObject:
    """One object: hex SHA-256, length in bytes, and the suffix of its file (".tif")."""

    sha256: str
    bytes: int
    suffix: str


class ObjectStore:
    """The folder of objects: `objects/ab/abcd…<suffix>`, read-only files, one per digest.

    Args:
        root: the folder of objects; must exist to put, may be absent to read.
        quarantine: where damaged files are moved, in the same file system.
    """

    def __init__(self, root: Path, quarantine: Path) -> None:
        self.root = root
        self.quarantine = quarantine

    def put(self, write: Writer, suffix: str) -> StoredObject:
        """Write an object and make it durable; equal contents are kept once.

        A file of that digest that is there already (left, say, by a process that died before its
        ledger row) is checked and adopted; a damaged one is set aside and replaced.

        Args:
            write: is called once with an open file.
            suffix: "" or a dot and up to ten letters or digits.

        Raises:
            DiskFull: no space is left; nothing was published.
            WriteFailed: any other failure of the disk.
            ValueError: the suffix is not of that form.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"not a suffix: {suffix!r}")
        part = write_part(self.root, "object", write, read_only=True)
        try:
            return self._keep(part, suffix)
        finally:
            with contextlib.suppress(OSError):
                part.discard()

    def put_copy(self, source: Path, suffix: str) -> StoredObject:
        """Copy a file in, byte for byte; the source is only ever read.

        Raises:
            ScanUnreadable: the source cannot be opened or read, or is no regular file.
            ScanChanged: it changed while it was being copied.
            DiskFull: no space is left; nothing was published.
            WriteFailed: any other failure of the disk.
        """
        return self.put(lambda target: _copy(source, target), suffix)

    def path(self, sha256: str) -> Path:
        """Where an object lies; its contents are not looked at.

        Raises:
            ObjectMissing: there is no such object.
        """
        found = self._find(sha256)
        if found is None:
            raise ObjectMissing(f"object {sha256} is not in {self.root}")
        return found

    def verified_path(self, sha256: str) -> Path:
        """Where an object lies, after its digest was found right.

        Raises:
            ObjectMissing: there is no such object.
            ObjectDamaged: its contents have another digest, or cannot be read.
        """
        path = self.path(sha256)
        try:
            actual = sha256_file(path)
        except OSError as error:
            raise ObjectDamaged(f"{path}: {error.strerror or error}") from error
        if actual != sha256:
            raise ObjectDamaged(f"{path}: the contents have the digest {actual}")
        return path

    def verified_original(self, sha256: str) -> Path:
        """Where an original scan lies, after its digest was found right.

        Raises:
            OriginalDamaged: it is gone or damaged; nothing can compute it again.
        """
        try:
            return self.verified_path(sha256)
        except (ObjectDamaged, ObjectMissing) as error:
            raise OriginalDamaged(error.detail) from error

    def is_intact(self, sha256: str) -> bool:
        """Whether an object is there and has its digest; reads the whole file."""
        try:
            self.verified_path(sha256)
        except (ObjectMissing, ObjectDamaged):
            return False
        return True

    def set_aside(self, sha256: str) -> Path:
        """Move an object out of the way, never deleting it; gives its place in the quarantine.

        Raises:
            ObjectMissing: there is no such object.
            WriteFailed: it cannot be moved.
        """
        path = self.path(sha256)
        with typed_write_errors(path):
            self.quarantine.mkdir(exist_ok=True)
            number = 1
            while (target := self.quarantine / f"{path.stem}-{number}{path.suffix}").exists():
                number += 1
            path.replace(target)
            sync_folder(self.quarantine)
            sync_folder(path.parent)
        return target

    def all(self) -> Iterator[str]:
        """The digests of all objects in order, by name only."""
        for path in self.files():
            yield path.name[:64]

    def files(self) -> Iterator[Path]:
        """The files of all objects in the order of their digests."""
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if _names(path) and path.name.startswith(folder.name):
                    yield path

    def _find(self, sha256: str) -> Path | None:
        if not _DIGEST.fullmatch(sha256):
            return None
        folder = self.root / sha256[:2]
        return next((path for path in sorted(folder.glob(f"{sha256}*")) if _names(path)), None)

    def _keep(self, part: Part, suffix: str) -> StoredObject:
        present = self._find(part.sha256)
        if present is not None and not self.is_intact(part.sha256):
            self.set_aside(part.sha256)
            present = None
        folder = self.root / part.sha256[:2]
        if present is not None:
            self._adopt(present)
            return StoredObject(part.sha256, part.bytes, present.suffix)
        with typed_write_errors(folder):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                sync_folder(self.root)
        place(part, folder / f"{part.sha256}{suffix}", read_only=True)
        return StoredObject(part.sha256, part.bytes, suffix)

    def _adopt(self, path: Path) -> None:
        # Its writer may have died between rename and fsync: what a row is about to name must be
        # made durable by us, and read-only like every other object.
        with typed_write_errors(path):
            if os.name != "nt":
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
                sync_file(path)
            sync_folder(path.parent)
            sync_folder(self.root)


def _names(path: Path) -> bool:
    name = path.name
    return bool(_DIGEST.fullmatch(name[:64]) and _SUFFIX.fullmatch(name[64:])) and path.is_file()


def _copy(source: Path, target: BinaryIO) -> None:
    # Without O_NONBLOCK the open of a FIFO would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(source, flags)
    except OSError as error:
        raise ScanUnreadable(f"{source}: {error.strerror or error}") from error
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise ScanUnreadable(f"{source}: it is not a regular file")
        copied = 0
        while piece := _read(descriptor, source):
            target.write(piece)
            copied += len(piece)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or copied != before.st_size or not _still_there(source, before):
        raise ScanChanged(f"{source}: {before.st_size} bytes at first, {after.st_size} at last")


def _read(descriptor: int, source: Path) -> bytes:
    try:
        return os.read(descriptor, _PIECE)
    except OSError as error:
        raise ScanUnreadable(f"{source}: {error.strerror or error}") from error


def _still_there(source: Path, before: os.stat_result) -> bool:
    """Whether the name still leads to the file that was copied."""
    try:
        return os.path.samestat(source.stat(), before)
    except OSError:
        return False
