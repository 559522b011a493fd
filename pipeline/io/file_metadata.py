"""The blocks of metadata that stand in an exported file: EXIF, XMP and IPTC-IIM."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.core.photo import Dpi
from pipeline.io.caption_words import cleaned, cleaned_caption, in_words, shortened
from pipeline.io.exif_merge import MAX_JPEG_BLOCK, merged_exif
from pipeline.io.iptc_iim import iptc_records, scan_words
from pipeline.io.said import Said
from pipeline.io.xmp import MAX_JPEG_PACKET, XmpFields, xmp_packet

MAX_JPEG_RECORDS = 65_000
"""Bytes of IPTC records that fit in one JPEG segment, with some room for their wrapper."""

_FIELD_BYTES = (8_000, 2_000, 500)
"""To how many bytes each field of a caption too long for a JPEG is cut, in turn."""

Blocks = tuple[bytes, bytes | None, bytes | None]


@dataclass(frozen=True)
class _File:
    """The file the blocks are for: see `metadata_blocks`."""

    size: tuple[int, int]
    dpi: Dpi | None
    is_srgb: bool
    kind: str
    channels: int

    @property
    def in_segments(self) -> bool:
        return self.kind == "jpeg"


def metadata_blocks(
    said: Said,
    *,
    size: tuple[int, int],
    dpi: Dpi | None,
    is_srgb: bool,
    kind: str,
    channels: int = 3,
) -> Blocks:
    """The three blocks for one file; deterministic.

    All three say the same: the description is the caption in plain words, then what was done.

    Args:
        said: what the file says.
        size: (width, height) px of the file's picture.
        dpi: its resolution, or None.
        is_srgb: whether its pixels are sRGB.
        kind: the file's format; of "jpeg" each block must fit in one segment, for which first what
            the scan said, then the ends of a caption give way.
        channels: 1 for a grey file, else 3.

    Returns:
        the EXIF block without prefix; the XMP packet, None without a source type; the IPTC-IIM
        records without any wrapper, None when there is nothing to say.
    """
    said = replace(
        said,
        description=cleaned(said.description),
        software=cleaned(said.software),
        caption=cleaned_caption(said.caption),
    )
    file = _File(size, dpi, is_srgb, kind, channels)
    blocks = _blocks(said, file)
    for longest in _FIELD_BYTES if file.in_segments else ():
        if _fits(blocks):
            break
        short = replace(said, caption=shortened(said.caption, longest))
        blocks = _blocks(short, file)
    return blocks


def _fits(blocks: Blocks) -> bool:
    limits = (MAX_JPEG_BLOCK, MAX_JPEG_PACKET, MAX_JPEG_RECORDS)
    return all(len(block or b"") <= most for block, most in zip(blocks, limits, strict=True))


def _blocks(said: Said, file: _File) -> Blocks:
    description = " ".join(part for part in (in_words(said.caption), said.description) if part)
    exif = merged_exif(
        said.exif,
        size=file.size,
        dpi=file.dpi,
        is_srgb=file.is_srgb,
        description=description,
        software=said.software,
        caption=said.caption,
        kind=file.kind,
        channels=file.channels,
        max_bytes=MAX_JPEG_BLOCK if file.in_segments else None,
    )
    fields = XmpFields(
        said.source_type,
        said.models,
        said.xmp,
        caption=said.caption,
        identity=said.identity,
        elsewhere=scan_words(said.iptc),
    )
    xmp = None
    if said.source_type:
        xmp = xmp_packet(
            fields,
            description=description,
            creator_tool=said.software,
            max_bytes=MAX_JPEG_PACKET if file.in_segments else None,
        )
    iptc = iptc_records(said.iptc, said.caption, description=description)
    if file.in_segments and iptc is not None and len(iptc) > MAX_JPEG_RECORDS:
        iptc = iptc_records(None, said.caption, description=description)
    return exif, xmp, iptc
