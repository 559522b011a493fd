"""Every file says in the standard's words what it is, and keeps what its scan said."""

from __future__ import annotations

import io
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from pipeline.core.photo import Photo
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED, GENERATED, MAX_JPEG_PACKET, PRINT, XmpFields, xmp_packet
from pipeline.io.xmp_read import scan_xmp

SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
SYSTEM = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}AISystemUsed"
TOOL = "{http://ns.adobe.com/xap/1.0/}CreatorTool"
DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
COMMENT = "{http://ns.adobe.com/exif/1.0/}UserComment"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
WORDS = 'Tante Jürgen & <Łódź> "1931" — 東京'
FORMS = [DerivativeFormat("tiff"), DerivativeFormat("png", 8), DerivativeFormat("jpeg")]

SCAN = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'>
 <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
  <rdf:Description rdf:about='uuid:1' xmlns:dc='http://purl.org/dc/elements/1.1/'
    xmlns:tiff='http://ns.adobe.com/tiff/1.0/' tiff:ImageWidth='9' xmlns:our='urn:family:names'
    our:album='Attic 3' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:CreatorTool='ScanMaker'
    xmp:Rating='5'>
   <dc:subject><rdf:Bag><rdf:li>wedding</rdf:li><rdf:li>Anna</rdf:li></rdf:Bag></dc:subject>
   <dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Anna und Karl</rdf:li></rdf:Alt>
   </dc:description>
   <xmpMM:DocumentID xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/'>uuid:2</xmpMM:DocumentID>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end='w'?>"""


def packet(fields: XmpFields, **options: int) -> bytes:
    return xmp_packet(fields, description=WORDS, creator_tool="Shoebox 0.1", **options)


def told(data: bytes) -> dict[str, list[str]]:
    """Every property of a packet with its texts, read by an independent parser."""
    found: dict[str, list[str]] = {}
    for description in ET.fromstring(data).iter(f"{RDF}Description"):  # noqa: S314
        for name, value in description.attrib.items():
            found.setdefault(name, []).append(value)
        for child in description:
            texts = [(item.text or "").strip() for item in child.iter(f"{RDF}li")]
            found.setdefault(child.tag, []).extend(texts or [(child.text or "").strip()])
    return found


def written(form: DerivativeFormat, fields: XmpFields) -> bytes:
    out = io.BytesIO()
    photo = Photo.of(np.full((20, 30, 3), 0.4, np.float32), (300.0, 300.0))
    said = Said(WORDS, "Shoebox 0.1", fields.source_type, fields.models, xmp=fields.scan)
    write_derivative(photo, out, form, said=said)
    return out.getvalue()


def taken_out(data: bytes, kind: str) -> bytes:
    """The packet of a file, found by other programs than the one that wrote it."""
    if kind == "tiff":
        with tifffile.TiffFile(io.BytesIO(data)) as tiff:
            tag = tiff.pages.first.tags[700]
            assert tag.dtype.name == "BYTE"
            return bytes(tag.value)
    with Image.open(io.BytesIO(data)) as image:
        if kind == "png":
            return str(image.info["XML:com.adobe.xmp"]).encode()
        return bytes(image.info["xmp"])


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_each_kind_of_file_says_what_it_is(form: DerivativeFormat) -> None:
    found = told(taken_out(written(form, XmpFields(GENERATED, ("GFPGANv1.4", "x4"))), form.kind))
    assert found[SOURCE_TYPE] == [
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    ]
    assert found[SYSTEM] == ["GFPGANv1.4, x4"]
    assert found[DESCRIPTION] == [WORDS]
    assert found[TOOL] == ["Shoebox 0.1"]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_equal_arguments_give_equal_bytes(form: DerivativeFormat) -> None:
    first = written(form, XmpFields(ENHANCED, scan=SCAN))
    packet(XmpFields(PRINT, scan=SCAN.replace(b"xmlns:our", b"xmlns:dc2")))
    assert written(form, XmpFields(ENHANCED, scan=SCAN)) == first


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_file_of_ours_can_be_a_scan_again(tmp_path: Path, form: DerivativeFormat) -> None:
    path = tmp_path / "scan"
    path.write_bytes(written(form, XmpFields(ENHANCED)))
    read = scan_xmp(path)
    assert read == packet(XmpFields(ENHANCED))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_without_fields_no_packet_is_written(tmp_path: Path, form: DerivativeFormat) -> None:
    out, path = io.BytesIO(), tmp_path / "scan"
    photo = Photo.of(np.full((20, 30, 3), 0.4, np.float32))
    write_derivative(photo, out, form, said=Said(WORDS, "S", ""))
    path.write_bytes(out.getvalue())
    assert b"xmpmeta" not in out.getvalue()
    assert scan_xmp(path) is None


