"""A scan's IPTC records are found where any program may have put them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from pipeline.io.iptc_read import JPEG_HEAD, scan_iptc

RECORDS = b"\x1c\x02\x05\x00\x04Tite\x1c\x02\x19\x00\x05lake!"
PIXELS = np.full((4, 5, 3), 7, np.uint8)


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    text = bytes([len(name)]) + name
    text += bytes(len(text) % 2)
    return b"8BIM" + struct.pack(">H", number) + text + struct.pack(">I", len(data)) + padded(data)


def padded(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)


def jpeg(*segments: bytes) -> bytes:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG")
    app13 = b"".join(
        b"\xff\xed" + struct.pack(">H", len(JPEG_HEAD + one) + 2) + JPEG_HEAD + one
        for one in segments
    )
    return out.getvalue()[:2] + app13 + out.getvalue()[2:]


def tiff(tag: int, kind: int, data: bytes, order: str = "<", *, big: bool = False) -> bytes:
    out = io.BytesIO()
    count = len(data) // 4 if kind == 4 else len(data)
    value = struct.unpack(f"{order}{count}I", data) if kind == 4 else data
    with tifffile.TiffWriter(out, bigtiff=big, byteorder=order) as writer:
        writer.write(PIXELS, extratags=[(tag, kind, count, value, True)])
    return out.getvalue()


def read(tmp_path: Path, data: bytes) -> bytes | None:
    path = tmp_path / "scan"
    path.write_bytes(data)
    return scan_iptc(path)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("kind", [1, 7, 4], ids=["BYTE", "UNDEFINED", "LONG"])
def test_the_records_of_a_tiff(tmp_path: Path, kind: int, order: str, big: bool) -> None:
    data = RECORDS + bytes(-len(RECORDS) % 4)
    assert read(tmp_path, tiff(33723, kind, data, order, big=big)) == data


def test_records_whose_bytes_a_program_turned_are_turned_back(tmp_path: Path) -> None:
    data = RECORDS + bytes(-len(RECORDS) % 4)
    turned = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    assert read(tmp_path, tiff(33723, 4, turned)) == data


def test_the_image_resources_of_a_tiff(tmp_path: Path) -> None:
    held = resource(0x03ED, b"abc", b"odd") + resource(0x0404, RECORDS)
    assert read(tmp_path, tiff(34377, 7, held)) == RECORDS


def test_the_records_of_a_jpeg_among_other_resources(tmp_path: Path) -> None:
    held = resource(0x03ED, b"abc", b"name") + resource(0x0404, RECORDS) + resource(0x0425, b"x")
    assert read(tmp_path, jpeg(held)) == RECORDS


def test_records_in_several_segments_of_a_jpeg(tmp_path: Path) -> None:
    long = RECORDS + b"\x1c\x02\x78\x75\x30" + b"x" * 30_000
    held = resource(0x0404, long)
    assert read(tmp_path, jpeg(held[:20_000], held[20_000:])) == long
    two = jpeg(resource(0x0404, RECORDS), resource(0x0404, RECORDS))
    assert read(tmp_path, two) == RECORDS * 2


def test_a_file_without_records_has_none(tmp_path: Path) -> None:
    assert read(tmp_path, jpeg()) is None
    assert read(tmp_path, jpeg(resource(0x03ED, b"abc"))) is None
    assert read(tmp_path, tiff(33723, 7, b"no records")) is None
    assert read(tmp_path, b"no picture") is None
    assert read(tmp_path, b"") is None


@pytest.mark.parametrize("data", [jpeg(resource(0x0404, RECORDS)), tiff(33723, 7, RECORDS)])
def test_a_file_cut_anywhere_stops_nothing(tmp_path: Path, data: bytes) -> None:
    for length in range(0, len(data), 5):
        assert read(tmp_path, data[:length]) in (None, RECORDS)


def test_resources_that_reach_beyond_the_file_are_left_alone(tmp_path: Path) -> None:
    held = resource(0x0404, RECORDS)
    broken = held[:8] + b"\xff\xff\xff\xff" + held[12:]
    assert read(tmp_path, jpeg(broken)) is None
    assert read(tmp_path, jpeg(b"8BIM\x04\x04\xff")) is None
