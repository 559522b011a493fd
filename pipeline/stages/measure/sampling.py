"""What measurements look at: a few megapixels of tiles, or a small view of the whole.

Noise, sharpness and the grid of JPEG need pixels as they were scanned, but not all of them: tiles
spread evenly over the picture will do. Tones and colours need the whole, but not its pixels: an
average will do. So measuring costs much the same on a print of any size.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.core.samples import to_float
from pipeline.stages.measure.luma import luma

Plane = NDArray[np.float32]
Tile = tuple[slice, slice]

MOST_PX = 4_000_000
"""px looked at of a larger picture; a smaller one is looked at as a whole."""

SIDE = 384
"""px of a tile: a hundred finest details wide even in a scan oversampled four times."""

_GRID = 16


def spread_tiles(
    height: int, width: int, *, most_px: int = MOST_PX, side: int = SIDE
) -> list[Tile]:
    """Tiles spread evenly over a picture, from edge to edge.

    Args:
        height, width: px of the picture.
        most_px: px of all tiles together, about.
        side: px of a tile.

    Returns:
        rows and columns of each tile. They begin at multiples of 16 px, so that the 8 px grid of
        JPEG lies alike in all of them, at half size as well. One tile, the whole, when the
        picture has no more than `most_px`.
    """
    if height * width <= most_px:
        return [(slice(0, height), slice(0, width))]
    wanted = max(1.0, most_px / side**2)
    down = int(np.clip(round(np.sqrt(wanted * height / width)), 1, max(1, height // side)))
    across = int(np.clip(round(wanted / down), 1, max(1, width // side)))
    return [
        (slice(top, min(top + side, height)), slice(left, min(left + side, width)))
        for top in _starts(height, side, down)
        for left in _starts(width, side, across)
    ]


def luma_tiles(photo: Photo, *, most_px: int = MOST_PX, side: int = SIDE) -> list[Plane]:
    """Encoded lightness of the tiles of `spread_tiles`: float32 (h, w) in 0..1 each."""
    tiles = spread_tiles(photo.height, photo.width, most_px=most_px, side=side)
    return [luma_of(photo, tile) for tile in tiles]


def luma_of(photo: Photo, tile: Tile) -> Plane:
    """Encoded lightness of one part of a photo, float32 (h, w) in 0..1."""
    if photo.monochrome:
        return to_float(photo.samples[(*tile, 0)])
    return luma(photo.part(*tile))


def reduced(photo: Photo, long_side: int) -> Pixels:
    """A photo averaged down so that its longer side is at most `long_side` px.

    Returns:
        float32 (h, w, 3) in 0..1, made without the whole picture in float.
    """
    longest = max(photo.height, photo.width)
    if longest <= long_side:
        return photo.pixels
    size = tuple(max(1, round(px * long_side / longest)) for px in (photo.width, photo.height))
    small = cv2.resize(photo.samples, size, interpolation=cv2.INTER_AREA)
    view = to_float(np.asarray(small).reshape(size[1], size[0], -1))
    return np.repeat(view, 3, axis=2) if photo.monochrome else view


def _starts(length: int, side: int, count: int) -> list[int]:
    places = np.linspace(0, max(0, length - side), count)
    if count == 1:
        places += max(0, length - side) / 2
    return [int(place) // _GRID * _GRID for place in places]
