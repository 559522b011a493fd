"""Writes TIFF: deflate with prediction, whole directories, and nothing that changes by the day.

The file is written front to back without seeking, so a digest can be taken on the way.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Dpi
from pipeline.io.tiff_directory import (
    Directory,
    DirectoryTree,
    byte_entry,
    directory_bytes,
    long_entry,
    offset_entry,
    rational_entry,
    short_entry,
)

_STRIP_BYTES = 2**20
_LEVEL = 4
_DEFLATE, _HORIZONTAL = 8, 2
_BLACK_IS_ZERO, _RGB = 1, 2
_CLASSIC_LIMIT = 2**32 - 2**20


@dataclass(frozen=True, eq=False)
class TiffPage:
    """One page to write.

    Args:
        samples: uint8 or uint16 (H, W, 1 or 3).
        dpi: (across, down) or None, which is written as "no unit".
        icc: a profile fitting the samples, or None.
        extra: more fields of the page's directory (little-endian entries).
        children: directories that fields point to (EXIF, GPS).
    """

    samples: NDArray[Any]
    dpi: Dpi | None = None
    icc: bytes | None = None
    extra: Directory = field(default_factory=dict)
    children: Mapping[int, DirectoryTree] = field(default_factory=dict)


def write_tiff(file: BinaryIO, pages: Sequence[TiffPage]) -> None:
    """Write pages as one TIFF (BigTIFF when 4 GB do not suffice); equal pages, equal bytes."""
    packed = [_packed_strips(page.samples) for page in pages]
    big = sum(len(strip) for strips in packed for strip in strips) > _CLASSIC_LIMIT
    head = (
        struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
    )
    file.write(head)
    at = len(head)
    for page, strips, is_last in zip(
        pages, packed, [False] * (len(pages) - 1) + [True], strict=True
    ):
        directory, end = _page_directory(page, strips, at, is_last, big)
        file.write(directory)
        for number, strip in enumerate(strips, start=1):
            file.write(strip)
            if not (is_last and number == len(strips)):  # the file ends with its last pixel
                file.write(b"\x00" * (-len(strip) % 2))
        at = end


def _page_directory(
    page: TiffPage, strips: list[bytes], at: int, is_last: bool, big: bool
) -> tuple[bytes, int]:
    """The page's directory to stand at `at`, and where the page's last strip ends."""
    lengths = [len(strip) for strip in strips]
    padded = [length + length % 2 for length in lengths]

    def laid_out(first_strip: int) -> bytes:
        starts = [first_strip + sum_before for sum_before in _running_sums(padded)]
        entries = _entries(page, starts, lengths, big)
        link = 0 if is_last else first_strip + sum(padded)
        return directory_bytes(DirectoryTree(entries, page.children), at, link, big=big)

    # The directory's length does not depend on the offsets in it.
    first_strip = at + len(laid_out(0))
    return laid_out(first_strip), first_strip + sum(padded)


def _running_sums(lengths: list[int]) -> list[int]:
    sums = [0]
    for length in lengths[:-1]:
        sums.append(sums[-1] + length)
    return sums


def _entries(page: TiffPage, starts: list[int], lengths: list[int], big: bool) -> Directory:
    height, width, channels = page.samples.shape
    bits = page.samples.dtype.itemsize * 8
    entries = dict(page.extra)
    entries |= {
        256: long_entry(width),
        257: long_entry(height),
        258: short_entry(*[bits] * channels),
        259: short_entry(_DEFLATE),
        262: short_entry(_RGB if channels == 3 else _BLACK_IS_ZERO),
        273: offset_entry(starts, big),
        274: short_entry(1),
        277: short_entry(channels),
        278: long_entry(_rows_per_strip(page.samples)),
        279: offset_entry(lengths, big),
        284: short_entry(1),
        317: short_entry(_HORIZONTAL),
        339: short_entry(*[1] * channels),
    }
    across, down = page.dpi or (1.0, 1.0)
    entries[282], entries[283] = rational_entry(across), rational_entry(down)
    entries[296] = short_entry(2 if page.dpi else 1)
    if page.icc:
        entries[34675] = byte_entry(page.icc)
    return entries


def _rows_per_strip(samples: NDArray[Any]) -> int:
    row_bytes = int(samples[0].nbytes)
    return max(1, min(int(samples.shape[0]), _STRIP_BYTES // row_bytes))


def _packed_strips(samples: NDArray[Any]) -> list[bytes]:
    """Each strip predicted along its rows and deflated; in order, whatever the threads do."""
    rows = _rows_per_strip(samples)
    tops = range(0, samples.shape[0], rows)
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda top: _packed(samples[top : top + rows]), tops))


def _packed(strip: NDArray[Any]) -> bytes:
    from imagecodecs import deflate_encode, delta_encode

    little = np.ascontiguousarray(strip, dtype=strip.dtype.newbyteorder("<"))
    return bytes(deflate_encode(delta_encode(little, axis=1).tobytes(), level=_LEVEL))
