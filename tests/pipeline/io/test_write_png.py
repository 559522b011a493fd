"""PNG written in bands is one valid PNG, read back by libpng and Pillow px for px."""

from __future__ import annotations

import io
import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.samples import to_8_bit
from pipeline.io import sample_rows
from pipeline.io.blocks import Blocks
from pipeline.io.colour import srgb_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.write_png import write_png

BLOCKS = Blocks(srgb_profile(), (300.0, 600.0), b"II*\x00\x08\x00\x00\x00\x00\x00", b"<x/>")


def picture(height: int, width: int, channels: int) -> NDArray[Any]:
    generator = np.random.default_rng(height + channels)
    return generator.integers(0, 65536, (height, width, channels), np.uint16)


def written(
    samples: NDArray[Any], bits: int, blocks: Blocks = BLOCKS, threads: int | None = None
) -> bytes:
    out = io.BytesIO()
    write_png(out, samples, blocks, DerivativeFormat("png", bits), threads=threads)
    return out.getvalue()


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        found.append((name, data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


@pytest.fixture
def small_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands of a few rows, as a large picture has many of them."""
    monkeypatch.setattr(sample_rows, "_BAND_BYTES", 5000)


@pytest.mark.usefixtures("small_bands")
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(97, 131), (1, 1), (1, 5000), (64, 3)])
def test_every_px_comes_back(size: tuple[int, int], channels: int, bits: int) -> None:
    samples = picture(*size, channels)
    data = written(samples, bits)
    found = imagecodecs.png_decode(data)
    wanted = to_8_bit(samples) if bits == 8 else samples
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found.reshape(samples.shape), wanted)
    with Image.open(io.BytesIO(data)) as image:  # checks every chunk's and the stream's sum
        image.verify()
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert image.mode == {(8, 1): "L", (16, 1): "I;16"}.get((bits, channels), "RGB")


@pytest.mark.usefixtures("small_bands")
def test_the_number_of_threads_changes_no_byte() -> None:
    samples = picture(97, 131, 3)
    assert written(samples, 16, threads=1) == written(samples, 16, threads=5)


def test_samples_that_repeat_one_channel_are_written_as_three() -> None:
    grey = picture(40, 30, 1)
    data = written(np.broadcast_to(grey, (40, 30, 3)), 16)
    np.testing.assert_array_equal(imagecodecs.png_decode(data), np.repeat(grey, 3, axis=2))


def test_the_blocks_stand_before_the_picture() -> None:
    found = chunks(written(picture(9, 9, 3), 16))
    names = [name for name, _ in found]
    assert names == [b"IHDR", b"iCCP", b"pHYs", b"eXIf", b"iTXt", b"IDAT", b"IDAT", b"IEND"]
    of = dict(found)
    assert struct.unpack(">IIB", of[b"pHYs"]) == (11811, 23622, 1)
    assert of[b"eXIf"] == BLOCKS.exif
    assert of[b"iTXt"].endswith(b"\x00<x/>")
    with Image.open(io.BytesIO(written(picture(9, 9, 3), 16))) as image:
        assert image.info["icc_profile"] == srgb_profile()


def test_a_profile_with_a_hostile_name_does_not_break_the_file() -> None:
    """The name is a counted string of the scan's own profile, here turned into control letters."""
    icc = srgb_profile()
    for name in ("  a \x01\n  b \u00a0 c", "\u6771" * 200, "\x07\x07"):
        wide = name.encode("utf-16-be")
        body = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(wide), 28) + wide
        at = icc.index(b"desc", 128)
        moved = icc[: at + 4] + struct.pack(">II", len(icc), len(body)) + icc[at + 12 :] + body
        data = written(picture(5, 5, 3), 8, Blocks(moved, None, b""))
        keyword = dict(chunks(data))[b"iCCP"].split(b"\x00")[0]
        assert 1 <= len(keyword) <= 79
        assert keyword == b" ".join(keyword.split())
        assert all(32 <= byte <= 126 or byte >= 161 for byte in keyword)
        with Image.open(io.BytesIO(data)) as image:
            assert image.info["icc_profile"] == moved