def test_what_the_scan_said_of_the_photograph_is_kept_and_of_its_file_is_not() -> None:
    data = packet(XmpFields(ENHANCED, scan=SCAN))
    found = told(data)
    assert found[SUBJECT] == ["wedding", "Anna"]
    assert found["{urn:family:names}album"] == ["Attic 3"]
    assert found["{http://ns.adobe.com/xap/1.0/}Rating"] == ["5"]
    assert found[DESCRIPTION] == [WORDS]
    assert found[COMMENT] == ["Anna und Karl"]
    assert found[TOOL] == ["Shoebox 0.1"]
    assert found[f"{RDF}about"] == ["uuid:1", "uuid:1"]
    assert b"ImageWidth" not in data
    assert b"DocumentID" not in data


def test_a_scan_that_was_generated_does_not_become_less_so() -> None:
    for kind in (GENERATED, GENERATED.replace("compositeWithT", "t")):
        scan = packet(XmpFields(GENERATED, ("OldNet",))).replace(GENERATED.encode(), kind.encode())
        found = told(packet(XmpFields(ENHANCED, scan=scan)))
        assert found[SOURCE_TYPE] == [kind]
        assert found[SYSTEM] == ["OldNet"]


def test_an_unchanged_negative_stays_one_and_a_changed_one_does_not() -> None:
    negative = PRINT.replace("print", "negativeFilm")
    scan = packet(XmpFields(negative))
    assert told(packet(XmpFields(PRINT, scan=scan)))[SOURCE_TYPE] == [negative]
    assert told(packet(XmpFields(ENHANCED, scan=scan)))[SOURCE_TYPE] == [ENHANCED]
    assert told(packet(XmpFields(GENERATED, ("x",), scan)))[SOURCE_TYPE] == [GENERATED]


@pytest.mark.parametrize(
    "broken",
    [
        SCAN[:200],
        b"no packet at all",
        b"<a/>",
        b'<!DOCTYPE x [<!ENTITY y "z">]>' + SCAN,
        "<!DOCTYPE x>".encode("utf-16"),
        b"<a>" * 20_000 + b"</a>" * 20_000,
        SCAN + bytes(5 * 2**20) + b"x",
    ],
    ids=["cut", "text", "empty", "entities", "utf-16", "deep", "long"],
)
def test_a_packet_that_cannot_be_kept_is_named_and_stops_nothing(broken: bytes) -> None:
    found = told(packet(XmpFields(ENHANCED, scan=broken)))
    assert found[SOURCE_TYPE] == [ENHANCED]
    assert "The scan's own XMP" in found[COMMENT][0]


def test_a_packet_too_long_for_a_jpeg_is_named_there_and_kept_elsewhere() -> None:
    long = SCAN.replace(b"Attic 3", b"Attic " * 20_000)
    fields = XmpFields(ENHANCED, scan=long)
    short = taken_out(written(DerivativeFormat("jpeg"), fields), "jpeg")
    assert len(short) <= MAX_JPEG_PACKET
    assert told(short)[COMMENT] == ["The scan's own XMP was too long to be kept in this file."]
    whole = told(taken_out(written(DerivativeFormat("tiff"), fields), "tiff"))
    assert whole["{urn:family:names}album"][0].startswith("Attic Attic")


def test_letters_that_xml_cannot_hold_are_left_out() -> None:
    data = xmp_packet(XmpFields(PRINT), description="a\x00b\x1f\nc", creator_tool="S\x07")
    assert told(data)[DESCRIPTION] == ["a b \nc"]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_compressed_packet_of_a_png_is_read(tmp_path: Path) -> None:
    bare = written(DerivativeFormat("png", 8), XmpFields(PRINT))
    head = bare[: 8 + 25]
    text = b"XML:com.adobe.xmp\x00\x01\x00en\x00\x00" + zlib.compress(SCAN)
    path = tmp_path / "scan.png"
    path.write_bytes(head + chunk(b"iTXt", text) + bare[8 + 25 :])
    assert scan_xmp(path) == SCAN


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_file_cut_anywhere_has_a_packet_or_none_but_stops_nothing(
    tmp_path: Path, form: DerivativeFormat
) -> None:
    whole, path = written(form, XmpFields(PRINT)), tmp_path / "cut"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        assert scan_xmp(path) in (None, packet(XmpFields(PRINT)))
