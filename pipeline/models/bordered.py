"""A picture handed in by rows, with a mirrored border around it for a network to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.models.provider import Rows
from pipeline.models.tiling import BORDER, STEP, mirrored, up


class Bordered:
    """A picture and what lies around it.

    Args:
        rows: the picture.
        height, width: its px, at least 1.

    Raises:
        StageContractBroken: there is no picture.
    """

    def __init__(self, rows: Rows, height: int, width: int) -> None:
        if height < 1 or width < 1:
            raise StageContractBroken(f"the network was given a picture of {width} x {height} px")
        self._rows = rows
        self.height, self.width = height, width
        self._columns = mirrored(np.arange(-BORDER, up(width + 2 * BORDER) - BORDER), width)

    @property
    def wide(self) -> int:
        """px across, border included: a multiple of `STEP`."""
        return self._columns.size

    def stretch(self, start: int, context: int) -> tuple[int, int]:
        """Rows a network must be given to draw from `start` to the end; a multiple of `STEP`.

        The first row is that of the border, or `context` px above `start`.
        """
        first = max(-BORDER, (start - context) // STEP * STEP)
        return first, first + up(self.height + BORDER - first)

    def cut(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows of the picture, without the border: float32 (stop - start, W, 3).

        Raises:
            StageContractBroken: what was handed in is no such picture.
        """
        pixels = self._rows(start, stop)
        if pixels.dtype != np.float32 or pixels.shape != (stop - start, self.width, 3):
            raise StageContractBroken(
                f"the network was given {pixels.dtype} {pixels.shape}, not float32 "
                f"{(stop - start, self.width, 3)}"
            )
        if not np.isfinite(pixels).all():
            raise StageContractBroken("the network was given NaN or Inf")
        return pixels

    def bordered(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows with the border, of which those above 0 and from the height on are a part."""
        wanted = mirrored(np.arange(start, stop), self.height)
        first = int(wanted.min())
        pixels = self.cut(first, int(wanted.max()) + 1)
        return pixels[np.ix_(wanted - first, self._columns)]
