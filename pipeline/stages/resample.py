"""Changing the number of pixels of a picture without aliasing or jagged edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


def resample(
    pixels: NDArray[np.float32], width: int, height: int, box: Box | None = None
) -> NDArray[np.float32]:
    """Resize with a Lanczos-3 kernel that widens when reducing, so nothing aliases.

    Args:
        pixels: float32 (H, W) or (H, W, C), any range.
        width: columns wanted, px.
        height: rows wanted, px.
        box: the part to take, (left, top, right, bottom) in px of the source, fractions
            allowed; the whole picture when None. Pixels just outside it are used as neighbours.

    Returns:
        float32 of the size asked for; the very array given when there is nothing to do. May
        overshoot the input's range by a few percent at hard edges: clip where that matters.
    """
    whole = (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))
    if (pixels.shape[1], pixels.shape[0]) == (width, height) and box in (None, whole):
        return pixels
    planes = [pixels] if pixels.ndim == 2 else [pixels[..., c] for c in range(pixels.shape[2])]
    resized = _each(planes, width, height, box or whole)
    return resized[0] if pixels.ndim == 2 else np.stack(resized, axis=-1)


def _each(
    planes: Sequence[NDArray[np.float32]], width: int, height: int, box: Box
) -> list[NDArray[np.float32]]:
    from PIL import Image

    resized = []
    for plane in planes:
        image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
        small = image.resize((width, height), Image.Resampling.LANCZOS, box=box)
        resized.append(np.asarray(small, dtype=np.float32))
    return resized
