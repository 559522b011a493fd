"""The parts of RRDBNet as segments that rows flow through, each keeping the rows it needs again.

Every 3x3 convolution lags one row behind the one before it and keeps the two rows that the next
one it makes will look at. So each row of each layer is computed once and no cut is ever visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from pipeline.models.held_rows import Intake, Rooms, Shared, Window
from pipeline.models.rrdb_layers import (
    CHANNELS_LAST,
    RESIDUAL,
    Convolution,
    DenseBlock,
    RrdbLayers,
)
from pipeline.models.wavefront import Band

_TAIL_STRIP_PX = 3_000
"""px of a strip, before enlargement, in the layers after the enlargement."""


class FirstRows:
    """The first convolution; what it makes is also put down for the residual around all blocks."""

    def __init__(self, head: Convolution, skip: Shared, dtype: torch.dtype) -> None:
        self._head, self._skip, self._dtype = head, skip, dtype
        self._above: Tensor | None = None
        self._over = False

    def __call__(self, band: Band) -> Band:
        """Picture to features."""
        if band.rows is None or self._over:
            return band
        self._over = band.last
        zeros = torch.zeros_like(band.rows[:, :, :1])
        above = zeros if self._above is None else self._above
        seen = torch.cat((above, band.rows, *([zeros] if band.last else [])), 2)
        self._above = seen[:, :, -2:]
        if seen.shape[2] < 3:
            return Band(None, band.last)
        made = self._head(seen).to(self._dtype)
        self._skip.put(made)
        return Band(made, band.last)


class Group:
    """Three dense blocks and the residual around them.

    Args:
        blocks: the three.
        rooms: shared by all groups.
        rows: the most of one band.
    """

    def __init__(self, blocks: Sequence[DenseBlock], rooms: Rooms, rows: int) -> None:
        self._outer = Shared()
        self._blocks = [_Block(block, rooms, rows) for block in blocks]
        self._intake = Intake(rows)

    def __call__(self, band: Band) -> Band:
        """Features to features."""
        band = self._intake.next(band)
        if band.rows is not None:
            self._outer.put(band.rows)
        for block in self._blocks:
            band = block(band, self._outer)
        return band


class _Block:
    """A residual dense block."""

    def __init__(self, block: DenseBlock, rooms: Rooms, rows: int) -> None:
        self._block, self._rooms = block, rooms
        self._maps = [Window() for _ in (block.close, *block.grow)]
        self._intake = Intake(rows)
        self._done = 0

    def __call__(self, band: Band, outer: Shared) -> Band:
        band = self._intake.next(band)
        if band.rows is None:
            return band
        for window, room in zip(self._maps, self._rooms.mine(), strict=True):
            window.enter(room)
        self._grow(band.rows, band.last)
        made = self._close(outer)
        for window in self._maps:
            window.leave(self._done - 1)
        return Band(made, band.last)

    def _grow(self, rows: Tensor, last: bool) -> None:
        self._maps[0].add(rows, last)
        for number, conv in enumerate(self._block.grow, start=1):
            known, window = self._maps[:number], self._maps[number]
            start, stop = window.stop, known[-1].ready
            if stop > start:
                window.add(conv(self._joined(known, start, stop)), last)

    def _close(self, outer: Shared) -> Tensor | None:
        start, stop = self._done, self._maps[-1].ready
        if stop <= start:
            return None
        residual = self._maps[0].at(start, stop)
        if self._block.ends_group:
            residual = torch.add(outer.take(stop - start), residual, alpha=RESIDUAL)
        self._done = stop
        return self._block.close(self._joined(self._maps, start, stop), residual)

    def _joined(self, maps: Sequence[Window], start: int, stop: int) -> Tensor:
        """The channels of all maps, with a row more above and below."""
        return self._rooms.joined([window.around(start, stop) for window in maps])


class Closing:
    """The convolution after the dense blocks, and the residual around them all."""

    def __init__(self, conv: Convolution, skip: Shared, rooms: Rooms, rows: int) -> None:
        self._conv, self._skip, self._rooms = conv, skip, rooms
        self._map = Window()
        self._intake = Intake(rows)
        self._done = 0

    def __call__(self, band: Band) -> Band:
        """Features to features."""
        band = self._intake.next(band)
        if band.rows is None:
            return band
        self._map.enter(self._rooms.mine()[0])
        self._map.add(band.rows, band.last)
        start, stop, made = self._done, self._map.ready, None
        if stop > start:
            made = self._conv(self._map.around(start, stop), self._skip.take(stop - start))
            self._done = stop
        self._map.leave(self._done - 1)
        return Band(made, band.last)


class Enlarging:
    """The layers after the blocks: twice doubled, then to a picture.

    Args:
        layers: of the network.
        height, width: of the features, px.
    """

    def __init__(self, layers: RrdbLayers, height: int, width: int) -> None:
        self._layers, self._height = layers, height
        self._rows = max(4, _TAIL_STRIP_PX // width)
        self._held: Tensor | None = None
        self._first = 0  # the row of the map that is first in `_held`
        self._done = 0

    def __call__(self, band: Band) -> Band:
        """Features to a picture of four times the size."""
        if band.rows is None:
            return band
        self._held = band.rows if self._held is None else torch.cat((self._held, band.rows), 2)
        known = self._first + self._held.shape[2]
        ready = self._height if known == self._height else known - 2
        if ready <= self._done:
            return Band(None, band.last)
        edges = [*range(self._done, ready, self._rows), ready]
        made = torch.cat([self._enlarged(top, bottom) for top, bottom in pairwise(edges)], 2)
        self._done = ready
        needed = max(0, ready - 2)
        self._held, self._first = self._held[:, :, needed - self._first :], needed
        return Band(made, band.last)

    def _enlarged(self, top: int, bottom: int) -> Tensor:
        """Output rows 4 top .. 4 bottom."""
        assert self._held is not None
        up, up_again, fine = self._layers.tail
        start, end = max(0, top - 2), min(self._height, bottom + 2)
        features = self._held[:, :, start - self._first : end - self._first]
        for conv, factor in ((up, 2), (up_again, 4)):
            features = F.interpolate(features, scale_factor=2.0, mode="nearest")
            first, stop = factor * top - 2, factor * bottom + 2
            features, start = _rows(conv, features, 2 * start, factor * self._height, first, stop)
        whole = 4 * self._height
        features, start = _rows(fine, features, start, whole, 4 * top - 1, 4 * bottom + 1)
        return _rows(self._layers.last, features.float(), start, whole, 4 * top, 4 * bottom)[0]


def _rows(
    conv: Convolution, source: Tensor, start: int, height: int, first: int, stop: int
) -> tuple[Tensor, int]:
    """Rows first .. stop of a convolution, as far as the picture reaches, and which is the first.

    Args:
        conv: the convolution.
        source: (1, C, n, W), rows `start` .. `start + n` of features of `height` rows.
        start, height, first, stop: rows; beyond the picture all are zero.
    """
    first, stop = max(0, first), min(height, stop)
    low, high = first - 1, stop + 1
    cut = source[:, :, max(low, 0) - start : min(high, height) - start]
    if low < 0 or high > height:
        cut = F.pad(cut, (0, 0, max(0, -low), max(0, high - height)))
        cut = cut.contiguous(memory_format=CHANNELS_LAST)
    return conv(cut), first
