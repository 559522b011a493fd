"""EXIF, XMP and IPTC of one file say the same, and fit where they have to."""

from __future__ import annotations

import re
from typing import Any

import piexif
import pytest

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.io.exif_merge import MAX_JPEG_BLOCK
from pipeline.io.file_metadata import MAX_JPEG_RECORDS, metadata_blocks
from pipeline.io.iptc_iim import scan_data_sets
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED, MAX_JPEG_PACKET
from pipeline.io.xmp_tree import DC, parsed, property_text, rdf_of

CAPTION = Caption("Łódź", "1962?", "1962?", "Lake", ("Anna",), ("boat",), "From the album.")
WHOLE = "Łódź, 1962?, Lake. People: Anna. From the album. Restored."
SCAN_IPTC = b"\x1c\x02\x78\x00\x04Scan\x1c\x02\x19\x00\x05lake!\x1c\x02\x50\x00\x02Me"


def blocks(said: Said, kind: str = "jpeg") -> tuple[bytes, bytes | None, bytes | None]:
    return metadata_blocks(said, size=(30, 20), dpi=(300.0, 300.0), is_srgb=True, kind=kind)


def said(caption: Caption, **more: Any) -> Said:
    return Said("Restored.", "Shoebox 0.1", ENHANCED, caption=caption, **more)


def exif_text(block: bytes, tag: int = 270) -> str:
    return str(piexif.load(b"Exif\x00\x00" + block)["0th"][tag].decode())


def xmp_text(packet: bytes | None, name: str) -> str:
    return property_text(rdf_of(parsed(packet)[0]), (DC, name))


def iptc_text(records: bytes | None, number: int) -> str:
    return dict(scan_data_sets(records or b""))[number].decode()


@pytest.mark.parametrize("kind", ["jpeg", "tiff", "png", "webp", "jxl", "pdf"])
def test_all_three_tell_the_caption_first_and_then_what_was_done(kind: str) -> None:
    exif, xmp, iptc = blocks(said(CAPTION), kind)
    assert exif_text(exif) == WHOLE
    assert xmp_text(xmp, "description") == WHOLE
    assert iptc_text(iptc, 120) == WHOLE
    assert xmp_text(xmp, "title") == iptc_text(iptc, 5) == "Łódź"


def test_without_caption_there_is_what_was_done_and_no_old_records() -> None:
    exif, xmp, iptc = blocks(said(Caption()))
    assert exif_text(exif) == xmp_text(xmp, "description") == "Restored."
    assert iptc is None


def test_without_source_type_there_is_no_packet() -> None:
    assert blocks(Said("Restored.", "Shoebox 0.1", ""))[1] is None


def test_what_the_scan_says_in_old_records_is_told_in_xmp_as_well() -> None:
    _, xmp, iptc = blocks(said(Caption(), iptc=SCAN_IPTC), "png")
    assert xmp_text(xmp, "subject") == iptc_text(iptc, 25) == "lake!"
    assert xmp_text(xmp, "creator") == iptc_text(iptc, 80) == "Me"
    assert b"Scan</" in (xmp or b"")


def test_letters_that_no_block_can_hold_are_left_out() -> None:
    hostile = Caption("a\x00\ud800\x1bb", "\x07", people=("\x00",), note="c\x85d")
    exif, xmp, iptc = blocks(said(hostile))
    assert exif_text(exif) == "a ? b. c d. Restored."
    assert xmp_text(xmp, "title") == iptc_text(iptc, 5) == "a ? b"


@pytest.mark.parametrize("letter", ["x", "&", "é", "東", "👵", "\n"])
def test_a_caption_longer_than_a_jpeg_can_hold_is_cut_there_alone(letter: str) -> None:
    long = letter * 20_000
    caption = Caption(
        f"t{long}", f"d{long}", "1962", long, (f"A{long}",) * 3, ("kk",) * 9_000, long
    )
    identity = PictureIdentity("l", "0003-2", "a" * 64, "b" * 64, "c" * 64, "gentle")
    exif, xmp, iptc = blocks(said(caption, identity=identity))
    assert len(exif) <= MAX_JPEG_BLOCK
    assert len(xmp or b"") <= MAX_JPEG_PACKET
    assert len(iptc or b"") <= MAX_JPEG_RECORDS
    assert exif_text(exif).startswith("t")
    assert exif_text(exif).endswith("Restored.")
    assert b'shoebox:Print="0003-2"' in (xmp or b"")
    whole = blocks(said(caption), "tiff")[1] or b""
    assert len(re.findall(rb"<rdf:li>kk</rdf:li>", whole)) == 9_000


def test_old_records_too_long_for_a_jpeg_give_way_to_the_caption() -> None:
    long = b"".join(b"\x1c\x02\x19\x00\x40" + b"k" * 64 for _ in range(1500))
    _, _, iptc = blocks(said(Caption("t"), iptc=long))
    assert iptc_text(iptc, 5) == "t"
    assert len(iptc or b"") < 1000
    assert len(blocks(said(Caption("t"), iptc=long), "tiff")[2] or b"") > MAX_JPEG_RECORDS


def test_equal_arguments_give_equal_bytes() -> None:
    assert blocks(said(CAPTION, iptc=SCAN_IPTC)) == blocks(said(CAPTION, iptc=SCAN_IPTC))
