"""ExifTool reads from every kind of file what Shoebox says in it, and finds nothing wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import piexif
import pytest

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.core.photo import Photo
from pipeline.io.derivative import write_derivative
from pipeline.io.derivative_format import DerivativeFormat, Kind
from pipeline.io.said import Said
from pipeline.io.xmp import GENERATED, PRINT

Program = Callable[[str], str]
Found = dict[str, Any]
Told = Callable[..., Found]

CAPTION = Caption(
    title="Ausflug — łódź",
    date="13 May 1962",
    edtf="1962-05-13",
    place="Lake Starnberg, Bavaria",
    people=("Anna Müller", "Karl 東京"),
    keywords=("picnic", "boat & lake"),
    note='From "the album".',
)
DESCRIPTION = (
    "Ausflug — łódź, 13 May 1962, Lake Starnberg, Bavaria. People: Anna Müller, Karl 東京. "
    'From "the album". Print 0003-2 of scan attic.tif, restored.'
)
IDENTITY = PictureIdentity(
    "0f1e2d3c-1111-4222-8333-000000000000", "0003-2", "a" * 64, "b" * 64, "c" * 64, "gentle"
)
SCAN_EXIF = bytes(
    piexif.dump(
        {
            "0th": {271: b"EPSON", 272: b"V600", 315: b"Foto Huber"},
            "Exif": {36867: b"2020:01:02 03:04:05"},
        }
    )
)[6:]
SCAN_IPTC = b"\x1c\x02\x50\x00\x0aFoto Huber\x1c\x02\x19\x00\x04scan\x1c\x02\x37\x00\x0820200102"
WITH_EXIF: list[Kind] = ["jpeg", "tiff", "png", "webp", "jxl"]
WITH_XMP: list[Kind] = [*WITH_EXIF, "pdf"]
WITH_IPTC: list[Kind] = ["jpeg", "tiff"]
# Deflate came after TIFF 6.0; IPTC records are UNDEFINED by Adobe's XMP specification and LONG by
# ExifTool; the size of the picture may stand in EXIF as well as in the TIFF around it.
HARMLESS = {
    "Invalid value for IFD0 tag 0x0103 Compression",
    "Non-standard format (undef) for IFD0 0x83bb IPTC-NAA",
    "[minor] ExifIFD tag 0xa002 ExifImageWidth is not allowed in TIFF",
    "[minor] ExifIFD tag 0xa003 ExifImageHeight is not allowed in TIFF",
}
MIDNIGHT = "1962:05:13 00:00:00"


def written(folder: Path, kind: Kind, caption: Caption, source_type: str) -> Path:
    """A small restored picture with everything said in it."""
    pixels = np.random.default_rng(0).random((60, 80, 3), np.float32)
    said = Said(
        "Print 0003-2 of scan attic.tif, restored.",
        "Shoebox 0.1",
        source_type,
        ("GFPGANv1.4", "x4plus") if source_type == GENERATED else (),
        caption,
        IDENTITY,
        exif=SCAN_EXIF,
        iptc=SCAN_IPTC,
    )
    path = folder / f"picture.{kind}"
    with path.open("w+b") as file:
        photo = Photo.of(pixels, (300.0, 300.0))
        write_derivative(photo, file, DerivativeFormat(kind), said=said)
    return path


@pytest.fixture(scope="module")
def told(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What ExifTool reads from a file of a kind, by group and name."""
    exiftool, folder = program("exiftool"), tmp_path_factory.mktemp("pictures")

    @cache
    def read(kind: Kind, caption: Caption = CAPTION, source_type: str = GENERATED) -> Found:
        path = written(folder, kind, caption, source_type)
        command = [exiftool, "-json", "-G1", "-s", "-struct", "-a", str(path)]
        done = subprocess.run(command, capture_output=True, check=True)
        found: Found = json.loads(done.stdout)[0]
        return found

    return read


@pytest.mark.parametrize("kind", WITH_XMP)
def test_the_caption_is_read_from_xmp(told: Told, kind: Kind) -> None:
    found = told(kind)
    assert found["XMP-dc:Title"] == CAPTION.title
    assert found["XMP-dc:Description"] == DESCRIPTION
    assert found["XMP-dc:Subject"] == list(CAPTION.keywords)
    assert found["XMP-iptcExt:PersonInImage"] == list(CAPTION.people)
    assert found["XMP-iptcExt:LocationShown"] == [{"LocationName": CAPTION.place}]
    assert found["XMP-iptcCore:Location"] == CAPTION.place
    assert found["XMP-photoshop:DateCreated"] == "1962:05:13"
    assert found["XMP-shoebox:DateAsWritten"] == "13 May 1962"
    assert found["XMP-shoebox:DateEDTF"] == "1962-05-13"


