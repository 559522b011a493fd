"""Rows of a picture that come one after the other, of which a window is held."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float32]


class RowWindow:
    """The newest rows of something that has many; older ones are let go."""

    def __init__(self) -> None:
        self._held: deque[_Array] = deque()
        self.start = 0
        """The first row held."""

        self.stop = 0
        """One past the last row that has come."""

    def add(self, rows: _Array) -> None:
        """Rows (n, ...) that follow those there are."""
        self._held.append(rows)
        self.stop += len(rows)

    def forget(self, before: int) -> None:
        """Rows above this one are not asked for again."""
        while self._held and self.start + len(self._held[0]) <= before:
            self.start += len(self._held.popleft())

    def cut(self, start: int, stop: int) -> _Array:
        """Rows start .. stop.

        Raises:
            IndexError: they have not come, or are let go.
        """
        if not self.start <= start < stop <= self.stop:
            raise IndexError(f"rows {start}..{stop} of {self.start}..{self.stop}")
        parts = []
        at = self.start
        for rows in self._held:
            part = rows[max(0, start - at) : max(0, stop - at)]
            if len(part):
                parts.append(part)
            at += len(rows)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
