"""Derivatives: finished pictures for people, with resolution, profile, EXIF and XMP inside."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken, UsageError
from pipeline.core.photo import Dpi, Photo
from pipeline.core.samples import to_8_bit
from pipeline.io.colour import grey_profile, profile_name, profile_space, srgb_profile
from pipeline.io.exif_merge import MAX_JPEG_BLOCK, merged_exif
from pipeline.io.metadata import descriptive_tree
from pipeline.io.tiff_directory import DirectoryReader, byte_entry
from pipeline.io.tiff_write import TiffPage, write_tiff
from pipeline.io.xmp import MAX_JPEG_PACKET, XmpFields, xmp_packet
from pipeline.io.xmp_read import PNG_HEAD, TIFF_TAG

_SUFFIXES = {"tiff": ".tif", "jpeg": ".jpg", "png": ".png"}
_INCHES_PER_METRE = 100 / 2.54
_PNG_LEVEL = 4


@dataclass(frozen=True)
class DerivativeFormat:
    """How a derivative is written.

    Args:
        kind: "tiff" (deflate), "jpeg" (4:4:4) or "png".
        bit_depth: 8 or 16; 0 takes the kind's own: 16 for TIFF and PNG, 8 for JPEG.
        quality: 1..100, of JPEG only.

    Raises:
        UsageError: a 16-bit JPEG, or a number out of range.
    """

    kind: Literal["tiff", "jpeg", "png"]
    bit_depth: int = 0
    quality: int = 95

    def __post_init__(self) -> None:
        if self.kind not in _SUFFIXES:
            raise UsageError(f"no such format: {self.kind}; there are {', '.join(_SUFFIXES)}")
        if self.bit_depth == 0:
            object.__setattr__(self, "bit_depth", 8 if self.kind == "jpeg" else 16)
        if self.bit_depth not in (8, 16) or (self.kind == "jpeg" and self.bit_depth != 8):
            raise UsageError(f"{self.kind} cannot be written with {self.bit_depth} bits")
        if not 1 <= self.quality <= 100:
            raise UsageError(f"JPEG quality {self.quality} is not within 1 and 100")

    @property
    def suffix(self) -> str:
        """The file name's ending, with its dot."""
        return _SUFFIXES[self.kind]


def write_derivative(
    photo: Photo,
    file: BinaryIO,
    form: DerivativeFormat,
    *,
    exif: bytes | None,
    description: str,
    software: str,
    xmp: XmpFields | None = None,
) -> None:
    """Write exactly the photo's pixels; equal arguments give equal bytes.

    A monochrome photo is written as one grey channel with a grey profile of the same tone curve,
    unless its profile has none to give; then as RGB in its own profile.

    Args:
        photo: what to write; no profile means sRGB, which is then embedded.
        file: empty and seekable.
        form: the format.
        exif: the scan's EXIF block without prefix, or None.
        description: for ImageDescription and XMP's dc:description; any letters.
        software: for Software and XMP's CreatorTool.
        xmp: what else its XMP packet says; None for no packet.

    Raises:
        StageContractBroken: the photo's profile is not for its pixels, or a JPEG side over
            65,535 px.
    """
    samples, icc = _samples_and_profile(photo, form.bit_depth)
    block = merged_exif(
        exif,
        size=(photo.width, photo.height),
        dpi=photo.dpi,
        is_srgb=photo.icc is None or photo.icc == srgb_profile(),
        description=description,
        software=software,
        max_bytes=MAX_JPEG_BLOCK if form.kind == "jpeg" else None,
    )
    packet = None
    if xmp is not None:
        packet = xmp_packet(
            xmp,
            description=description,
            creator_tool=software,
            max_bytes=MAX_JPEG_PACKET if form.kind == "jpeg" else None,
        )
    told = _Metadata(icc, photo.dpi, block, packet)
    if form.kind == "tiff":
        _write_tiff(file, samples, told)
    elif form.kind == "png":
        _write_png(file, samples, told)
    else:
        _write_jpeg(file, samples, told, form.quality)


@dataclass(frozen=True)
class _Metadata:
    """What stands in a file beside its pixels: profile, resolution, EXIF block, XMP packet."""

    icc: bytes
    dpi: Dpi | None
    exif: bytes
    xmp: bytes | None


def _samples_and_profile(photo: Photo, bits: int) -> tuple[NDArray[Any], bytes]:
    if photo.monochrome:
        grey = grey_profile(photo.icc)
        if grey is not None:
            return _at_depth(photo.samples, bits), grey
    icc = photo.icc or srgb_profile()
    if profile_space(icc) != "RGB":
        raise StageContractBroken(f"colour pixels with a profile for {profile_space(icc)}")
    samples = _at_depth(photo.samples, bits)
    return np.broadcast_to(samples, (photo.height, photo.width, 3)), icc


def _at_depth(samples: NDArray[np.uint16], bits: int) -> NDArray[Any]:
    return to_8_bit(samples) if bits == 8 else samples


def _write_tiff(file: BinaryIO, samples: NDArray[Any], told: _Metadata) -> None:
    reader = DirectoryReader(io.BytesIO(told.exif))
    tree, _ = descriptive_tree(reader, reader.child(reader.first))
    extra = {tag: entry.little() for tag, entry in tree.entries.items()}
    if told.xmp is not None:
        extra[TIFF_TAG] = byte_entry(told.xmp, undefined=False)
    write_tiff(file, [TiffPage(samples, told.dpi, told.icc, extra, tree.children)])


def _write_jpeg(file: BinaryIO, samples: NDArray[Any], told: _Metadata, quality: int) -> None:
    from PIL import Image

    if max(samples.shape[:2]) > 65_535:
        raise StageContractBroken("a JPEG side cannot be longer than 65,535 px; choose TIFF or PNG")
    flat = samples[..., 0] if samples.shape[2] == 1 else samples
    out = io.BytesIO()
    options: dict[str, Any] = {} if told.dpi is None else {"dpi": told.dpi}
    if told.xmp is not None:
        options["xmp"] = told.xmp
    Image.fromarray(np.ascontiguousarray(flat)).save(
        out,
        "JPEG",
        quality=quality,
        subsampling=0,
        icc_profile=told.icc,
        exif=b"Exif\x00\x00" + told.exif,
        **options,
    )
    file.write(out.getbuffer())


def _write_png(file: BinaryIO, samples: NDArray[Any], told: _Metadata) -> None:
    from imagecodecs import png_encode

    flat = samples[..., 0] if samples.shape[2] == 1 else samples
    bare = png_encode(np.ascontiguousarray(flat), level=_PNG_LEVEL)
    after_header = 8 + 25  # the signature and IHDR
    name = (profile_name(told.icc) or "ICC profile").encode("latin-1", "replace")[:79].strip()
    file.write(bare[:after_header])
    file.write(_chunk(b"iCCP", name + b"\x00\x00" + zlib.compress(told.icc, 9)))
    if told.dpi is not None:
        across, down = (round(v * _INCHES_PER_METRE) for v in told.dpi)
        file.write(_chunk(b"pHYs", struct.pack(">IIB", across, down, 1)))
    file.write(_chunk(b"eXIf", told.exif))
    if told.xmp is not None:
        # Not compressed, no language, no translated keyword: what readers of XMP expect.
        file.write(_chunk(b"iTXt", PNG_HEAD + b"\x00\x00\x00\x00" + told.xmp))
    file.write(memoryview(bare)[after_header:])


def _chunk(name: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)
