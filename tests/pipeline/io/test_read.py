"""What holds for scans of every format: told by content, upright once, resolution never made up."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import piexif
import pytest
import tifffile
from PIL import Image, ImageOps

from pipeline.core.errors import (
    EmptyScan,
    InputRefused,
    NotAScan,
    ScanTooLarge,
    ScanUnreadable,
    TruncatedScan,
    UnsupportedScan,
)
from pipeline.io.read import inspect_scan, read_scan

SRGB = imagecodecs.cms_profile("srgb")


def scene(height: int = 32, width: int = 48) -> np.ndarray:
    """uint8 (H, W, 3) with a different colour in each corner."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 200], axis=2).astype(np.uint8)


def jpeg(**options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(scene()).save(out, "JPEG", quality=95, subsampling=0, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(data: np.ndarray, *chunks: bytes) -> bytes:
    bare = imagecodecs.png_encode(data)
    return bytes(bare[:33]) + b"".join(chunks) + bytes(bare[33:])


def write(folder: Path, data: bytes, name: str = "scan") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# --- format by content -----------------------------------------------------------------------


def test_the_format_is_told_by_content_and_not_by_the_extension(tmp_path: Path) -> None:
    assert read_scan(write(tmp_path, jpeg(), "a.tif")).metadata.format == "jpeg"
    assert read_scan(write(tmp_path, png(scene()), "b.jpg")).metadata.format == "png"
    tifffile.imwrite(tmp_path / "c.png", scene(), photometric="rgb")
    assert read_scan(tmp_path / "c.png").metadata.format == "tiff"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"Dear diary, today I scanned the whole box.\n", "text"),
        ("Grüße aus Köln, lange nicht gesehen".encode(), "text"),
        (b"GIF89a" + bytes(40), "GIF"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        (b"%PDF-1.7\n" + bytes(40), "PDF"),
        (bytes(range(128, 250)), "unknown kind"),
    ],
)
def test_what_is_no_scan_is_refused_by_name(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(NotAScan, match=words) as refusal:
        read_scan(write(tmp_path, data, "scan.tif"))
    assert refusal.value.line().startswith("E302 ")
    assert "scan.tif" in refusal.value.line()


def test_a_file_of_zeros_is_an_unfinished_copy(tmp_path: Path) -> None:
    with pytest.raises(TruncatedScan, match="zeros"):
        read_scan(write(tmp_path, bytes(5000)))


def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    with pytest.raises(ScanUnreadable):
        read_scan(tmp_path / "nowhere.tif")
    with pytest.raises(ScanUnreadable, match="regular"):
        read_scan(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ScanUnreadable, match="regular"):
            read_scan(tmp_path / "pipe")


def test_a_header_over_the_limit_is_refused_before_decoding(tmp_path: Path) -> None:
    bomb = png(scene())
    header = struct.pack(">II", 60_000, 50_000) + bomb[24:29]
    path = write(tmp_path, bomb[:8] + chunk(b"IHDR", header) + bomb[33:])
    for reader in (read_scan, inspect_scan):
        with pytest.raises(ScanTooLarge, match="3000 megapixels"):
            reader(path)
    with pytest.raises(ScanTooLarge):
        read_scan(write(tmp_path, jpeg()), max_megapixels=0.001)
    empty = struct.pack(">II", 0, 50) + bomb[24:29]
    with pytest.raises(EmptyScan):
        read_scan(write(tmp_path, bomb[:8] + chunk(b"IHDR", empty) + bomb[33:]))


def test_inspecting_says_what_reading_says(tmp_path: Path) -> None:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: 6}})
    path = write(tmp_path, jpeg(exif=exif, dpi=(300, 600), icc_profile=SRGB))
    assert inspect_scan(path) == read_scan(path).metadata


