"""A finished picture as WebP, for the screen: 8 bits."""

from __future__ import annotations

from typing import Any, BinaryIO

from numpy.typing import NDArray

from pipeline.io.blocks import Blocks
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.pillow_picture import pillow_picture

# The encoder's effort. From its third one on it keeps a list of every coefficient, 16 bytes a px
# of a noisy picture; lossless it keeps 21 bytes a px at effort 0 and 28 above.
_METHOD, _LOSSY_METHOD_OF_LARGE, _LOSSLESS_METHOD_OF_LARGE = 4, 2, 0
_LARGE = 32_000_000
# Of lossless files it is no quality, but another effort.
_LOSSLESS_QUALITY = 75


def write_webp(
    file: BinaryIO, samples: NDArray[Any], blocks: Blocks, form: DerivativeFormat
) -> None:
    """Write one WebP; equal arguments give equal bytes.

    WebP has no grey: one channel is written as three equal ones, and `blocks.icc` must be an RGB
    profile. Lossy files show them equal to one of 255 levels, lossless ones exactly. Resolution
    stands in EXIF alone, and there is no place for IPTC-IIM.

    Args:
        file: empty.
        samples: uint8 or uint16 (H, W, 1 or 3).
        blocks: profile, resolution and metadata.
        form: quality, or lossless.

    Raises:
        UsageError: a side over 16,383 px, or a lossless picture over 80 megapixels.
    """
    height, width, _ = samples.shape
    form.refuse_size(width, height)
    method = _METHOD
    if height * width > _LARGE:
        method = _LOSSLESS_METHOD_OF_LARGE if form.lossless else _LOSSY_METHOD_OF_LARGE
    options: dict[str, Any] = {} if blocks.xmp is None else {"xmp": blocks.xmp}
    pillow_picture(samples, grey_as_rgb=True).save(
        file,
        "WEBP",
        lossless=form.lossless,
        quality=_LOSSLESS_QUALITY if form.lossless else form.quality,
        method=method,
        icc_profile=blocks.icc,
        exif=blocks.exif,
        **options,
    )
