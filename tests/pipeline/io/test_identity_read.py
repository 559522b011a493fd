"""A file of ours says whose it is, in every format; a hostile one says nothing and harms nobody."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from pipeline.core.caption import PictureIdentity
from pipeline.core.photo import Photo
from pipeline.io.derivative import write_derivative
from pipeline.io.derivative_format import DerivativeFormat, Kind
from pipeline.io.identity_read import identity_of
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED, XmpFields, xmp_packet
from pipeline.io.xmp_read import JPEG_HEAD, file_xmp

IDENTITY = PictureIdentity(
    "0f1e2d3c-1111-4222-8333-000000000000",
    "0003-2b",
    "a" * 64,
    "0123456789abcdef" * 4,
    "c" * 64,
    "gut",
)
KINDS = get_args(Kind)


def written(kind: Kind, identity: PictureIdentity | None = IDENTITY) -> bytes:
    pixels = np.random.default_rng(3).random((40, 50, 3), np.float32)
    out = io.BytesIO()
    said = Said("Restored.", "Shoebox 0.1", ENHANCED, identity=identity)
    write_derivative(Photo.of(pixels, (300.0, 300.0)), out, DerivativeFormat(kind), said=said)
    return out.getvalue()


def packet(identity: PictureIdentity | None = IDENTITY) -> bytes:
    fields = XmpFields(ENHANCED, identity=identity)
    return xmp_packet(fields, description="d", creator_tool="Shoebox 0.1")


def jpeg_with(xmp: bytes) -> bytes:
    data = JPEG_HEAD + xmp
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(data) + 2) + data + b"\xff\xd9"


def found_in(tmp_path: Path, data: bytes) -> PictureIdentity | None:
    path = tmp_path / "file"
    path.write_bytes(data)
    return identity_of(path)


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read_back(tmp_path: Path, kind: Kind) -> None:
    assert found_in(tmp_path, written(kind)) == IDENTITY


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_identity_is_nobody_s(tmp_path: Path, kind: Kind) -> None:
    assert found_in(tmp_path, written(kind, None)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_anywhere_stops_nothing(tmp_path: Path, kind: Kind) -> None:
    whole = written(kind)
    for length in range(0, len(whole), max(1, len(whole) // 60)):
        assert found_in(tmp_path, whole[:length]) in (None, IDENTITY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_broken_bytes_stops_nothing(tmp_path: Path, kind: Kind) -> None:
    whole, rng = written(kind), np.random.default_rng(5)
    for _ in range(60):
        data = bytearray(whole)
        for at in rng.integers(0, len(whole), 12):
            data[at] = rng.integers(0, 256)
        read = found_in(tmp_path, bytes(data))
        assert read is None or len(read.picture) == 64


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("library", "../../etc/passwd"),
        ("library", ""),
        ("library", "x" * 200),
        ("print_name", "0003-2; DROP TABLE"),
        ("print_name", "../0003-2"),
        ("print_name", "٠٠٠٣-2"),
        ("picture", "A" * 64),
        ("picture", "a" * 63),
        ("scan", "a" * 64 + "\n0"),
        ("step", "17"),
        ("step", "C" * 64),
        ("step", "c" * 65),
        ("recipe", "a\x1b[31m"),
        ("recipe", "a\u202eb"),
        ("recipe", "x" * 300),
    ],
)
def test_values_that_shoebox_never_writes_are_not_believed(
    tmp_path: Path, name: str, value: str
) -> None:
    values = vars(IDENTITY) | {name: value}
    data = packet(PictureIdentity(**values))
    if name == "recipe" and "\x1b" in value:
        data = data.replace(b"a [31m", b"a&#x85;[31m")
    assert found_in(tmp_path, jpeg_with(data)) is None


def test_part_of_an_identity_is_none(tmp_path: Path) -> None:
    data = packet().replace(b"shoebox:StepKey=", b"shoebox:StopKey=")
    assert found_in(tmp_path, jpeg_with(data)) is None


def test_entities_are_not_followed(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + packet()
    assert found_in(tmp_path, jpeg_with(bomb)) is None
    assert found_in(tmp_path, jpeg_with(packet().replace(b'"gut"', b'"&b;"'))) is None


def png_with(chunk: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(b"iTXt" + chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(chunk)) + b"iTXt" + chunk + crc


def test_packets_that_are_packed_are_read_and_bombs_are_not_blown_up(tmp_path: Path) -> None:
    head = b"XML:com.adobe.xmp\x00\x01\x00\x00\x00"
    assert found_in(tmp_path, png_with(head + zlib.compress(packet()))) == IDENTITY
    bomb = zlib.compress(bytes(50 * 2**20), 9)
    path = tmp_path / "bomb.png"
    path.write_bytes(png_with(head + bomb))
    read = file_xmp(path)
    assert read is not None
    assert len(read) <= 4 * 2**20
    assert identity_of(path) is None


def pdf_with(stream: bytes, packing: str = "") -> bytes:
    """A PDF put together by hand; readers find its objects without a table."""
    filtered = f"/Filter {packing}" if packing else ""
    return (
        b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>> endobj\n"
        b"2 0 obj <</Type/Pages/Kids[4 0 R]/Count 1>> endobj\n"
        b"4 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>> endobj\n"
        + f"3 0 obj <</Type/Metadata/Subtype/XML/Length {len(stream)}{filtered}>>\n".encode()
        + b"stream\n"
        + stream
        + b"\nendstream endobj\ntrailer <</Root 1 0 R/Size 5>>\n%%EOF\n"
    )


def test_a_deflated_packet_of_a_pdf_is_read_and_a_bomb_is_not_blown_up(tmp_path: Path) -> None:
    assert found_in(tmp_path, pdf_with(zlib.compress(packet()), "/FlateDecode")) == IDENTITY
    bomb = zlib.compress(bytes(50 * 2**20), 9)
    path = tmp_path / "bomb.pdf"
    path.write_bytes(pdf_with(bomb, "/FlateDecode"))
    read = file_xmp(path)
    assert read is not None
    assert len(read) <= 4 * 2**20
    assert found_in(tmp_path, pdf_with(b"junk", "/FlateDecode")) is None
    assert found_in(tmp_path, pdf_with(b"junk", "/DCTDecode")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II\x2a\x00",
        b"MM\x00\x2b" + b"\xff" * 40,
        b"II\x2a\x00\x08\x00\x00\x00\xff\xff" + b"\x00" * 100,
        b"II\x2a\x00\x08\x00\x00\x00\x01\x00\xbc\x02\x01\x00\xff\xff\xff\xff\x00\x00\x00\x00",
        b"RIFF\x00\x00\x00\x00WEBPXMP \xff\xff\xff\xff",
        b"RIFF\x00\x00\x00\x00WEBP" + b"\x00" * 2**20,
        b"\x00\x00\x00\x0cJXL \r\n\x87\n" + b"\x00\x00\x00\x01xml " + b"\xff" * 8,
        b"\x00\x00\x00\x0cJXL \r\n\x87\n" + b"\x00\x00\x00\x00xml ",
        b"\x00\x00\x00\x0cJXL \r\n\x87\n" + b"\x00\x00\x00\x01skip" + bytes(8),
        b"%PDF-1.7\n" + b"junk" * 500,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000,
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffiTXt",
        b"<x:xmpmeta/>",
    ],
    ids=range(14),
)
def test_junk_is_nobody_s(tmp_path: Path, data: bytes) -> None:
    assert found_in(tmp_path, data) is None


def test_a_file_that_cannot_be_read_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        identity_of(tmp_path / "absent")