# --- depth and channels -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(9, 2000, 3), (9, 2000)])
def test_a_16_bit_png_keeps_every_level(tmp_path: Path, shape: tuple[int, ...]) -> None:
    data = np.broadcast_to(
        np.arange(30_000, 32_000, dtype=np.uint16).reshape(1, -1, *[1] * (len(shape) - 2)), shape
    )
    scan = read_scan(write(tmp_path, png(np.ascontiguousarray(data))))
    assert (scan.metadata.bit_depth, scan.photo.bit_depth) == (16, 16)
    got = np.rint(scan.photo.pixels * 65535).astype(np.uint16)
    np.testing.assert_array_equal(got, data if len(shape) == 3 else np.dstack([data] * 3))
    assert len(np.unique(got)) == 2000


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_png_with_alpha_is_flattened_on_white(tmp_path: Path, dtype: Any) -> None:
    top = np.iinfo(dtype).max
    data = np.full((4, 6, 4), top // 4, dtype)
    data[:, :3, 3], data[:, 3:, 3] = 0, top
    scan = read_scan(write(tmp_path, png(data)))
    assert (scan.photo.pixels[:, :3] == 1.0).all()
    np.testing.assert_allclose(scan.photo.pixels[:, 3:], (top // 4) / top, atol=1e-6)
    assert "alpha flattened on white" in scan.metadata.events
    assert scan.metadata.channels == 4


@pytest.mark.parametrize("mode", ["P", "1"])
def test_palette_and_one_bit_pngs_are_expanded(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(scene()).quantize(16) if mode == "P" else Image.new("1", (9, 9), 1)
    out = io.BytesIO()
    image.save(out, "PNG")
    scan = read_scan(write(tmp_path, out.getvalue()))
    expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(np.rint(scan.photo.pixels * 255), expected)
    assert scan.photo.bit_depth == 8


def test_a_grey_jpeg_is_monochrome_and_so_is_a_colour_jpeg_of_a_grey_picture(
    tmp_path: Path,
) -> None:
    grey = Image.fromarray(scene()[..., 0])
    for image, channels in ((grey, 1), (grey.convert("RGB"), 3)):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=90)
        scan = read_scan(write(tmp_path, out.getvalue()))
        assert scan.photo.monochrome
        assert scan.metadata.channels == channels
    assert not read_scan(write(tmp_path, jpeg())).photo.monochrome


def test_a_jpeg_decodes_to_what_an_independent_decoder_makes_of_it(tmp_path: Path) -> None:
    data = jpeg()
    expected = np.asarray(Image.open(io.BytesIO(data)))
    got = np.rint(read_scan(write(tmp_path, data)).photo.pixels * 255)
    np.testing.assert_array_equal(got, expected)


def test_a_jpeg_stored_as_rgb_keeps_its_colours(tmp_path: Path) -> None:
    data = imagecodecs.jpeg8_encode(scene(), level=100, colorspace="rgb", outcolorspace="rgb")
    got = np.rint(read_scan(write(tmp_path, data)).photo.pixels * 255)
    assert np.abs(got - scene()).max() <= 3


def test_cmyk_and_animated_files_are_refused_with_advice(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("CMYK", (9, 9)).save(out, "JPEG")
    with pytest.raises(UnsupportedScan, match="CMYK") as refusal:
        read_scan(write(tmp_path, out.getvalue()))
    assert "RGB" in refusal.value.advice
    frames = png(scene(), chunk(b"acTL", struct.pack(">II", 2, 0)))
    with pytest.raises(UnsupportedScan, match="animated"):
        read_scan(write(tmp_path, frames))


# --- orientation ------------------------------------------------------------------------------


def oriented_tiff(folder: Path, orientation: int) -> Path:
    path = folder / "o.tif"
    tifffile.imwrite(
        path,
        scene(),
        photometric="rgb",
        resolution=(300, 600),
        resolutionunit=2,
        extratags=[(274, 3, 1, orientation, True)],
    )
    return path


def oriented_jpeg(folder: Path, orientation: int) -> Path:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})
    return write(folder, jpeg(exif=exif, dpi=(300, 600)))


def oriented_png(folder: Path, orientation: int) -> Path:
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation}})[6:]
    metres = struct.pack(">IIB", 11811, 23622, 1)
    return write(folder, png(scene(), chunk(b"pHYs", metres), chunk(b"eXIf", exif)))


@pytest.mark.parametrize("make", [oriented_tiff, oriented_jpeg, oriented_png])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_made_upright_exactly_once(
    tmp_path: Path, make: Callable[[Path, int], Path], orientation: int
) -> None:
    path = make(tmp_path, orientation)
    plain = read_scan(make(tmp_path, 1)).photo.pixels
    scan = read_scan(make(tmp_path, orientation))
    marked = Image.fromarray(np.rint(plain * 255).astype(np.uint8))
    marked.getexif()[274] = orientation
    expected = np.asarray(ImageOps.exif_transpose(marked))
    np.testing.assert_array_equal(np.rint(scan.photo.pixels * 255), expected)
    turned = orientation >= 5
    assert (scan.metadata.width, scan.metadata.height) == ((32, 48) if turned else (48, 32))
    assert scan.photo.dpi == ((600.0, 300.0) if turned else (300.0, 600.0))
    assert scan.metadata.orientation == orientation
    if scan.metadata.exif is not None:
        fields = piexif.load(b"Exif\x00\x00" + scan.metadata.exif)["0th"]
        assert fields.get(piexif.ImageIFD.Orientation, 1) == 1
    assert path.exists()


