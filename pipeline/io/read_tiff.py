"""TIFF: the structure checked byte by byte, then every strip or tile decoded or refused."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import UnsupportedScan
from pipeline.io.metadata import (
    UNKNOWN_RESOLUTION,
    exif_from_tiff,
    first_integer,
    sane_icc,
    sane_orientation,
    tagged_resolution,
)
from pipeline.io.read_raw import CMYK_REMEDY, RawHeader, RawSamples, check_size
from pipeline.io.read_tiff_page import TiffLayout, check_segments, layout_of
from pipeline.io.read_tiff_pixels import decode_page
from pipeline.io.tiff_directory import Directory, DirectoryReader

_SUBFILE, _OLD_SUBFILE = 254, 255
_REDUCED_OR_MASK = 0b101
_ICC = 34675
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_KIND_NAMES = {4: "a transparency mask", 8: "CIE Lab", 9: "ICC Lab", 10: "ITU Lab"}
_KIND_NAMES |= {32803: "raw camera data", 32844: "LogL", 32845: "LogLuv", 34892: "linear raw"}
_UNSPECIFIED, _PREMULTIPLIED, _STRAIGHT = 0, 1, 2


def read_header(file: BinaryIO, max_megapixels: float) -> RawHeader:
    """Read the page directories and check that every strip or tile lies inside the file.

    Raises:
        TruncatedScan: a directory, a value, a strip or a tile reaches beyond the file.
        UnsupportedScan: several pages, CMYK, float, 12 bits, and other kinds not read.
        EmptyScan, ScanTooLarge: by the size in the header.
    """
    reader = DirectoryReader(file)
    _, page = only_page(reader)
    layout = layout_of(page)
    check_size(layout.width, layout.height, max_megapixels)
    _refuse_kinds(layout)
    check_segments(layout, page, reader.size)
    is_grey = layout.kind in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
    orientation, events = sane_orientation(first_integer(page, 274, 1))
    dpi, more = tagged_resolution(page)
    events += more
    icc, more = sane_icc(page[_ICC].raw if _ICC in page else None, 1 if is_grey else 3)
    events += more
    exif, more = exif_from_tiff(reader, page)
    events += more
    if dpi is None:
        events += (UNKNOWN_RESOLUTION,)
    return RawHeader(
        format="tiff",
        width=layout.width,
        height=layout.height,
        bit_depth=_depth(layout, page),
        channels=3 if layout.kind == _PALETTE else layout.samples,
        dpi=dpi,
        orientation=orientation,
        exif=exif,
        icc=icc,
        events=events,
    )


def read_samples(file: BinaryIO, header: RawHeader) -> RawSamples:
    """Decode all pixels of the one full-size page.

    Raises:
        TruncatedScan: a strip or tile is cut or damaged.
        UnsupportedScan: a compression that is not read.
    """
    index, page = only_page(DirectoryReader(file))
    layout = layout_of(page)
    array = decode_page(file, index, layout, page)
    if layout.kind == _PALETTE:
        return RawSamples(_expanded(array[..., 0], page, header.bit_depth))
    if layout.bits < 8:
        array = (array.astype(np.uint8) * np.uint8(255 // (2**layout.bits - 1))).astype(np.uint8)
    colours = _colour_channels(layout)
    colour, extra = array[..., :colours], array[..., colours:]
    if layout.kind == _WHITE_IS_ZERO:
        np.subtract(np.iinfo(colour.dtype).max, colour, out=colour)
    return _with_extra(colour, extra, layout)


def only_page(reader: DirectoryReader) -> tuple[int, Directory]:
    """The one full-size page and its place in the chain; thumbnails and masks are passed over.

    Raises:
        UnsupportedScan: several full-size pages.
    """
    pages = reader.chain()
    full = [
        (index, page)
        for index, page in enumerate(pages)
        if not first_integer(page, _SUBFILE, 0) & _REDUCED_OR_MASK
        and first_integer(page, _OLD_SUBFILE, 1) != 2
    ]
    if len(full) > 1:
        raise UnsupportedScan(
            f"a TIFF with {len(full)} pages", remedy="Save each page as a file of its own."
        )
    return full[0] if full else (0, pages[0])


def _refuse_kinds(layout: TiffLayout) -> None:
    if layout.kind == _CMYK:
        raise UnsupportedScan("a CMYK TIFF", remedy=CMYK_REMEDY)
    if layout.kind not in (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _YCBCR):
        name = _KIND_NAMES.get(layout.kind, f"photometric interpretation {layout.kind}")
        raise UnsupportedScan(f"a TIFF whose pixels are {name}")
    if layout.sample_format == 3:
        raise UnsupportedScan(f"a TIFF with {layout.bits}-bit floating-point samples")
    if layout.sample_format not in (1, 4):
        raise UnsupportedScan("a TIFF whose samples are not plain unsigned numbers")
    few_bits = layout.bits in (1, 2, 4) and layout.samples == 1
    if layout.bits not in (8, 16) and not few_bits:
        raise UnsupportedScan(f"a TIFF with {layout.bits} bits per sample")
    if layout.kind == _PALETTE and (layout.samples != 1 or layout.bits > 8):
        raise UnsupportedScan("a palette TIFF of an uncommon layout")
    colours = _colour_channels(layout)
    if not colours <= layout.samples <= colours + 1:
        raise UnsupportedScan(f"a TIFF with {layout.samples} samples per pixel")


def _colour_channels(layout: TiffLayout) -> int:
    grey_or_index = (_WHITE_IS_ZERO, _BLACK_IS_ZERO, _PALETTE)
    return 1 if layout.kind in grey_or_index else 3


def _depth(layout: TiffLayout, page: Directory) -> int:
    if layout.kind != _PALETTE:
        return max(8, layout.bits)
    return 8 if _palette_is_8_bit(_palette(page, layout.bits)) else 16


def _palette(page: Directory, bits: int) -> NDArray[np.uint16]:
    """The colour map as uint16 (2**bits, 3).

    Raises:
        UnsupportedScan: missing or of a wrong length.
    """
    entry = page.get(320)
    values = entry.integers() if entry else ()
    if len(values) != 3 * 2**bits:
        raise UnsupportedScan("a palette TIFF without its palette")
    return np.array(values, np.uint16).reshape(3, -1).T


def _palette_is_8_bit(table: NDArray[np.uint16]) -> bool:
    """Whether the entries only repeat 8-bit numbers (v * 257, or v * 256 by some programs)."""
    low = table & 0xFF
    return bool((low == table >> 8).all() or (low == 0).all())


def _expanded(indices: NDArray[Any], page: Directory, bit_depth: int) -> NDArray[Any]:
    bits = first_integer(page, 258, 1)
    table = _palette(page, bits)
    colours: NDArray[Any] = (table >> 8).astype(np.uint8) if bit_depth == 8 else table
    return np.take(colours, indices.astype(np.intp), axis=0)


def _with_extra(colour: NDArray[Any], extra: NDArray[Any], layout: TiffLayout) -> RawSamples:
    if extra.shape[2] == 0:
        return RawSamples(colour)
    plane = extra[..., 0]
    if layout.extra in (_PREMULTIPLIED, _STRAIGHT):
        return RawSamples(colour, plane, premultiplied=layout.extra == _PREMULTIPLIED)
    if int(plane.min()) == int(plane.max()):
        return RawSamples(colour, events=("an empty extra channel was left out",))
    # Film scanners store infrared so: an extra sample whose meaning is not stated.
    event = "an extra channel of unstated meaning was kept as infrared"
    return RawSamples(colour, infrared=plane, events=(event,))
