"""RRDBNet, the network of ESRGAN and Real-ESRGAN, computed in strips that stay near the processor.

Layer after layer over a whole picture, each of the 350 convolutions reads and writes features that
no cache holds. Here a dense block advances down the picture strip by strip: each convolution lags
one row behind the one before it, so every row is computed exactly once, no strip needs a margin,
and what a convolution reads was written a moment ago. What is grown within a block lives in rooms
of a strip's height, a third of the memory of the plain network. The result is the plain network's.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from pipeline.models.rrdb_layers import (
    CHANNELS_LAST,
    RESIDUAL,
    Convolution,
    DenseBlock,
    rrdb_layers,
)

_STRIP_PX = 16_000
"""px of a strip in the dense blocks: fewer cost more calls, more fall out of the cache."""

_TAIL_STRIP_PX = 3_000
"""px of a strip, before enlargement, in the layers after the enlargement."""

_FEWEST_ROWS = 8

_LAGS = 8
"""Rows beyond a strip that later convolutions of a dense block still read, and a rim."""


class StripRrdb:
    """An RRDBNet with its weights, for one picture at a time on the CPU.

    Memory: 256 numbers of `dtype` for each px of the picture, 12 bytes for each of the result, and
    a few strips.

    Args:
        module: float32 RRDBNet as spandrel builds it, one that `is_plain_rrdb`.
        dtype: number format of the features.
    """

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._layers = rrdb_layers(module, dtype)

    def __call__(self, batch: Tensor) -> Tensor:
        """Enlarge one picture.

        Args:
            batch: float32 (1, 3, H, W).

        Returns:
            float32 (1, 3, scale H, scale W).
        """
        tall, wide = batch.shape[2:]
        if not self._layers.folds:
            return self._whole(batch)
        # The network of scale 2 sees 2x2 px folded into channels.
        batch = F.pixel_unshuffle(F.pad(batch, (0, wide % 2, 0, tall % 2), mode="reflect"), 2)
        return self._whole(batch)[:, :, : 2 * tall, : 2 * wide]

    def _whole(self, batch: Tensor) -> Tensor:
        height, width = batch.shape[2:]
        deep = self._deep(self._first(batch))
        shape = (1, 3, 4 * height, 4 * width)
        made = torch.empty(shape, dtype=torch.float32, memory_format=CHANNELS_LAST)
        for top, bottom in _strips(height, max(4, _TAIL_STRIP_PX // width)):
            made[:, :, 4 * top : 4 * bottom] = self._enlarged(deep, top, bottom)
        return made

    def _first(self, batch: Tensor) -> Tensor:
        """Features of the first convolution, rimmed."""
        height, width = batch.shape[2:]
        features = self._rimmed(height, width)
        picture = batch.contiguous(memory_format=CHANNELS_LAST)
        for top, bottom in _strips(height, _rows_of_a_strip(width)):
            made, _ = _rows(self._layers.head, picture, 0, height, top, bottom)
            features[:, :, top + 1 : bottom + 1] = made
        return features

    def _rimmed(self, height: int, width: int) -> Tensor:
        """Room for features, (1, C, H + 2, W), with a row of zeros above and below."""
        shape = (1, self._layers.channels, height + 2, width)
        room = torch.empty(shape, dtype=self.dtype, memory_format=CHANNELS_LAST)
        room[:, :, 0], room[:, :, -1] = 0, 0
        return room

    def _deep(self, first: Tensor) -> Tensor:
        """All dense blocks and the convolution after them; rimmed features back."""
        height, width = first.shape[2] - 2, first.shape[3]
        rows = min(_rows_of_a_strip(width), height)
        grown = [
            torch.empty((1, count, rows + _LAGS, width), dtype=self.dtype).to(
                memory_format=CHANNELS_LAST
            )
            for count in self._layers.blocks[0].grown
        ]
        spare = [self._rimmed(height, width) for _ in range(3)]
        features = outer = first
        for block in self._layers.blocks:
            result = spare.pop()
            _dense_block(block, features, result, grown, rows, outer)
            if features is not outer:
                spare.append(features)
            features = result
            if block.ends_group:
                # The very first features are needed again at the end; all others make room.
                if outer is not first:
                    spare.append(outer)
                outer = features
        made = spare.pop()
        for top, bottom in _strips(height, rows):
            inner = slice(top + 1, bottom + 1)
            seen = features[:, :, top : bottom + 2]
            made[:, :, inner] = self._layers.closing(seen, first[:, :, inner])
        return made

    def _enlarged(self, deep: Tensor, top: int, bottom: int) -> Tensor:
        """Output rows 4 top .. 4 bottom from rimmed features."""
        up, up_again, fine = self._layers.tail
        height = deep.shape[2] - 2
        start, end = max(0, top - 2), min(height, bottom + 2)
        features = deep[:, :, start + 1 : end + 1]
        for conv, factor in ((up, 2), (up_again, 4)):
            features = F.interpolate(features, scale_factor=2.0, mode="nearest")
            first, stop = factor * top - 2, factor * bottom + 2
            features, start = _rows(conv, features, 2 * start, factor * height, first, stop)
        whole = 4 * height
        features, start = _rows(fine, features, start, whole, 4 * top - 1, 4 * bottom + 1)
        return _rows(self._layers.last, features.float(), start, whole, 4 * top, 4 * bottom)[0]


def _dense_block(
    block: DenseBlock,
    features: Tensor,
    result: Tensor,
    grown: list[Tensor],
    rows: int,
    outer: Tensor,
) -> None:
    """One residual dense block from `features` into `result`, strip by strip.

    Args:
        block: its convolutions.
        features, result: rimmed features.
        grown: rooms of `rows + _LAGS` rows for what each growing convolution adds; they move down
            the picture with the strips.
        rows: rows of a strip.
        outer: features the group of three blocks began with.
    """
    height = features.shape[2] - 2
    done = [0] * (len(block.grow) + 1)
    first = -1  # the picture's row that stands at the top of each room
    for room in grown:
        room[:, :, 0] = 0
    for bottom in range(rows, height + len(done) + rows, rows):
        for lag in range(len(done)):
            start, stop = done[lag], max(done[lag], min(height, bottom - lag))
            if start == stop:
                continue
            done[lag] = stop
            held = slice(start - 1 - first, stop + 1 - first)
            known = [features[:, :, start : stop + 2], *(room[:, :, held] for room in grown[:lag])]
            dense = torch.cat(known, 1) if lag else known[0]
            if lag < len(block.grow):
                room = grown[lag]
                room[:, :, start - first : stop - first] = block.grow[lag](dense)
                if stop == height:
                    room[:, :, stop - first] = 0
                continue
            inner = slice(start + 1, stop + 1)
            residual = features[:, :, inner]
            if block.ends_group:
                residual = torch.add(outer[:, :, inner], residual, alpha=RESIDUAL)
            result[:, :, inner] = block.close(dense, residual)
        first = _move_up(grown, first, done[-1] - 1, bottom)


def _move_up(grown: list[Tensor], first: int, to: int, bottom: int) -> int:
    """Let row `to` stand at the top of each room; rows above it are not needed again."""
    shift, kept = to - first, bottom + 1 - to
    if shift <= 0:
        return first
    for room in grown:
        room[:, :, :kept] = room[:, :, shift : shift + kept].clone()
    return to


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


def _rows_of_a_strip(width: int) -> int:
    return max(_FEWEST_ROWS, _STRIP_PX // width)


def _strips(height: int, rows: int) -> list[tuple[int, int]]:
    return list(pairwise([*range(0, height, rows), height]))
