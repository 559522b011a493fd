"""One TIFF page: how its samples lie in the file, and whether every strip or tile is there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.core.errors import EmptyScan, TruncatedScan, UnsupportedScan
from pipeline.io.metadata import first_integer
from pipeline.io.tiff_directory import Directory

NONE, LZW, JPEG, DEFLATE, OLD_DEFLATE = 1, 5, 7, 8, 32946
_PACKBITS, _LZMA, _ZSTD = 32773, 34925, 50000
_READ = frozenset({NONE, LZW, JPEG, DEFLATE, OLD_DEFLATE, _PACKBITS, _LZMA, _ZSTD})
_COMPRESSION_NAMES = {2: "CCITT", 3: "CCITT fax 3", 4: "CCITT fax 4", 6: "old-style JPEG"}
_COMPRESSION_NAMES |= {34712: "JPEG 2000", 34676: "SGI LogLuv", 50001: "WebP", 50002: "JPEG XL"}
_YCBCR = 6
# Deflate packs at most 1032 to 1, LZW less, zstd and LZMA more for flat pictures; what claims
# more than this per byte of file is a header that lies.
_MAX_RATIO = 20_000
# Fields that hold one number each; a list in their place is damage.
_SCALARS = (256, 257, 259, 262, 277, 278, 284, 317, 322, 323)


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
        fill_order: 1, or 2 when the bits of each byte are turned around.
        order: "<" or ">", the byte order of the samples.
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
    fill_order: int
    order: str

    @property
    def segment_count(self) -> int:
        """How many strips or tiles a whole picture has."""
        rows, columns = self.segment
        grid = math.ceil(self.height / rows) * math.ceil(self.width / columns)
        return grid * (self.samples if self.separate else 1)

    def place(self, number: int) -> tuple[slice, slice, slice]:
        """(rows, columns, samples) of the picture that the strip or tile of this number holds."""
        rows, columns = self.segment
        down, across = math.ceil(self.height / rows), math.ceil(self.width / columns)
        plane, at = divmod(number, down * across)
        top, left = at // across * rows, at % across * columns
        depth = slice(plane, plane + 1) if self.separate else slice(0, self.samples)
        return (
            slice(top, min(top + rows, self.height)),
            slice(left, min(left + columns, self.width)),
            depth,
        )


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
        fill_order=first_integer(page, 266, 1),
        order=page[256].order,
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
    if layout.kind == _YCBCR and layout.compression != JPEG:
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
    if not lengths and layout.compression == NONE and len(offsets) == 1 == needed:
        row = math.ceil(layout.width * layout.samples * layout.bits / 8)
        lengths = (row * layout.height,)  # some old writers leave the length out
    if len(offsets) < needed or len(lengths) < needed:
        raise TruncatedScan(
            f"the file lists {min(len(offsets), len(lengths))} of its {needed} strips or tiles"
        )
    return list(zip(offsets[:needed], lengths[:needed], strict=True))


def _values(page: Directory, tag: int) -> tuple[int, ...]:
    return page[tag].integers() if tag in page else ()
