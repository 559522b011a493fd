"""RRDBNet, the network of ESRGAN and Real-ESRGAN, computed on the CPU as rows flow through it.

Cut into tiles, each tile of this network needs some 80 px of surroundings to come out as in the
whole picture, so that a third of the work is thrown away; whole, its features fill the memory, and
no cache holds what 350 convolutions read and write. Here a band of rows goes through all layers
while it is warm, several bands at a time. Every row of every layer is computed once, nothing is
cut, the result is the undivided picture's, and memory grows with the width alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor, nn

from pipeline.models.held_rows import Rooms, Shared
from pipeline.models.rrdb_layers import CHANNELS_LAST, RrdbLayers, rrdb_layers
from pipeline.models.rrdb_rows import Closing, Enlarging, FirstRows, Group
from pipeline.models.wavefront import Band, Segment, flow

_BAND_PX = 16_000
"""px of a band: fewer cost more calls and more copies, more fall out of the cache."""

_FEWEST_ROWS, _MOST_ROWS = 16, 48

Rows = Callable[[int, int], Tensor]
"""Gives rows start .. stop of a picture, float32 (1, 3, stop - start, W); asked for in order."""


class FlowingRrdb:
    """An RRDBNet with its weights, for pictures of any height on the CPU.

    Memory: about 75,000 numbers of `dtype` for each px of the picture's width.

    Args:
        module: float32 RRDBNet as spandrel builds it, one that `is_plain_rrdb`.
        dtype: number format of the features.
    """

    def __init__(self, module: nn.Module, dtype: torch.dtype) -> None:
        self.dtype = dtype
        self._layers = rrdb_layers(module, dtype)

    @property
    def phase(self) -> int:
        """px of which height and width of a picture for `flow` are multiples."""
        return 2 if self._layers.folds else 1

    def __call__(self, batch: Tensor) -> Tensor:
        """Enlarge one picture.

        Args:
            batch: float32 (1, 3, H, W).

        Returns:
            float32 (1, 3, scale H, scale W).
        """
        tall, wide = batch.shape[2:]
        if self._layers.folds:
            batch = F.pad(batch, (0, wide % 2, 0, tall % 2), mode="reflect")
        height, width = batch.shape[2:]
        factor = 4 // self.phase
        shape = (1, 3, factor * height, factor * width)
        whole = torch.empty(shape, dtype=torch.float32, memory_format=CHANNELS_LAST)
        at = 0
        for rows in self.flow(lambda start, stop: batch[:, :, start:stop], height, width):
            whole[:, :, at : at + rows.shape[2]] = rows
            at += rows.shape[2]
        return whole[:, :, : factor * tall, : factor * wide]

    def flow(self, rows: Rows, height: int, width: int) -> Iterator[Tensor]:
        """Enlarge a picture that is handed in, and handed out, by rows.

        Args:
            rows: the picture.
            height, width: its px, multiples of `phase`.

        Yields:
            float32 (1, 3, n, scale W), rows from top to bottom; together scale H of them.
        """
        fold = self.phase
        height, width = height // fold, width // fold
        most = min(max(_FEWEST_ROWS, _BAND_PX // width), _MOST_ROWS, height)
        segments = _segments(self._layers, height, width, most, self.dtype)
        return flow(_bands(rows, height, most, fold), segments)


def _bands(rows: Rows, height: int, most: int, fold: int) -> Iterator[Band]:
    for top in range(0, height, most):
        bottom = min(top + most, height)
        given = rows(top * fold, bottom * fold)
        if fold > 1:
            given = F.pixel_unshuffle(given, fold)
        yield Band(given.contiguous(memory_format=CHANNELS_LAST), bottom == height)


def _segments(
    layers: RrdbLayers, height: int, width: int, most: int, dtype: torch.dtype
) -> list[Segment]:
    skip, rooms = Shared(), Rooms(layers, most, width, dtype)
    blocks = layers.blocks
    return [
        FirstRows(layers.head, skip, dtype),
        *(Group(blocks[at : at + 3], rooms, most) for at in range(0, len(blocks), 3)),
        Closing(layers.closing, skip, rooms, most),
        Enlarging(layers, height, width),
    ]
