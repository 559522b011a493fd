"""IPTC records: a caption put in within the lengths of the model, the scan's carried over."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from PIL import Image, IptcImagePlugin

from pipeline.core.caption import Caption
from pipeline.io.iptc_iim import iptc_records, scan_data_sets, scan_words
from pipeline.io.said import ScanWords

FULL = Caption(
    "Łódź", "13 May 1962", "1962-05-13", "Łódź, ulica Piotrkowska", ("Anna",), ("a", "東京")
)


def record(number: int, value: bytes, group: int = 2) -> bytes:
    return struct.pack(">BBBH", 0x1C, group, number, len(value)) + value


SCAN = (
    record(0, b"\x00\x02")
    + record(5, b"Scan title")
    + record(25, b"one")
    + record(25, "z\xfcrich".encode("cp1252"))
    + record(55, b"20200102")
    + record(60, b"030405+0100")
    + record(65, b"ScanMaker")
    + record(80, b"Foto Huber")
    + record(120, b"Scan caption")
    + record(202, bytes(range(200)))
)


def read(records: bytes | None) -> dict[tuple[int, int], Any]:
    """The records as Pillow reads them from a TIFF."""
    assert records is not None
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "TIFF", tiffinfo={33723: records})
    found = IptcImagePlugin.getiptcinfo(Image.open(out))
    assert found is not None
    return found


def texts(records: bytes | None, number: int) -> list[str]:
    value = read(records).get((2, number), [])
    return [v.decode() for v in (value if isinstance(value, list) else [value])]


def test_each_part_of_a_caption_has_its_data_set() -> None:
    found = iptc_records(None, FULL, description="Łódź. Restored.")
    assert read(found)[1, 90] == b"\x1b%G"
    assert texts(found, 5) == ["Łódź"]
    assert texts(found, 25) == ["a", "東京"]
    assert texts(found, 55) == ["19620513"]
    assert texts(found, 92) == ["Łódź, ulica Piotrkowska"]
    assert texts(found, 120) == ["Łódź. Restored."]
    assert read(found)[2, 0] == b"\x00\x04"


@pytest.mark.parametrize(
    ("edtf", "known"), [("1962-05", ["19620500"]), ("1962", ["19620000"]), ("1962?", [])]
)
def test_the_parts_of_a_date_that_nobody_knows_are_zero(edtf: str, known: list[str]) -> None:
    assert texts(iptc_records(None, Caption(date="x", edtf=edtf), description=""), 55) == known


def test_the_day_of_scanning_becomes_that_of_digitising() -> None:
    found = iptc_records(SCAN, Caption(date="1962?", edtf="1962?"), description="")
    assert texts(found, 55) == []
    assert texts(found, 60) == []
    assert texts(found, 62) == ["20200102"]
    assert texts(found, 63) == ["030405+0100"]
    kept = iptc_records(SCAN, Caption("t"), description="")
    assert texts(kept, 55) == ["20200102"]
    both = iptc_records(SCAN + record(62, b"20190101"), FULL, description="")
    assert texts(both, 62) == ["20190101"]
    assert texts(both, 55) == ["19620513"]
    assert texts(both, 60) == []


def test_texts_are_cut_at_letters_and_not_within_them() -> None:
    caption = Caption("é" * 40 + "x", place="x" + "é" * 40, keywords=("東" * 30,))
    found = iptc_records(None, caption, description="x" + "👵" * 600)
    assert texts(found, 5) == ["é" * 32]
    assert texts(found, 92) == ["x" + "é" * 15]
    assert texts(found, 25) == ["東" * 21]
    assert texts(found, 120) == ["x" + "👵" * 499]


def test_the_scan_s_records_are_kept_in_utf_8_and_what_is_of_its_file_is_not() -> None:
    found = iptc_records(SCAN, Caption(), description="Restored.")
    assert texts(found, 5) == ["Scan title"]
    assert texts(found, 25) == ["one", "zürich"]
    assert texts(found, 80) == ["Foto Huber"]
    assert texts(found, 120) == ["Restored."]
    assert (2, 65) not in read(found)
    assert (2, 202) not in read(found)


def test_a_person_s_words_win() -> None:
    found = iptc_records(SCAN, FULL, description="d")
    assert texts(found, 5) == ["Łódź"]
    assert texts(found, 25) == ["a", "東京"]
    assert texts(found, 80) == ["Foto Huber"]


def test_records_that_say_utf_8_are_read_so() -> None:
    said = record(90, b"\x1b%G", 1) + record(5, "Łódź".encode())
    assert texts(iptc_records(said, Caption(), description=""), 5) == ["Łódź"]


def test_nothing_to_say_gives_no_records() -> None:
    assert iptc_records(None, Caption(), description="Restored.") is None
    assert iptc_records(b"junk", Caption(), description="Restored.") is None
    assert iptc_records(record(65, b"ScanMaker"), Caption(), description="Restored.") is None


def test_sets_stand_in_order_and_equal_arguments_give_equal_bytes() -> None:
    found = iptc_records(SCAN, FULL, description="d")
    assert found == iptc_records(SCAN, FULL, description="d")
    assert found is not None
    numbers = [number for number, _ in scan_data_sets(found)]
    assert numbers == sorted(numbers)


def test_a_long_set_of_the_scan_comes_through() -> None:
    long = struct.pack(">BBBHI", 0x1C, 2, 120, 0x8004, 40_000) + b"x" * 40_000
    found = iptc_records(long, Caption("t"), description="")
    assert found is not None
    assert dict(scan_data_sets(found))[120] == b"x" * 40_000


def test_what_the_scan_says_can_be_told_elsewhere() -> None:
    assert scan_words(SCAN + record(92, b"Munich")) == ScanWords(
        "Scan title", "Scan caption", "Munich", ("one", "zürich"), ("Foto Huber",)
    )
    assert scan_words(None) == ScanWords()


@pytest.mark.parametrize("length", range(0, len(SCAN), 7))
def test_records_cut_anywhere_are_read_up_to_there(length: int) -> None:
    whole = scan_data_sets(SCAN)
    assert scan_data_sets(SCAN[:length]) == whole[: len(scan_data_sets(SCAN[:length]))]


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1c\x02\x05\xff\xff" + b"\xff" * 9,
        b"\x1c\x02\x05\x80\x04\xff\xff\xff\xff",
        b"\x1c\x02\x05\x80\x00" * 5000,
        record(25, b"") * 100_000,
    ],
    ids=["lengths of lengths", "four GiB", "extended without length", "endless"],
)
def test_hostile_records_cost_little(hostile: bytes) -> None:
    assert len(scan_data_sets(hostile)) <= 2000
