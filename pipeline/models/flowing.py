"""A picture that flows through a network without being cut, from any row on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pipeline.models.bordered import Bordered
from pipeline.models.rrdb import FlowingRrdb
from pipeline.models.tiling import BORDER

_BAND_ROWS = 64
"""Rows of the picture that make one band of the result."""


def flowing_bands(
    kernel: FlowingRrdb, picture: Bordered, start: int, context: int, scale: int
) -> Iterator[NDArray[np.float32]]:
    """The rows of a picture from `start` on, enlarged.

    Args:
        kernel: the network.
        picture: with its border.
        start: a row; a context of px above it is computed as well.
        context: px.
        scale: of the network.

    Yields:
        float32 (scale n, scale W, 3) from top to bottom, together scale (height - start) rows.
    """
    first, stop = picture.stretch(start, context)

    def rows(low: int, high: int) -> Tensor:
        cut = picture.bordered(first + low, first + high)
        return torch.from_numpy(cut).permute(2, 0, 1)[None]

    across = slice(BORDER * scale, (BORDER + picture.width) * scale)
    skip, wanted = (start - first) * scale, (picture.height - start) * scale
    waiting: list[NDArray[np.float32]] = []
    for made in kernel.flow(rows, stop - first, picture.wide):
        piece = made[0].permute(1, 2, 0).numpy()[skip : skip + wanted, across]
        skip = max(0, skip - made.shape[2])
        wanted -= len(piece)
        waiting.append(piece)
        held = sum(map(len, waiting))
        if held >= _BAND_ROWS * scale or (held and not wanted):
            yield np.concatenate(waiting)
            waiting = []
        if not wanted:
            return
