"""Small pictures for the pages of an archive package: JPEG in sRGB, which every browser shows."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.export.sheet_page import as_shown

VIEW_PX = 1000
THUMBNAIL_PX = 240
_QUALITY = 88
_MOST_MEGAPIXELS = 250.0
"""A back larger than this is not shown on the page; the scan itself is in the package."""


def view(photo: Photo, longest_px: int) -> bytes:
    """A photo as a JPEG whose longer side has at most so many px; never larger than it is.

    Reduced by area on the 16-bit samples, so a large print costs no copy of itself; equal photos
    give equal bytes.
    """
    factor = min(1.0, longest_px / max(photo.width, photo.height))
    size = (max(1, round(photo.width * factor)), max(1, round(photo.height * factor)))
    samples = photo.samples
    if size != (photo.width, photo.height):
        samples = cv2.resize(samples, size, interpolation=cv2.INTER_AREA)
    small = photo.with_samples(np.asarray(samples, np.uint16).reshape(size[1], size[0], -1))
    return _jpeg(as_shown(small.pixels, photo.icc))


def view_of_scan(path: Path, longest_px: int) -> bytes | None:
    """The same of an original scan; None when it cannot be read as a picture."""
    from pipeline.core.errors import InputRefused
    from pipeline.io.read import read_scan

    try:
        return view(read_scan(path, max_megapixels=_MOST_MEGAPIXELS).photo, longest_px)
    except InputRefused:
        return None


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    import simplejpeg

    shown = np.ascontiguousarray(pixels)
    data: bytes = simplejpeg.encode_jpeg(
        shown, quality=_QUALITY, colorspace="RGB", colorsubsampling="444"
    )
    return data
