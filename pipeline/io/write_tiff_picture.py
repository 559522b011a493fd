"""A finished picture as TIFF: what a print shop and an archive ask for first."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from numpy.typing import NDArray

from pipeline.io.blocks import Blocks
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.metadata import descriptive_tree
from pipeline.io.tiff_directory import DirectoryReader, byte_entry
from pipeline.io.tiff_write import TiffPage, write_tiff

XMP_TAG, IPTC_TAG = 700, 33723

TILED_FROM_PIXELS = 64_000_000
"""Strips, the baseline of TIFF, below: every print shop's program reads them.

Above, which is beyond 20x30 inches at 300 dpi, a program that shows a part of the picture would
have to unpack whole rows of it; tiles (TIFF 6.0, section 15) save it that. LibTIFF, Photoshop and
the usual raster image processors read them; some kiosks and old viewers do not.
"""
_TILE = 512


def write_tiff_picture(
    file: BinaryIO,
    samples: NDArray[Any],
    blocks: Blocks,
    form: DerivativeFormat,
    *,
    threads: int | None = None,
) -> None:
    """Write one page; equal arguments give equal bytes, however many threads there are.

    Args:
        file: empty and seekable.
        samples: uint8 or uint16 (H, W, 1 or 3); rounded to the form's depth while being packed.
        blocks: profile, resolution and metadata.
        form: depth and compression.
        threads: for packing; None for one a core.
    """
    reader = DirectoryReader(io.BytesIO(blocks.exif))
    tree, _ = descriptive_tree(reader, reader.child(reader.first))
    extra = {tag: entry.little() for tag, entry in tree.entries.items()}
    if blocks.xmp is not None:
        extra[XMP_TAG] = byte_entry(blocks.xmp, undefined=False)
    if blocks.iptc is not None:
        extra[IPTC_TAG] = byte_entry(blocks.iptc)
    height, width, _ = samples.shape
    page = TiffPage(
        samples,
        blocks.dpi,
        blocks.icc,
        extra,
        tree.children,
        compression=form.compression,
        tile=_TILE if height * width > TILED_FROM_PIXELS else 0,
        eight_bit=form.bit_depth == 8,
    )
    write_tiff(file, [page], threads=threads)