def test_an_orientation_that_does_not_exist_is_upright_with_an_event(tmp_path: Path) -> None:
    scan = read_scan(oriented_jpeg(tmp_path, 9))
    assert scan.metadata.orientation == 1
    assert any("orientation 9" in event for event in scan.metadata.events)


# --- resolution -------------------------------------------------------------------------------


def tiff_resolution(folder: Path, value: Any, unit: int | None) -> Path:
    path = folder / "r.tif"
    options = {} if unit is None else {"resolution": value, "resolutionunit": unit}
    tifffile.imwrite(path, scene(), photometric="rgb", **options)
    return path


@pytest.mark.parametrize(
    ("value", "unit", "dpi"),
    [
        ((600, 600), 2, (600.0, 600.0)),
        ((299.5, 1200), 2, (299.5, 1200.0)),
        ((11811 / 100, 23622 / 100), 3, (300.0, 600.0)),
        ((300, 300), 1, None),
        (None, None, None),
        ((1, 1), 2, None),
        ((1_000_000, 300), 2, None),
        (((0, 1), (300, 1)), 2, None),
    ],
)
def test_a_tiffs_resolution_is_read_in_its_unit_or_is_unknown(
    tmp_path: Path, value: Any, unit: int | None, dpi: tuple[float, float] | None
) -> None:
    scan = read_scan(tiff_resolution(tmp_path, value, unit))
    assert scan.photo.dpi == scan.metadata.dpi == dpi
    assert ("resolution unknown" in scan.metadata.events) is (dpi is None)
    if unit == 2 and dpi is None:
        assert any("cannot be right" in event for event in scan.metadata.events)


def test_a_resolution_over_zero_is_unknown_with_an_event(tmp_path: Path) -> None:
    path = tiff_resolution(tmp_path, (300, 300), 2)
    data = path.read_bytes()
    assert data.count(struct.pack("<II", 300, 1)) == 2
    path.write_bytes(data.replace(struct.pack("<II", 300, 1), struct.pack("<II", 300, 0)))
    scan = read_scan(path)
    assert scan.photo.dpi is None
    assert any("nan" in event for event in scan.metadata.events)


def jfif(unit: int, across: int, down: int) -> bytes:
    """A JPEG whose JFIF header states a density."""
    data = bytearray(jpeg())
    assert data[6:11] == b"JFIF\x00"
    data[13:18] = struct.pack(">BHH", unit, across, down)
    return bytes(data)


@pytest.mark.parametrize(
    ("unit", "across", "down", "dpi"),
    [
        (1, 300, 600, (300.0, 600.0)),
        (2, 100, 200, (254.0, 508.0)),
        (0, 1, 1, None),
        (0, 300, 300, None),
        (1, 1, 1, None),
    ],
)
def test_a_jpegs_density_without_a_unit_is_no_resolution(
    tmp_path: Path, unit: int, across: int, down: int, dpi: tuple[float, float] | None
) -> None:
    assert read_scan(write(tmp_path, jfif(unit, across, down))).photo.dpi == dpi


def test_exif_gives_the_resolution_where_jfif_has_none(tmp_path: Path) -> None:
    first = piexif.ImageIFD
    exif = piexif.dump(
        {
            "0th": {
                first.XResolution: (1200, 1),
                first.YResolution: (1200, 1),
                first.ResolutionUnit: 2,
            }
        }
    )
    assert read_scan(write(tmp_path, jpeg(exif=exif))).photo.dpi == (1200.0, 1200.0)


@pytest.mark.parametrize(
    ("data", "dpi"),
    [
        (struct.pack(">IIB", 11811, 23622, 1), (300.0, 600.0)),
        (struct.pack(">IIB", 300, 300, 0), None),
        (struct.pack(">IIB", 0, 0, 1), None),
        (b"\x00\x01", None),
    ],
)
def test_a_pngs_resolution_counts_only_per_metre(
    tmp_path: Path, data: bytes, dpi: tuple[float, float] | None
) -> None:
    assert read_scan(write(tmp_path, png(scene(), chunk(b"pHYs", data)))).photo.dpi == dpi