@pytest.mark.parametrize("kind", WITH_XMP)
def test_the_source_type_and_the_way_back_are_read(told: Told, kind: Kind) -> None:
    found = told(kind)
    assert found["XMP-iptcExt:DigitalSourceType"] == GENERATED
    assert found["XMP-iptcExt:AISystemUsed"] == "GFPGANv1.4, x4plus"
    assert found["XMP-shoebox:Library"] == IDENTITY.library
    assert found["XMP-shoebox:Print"] == "0003-2"
    assert found["XMP-shoebox:PictureSHA256"] == "a" * 64
    assert found["XMP-shoebox:ScanSHA256"] == "b" * 64
    assert found["XMP-shoebox:StepKey"] == "c" * 64
    assert found["XMP-shoebox:Recipe"] == "gentle"
    untouched = told(kind, CAPTION, PRINT)
    assert untouched["XMP-iptcExt:DigitalSourceType"] == PRINT
    assert "XMP-iptcExt:AISystemUsed" not in untouched


@pytest.mark.parametrize("kind", WITH_EXIF)
def test_the_caption_and_the_scanner_are_read_from_exif(told: Told, kind: Kind) -> None:
    found = told(kind)
    assert found["IFD0:ImageDescription"] == DESCRIPTION
    assert found["IFD0:XPTitle"] == CAPTION.title
    assert found["IFD0:XPComment"] == DESCRIPTION
    assert found["IFD0:XPKeywords"] == "picnic;boat & lake"
    assert found["IFD0:Make"] == "EPSON"
    assert found["IFD0:Model"] == "V600"
    assert found["IFD0:Artist"] == "Foto Huber"
    assert found["IFD0:Software"] == "Shoebox 0.1"
    assert found["ExifIFD:DateTimeOriginal"] == MIDNIGHT
    assert found["ExifIFD:CreateDate"] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("kind", WITH_IPTC)
def test_the_caption_is_read_from_iptc(told: Told, kind: Kind) -> None:
    found = told(kind)
    assert found["IPTC:CodedCharacterSet"] == "UTF8"
    assert found["IPTC:ObjectName"] == CAPTION.title
    assert found["IPTC:Caption-Abstract"] == DESCRIPTION
    assert found["IPTC:Keywords"] == list(CAPTION.keywords)
    assert found["IPTC:Sub-location"] == CAPTION.place
    assert found["IPTC:By-line"] == "Foto Huber"
    assert found["IPTC:DateCreated"] == "1962:05:13"
    assert found["IPTC:DigitalCreationDate"] == "2020:01:02"


@pytest.mark.parametrize("kind", WITH_XMP)
def test_a_vague_date_is_nowhere_more_certain_than_it_is(told: Told, kind: Kind) -> None:
    vague = Caption("Picnic", "summer 1962?", "1962-22?")
    found = told(kind, vague)
    assert found["XMP-shoebox:DateEDTF"] == "1962-22?"
    assert found["XMP-shoebox:DateAsWritten"] == "summer 1962?"
    taken = {"DateTimeOriginal", "DateCreated", "TimeCreated"}
    assert not {name for name in found if name.split(":")[-1] in taken}
    if kind in WITH_EXIF:
        assert found["ExifIFD:CreateDate"] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("kind", WITH_XMP)
def test_a_month_is_given_as_a_month(told: Told, kind: Kind) -> None:
    found = told(kind, Caption(date="May 1962", edtf="1962-05"))
    assert found["XMP-photoshop:DateCreated"] == "1962:05"
    assert "ExifIFD:DateTimeOriginal" not in found
    if kind in WITH_IPTC:
        assert found["IPTC:DateCreated"] == "1962:05:00"


@pytest.mark.parametrize("caption", [CAPTION, Caption()], ids=["caption", "none"])
@pytest.mark.parametrize("kind", WITH_XMP)
def test_nothing_is_wrong_with_the_file(
    program: Program, tmp_path: Path, kind: Kind, caption: Caption
) -> None:
    path = written(tmp_path, kind, caption, GENERATED)
    command = [program("exiftool"), "-validate", "-warning", "-error", "-a", "-s3", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    verdict, *warnings = done.stdout.strip().splitlines()
    assert verdict == "OK" or kind == "tiff"
    assert set(warnings) <= HARMLESS
