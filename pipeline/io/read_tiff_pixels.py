"""The pixels of one TIFF page, whole or not at all, decoded on all cores.

Rows that are not packed are read to where they belong; deflate and LZW strips are unpacked there.
All other kinds go through tifffile, and so does what cannot be unpacked straight: its word on a
damaged strip is the last. What tifffile would pass over with a log line is checked here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import TruncatedScan, UnsupportedScan
from pipeline.io.in_order import in_order
from pipeline.io.jpeg_check import decode_strictly
from pipeline.io.read_tiff_page import (
    DEFLATE,
    JPEG,
    LZW,
    NONE,
    OLD_DEFLATE,
    TiffLayout,
    segments_of,
)
from pipeline.io.tiff_directory import Directory

_JPEG_TABLES = 347
_HORIZONTAL = 2
# Strips may be single rows: so many bytes of picture make one task for a thread.
_BATCH_BYTES = 2**20
# What tifffile raises over fields that make no sense; its TiffFileError is a ValueError.
_TIFFFILE_GIVES_UP = (
    ValueError,
    NotImplementedError,
    KeyError,
    IndexError,
    TypeError,
    struct.error,
)

_Batch = list[tuple[int, bytes]]
"""(number, bytes as stored) of some strips or tiles."""


def decode_page(file: BinaryIO, index: int, layout: TiffLayout, page: Directory) -> NDArray[Any]:
    """All samples of a page, (H, W, samples), uint8 or uint16 (bits below 8 as small numbers).

    Args:
        index: the page's place in the chain of directories.

    Raises:
        TruncatedScan: a strip or tile is damaged or too short.
        UnsupportedScan: tifffile cannot decode this kind.
    """
    dtype = np.uint16 if layout.bits == 16 else np.uint8
    out = np.empty((layout.height, layout.width, layout.samples), dtype)
    segments = segments_of(layout, page)
    left: Sequence[int] = range(len(segments))
    if _is_rows_of_samples(layout):
        if layout.compression == NONE and layout.predictor == 1:
            _read_rows(file, layout, segments, out)
            left = ()
        elif layout.compression in (DEFLATE, OLD_DEFLATE, LZW) and layout.predictor <= _HORIZONTAL:
            batches = _batches(file, layout, segments, left)
            unpack = partial(_unpack_rows, layout=layout, out=out)
            left = [number for failed in in_order(unpack, batches) for number in failed]
    if left:
        _decode_by_tifffile(file, index, layout, page, left, out)
    return out


def _is_rows_of_samples(layout: TiffLayout) -> bool:
    """Whether a strip, once unpacked, is whole rows of the picture as they stand in memory."""
    plain = layout.bits in (8, 16) and layout.fill_order == 1
    return plain and not layout.tiled and not layout.separate


def _read_rows(
    file: BinaryIO, layout: TiffLayout, segments: list[tuple[int, int]], out: NDArray[Any]
) -> None:
    for number, (offset, length) in enumerate(segments):
        rows = out[layout.place(number)[0]]
        file.seek(offset)
        # Files opened for reading have readinto, which BinaryIO does not name.
        into: Any = file
        if length < rows.nbytes or into.readinto(rows.data.cast("B")) < rows.nbytes:
            raise TruncatedScan(f"{_name(layout, number)}: it is too short")
        _to_native(rows, layout)


def _to_native(rows: NDArray[Any], layout: TiffLayout) -> None:
    if not np.dtype(f"{layout.order}u{rows.itemsize}").isnative:
        rows.byteswap(inplace=True)


def _batches(
    file: BinaryIO, layout: TiffLayout, segments: list[tuple[int, int]], numbers: Sequence[int]
) -> Iterator[_Batch]:
    """The stored bytes of strips or tiles, some at a time."""
    rows, columns = layout.segment
    size = rows * columns * layout.samples * max(1, layout.bits // 8)
    step = max(1, _BATCH_BYTES // size)
    for start in range(0, len(numbers), step):
        batch: _Batch = []
        for number in numbers[start : start + step]:
            offset, length = segments[number]
            file.seek(offset)
            batch.append((number, file.read(length)))
        yield batch


def _unpack_rows(batch: _Batch, layout: TiffLayout, out: NDArray[Any]) -> list[int]:
    """Unpack strips where they belong; gives the numbers of those that did not come out right."""
    from imagecodecs import DeflateError, LzwError, deflate_decode, delta_decode, lzw_decode

    unpack = lzw_decode if layout.compression == LZW else deflate_decode
    failed: list[int] = []
    for number, data in batch:
        rows = out[layout.place(number)[0]]
        try:
            whole = len(unpack(data, out=rows.data.cast("B"))) == rows.nbytes
        except (DeflateError, LzwError, ValueError):
            whole = False
        if not whole:
            failed.append(number)
            continue
        _to_native(rows, layout)
        if layout.predictor == _HORIZONTAL:
            delta_decode(rows, axis=1, out=rows)
    return failed


def _decode_by_tifffile(
    file: BinaryIO,
    index: int,
    layout: TiffLayout,
    page: Directory,
    numbers: Sequence[int],
    out: NDArray[Any],
) -> None:
    from tifffile import TiffFile

    segments = segments_of(layout, page)
    tables = page[_JPEG_TABLES].raw if _JPEG_TABLES in page else None
    file.seek(0)
    try:
        with TiffFile(file) as tiff:
            # Taken here: it may read from the file, which the threads must not.
            decode = tiff.pages[index].aspage().decode
            place = partial(_place, decode=decode, layout=layout, tables=tables, out=out)
            for _ in in_order(place, _batches(file, layout, segments, numbers)):
                pass
    except _TIFFFILE_GIVES_UP as error:
        raise UnsupportedScan(f"a TIFF that cannot be decoded: {error}") from error


def _place(
    batch: _Batch, decode: Any, layout: TiffLayout, tables: bytes | None, out: NDArray[Any]
) -> None:
    """Decode some strips or tiles and put them where they belong in `out`."""
    for number, data in batch:
        rows, columns, samples = layout.place(number)
        target = out[rows, columns, samples]
        what = _name(layout, number)
        try:
            if layout.compression == JPEG:
                _check_jpeg(data, tables, target.shape[:2], layout.segment)
            got, _, _ = decode(data, number, jpegtables=tables)
            if got is None or got.shape[1] < target.shape[0] or got.shape[2] < target.shape[1]:
                raise TruncatedScan("it is too short")
            if got.shape[3] != target.shape[2]:
                raise UnsupportedScan(f"{what} decodes to {got.shape[3]} samples per pixel")
            target[:] = got[0, : target.shape[0], : target.shape[1]]
        except TruncatedScan as error:
            raise TruncatedScan(f"{what}: {error.detail}") from error
        except (RuntimeError, ValueError, IndexError) as error:
            raise TruncatedScan(f"{what} is damaged: {error}") from error


def _name(layout: TiffLayout, number: int) -> str:
    return f"{'tile' if layout.tiled else 'strip'} {number + 1} of {layout.segment_count}"


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
