"""JPEG decoded strictly: a warning of the decoder about missing data is an error here.

Most decoders fill what is missing with grey and say nothing. libjpeg-turbo's TurboJPEG interface
reports it, and simplejpeg passes that on.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import TruncatedScan

# Some devices pad the stream with a few bytes before its end marker (0xd9); nothing is lost.
_PADDING = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_MAX_PADDING = 8
_BLOCK = 16


def decode_strictly(
    data: bytes,
    space: Literal["RGB", "GRAY"],
    *,
    least: tuple[int, int] | None = None,
    most: tuple[int, int] | None = None,
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Decode a whole JPEG stream or refuse it.

    Args:
        data: from the start marker to the end marker.
        space: what to decode to.
        least: (rows, columns) the stream must have, else it is refused before decoding.
        most: (rows, columns) it may have, but for padding to whole blocks.

    Returns:
        (uint8 (H, W, channels), events).

    Raises:
        TruncatedScan: scan data is missing or damaged, or the size is a lie.
    """
    import simplejpeg

    events: tuple[str, ...] = ()
    try:
        height, width = simplejpeg.decode_jpeg_header(data)[:2]
        if least and (height < least[0] or width < least[1]):
            raise TruncatedScan(f"the JPEG data is only {width} x {height} px")
        if most and (height >= most[0] + _BLOCK or width >= most[1] + _BLOCK):
            raise TruncatedScan(f"the JPEG data claims {width} x {height} px")
        array: NDArray[Any] = simplejpeg.decode_jpeg(data, space, strict=True)
    except ValueError as error:
        padding = _PADDING.search(str(error))
        if padding is None or int(padding[1]) > _MAX_PADDING:
            raise TruncatedScan(f"the JPEG data is incomplete or damaged: {error}") from error
        array = simplejpeg.decode_jpeg(data, space, strict=False)
        events = (f"{padding[1]} stray bytes before the end of the JPEG were passed over",)
    return array, events
