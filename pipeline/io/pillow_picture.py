"""A picture as Pillow's encoders want it, filled a band at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.io.sample_rows import bands

if TYPE_CHECKING:
    from PIL import Image


def pillow_picture(samples: NDArray[Any], *, grey_as_rgb: bool = False) -> Image.Image:
    """The samples as an 8-bit Pillow picture ("L" or "RGB").

    Pillow keeps 4 bytes a px of RGB whatever it is given; a whole 8-bit copy on the way there is
    saved by bands.

    Args:
        samples: uint8 or uint16 (H, W, 1 or 3).
        grey_as_rgb: one channel is given three times.
    """
    from PIL import Image

    height, width, channels = samples.shape
    mode = "RGB" if channels == 3 or grey_as_rgb else "L"
    picture = Image.new(mode, (width, height))
    for top, band in bands(samples, 8):
        if mode == "L":
            part = band[..., 0]
        else:
            part = np.ascontiguousarray(np.broadcast_to(band, (*band.shape[:2], 3)))
        picture.paste(Image.fromarray(part), (0, top))
    return picture
