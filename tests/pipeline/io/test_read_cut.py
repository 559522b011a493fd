"""A file cut anywhere is refused: nothing is half decoded, no missing part turns up grey."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import piexif
import pytest
import tifffile
from PIL import Image

from pipeline.core.errors import EmptyScan, InputRefused, ShoeboxError, TruncatedScan
from pipeline.io.read import inspect_scan, read_scan

NOISE = np.random.default_rng(5).integers(0, 256, (48, 56, 3), np.uint8)
SRGB = imagecodecs.cms_profile("srgb")


def tiff(**options: Any) -> bytes:
    out = io.BytesIO()
    layout = {} if "tile" in options else {"rowsperstrip": 8}
    tifffile.imwrite(out, NOISE, photometric="rgb", iccprofile=SRGB, **layout, **options)
    return out.getvalue()


def pillow(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    exif = piexif.dump({"0th": {piexif.ImageIFD.Make: b"Scanner"}})
    Image.fromarray(NOISE).save(out, kind, icc_profile=SRGB, exif=exif, dpi=(300, 300), **options)
    return out.getvalue()


def directory_last() -> bytes:
    """A TIFF whose page directory stands after its pixels, as libtiff writes it."""
    out = io.BytesIO()
    Image.fromarray(NOISE).save(out, "TIFF", compression="tiff_lzw")
    return out.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "tiff": tiff,
    "tiff, directory last": directory_last,
    "tiff, lzw": lambda: tiff(compression="lzw"),
    "tiff, deflate": lambda: tiff(compression="zlib", predictor=True),
    "tiff, zstd, big": lambda: tiff(compression="zstd", bigtiff=True),
    "tiff, jpeg": lambda: tiff(compression="jpeg"),
    "tiff, tiles": lambda: tiff(tile=(16, 16)),
    "png": lambda: pillow("PNG"),
    "jpeg": lambda: pillow("JPEG", quality=90),
    "jpeg, progressive": lambda: pillow("JPEG", quality=90, progressive=True),
    "jpeg, restarts": lambda: pillow("JPEG", quality=90, restart_marker_rows=1),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_refused_wherever_it_is_cut(tmp_path: Path, name: str) -> None:
    data = FILES[name]()
    path = tmp_path / "scan"
    path.write_bytes(data)
    assert read_scan(path).photo.width == 56
    tenths = [round(len(data) * tenth / 10) for tenth in range(1, 10)]
    for length in [1, 3, 9, *tenths, len(data) - 13, len(data) - 2, len(data) - 1]:
        path.write_bytes(data[:length])
        with pytest.raises(TruncatedScan) as refusal:
            read_scan(path)
        assert str(path) in refusal.value.detail


@pytest.mark.parametrize("name", FILES)
def test_a_file_whose_second_half_was_never_written_is_refused(tmp_path: Path, name: str) -> None:
    data = FILES[name]()
    path = tmp_path / "scan"
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    if name in ("tiff", "tiff, tiles"):
        return  # uncompressed samples of zero are black; nothing in the file can tell
    with pytest.raises(InputRefused):
        read_scan(path)


@pytest.mark.parametrize("name", ["jpeg", "jpeg, progressive", "jpeg, restarts"])
def test_a_cut_jpeg_with_an_end_marker_put_on_is_refused(tmp_path: Path, name: str) -> None:
    data = FILES[name]()
    start = data.index(b"\xff\xda") + 20
    for tenth in range(1, 10):
        length = start + (len(data) - start) * tenth // 10
        (tmp_path / "scan").write_bytes(data[:length].rstrip(b"\xff") + b"\xff\xd9")
        with pytest.raises(TruncatedScan):
            read_scan(tmp_path / "scan")


def test_the_end_marker_of_a_thumbnail_does_not_pass_for_the_end(tmp_path: Path) -> None:
    small = io.BytesIO()
    Image.fromarray(NOISE[:16, :16]).save(small, "JPEG")
    exif = piexif.dump({"0th": {}, "1st": {}, "thumbnail": small.getvalue()})
    out = io.BytesIO()
    Image.fromarray(NOISE).save(out, "JPEG", exif=exif)
    data = out.getvalue()
    assert data.count(b"\xff\xd9") == 2
    (tmp_path / "scan").write_bytes(data[:-2])
    with pytest.raises(TruncatedScan, match="without its end marker"):
        read_scan(tmp_path / "scan")


def test_bytes_after_the_end_of_a_jpeg_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "scan").write_bytes(FILES["jpeg"]() + b"appended by a phone")
    assert read_scan(tmp_path / "scan").photo.height == 48


def test_one_changed_byte_in_the_pixels_of_a_png_is_seen(tmp_path: Path) -> None:
    data = bytearray(FILES["png"]())
    data[len(data) // 2] ^= 1
    (tmp_path / "scan").write_bytes(data)
    with pytest.raises(TruncatedScan, match="CRC"):
        read_scan(tmp_path / "scan")


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    (tmp_path / "scan.tif").write_bytes(b"")
    for reader in (read_scan, inspect_scan):
        with pytest.raises(EmptyScan):
            reader(tmp_path / "scan.tif")


@pytest.mark.parametrize("name", FILES)
def test_random_damage_ends_in_a_picture_or_a_refusal_and_nothing_else(
    tmp_path: Path, name: str
) -> None:
    data = FILES[name]()
    rng = np.random.default_rng(len(data))
    path = tmp_path / "scan"
    refused = 0
    for round_number in range(60):
        broken = bytearray(data)
        for _ in range(1 + round_number % 3):
            reach = len(data) if round_number % 2 else min(len(data), 600)
            broken[int(rng.integers(reach))] = int(rng.integers(256))
        path.write_bytes(broken)
        try:
            scan = read_scan(path, max_megapixels=5)
        except ShoeboxError:
            refused += 1
        else:
            assert np.isfinite(scan.photo.pixels).all()
    assert refused > 0
