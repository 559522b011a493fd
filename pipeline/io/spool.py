"""The file object that writers are given: it sees every byte on its way to the disk."""

from __future__ import annotations

import errno
import io
import os
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass
class Run:
    """Bytes written one after the other: where they begin, how many, and their CRC-32."""

    start: int
    length: int = 0
    crc: int = 0

    @property
    def end(self) -> int:
        """Where the next byte of the run would stand."""
        return self.start + self.length


class Spool(io.RawIOBase):
    """The temporary file as a writer sees it: like `io.BytesIO` it shows no descriptor.

    So every byte passes through here: a short write is continued by the buffer around it, an
    error keeps its errno (NumPy's `tofile` and Pillow lose it), and the CRC of what was meant to
    be written is known as long as the writer writes no byte twice. It may leave the head of the
    file for last, as a TIFF's offset to its directory asks.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._position = 0
        self._runs: list[Run] = []
        self._rewritten = False
        self.end = 0

    def release(self) -> None:
        """Forget the descriptor, which the owner closes; a late flush then fails harmlessly.

        Otherwise the buffer's destructor could write into whatever file has the number next.
        """
        self._descriptor = -1

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read up to the buffer's length at the position."""
        os.lseek(self._descriptor, self._position, os.SEEK_SET)
        data = os.read(self._descriptor, len(memoryview(buffer).cast("B")))
        memoryview(buffer).cast("B")[: len(data)] = data
        self._position += len(data)
        return len(data)

    def write(self, data: Any) -> int:
        """Write at the position; returns how many bytes went in, maybe fewer than given."""
        view = memoryview(data).cast("B")
        os.lseek(self._descriptor, self._position, os.SEEK_SET)
        written = os.write(self._descriptor, view)
        self._note(view[:written])
        self._position += written
        self.end = max(self.end, self._position)
        return written

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move the position, also beyond the end."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.end}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """The position, bytes from the start."""
        return self._position

    def truncate(self, size: int | None = None) -> int:
        """Cut or lengthen the file."""
        self.end = self._position if size is None else size
        self._rewritten = True
        os.ftruncate(self._descriptor, self.end)
        return self.end

    def runs(self) -> list[Run]:
        """The runs that together are the file, in the order of their places.

        Empty when the writer wrote over what it had written or left a gap: what should stand in
        the file is then not known here.
        """
        ordered = sorted(self._runs, key=lambda run: run.start)
        ends = [0, *(run.end for run in ordered)]
        whole = [run.start for run in ordered] == ends[:-1] and ends[-1] == self.end
        return ordered if whole and not self._rewritten else []

    def _note(self, data: memoryview) -> None:
        if not data:
            return
        if not self._runs or self._runs[-1].end != self._position:
            self._runs.append(Run(self._position))
        run = self._runs[-1]
        run.crc = zlib.crc32(data, run.crc)
        run.length += len(data)
