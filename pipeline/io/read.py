"""Reads a scan whole or not at all: TIFF, PNG or JPEG into an upright Photo."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import (
    EmptyScan,
    InputRefused,
    NotAScan,
    OutOfMemory,
    ScanUnreadable,
    TruncatedScan,
)
from pipeline.core.photo import Dpi, Photo, channels_equal, rounded
from pipeline.core.samples import to_16_bit, to_float
from pipeline.io import read_jpeg, read_png, read_tiff
from pipeline.io.colour import profile_name
from pipeline.io.read_raw import RawHeader, RawSamples
from pipeline.io.sniff import HEAD_BYTES, ScanFormat, describe_other, is_cut_signature, sniff

MAX_MEGAPIXELS = 1000.0
"""Pixels of one scan, in millions: above 8x10 in at 2400 dpi (461), below a crafted header."""

_BAND_ROWS = 64

_HEADERS = {
    "tiff": read_tiff.read_header,
    "png": read_png.read_header,
    "jpeg": read_jpeg.read_header,
}
_SAMPLES = {
    "tiff": read_tiff.read_samples,
    "png": read_png.read_samples,
    "jpeg": read_jpeg.read_samples,
}


@dataclass(frozen=True)
class ScanMetadata:
    """What a scan file says about itself.

    Args:
        format: "tiff", "png" or "jpeg", told by content, never by the extension.
        width: px, upright.
        height: px, upright.
        bit_depth: 8 or 16.
        channels: samples per pixel in the file: 1 grey, 2 grey and alpha, 3 colour or palette,
            4 colour and alpha.
        dpi: (horizontal, vertical) of the upright picture, or None when unknown.
        orientation: the EXIF or TIFF orientation found, 1..8; applied to the pixels once.
        exif: a TIFF-structured block without the "Exif" prefix, orientation reset to 1; None
            when absent or broken.
        icc_name: the description of the colour profile kept, or None.
        events: plain sentences on what was noticed, dropped or changed.
    """

    format: str
    width: int
    height: int
    bit_depth: int
    channels: int
    dpi: Dpi | None
    orientation: int
    exif: bytes | None
    icc_name: str | None
    events: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan in memory: the upright photo and what its file said."""

    photo: Photo
    metadata: ScanMetadata


def read_scan(path: Path, *, max_megapixels: float = MAX_MEGAPIXELS) -> Scan:
    """Read and decode a scan completely, upright, at its full depth.

    Args:
        path: the scan file; its name tells nothing.
        max_megapixels: pixels allowed, in millions, checked before decoding.

    Raises:
        ScanUnreadable: the file cannot be opened or is not a regular file.
        EmptyScan: no bytes, or a picture without pixels.
        NotAScan: not a TIFF, PNG or JPEG by its content.
        TruncatedScan: cut or damaged anywhere; nothing of it is returned.
        UnsupportedScan: a kind of picture that is not read (CMYK, float, many pages ...).
        ScanTooLarge: the header announces more pixels than the limit.
        OutOfMemory: the picture does not fit in memory.
    """
    with _opened(path) as (file, kind):
        header = _HEADERS[kind](file, max_megapixels)
        samples = _SAMPLES[kind](file, header)
        photo, events = _upright_photo(header, samples)
    return Scan(photo, _metadata(header, events))


