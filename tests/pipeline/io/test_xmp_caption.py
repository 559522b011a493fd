"""What a person wrote stands in XMP in the standard's properties, and wins over the scan's."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.io.said import ScanWords
from pipeline.io.xmp import ENHANCED, XmpFields, xmp_packet

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "core": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "shoebox": "urn:shoebox:ns:1.0#",
}
WORDS = 'Jürgen & <Łódź> "1931" — 東京'
FULL = Caption(
    WORDS, "13 May 1962", "1962-05-13", f"Lake, {WORDS}", ("Anna", WORDS), ("picnic", WORDS), "note"
)
IDENTITY = PictureIdentity("lib-1", "0003-2", "a" * 64, "b" * 64, "c" * 64, "gentle")
SCAN = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'>
 <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
  <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'
    xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' photoshop:DateCreated='2020-01-02'
    photoshop:LegacyIPTCDigest='00' xmlns:exif='http://ns.adobe.com/exif/1.0/'
    exif:DateTimeOriginal='2020-01-02T03:04:05' xmlns:s='urn:shoebox:ns:1.0#' s:Print='9999-9'
    s:DateEDTF='1901' xmlns:core='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'
    core:Location='Scan town' xmlns:ext='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'>
   <dc:subject><rdf:Bag><rdf:li>of the scan</rdf:li></rdf:Bag></dc:subject>
   <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Scan title</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>Foto Huber</rdf:li></rdf:Seq></dc:creator>
   <ext:PersonInImage><rdf:Bag><rdf:li>Somebody</rdf:li></rdf:Bag></ext:PersonInImage>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""


class Told:
    """A packet's properties, read by an independent parser."""

    def __init__(self, fields: XmpFields) -> None:
        data = xmp_packet(fields, description="what was done", creator_tool="Shoebox 0.1")
        self.root = ET.fromstring(data)  # noqa: S314  (our own)

    def text(self, name: str) -> str | None:
        """A simple property, however it is written; None where it is not there."""
        prefix, local = name.split(":")
        full = f"{{{NAMESPACES[prefix]}}}{local}"
        found = [d.get(full) for d in self.root.iter(f"{{{NAMESPACES['rdf']}}}Description")]
        texts = [text for text in found if text is not None]
        assert len(texts) <= 1, f"{name} is there {len(texts)} times"
        return texts[0] if texts else None

    def items(self, name: str, container: str) -> list[str]:
        """The texts of a property that is a list of this kind."""
        path = f".//rdf:Description/{name}"
        assert len(self.root.findall(path, NAMESPACES)) <= 1
        return [e.text or "" for e in self.root.findall(f"{path}/rdf:{container}/*", NAMESPACES)]


def test_each_part_of_a_caption_has_its_property() -> None:
    told = Told(XmpFields(ENHANCED, caption=FULL))
    assert told.items("dc:title", "Alt") == [WORDS]
    assert told.items("dc:subject", "Bag") == ["picnic", WORDS]
    assert told.items("ext:PersonInImage", "Bag") == ["Anna", WORDS]
    assert told.text("core:Location") == f"Lake, {WORDS}"
    place = ".//ext:LocationShown/rdf:Bag/rdf:li/ext:LocationName/rdf:Alt/rdf:li"
    assert [e.text for e in told.root.findall(place, NAMESPACES)] == [f"Lake, {WORDS}"]
    assert told.text("photoshop:DateCreated") == "1962-05-13"
    assert told.text("shoebox:DateEDTF") == "1962-05-13"
    assert told.text("shoebox:DateAsWritten") == "13 May 1962"


@pytest.mark.parametrize(
    ("edtf", "known"), [("1962-05", "1962-05"), ("1962", "1962"), ("1962?", None), ("", None)]
)
def test_the_date_is_as_certain_as_it_is(edtf: str, known: str | None) -> None:
    told = Told(XmpFields(ENHANCED, scan=SCAN, caption=Caption(date="then", edtf=edtf)))
    assert told.text("photoshop:DateCreated") == known
    assert told.text("exif:DateTimeOriginal") is None
    assert told.text("xmp:CreateDate") == "2020-01-02"  # the day of scanning
    assert told.text("shoebox:DateEDTF") == (edtf or None)


def test_a_person_s_words_win_over_the_scan_s() -> None:
    told = Told(XmpFields(ENHANCED, scan=SCAN, caption=FULL))
    assert told.items("dc:title", "Alt") == [WORDS]
    assert told.items("dc:subject", "Bag") == ["picnic", WORDS]
    assert told.items("ext:PersonInImage", "Bag") == ["Anna", WORDS]
    assert told.text("core:Location") == f"Lake, {WORDS}"
    assert told.items("dc:creator", "Seq") == ["Foto Huber"]


def test_what_nobody_wrote_stays_as_the_scan_has_it() -> None:
    told = Told(XmpFields(ENHANCED, scan=SCAN, elsewhere=ScanWords("IIM title", creators=("X",))))
    assert told.items("dc:title", "Alt") == ["Scan title"]
    assert told.items("dc:subject", "Bag") == ["of the scan"]
    assert told.items("ext:PersonInImage", "Bag") == ["Somebody"]
    assert told.items("dc:creator", "Seq") == ["Foto Huber"]
    assert told.text("core:Location") == "Scan town"
    assert told.text("photoshop:DateCreated") == "2020-01-02"
    assert told.text("exif:DateTimeOriginal") == "2020-01-02T03:04:05"
    assert told.text("shoebox:DateEDTF") == "1901"
    assert told.text("photoshop:LegacyIPTCDigest") is None


def test_what_the_scan_says_only_in_old_records_is_said_in_xmp_too() -> None:
    words = ScanWords("IIM title", "IIM caption", "Munich", ("wedding",), ("Foto Huber",))
    told = Told(XmpFields(ENHANCED, caption=Caption(place="Lake"), elsewhere=words))
    assert told.items("dc:title", "Alt") == ["IIM title"]
    assert told.items("dc:subject", "Bag") == ["wedding"]
    assert told.items("dc:creator", "Seq") == ["Foto Huber"]
    assert told.text("core:Location") == "Lake"
    assert told.items("exif:UserComment", "Alt") == ["IIM caption"]


def test_the_way_back_to_the_ledger_is_there_and_the_scan_s_own_is_gone() -> None:
    told = Told(XmpFields(ENHANCED, scan=SCAN, identity=IDENTITY))
    assert told.text("shoebox:Library") == "lib-1"
    assert told.text("shoebox:Print") == "0003-2"
    assert told.text("shoebox:PictureSHA256") == "a" * 64
    assert told.text("shoebox:ScanSHA256") == "b" * 64
    assert told.text("shoebox:StepKey") == "c" * 64
    assert told.text("shoebox:Recipe") == "gentle"
    assert told.text("dc:source") == "sha256:" + "b" * 64
    assert Told(XmpFields(ENHANCED, scan=SCAN)).text("shoebox:Print") is None
