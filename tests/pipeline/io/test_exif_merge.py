"""EXIF says when the picture was taken only if somebody knows, and keeps what the scanner said."""

from __future__ import annotations

import io
from typing import Any

import piexif
import pytest

from pipeline.core.caption import Caption
from pipeline.io.exif_merge import MAX_JPEG_BLOCK, merged_exif
from pipeline.io.tiff_directory import DirectoryReader

TAKEN, DIGITIZED = piexif.ExifIFD.DateTimeOriginal, piexif.ExifIFD.DateTimeDigitized
SUBSEC, SUBSEC_DIGITIZED = 37521, 37522
SCANNED = b"2020:01:02 03:04:05"
EXACT = Caption(date="13 May 1962", edtf="1962-05-13")
VAGUE = Caption(date="1962?", edtf="1962?")


def scan_block(**exif: Any) -> bytes:
    fields = {TAKEN: SCANNED, SUBSEC: b"12"} | exif.get("more", {})
    top = {271: b"EPSON", 272: b"V600", 315: b"Foto Huber", 531: 2}
    return bytes(piexif.dump({"0th": top, "Exif": fields, "GPS": {1: b"N"}}))[6:]


def merged(exif: bytes | None = None, caption: Caption | None = None, **more: Any) -> bytes:
    return merged_exif(
        exif,
        size=(30, 20),
        dpi=(300.0, 300.0),
        is_srgb=True,
        description=more.pop("description", "Restored."),
        software="Shoebox 0.1",
        caption=caption or Caption(),
        **more,
    )


def read(block: bytes) -> dict[str, Any]:
    found: dict[str, Any] = piexif.load(b"Exif\x00\x00" + block)
    return found


def wide(value: tuple[int, ...]) -> str:
    return bytes(value).decode("utf-16-le").rstrip("\x00")


def test_a_day_that_is_certain_is_the_date_taken() -> None:
    found = read(merged(scan_block(), EXACT))["Exif"]
    assert found[TAKEN] == b"1962:05:13 00:00:00"
    assert found[DIGITIZED] == SCANNED
    assert SUBSEC not in found
    assert found[SUBSEC_DIGITIZED] == b"12"


@pytest.mark.parametrize("edtf", ["1962?", "1962", "1962-05", "195X-21", "", "1962-05-13?"])
def test_the_day_of_scanning_does_not_pose_as_the_day_of_a_vague_caption(edtf: str) -> None:
    found = read(merged(scan_block(), Caption(date="some day", edtf=edtf)))["Exif"]
    assert TAKEN not in found
    assert found[DIGITIZED] == SCANNED


def test_a_date_of_digitising_that_is_there_stays() -> None:
    before = b"2019:12:31 23:59:59"
    found = read(merged(scan_block(more={DIGITIZED: before}), VAGUE))["Exif"]
    assert found[DIGITIZED] == before
    assert TAKEN not in found
    assert SUBSEC_DIGITIZED not in found


def test_without_a_dated_caption_the_scan_keeps_its_date() -> None:
    found = read(merged(scan_block(), Caption("Picnic", place="Lake")))["Exif"]
    assert found[TAKEN] == SCANNED
    assert DIGITIZED not in found


def test_scanner_and_artist_are_kept() -> None:
    found = read(merged(scan_block(), EXACT))
    assert found["0th"][271] == b"EPSON"
    assert found["0th"][272] == b"V600"
    assert found["0th"][315] == b"Foto Huber"
    assert found["GPS"][1] == b"N"


def test_title_and_keywords_are_there_for_windows() -> None:
    caption = Caption("Ausflug — łódź", keywords=("lake; boat", "東京"))
    found = read(merged(None, caption))["0th"]
    assert wide(found[40091]) == "Ausflug — łódź"
    assert wide(found[40094]) == "lake, boat;東京"
    assert 40091 not in read(merged(None))["0th"]


def test_a_jpeg_tells_of_its_channels_and_another_file_does_not() -> None:
    exif, jpeg = piexif.ExifIFD, scan_block(more={37121: b"\x01\x02\x03\x00"})
    assert read(merged(jpeg, kind="jpeg", channels=1))["Exif"][37121] == b"\x01\x00\x00\x00"
    colour = read(merged(None, kind="jpeg"))
    assert colour["Exif"][exif.ComponentsConfiguration] == b"\x01\x02\x03\x00"
    assert colour["0th"][531] == 1
    plain = read(merged(jpeg, kind="tiff"))
    assert 37121 not in plain["Exif"]
    assert 531 not in plain["0th"]


def directories(block: bytes) -> list[tuple[int, dict[int, Any]]]:
    reader = DirectoryReader(io.BytesIO(block))
    first = reader.child(reader.first)
    places = [(reader.first, first)]
    for tag in (34665, 34853):
        if tag in first:
            at = first[tag].integers()[0]
            places.append((at, reader.child(at)))
    return places


def test_the_block_is_laid_out_by_the_rules_of_tiff() -> None:
    block = merged(scan_block(), EXACT, description="Anna's day")
    assert len(directories(block)) == 3
    for at, fields in directories(block):
        assert at % 2 == 0
        assert list(fields) == sorted(fields)
        end = at + 2 + 12 * len(fields)
        assert block[end : end + 4] == bytes(4)  # the link of each is there, and leads nowhere
        for index in range(len(fields)):
            entry = block[at + 2 + 12 * index : at + 14 + 12 * index]
            kind, count = entry[2], int.from_bytes(entry[4:8], "little")
            if count * {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[kind] > 4:
                offset = int.from_bytes(entry[8:], "little")
                assert offset % 2 == 0
                assert offset >= 8


def test_equal_arguments_give_equal_bytes() -> None:
    assert merged(scan_block(), EXACT) == merged(scan_block(), EXACT)


def test_a_block_too_long_for_a_jpeg_loses_the_scan_s_part_and_keeps_the_caption() -> None:
    note = scan_block(more={37510: b"x" * 70_000})
    found = read(merged(note, EXACT, max_bytes=MAX_JPEG_BLOCK))
    assert found["Exif"][TAKEN] == b"1962:05:13 00:00:00"
    assert found["0th"][271] == b"EPSON"  # the comment alone was too long
    maker = scan_block(more={42033: b"x" * 70_000})
    found = read(merged(maker, EXACT, max_bytes=MAX_JPEG_BLOCK))
    assert found["Exif"][TAKEN] == b"1962:05:13 00:00:00"
    assert 271 not in found["0th"]


@pytest.mark.parametrize("broken", [b"", b"II", b"junk" * 9, b"II\x2a\x00\xff\xff\xff\xff"])
def test_a_broken_block_of_the_scan_stops_nothing(broken: bytes) -> None:
    assert read(merged(broken, EXACT))["0th"][270] == b"Restored."


def test_a_count_beyond_the_block_costs_that_directory_and_no_memory() -> None:
    block = bytearray(scan_block())
    at = block.index(
        b"\x00\x01\x00\x02\x00\x00\x00\x02N"
    )  # GPSLatitudeRef: tag, kind, count, value
    block[at + 4 : at + 8] = b"\xf0\x00\x00\x00"
    found = read(merged(bytes(block), EXACT))
    assert found["0th"][271] == b"EPSON"
    assert found["Exif"][DIGITIZED] == SCANNED
    assert found["GPS"] == {}
    block = bytearray(scan_block())
    block[block.index(b"\x01\x0f\x00\x02") + 4] = 0xF0  # the scanner's make, in the first directory
    assert 271 not in read(merged(bytes(block), EXACT))["0th"]