def inspect_scan(path: Path, *, max_megapixels: float = MAX_MEGAPIXELS) -> ScanMetadata:
    """Read a scan's header only: no pixel is decoded, so damage inside may go unseen.

    Raises:
        InputRefused: as `read_scan`, for what the header alone can tell.
    """
    with _opened(path) as (file, kind):
        header = _HEADERS[kind](file, max_megapixels)
    return _metadata(header, ())


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, ScanFormat]]:
    """Open a regular file, tell its format, and put the file's name into every refusal."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # Opening a FIFO would wait for ever.
            raise ScanUnreadable(f"{path}: not a regular file")
        with path.open("rb") as file:
            yield file, _kind(file)
    except OSError as error:
        raise ScanUnreadable(f"{path}: {error.strerror or error}") from error
    except MemoryError as error:
        raise OutOfMemory(f"{path}: the picture does not fit in memory") from error
    except InputRefused as error:
        if error.detail.startswith(str(path)):
            raise
        raise type(error)(f"{path}: {error.detail}", remedy=error.advice) from error


def _kind(file: BinaryIO) -> ScanFormat:
    head = file.read(HEAD_BYTES)
    if not head:
        raise EmptyScan("the file has no bytes")
    kind = sniff(head)
    if kind is None:
        if not any(head) and file.seek(0, os.SEEK_END) >= HEAD_BYTES:
            raise TruncatedScan("the file begins with zeros, as an unfinished copy does")
        if is_cut_signature(head):
            raise TruncatedScan(f"only {len(head)} bytes are there")
        raise NotAScan(f"the contents are {describe_other(head)}")
    return kind


def _metadata(header: RawHeader, events: tuple[str, ...]) -> ScanMetadata:
    turned = header.orientation >= 5
    width, height, dpi = header.width, header.height, header.dpi
    if turned:
        width, height = height, width
        dpi = (dpi[1], dpi[0]) if dpi else None
    return ScanMetadata(
        format=header.format,
        width=width,
        height=height,
        bit_depth=header.bit_depth,
        channels=header.channels,
        dpi=dpi,
        orientation=header.orientation,
        exif=header.exif,
        icc_name=profile_name(header.icc),
        events=header.events + events,
    )


def _upright_photo(header: RawHeader, samples: RawSamples) -> tuple[Photo, tuple[str, ...]]:
    events = list(samples.events)
    colour = samples.colour
    if samples.alpha is not None:
        colour, told = _flattened_on_white(samples)
        events.append(told)
    if colour.shape[2] == 3 and _is_grey(colour):
        colour = colour[..., :1]
        events.append("the three colour channels are equal: taken as monochrome")
    infrared = samples.infrared
    dpi = header.dpi
    if dpi is not None and header.orientation >= 5:
        dpi = (dpi[1], dpi[0])
    photo = Photo(
        samples=to_16_bit(upright(colour, header.orientation)),
        dpi=dpi,
        icc=header.icc,
        bit_depth=header.bit_depth,
        infrared=None if infrared is None else to_16_bit(upright(infrared, header.orientation)),
    )
    return photo, tuple(events)


def _is_grey(colour: NDArray[Any]) -> bool:
    """Whether a colour file holds a grey picture, exactly; most colour files show it at once."""
    tops = range(0, len(colour), _BAND_ROWS)
    bands = (colour[top : top + _BAND_ROWS] for top in tops)
    return channels_equal(colour[len(colour) // 2 :][:1]) and all(map(channels_equal, bands))


def _flattened_on_white(samples: RawSamples) -> tuple[NDArray[Any], str]:
    """The picture on white paper, and the event that says so."""
    alpha = samples.alpha
    assert alpha is not None
    if int(alpha.min()) == np.iinfo(alpha.dtype).max:
        return samples.colour, "alpha channel left out: it is opaque everywhere"
    flat = np.empty(samples.colour.shape, np.uint16)
    for top in range(0, len(flat), _BAND_ROWS):
        rows = slice(top, top + _BAND_ROWS)
        veil = to_float(alpha[rows])[..., np.newaxis]
        band = to_float(samples.colour[rows])
        if not samples.premultiplied:
            band *= veil
        flat[rows] = rounded(band + (1.0 - veil))
    return flat, "alpha flattened on white"


def upright(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn an (H, W, ...) array as EXIF orientation 1..8 asks, into contiguous memory."""
    if orientation >= 5:
        array = np.swapaxes(array, 0, 1)
    # After the transpose of 5..8, what is left to undo is a flip of rows, columns or both.
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return np.ascontiguousarray(array)
