"""TIFF pictures: strips or tiles, deflate or LZW, read back by tifffile px for px."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import piexif
import pytest
import tifffile
from numpy.typing import NDArray

from pipeline.core.samples import to_8_bit
from pipeline.io import tiff_write
from pipeline.io import write_tiff_picture as module
from pipeline.io.blocks import Blocks
from pipeline.io.colour import srgb_profile
from pipeline.io.derivative_format import Compression, DerivativeFormat
from pipeline.io.read import read_scan
from pipeline.io.write_tiff_picture import write_tiff_picture

RECORDS = b"\x1c\x02\x78\x00\x05Hello\x1c\x02\x69\x00\x03abc"
EXIF = piexif.dump({"0th": {piexif.ImageIFD.ImageDescription: b"A print"}})[6:]
BLOCKS = Blocks(srgb_profile(), (300.0, 299.5), EXIF, b"<x:xmpmeta/>", RECORDS)


def picture(height: int, width: int, channels: int, seed: int = 0) -> NDArray[Any]:
    """Smooth ramps with noise, so that rows, columns and channels all differ."""
    noise = np.random.default_rng(seed).integers(0, 4000, (height, width, channels))
    rows, columns = np.arange(height)[:, None, None] * 60, np.arange(width)[None, :, None] * 70
    return ((rows + columns + noise) % 65536).astype(np.uint16)


def written(samples: NDArray[Any], form: DerivativeFormat, threads: int | None = None) -> bytes:
    out = io.BytesIO()
    write_tiff_picture(out, samples, BLOCKS, form, threads=threads)
    return out.getvalue()


@pytest.fixture
def large_from_a_megapixel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures of more than 300,000 px are large here, so that a test needs none of 64 million."""
    monkeypatch.setattr(module, "TILED_FROM_PIXELS", 300_000)


@pytest.mark.parametrize("compression", ["deflate", "lzw"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(700, 530), (1, 1), (512, 1024), (300, 700)])
@pytest.mark.usefixtures("large_from_a_megapixel")
def test_every_px_comes_back(
    size: tuple[int, int], channels: int, bits: int, compression: Compression
) -> None:
    samples = picture(*size, channels)
    data = written(samples, DerivativeFormat("tiff", bits, compression=compression))
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        assert page.is_tiled == (size[0] * size[1] > 300_000)
        assert page.compression.name == {"deflate": "ADOBE_DEFLATE", "lzw": "LZW"}[compression]
        assert page.predictor.name == "HORIZONTAL"
        assert page.bitspersample == bits
        wanted = to_8_bit(samples) if bits == 8 else samples
        np.testing.assert_array_equal(page.asarray().reshape(samples.shape), wanted)


@pytest.mark.usefixtures("large_from_a_megapixel")
@pytest.mark.parametrize("size", [(700, 530), (300, 700)])
@pytest.mark.parametrize("compression", ["deflate", "lzw"])
def test_the_number_of_threads_changes_no_byte(
    size: tuple[int, int], compression: Compression
) -> None:
    samples, form = picture(*size, 3), DerivativeFormat("tiff", compression=compression)
    assert written(samples, form, 1) == written(samples, form, 5)


@pytest.mark.usefixtures("large_from_a_megapixel")
def test_tiles_can_be_a_scan_again(tmp_path: Path) -> None:
    samples, path = picture(700, 530, 3), tmp_path / "tiles.tif"
    path.write_bytes(written(samples, DerivativeFormat("tiff", compression="lzw")))
    scan = read_scan(path)
    np.testing.assert_array_equal(scan.photo.samples, samples)
    assert scan.photo.dpi == (300.0, 299.5)


@pytest.mark.usefixtures("large_from_a_megapixel")
@pytest.mark.parametrize("compression", ["deflate", "lzw"])
def test_tiles_beyond_four_gigabytes_are_a_bigtiff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Compression
) -> None:
    monkeypatch.setattr(tiff_write, "_CLASSIC_LIMIT", 1000)
    samples, path = picture(700, 530, 3), tmp_path / "big.tif"
    path.write_bytes(written(samples, DerivativeFormat("tiff", compression=compression)))
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff
        assert tiff.pages.first.is_tiled
        assert bytes(tiff.pages.first.tags[33723].value) == RECORDS
        np.testing.assert_array_equal(tiff.asarray(), samples)
    np.testing.assert_array_equal(read_scan(path).photo.samples, samples)


def test_the_blocks_stand_in_their_fields() -> None:
    data = written(picture(20, 30, 3), DerivativeFormat("tiff"))
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        tags = tiff.pages.first.tags
        assert bytes(tags[33723].value) == RECORDS
        assert bytes(tags[700].value) == b"<x:xmpmeta/>"
        assert bytes(tags[34675].value) == srgb_profile()
        assert tags[270].value == "A print"
        assert (tags[282].value, tags[283].value, tags[296].value) == ((300, 1), (599, 2), 2)