# --- profile and EXIF -------------------------------------------------------------------------


def iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"name\x00\x00" + zlib.compress(profile))


def test_a_sound_profile_is_kept_byte_for_byte_in_every_format(tmp_path: Path) -> None:
    profile = imagecodecs.cms_profile("adobergb")
    tifffile.imwrite(tmp_path / "t.tif", scene(), photometric="rgb", iccprofile=profile)
    paths = [
        tmp_path / "t.tif",
        write(tmp_path, jpeg(icc_profile=profile), "j"),
        write(tmp_path, png(scene(), iccp(profile)), "p"),
    ]
    for path in paths:
        scan = read_scan(path)
        assert scan.photo.icc == profile
        assert scan.metadata.icc_name == "Adobe RGB (compatible)"


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (SRGB[:300], "it is cut"),
        (imagecodecs.cms_profile("gray", gamma=2.2), "it is for GRAY"),
        (SRGB[:16] + b"CMYK" + SRGB[20:], "it is for CMYK"),
        (SRGB[:12] + b"link" + SRGB[16:], "class link"),
        (b"no profile at all" * 20, "not an ICC profile"),
        (SRGB[:128] + struct.pack(">I", 9_000_000) + SRGB[132:], "table of contents"),
        (SRGB[:132] + bytes(len(SRGB) - 132), "cannot be used"),
    ],
)
def test_a_profile_that_is_cut_or_for_other_pixels_is_dropped_with_an_event(
    tmp_path: Path, profile: bytes, reason: str
) -> None:
    tifffile.imwrite(tmp_path / "t.tif", scene(), photometric="rgb", iccprofile=profile)
    for path in (tmp_path / "t.tif", write(tmp_path, png(scene(), iccp(profile)))):
        scan = read_scan(path)
        assert scan.photo.icc is None
        assert scan.metadata.icc_name is None
        assert any("ICC profile dropped" in e and reason in e for e in scan.metadata.events)


def test_a_jpeg_profile_in_parts_is_joined_and_a_missing_part_drops_it(tmp_path: Path) -> None:
    profile = SRGB + bytes(80_000)
    profile = struct.pack(">I", len(profile)) + profile[4:]
    data = jpeg(icc_profile=profile)
    assert data.count(b"ICC_PROFILE\x00") == 2
    assert read_scan(write(tmp_path, data)).photo.icc == profile
    second = data.rindex(b"ICC_PROFILE\x00") - 4
    length = struct.unpack(">H", data[second + 2 : second + 4])[0]
    scan = read_scan(write(tmp_path, data[:second] + data[second + 2 + length :]))
    assert scan.photo.icc is None
    assert any("1 of 2 parts" in event for event in scan.metadata.events)


def test_exif_of_a_jpeg_is_kept_with_its_maker_notes_in_place(tmp_path: Path) -> None:
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Orientation: 8, piexif.ImageIFD.Artist: "Jürgen".encode()},
            "Exif": {
                piexif.ExifIFD.DateTimeOriginal: b"1999:12:31 23:59:59",
                piexif.ExifIFD.MakerNote: bytes(range(200)),
            },
        }
    )
    found = read_scan(write(tmp_path, jpeg(exif=exif))).metadata.exif
    assert found is not None
    assert len(found) == len(exif) - 6
    assert sum(a != b for a, b in zip(found, exif[6:], strict=True)) == 1  # the orientation
    fields = piexif.load(b"Exif\x00\x00" + found)
    assert fields["0th"][piexif.ImageIFD.Artist].decode() == "Jürgen"
    assert fields["Exif"][piexif.ExifIFD.MakerNote] == bytes(range(200))


def test_broken_exif_is_dropped_with_an_event_and_the_picture_is_read(tmp_path: Path) -> None:
    exif = piexif.dump({"0th": {piexif.ImageIFD.ImageDescription: b"x" * 400}})
    scan = read_scan(write(tmp_path, jpeg(exif=exif[:60])))
    assert scan.metadata.exif is None
    assert any("EXIF dropped" in event for event in scan.metadata.events)
    assert scan.photo.width == 48


def test_a_refusal_names_file_reason_and_remedy_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        read_scan(write(tmp_path, jpeg()[:500], "aunt.jpg"))
    line = refusal.value.line()
    assert "aunt.jpg" in line
    assert "\n" not in line
    assert line.endswith(refusal.value.advice)
