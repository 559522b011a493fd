"""Drawing what was found up to the size of the scan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Marks = NDArray[np.uint8]


def enlarged(marks: Marks, shape: tuple[int, ...], step: int) -> NDArray[np.bool_]:
    """Marks on a view as a mask on the picture itself.

    Args:
        marks: uint8 (h, w), 1 or 0.
        shape: (H, W) of the picture, `step` times larger or a little more.
        step: px of the picture that make one px of the view.
    """
    height, width = marks.shape
    mask = np.zeros(shape, bool)
    for y in range(step):
        for x in range(step):
            mask[y : height * step : step, x : width * step : step] = marks
    # The few px left over at the edges were not seen; damage at the edge goes on to it.
    mask[height * step :] = mask[height * step - 1]
    mask[:, width * step :] = mask[:, width * step - 1, None]
    return mask
