"""Rows of features that wait between the segments of RRDBNet, and where they stand meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.models.rrdb_layers import CHANNELS_LAST, RrdbLayers
from pipeline.models.wavefront import Band

_LAGS = 9
"""Rows beyond a band that stand in a room: those kept for later and the rim."""


class Shared:
    """Rows that one segment puts down and another takes up once, in order."""

    def __init__(self) -> None:
        self._held: deque[Tensor] = deque()

    def put(self, rows: Tensor) -> None:
        """Add rows below."""
        self._held.append(rows)

    def take(self, count: int) -> Tensor:
        """The topmost rows, which are not needed again."""
        taken: list[Tensor] = []
        while count:
            rows = self._held.popleft()
            if rows.shape[2] > count:
                self._held.appendleft(rows[:, :, count:])
                rows = rows[:, :, :count]
            taken.append(rows)
            count -= rows.shape[2]
        return taken[0] if len(taken) == 1 else torch.cat(taken, 2)


class Intake:
    """Deals out what a segment is given in bands of bounded height.

    The last band brings along all rows that lagged; dealt out, they keep all segments busy, where
    in one they would pass one segment after the other.

    Args:
        most: rows of a band.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._rows = Shared()
        self._count = 0
        self._ends = False

    def next(self, band: Band) -> Band:
        """Take a band in, give the next one."""
        if band.rows is not None:
            self._rows.put(band.rows)
            self._count += band.rows.shape[2]
        self._ends |= band.last
        count = min(self._count, self._most)
        self._count -= count
        rows = self._rows.take(count) if count else None
        return Band(rows, self._ends and not self._count)


class Rooms:
    """Where the features of a dense block stand while a band is worked on.

    All blocks that a thread works on share the same, so that they stay in the cache.

    Args:
        layers: of the network.
        rows: of the highest band.
        width: px.
        dtype: of the features.
    """

    def __init__(self, layers: RrdbLayers, rows: int, width: int, dtype: torch.dtype) -> None:
        self._channels = (layers.channels, *layers.blocks[0].grown)
        self._shape = rows + _LAGS, width
        self._dtype = dtype
        self._own = threading.local()

    def mine(self) -> list[Tensor]:
        """This thread's rooms, (1, C, rows + _LAGS, W) each: the block's input, what it grows."""
        rooms: list[Tensor] | None = getattr(self._own, "rooms", None)
        if rooms is None:
            rooms = self._own.rooms = [
                torch.empty((1, count, *self._shape), dtype=self._dtype).to(
                    memory_format=CHANNELS_LAST
                )
                for count in self._channels
            ]
        return rooms

    def joined(self, parts: Sequence[Tensor]) -> Tensor:
        """The channels of several maps in one, in memory that the next call uses again."""
        if len(parts) == 1:
            return parts[0]
        flat: Tensor | None = getattr(self._own, "flat", None)
        if flat is None:
            px = self._shape[0] * self._shape[1]
            flat = self._own.flat = torch.empty(px * sum(self._channels), dtype=self._dtype)
        (_, _, rows, width), count = parts[0].shape, sum(part.shape[1] for part in parts)
        out = flat[: rows * width * count].view(1, rows, width, count).permute(0, 3, 1, 2)
        return torch.cat(list(parts), 1, out=out)


class Window:
    """The rows of one map of features that convolutions still need, with zeros around the map."""

    def __init__(self) -> None:
        self._keep: Tensor | None = None
        self._kept = 0
        self._first = -1
        self.stop = 0
        """Rows added so far."""

        self.ready = 0
        """Rows above which a 3x3 convolution has all it sees."""

    def enter(self, room: Tensor) -> None:
        """Put the rows that were kept into a room."""
        self._room = room
        if self._keep is None:
            room[:, :, :1] = 0
        else:
            room[:, :, : self._kept] = self._keep[:, :, : self._kept]

    def add(self, rows: Tensor, last: bool) -> None:
        """Add rows below; a row of zeros follows the last."""
        at = self.stop - self._first
        self._room[:, :, at : at + rows.shape[2]] = rows
        self.stop += rows.shape[2]
        if last:
            self._room[:, :, self.stop - self._first] = 0
        self.ready = self.stop if last else self.stop - 1

    def around(self, start: int, stop: int) -> Tensor:
        """Rows start - 1 .. stop + 1."""
        return self._room[:, :, start - 1 - self._first : stop + 1 - self._first]

    def at(self, start: int, stop: int) -> Tensor:
        """Rows start .. stop."""
        return self._room[:, :, start - self._first : stop - self._first]

    def leave(self, row: int) -> None:
        """Keep what stands from this row on; the room is given to others."""
        rows = self._room[:, :, row - self._first : self.stop - self._first]
        if self._keep is None:
            # Made once: rows kept in ever new memory would riddle what bands come and go in.
            self._keep = torch.empty_like(self._room[:, :, :_LAGS])
        self._kept = rows.shape[2]
        self._keep[:, :, : self._kept] = rows
        self._first = row
