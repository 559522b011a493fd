"""The folder in which an archive package is built: every file hashed while written, and fsynced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import ShoeboxError
from pipeline.core.progress import Progress, Silent
from pipeline.io.atomic import sync_folder, typed_write_errors

_PIECE = 1 << 20


@dataclass(frozen=True)
class FileDigests:
    """Hex SHA-256, hex SHA-512 and length in bytes of one file."""

    sha256: str
    sha512: str
    bytes: int


class BagFolder:
    """A folder that is filled file by file; nothing in it is ever written twice.

    Files are copies, never hard links: a link would share its bytes with the library's object, so
    a package kept on the same disk would be no second copy at all, one damaged block would damage
    both, and a program that "repairs" a file of the package would change the library.

    Args:
        root: the folder, empty.
        progress: is told of every byte copied.
    """

    def __init__(self, root: Path, progress: Progress | None = None) -> None:
        self.root = root
        self.files: dict[str, FileDigests] = {}
        self._progress = progress or Silent()

    def copy(
        self, source: Path, path: str, unreadable: Callable[[str], ShoeboxError]
    ) -> FileDigests:
        """Copy a file in.

        Args:
            source: is only read.
            path: its path in the package.
            unreadable: makes the error of a source that cannot be read.

        Raises:
            DiskFull, WriteFailed, LibraryReadOnly: it cannot be written.
        """
        return self._write(path, self._pieces(source, unreadable))

    def write(self, path: str, data: bytes) -> FileDigests:
        """Write a file of these bytes."""
        return self._write(path, (data,))

    def write_text(self, path: str, text: str) -> FileDigests:
        """Write a text in UTF-8."""
        return self.write(path, text.encode("utf-8"))

    def write_lines(self, path: str, lines: Iterable[str | bytes]) -> FileDigests:
        """Write lines in UTF-8 with a line feed after each, whether or not one is there."""
        return self._write(path, (_line(line) for line in lines))

    def remove(self, path: str) -> None:
        """Take out a file that turned out not to belong here."""
        del self.files[path]
        with typed_write_errors(self.root / path):
            (self.root / path).unlink()

    def sync(self) -> None:
        """Make the names in every folder durable, the deepest first."""
        folders = sorted((Path(name) for name, _, _ in os.walk(self.root)), reverse=True)
        for folder in folders:
            with typed_write_errors(folder):
                sync_folder(folder)

    def _write(self, path: str, pieces: Iterable[bytes]) -> FileDigests:
        target = self.root / path
        short, long, length = hashlib.sha256(), hashlib.sha512(), 0
        with typed_write_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                    short.update(piece)
                    long.update(piece)
                    length += len(piece)
                file.flush()
                os.fsync(file.fileno())
        self.files[path] = FileDigests(short.hexdigest(), long.hexdigest(), length)
        return self.files[path]

    def _pieces(self, source: Path, unreadable: Callable[[str], ShoeboxError]) -> Iterator[bytes]:
        try:
            with source.open("rb") as file:
                while piece := file.read(_PIECE):
                    yield piece
                    self._progress.advance(len(piece))
        except OSError as error:
            raise unreadable(f"{source}: {error.strerror or error}") from error


def _line(line: str | bytes) -> bytes:
    data = line if isinstance(line, bytes) else line.encode("utf-8")
    return data if data.endswith(b"\n") else data + b"\n"
