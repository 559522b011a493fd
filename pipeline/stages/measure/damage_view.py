"""A scan as damage is looked for on it: averaged over whole px, and given out part by part.

Defects have a size on paper, and a fine scan shows them many px wide. No more of the view than
the part in work is ever held in float.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.samples import to_float

Pixels = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class View:
    """A picture averaged over squares of `step` px.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1) when grey, or float32 (H, W, 3) in 0..1.
        step: px of the picture, each way, that make one px of the view; at most H and W. What is
            left over at the lower and right edge is not seen.
    """

    samples: NDArray[Any]
    step: int = 1

    @property
    def height(self) -> int:
        """Rows, px of the view."""
        return int(self.samples.shape[0]) // self.step

    @property
    def width(self) -> int:
        """Columns, px of the view."""
        return int(self.samples.shape[1]) // self.step

    def part(self, rows: slice, columns: slice) -> Pixels:
        """A part of the view, float32 (h, w, 3) in 0..1.

        Args:
            rows, columns: px of the view, within it, with a start and a stop.
        """
        height, width = rows.stop - rows.start, columns.stop - columns.start
        step = self.step
        cut = self.samples[
            rows.start * step : rows.stop * step, columns.start * step : columns.stop * step
        ]
        return _coloured(cut if step == 1 else _averaged(cut, (width, height)))

    def every(self, down: int, across: int) -> Pixels:
        """Every so many px of the view, float32 (h, w, 3) in 0..1.

        Args:
            down, across: px of the view from one to the next, at least 1.
        """
        height, width = self.height * self.step, self.width * self.step
        offsets = [(y, x) for y in range(self.step) for x in range(self.step)]
        some = [
            _coloured(self.samples[y : height : down * self.step, x : width : across * self.step])
            for y, x in offsets
        ]
        return np.asarray(sum(some[1:], some[0]) / np.float32(len(some)), np.float32)


def _averaged(samples: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    small = np.asarray(cv2.resize(samples, size, interpolation=cv2.INTER_AREA))
    return small.reshape(size[1], size[0], samples.shape[2])


def _coloured(samples: NDArray[Any]) -> Pixels:
    """Samples of either kind as float RGB."""
    pixels = to_float(samples) if samples.dtype == np.uint16 else samples
    return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
