"""One TIFF page: where its strips or tiles lie, whether they are all there, and their pixels.

tifffile decodes each strip or tile; what it would pass over with a log line is checked here.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import EmptyScan, TruncatedScan, UnsupportedScan
from pipeline.io.jpeg_check import decode_strictly
from pipeline.io.metadata import first_integer
from pipeline.io.tiff_directory import Directory

_NONE, _LZW, _OLD_JPEG, _JPEG, _DEFLATE, _PACKBITS, _OLD_DEFLATE = 1, 5, 6, 7, 8, 32773, 32946
_LZMA, _ZSTD = 34925, 50000
_READ = frozenset({_NONE, _LZW, _JPEG, _DEFLATE, _PACKBITS, _OLD_DEFLATE, _LZMA, _ZSTD})
_COMPRESSION_NAMES = {2: "CCITT", 3: "CCITT fax 3", 4: "CCITT fax 4", 6: "old-style JPEG"}
_COMPRESSION_NAMES |= {34712: "JPEG 2000", 34676: "SGI LogLuv", 50001: "WebP", 50002: "JPEG XL"}
_YCBCR = 6
_JPEG_TABLES = 347
# Deflate packs at most 1032 to 1, LZW less, zstd and LZMA more for flat pictures; what claims
# more than this per byte of file is a header that lies.
_MAX_RATIO = 20_000
# Fields that hold one number each; a list in their place is damage.
_SCALARS = (256, 257, 259, 262, 277, 278, 284, 317, 322, 323)
# What tifffile raises over fields that make no sense; its TiffFileError is a ValueError.
_TIFFFILE_GIVES_UP = (
    ValueError,
    NotImplementedError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
)


@dataclass(frozen=True)
class TiffLayout:
    """How a page's samples lie in the file.

    Args:
        width: px. height: px.
        samples: per pixel. bits: per sample, the same for all.
        sample_format: 1 unsigned, 2 signed, 3 float, 4 unstated.
        kind: PhotometricInterpretation.
        compression: tag 259. predictor: tag 317.
        separate: one plane per sample.
        segment: (rows, columns) of a strip or tile. tiled: whether tiles.
        extra: the meaning of the first extra sample (tag 338), 0 when not stated.
    """

    width: int
    height: int
    samples: int
    bits: int
    sample_format: int
    kind: int
    compression: int
    predictor: int
    separate: bool
    segment: tuple[int, int]
    tiled: bool
    extra: int

    @property
    def segment_count(self) -> int:
        """How many strips or tiles a whole picture has."""
        rows, columns = self.segment
        grid = math.ceil(self.height / rows) * math.ceil(self.width / columns)
        return grid * (self.samples if self.separate else 1)

    def picture_part(self, number: int) -> tuple[int, int]:
        """(rows, columns) of the strip or tile with this number that belong to the picture."""
        rows, columns = self.segment
        down, across = math.ceil(self.height / rows), math.ceil(self.width / columns)
        place = number % (down * across)
        top, left = place // across * rows, place % across * columns
        return min(rows, self.height - top), min(columns, self.width - left)


def layout_of(page: Directory) -> TiffLayout:
    """The layout by a page's tags.

    Raises:
        EmptyScan: no width or height.
        UnsupportedScan: samples of unlike depth or format, or a compression that is not read.
    """
    for tag in _SCALARS:
        if tag in page and len(page[tag].integers()) != 1:
            raise UnsupportedScan(f"a TIFF whose field {tag} makes no sense")
    width, height = first_integer(page, 256, 0), first_integer(page, 257, 0)
    if width <= 0 or height <= 0:
        raise EmptyScan(f"the header says {width} x {height} px")
    compression = first_integer(page, 259, 1)
    if compression not in _READ:
        name = _COMPRESSION_NAMES.get(compression, f"method {compression}")
        raise UnsupportedScan(f"a TIFF compressed with {name}")
    samples = first_integer(page, 277, 1)
    tiled = 322 in page or 324 in page
    if tiled:
        segment = first_integer(page, 323, 0), first_integer(page, 322, 0)
    else:
        segment = min(first_integer(page, 278, height), height), width
    if min(segment) <= 0 or samples <= 0:
        raise UnsupportedScan(f"a TIFF with strips or tiles of {segment[1]} x {segment[0]} px")
    return TiffLayout(
        width=width,
        height=height,
        samples=samples,
        bits=_shared(page, 258, 1, "depths"),
        sample_format=_shared(page, 339, 1, "formats"),
        kind=first_integer(page, 262, 1),
        compression=compression,
        predictor=first_integer(page, 317, 1),
        separate=first_integer(page, 284, 1) == 2 and samples > 1,
        segment=segment,
        tiled=tiled,
        extra=first_integer(page, 338, 0),
    )


def _shared(page: Directory, tag: int, default: int, what: str) -> int:
    values = set(page[tag].integers() if tag in page else ()) or {default}
    if len(values) != 1:
        raise UnsupportedScan(f"a TIFF with samples of unlike {what}")
    return values.pop()


def check_segments(layout: TiffLayout, page: Directory, size: int) -> None:
    """Check that every strip or tile is listed and lies inside the file.

    Args:
        size: bytes of the file.

    Raises:
        TruncatedScan: one is missing, empty or reaches beyond the file.
        UnsupportedScan: subsampled colour without JPEG, which nothing here decodes.
    """
    if layout.kind == _YCBCR and layout.compression != _JPEG:
        raise UnsupportedScan("a TIFF with YCbCr colour that is not JPEG")
    raw_bytes = layout.width * layout.height * layout.samples * layout.bits // 8
    if raw_bytes > size * _MAX_RATIO:
        raise TruncatedScan(f"{size} bytes of file cannot hold {raw_bytes} bytes of picture")
    what = "tile" if layout.tiled else "strip"
    for number, (offset, length) in enumerate(segments_of(layout, page), start=1):
        if offset <= 0 or length <= 0:
            raise TruncatedScan(f"{what} {number} of {layout.segment_count} was never written")
        if offset + length > size:
            raise TruncatedScan(
                f"{what} {number} of {layout.segment_count} should end at byte "
                f"{offset + length}, but the file has {size}"
            )


def segments_of(layout: TiffLayout, page: Directory) -> list[tuple[int, int]]:
    """(offset, length) of every strip or tile, in order.

    Raises:
        TruncatedScan: fewer are listed than the picture needs.
    """
    offsets = _values(page, 324) or _values(page, 273)
    lengths = _values(page, 325) or _values(page, 279)
    needed = layout.segment_count
    if not lengths and layout.compression == _NONE and len(offsets) == 1 == needed:
        row = math.ceil(layout.width * layout.samples * layout.bits / 8)
        lengths = (row * layout.height,)  # some old writers leave the length out
    if len(offsets) < needed or len(lengths) < needed:
        raise TruncatedScan(
            f"the file lists {min(len(offsets), len(lengths))} of its {needed} strips or tiles"
        )
    return list(zip(offsets[:needed], lengths[:needed], strict=True))


def _values(page: Directory, tag: int) -> tuple[int, ...]:
    return page[tag].integers() if tag in page else ()


def decode_page(file: BinaryIO, index: int, layout: TiffLayout, page: Directory) -> NDArray[Any]:
    """All samples of a page, (H, W, samples), uint8 or uint16 (bits below 8 as small numbers).

    Args:
        index: the page's place in the chain of directories.

    Raises:
        TruncatedScan: a strip or tile is damaged or too short.
        UnsupportedScan: tifffile cannot decode this kind.
    """
    from tifffile import TiffFile

    planes, depth = (layout.samples, 1) if layout.separate else (1, layout.samples)
    dtype = np.uint16 if layout.bits == 16 else np.uint8
    out = np.zeros((planes, layout.height, layout.width, depth), dtype)
    tables = page[_JPEG_TABLES].raw if _JPEG_TABLES in page else None
    file.seek(0)
    try:
        with TiffFile(file) as tiff:
            decoder = tiff.pages[index].aspage()
            for number, (offset, length) in enumerate(segments_of(layout, page)):
                file.seek(offset)
                _place(file.read(length), number, layout, tables, decoder, out)
    except _TIFFFILE_GIVES_UP as error:
        raise UnsupportedScan(f"a TIFF that cannot be decoded: {error}") from error
    return np.moveaxis(out[..., 0], 0, -1) if layout.separate else out[0]


def _place(
    data: bytes,
    number: int,
    layout: TiffLayout,
    tables: bytes | None,
    decoder: Any,
    out: NDArray[Any],
) -> None:
    """Decode one strip or tile and put it where it belongs in `out`."""
    what = f"{'tile' if layout.tiled else 'strip'} {number + 1} of {layout.segment_count}"
    try:
        if layout.compression == _JPEG:
            _check_jpeg(data, tables, layout.picture_part(number), layout.segment)
        got, (plane, _, top, left, _), _ = decoder.decode(data, number, jpegtables=tables)
        rows, columns = layout.picture_part(number)
        if got is None or got.shape[1] < rows or got.shape[2] < columns:
            raise TruncatedScan("it is too short")
        if got.shape[3] != out.shape[3]:
            raise UnsupportedScan(f"{what} decodes to {got.shape[3]} samples per pixel")
        out[plane, top : top + rows, left : left + columns] = got[0, :rows, :columns]
    except TruncatedScan as error:
        raise TruncatedScan(f"{what}: {error.detail}") from error
    except (RuntimeError, ValueError, IndexError) as error:
        raise TruncatedScan(f"{what} is damaged: {error}") from error


def _check_jpeg(
    data: bytes, tables: bytes | None, least: tuple[int, int], most: tuple[int, int]
) -> None:
    """Refuse a JPEG strip or tile that the decoder would fill up with grey or leave short.

    Args:
        data: the strip's stream. tables: the page's JPEGTables.
        least: (rows, columns) the picture needs of it.
        most: (rows, columns) of a whole strip or tile.
    """
    if not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise TruncatedScan("its JPEG data has no end marker")
    # Both are JPEG streams: the tables lose their end marker, the data its start marker.
    stream = tables[:-2] + data[2:] if tables and len(tables) > 4 else data
    decode_strictly(stream, "GRAY", least=least, most=most)
