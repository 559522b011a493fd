"""The file object that writers are given: it sees every byte on its way to the disk."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from typing import Any


class Spool(io.RawIOBase):
    """The temporary file as a writer sees it: like `io.BytesIO` it shows no descriptor.

    So every byte passes through here: a short write is continued by the buffer around it, an
    error keeps its errno (NumPy's `tofile` and Pillow lose it), and the digest of what was meant
    to be written is known as long as the writer does not go back.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._position = 0
        self._digest = hashlib.sha256()
        self._hashed = 0
        self._sequential = True
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
        if self._position == self._hashed:
            self._digest.update(view[:written])
            self._hashed += written
        else:
            self._sequential = False
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
        self._sequential = False
        os.ftruncate(self._descriptor, self.end)
        return self.end

    def sha256(self) -> str | None:
        """The digest of the bytes handed over, or None when the writer went back in the file."""
        return self._digest.hexdigest() if self._sequential else None
