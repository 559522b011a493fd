"""Every way a TIFF may hold the same picture gives the same picture."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile

from pipeline.core.errors import (
    ScanTooLarge,
    TruncatedScan,
    UnsupportedScan,
)
from pipeline.io.read import read_scan


def picture(dtype: Any, channels: int = 3) -> np.ndarray:
    """60 x 50 px with a ramp in one direction and noise, so that no two rows are alike."""
    top = np.iinfo(dtype).max
    ramp = np.linspace(0, top, 60 * 50 * channels).reshape(60, 50, channels)
    noise = np.random.default_rng(7).integers(0, top // 8, ramp.shape)
    out = np.clip(ramp * 0.85 + noise, 0, top).astype(dtype)
    return out[..., 0] if channels == 1 else out


def stored(path: Path) -> np.ndarray:
    """What the reader made of the file, as integers of the file's depth."""
    scan = read_scan(path)
    top = 2**scan.metadata.bit_depth - 1
    kind = np.uint8 if top == 255 else np.uint16
    return np.rint(scan.photo.pixels.astype(np.float64) * top).astype(kind)


COMPRESSIONS = [None, "lzw", "zlib", "zstd", "packbits", "lzma"]


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_pixels_are_the_same_however_the_tiff_is_laid_out(
    tmp_path: Path, compression: str | None, dtype: Any, channels: int
) -> None:
    data = picture(dtype, channels)
    expected = data if channels == 3 else np.repeat(data[..., None], 3, axis=2)
    path = tmp_path / "scan.tif"
    for tile, big, order, planar in itertools.product(
        (None, (16, 32)), (False, True), "<>", ("contig", "separate")
    ):
        options: dict[str, Any] = {"tile": tile} if tile else {"rowsperstrip": 7}
        turned = data
        if channels == 3:
            options |= {"planarconfig": planar, "photometric": "rgb"}
            turned = data if planar == "contig" else np.moveaxis(data, -1, 0)
        predictor = compression in ("lzw", "zlib", "zstd", "lzma")
        tifffile.imwrite(
            path,
            turned,
            compression=compression,
            predictor=predictor or None,
            bigtiff=big,
            byteorder=order,
            **options,
        )
        scan = read_scan(path)
        assert scan.photo.bit_depth == np.dtype(dtype).itemsize * 8
        assert scan.photo.monochrome is (channels == 1)
        np.testing.assert_array_equal(stored(path), expected)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_a_strip_for_each_of_thousands_of_rows_is_read(
    tmp_path: Path, compression: str | None
) -> None:
    data = np.random.default_rng(3).integers(0, 65536, (4000, 3, 3)).astype(np.uint16)
    tifffile.imwrite(
        tmp_path / "s.tif", data, photometric="rgb", rowsperstrip=1, compression=compression
    )
    np.testing.assert_array_equal(stored(tmp_path / "s.tif"), data)


@pytest.mark.parametrize("compression", [None, "lzw"])
def test_a_last_strip_that_is_longer_than_the_picture_is_cut_off(
    tmp_path: Path, compression: str | None
) -> None:
    data = picture(np.uint16)
    tifffile.imwrite(
        tmp_path / "x.tif",
        data,
        photometric="rgb",
        byteorder="<",
        rowsperstrip=7,
        compression=compression,
        predictor=True if compression else None,
    )
    (tmp_path / "y.tif").write_bytes(with_field((tmp_path / "x.tif").read_bytes(), 257, 58))
    np.testing.assert_array_equal(stored(tmp_path / "y.tif"), data[:58])


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_bytes_whose_bits_are_turned_around_are_turned_back(
    tmp_path: Path, compression: str | None
) -> None:
    data = picture(np.uint8)
    options: dict[str, Any] = {"photometric": "rgb", "rowsperstrip": 7, "metadata": None}
    tifffile.imwrite(tmp_path / "x.tif", data, compression=compression, byteorder="<", **options)
    with tifffile.TiffFile(tmp_path / "x.tif") as tiff:
        page = tiff.pages[0].aspage()
        places = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    turned = bytearray((tmp_path / "x.tif").read_bytes())
    for offset, length in places:
        strip = np.frombuffer(turned, np.uint8, length, offset)
        turned[offset : offset + length] = imagecodecs.bitorder_encode(strip.tobytes())
    # The resolution unit is not needed here: its place in the directory is given to FillOrder.
    unit = turned.index(np.array([296, 3], "<u2").tobytes() + b"\1\0\0\0")
    turned[unit : unit + 12] = np.array([266, 3, 1, 0, 2, 0], "<u2").tobytes()
    (tmp_path / "y.tif").write_bytes(turned)
    np.testing.assert_array_equal(stored(tmp_path / "y.tif"), data)


@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("subsampling", ["444", "420"])
def test_a_tiff_with_jpeg_inside_decodes_to_what_the_jpeg_holds(
    tmp_path: Path, tile: tuple[int, int] | None, subsampling: str
) -> None:
    path = tmp_path / "scan.tif"
    smooth = np.stack(
        [np.add.outer(np.arange(64), np.arange(96)) + 20 * c for c in range(3)], axis=2
    ).astype(np.uint8)
    tifffile.imwrite(
        path,
        smooth,
        photometric="rgb",
        compression="jpeg",
        compressionargs={"level": 95, "subsampling": subsampling},
        **({"tile": tile} if tile else {"rowsperstrip": 16}),
    )
    got = stored(path)
    assert np.abs(got.astype(int) - smooth).max() <= 6
    np.testing.assert_array_equal(got, tifffile.imread(path))


def test_more_than_256_levels_of_a_16_bit_gradient_are_kept(tmp_path: Path) -> None:
    gradient = np.repeat(np.arange(20_000, 22_000, dtype=np.uint16)[None, :, None], 3, 2)
    gradient = np.repeat(gradient, 2, axis=0)
    tifffile.imwrite(tmp_path / "g.tif", gradient, photometric="rgb")
    got = stored(tmp_path / "g.tif")
    assert len(np.unique(got)) == 2000
    np.testing.assert_array_equal(got, gradient)


def test_white_is_zero_is_turned_to_black_is_zero(tmp_path: Path) -> None:
    data = picture(np.uint16, 1)
    tifffile.imwrite(tmp_path / "w.tif", data, photometric="miniswhite")
    np.testing.assert_array_equal(stored(tmp_path / "w.tif")[..., 0], 65535 - data)


def test_a_one_bit_tiff_has_black_ink_where_the_bits_say_so(tmp_path: Path) -> None:
    bits = np.eye(24, dtype=bool)
    tifffile.imwrite(tmp_path / "b.tif", bits, photometric="minisblack")
    np.testing.assert_array_equal(stored(tmp_path / "b.tif")[..., 0], bits * 255)
    tifffile.imwrite(tmp_path / "w.tif", bits, photometric="miniswhite")
    np.testing.assert_array_equal(stored(tmp_path / "w.tif")[..., 0], (~bits) * 255)


def test_a_palette_is_expanded_at_the_depth_of_its_colours(tmp_path: Path) -> None:
    table = np.random.default_rng(1).integers(0, 65535, (3, 256)).astype(np.uint16)
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    tifffile.imwrite(tmp_path / "p.tif", indices, photometric="palette", colormap=table)
    got = read_scan(tmp_path / "p.tif")
    assert got.photo.bit_depth == 16
    np.testing.assert_array_equal(stored(tmp_path / "p.tif"), table.T.reshape(16, 16, 3))
    narrow = (table >> 8) * np.uint16(257)
    tifffile.imwrite(tmp_path / "p.tif", indices, photometric="palette", colormap=narrow)
    assert read_scan(tmp_path / "p.tif").photo.bit_depth == 8


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_alpha_is_flattened_on_white(tmp_path: Path, kind: str) -> None:
    colour = picture(np.uint16)
    alpha = np.linspace(0, 65535, 60 * 50).reshape(60, 50).astype(np.uint16)
    veil = alpha[..., None] / 65535
    body = (colour * veil).astype(np.uint16) if kind == "assocalpha" else colour
    tifffile.imwrite(
        tmp_path / "a.tif", np.dstack([body, alpha]), photometric="rgb", extrasamples=[kind]
    )
    scan = read_scan(tmp_path / "a.tif")
    expected = colour / 65535 * veil + (1 - veil)
    assert np.abs(scan.photo.pixels - expected).max() < 2 / 65535
    assert "alpha flattened on white" in scan.metadata.events
    assert scan.metadata.channels == 4


def test_an_extra_channel_of_unstated_meaning_is_infrared(tmp_path: Path) -> None:
    colour, infrared = picture(np.uint16), picture(np.uint16, 1)
    tifffile.imwrite(
        tmp_path / "i.tif",
        np.dstack([colour, infrared]),
        photometric="rgb",
        extrasamples=["unspecified"],
    )
    photo = read_scan(tmp_path / "i.tif").photo
    assert photo.infrared is not None
    np.testing.assert_array_equal(photo.infrared, infrared)
    np.testing.assert_array_equal(np.rint(photo.pixels * 65535), colour)


def test_thumbnail_pages_are_passed_over_and_several_pages_refused(tmp_path: Path) -> None:
    data = picture(np.uint8)
    path = tmp_path / "t.tif"
    for thumbnail_first in (True, False):
        with tifffile.TiffWriter(path) as writer:
            for is_thumbnail in (thumbnail_first, not thumbnail_first):
                page = data[::4, ::4] if is_thumbnail else data
                writer.write(
                    page, photometric="rgb", subfiletype=1 if is_thumbnail else 0, metadata=None
                )
        np.testing.assert_array_equal(stored(path), data)
    with tifffile.TiffWriter(path) as writer:
        for _ in range(2):
            writer.write(data, photometric="rgb", metadata=None)
    with pytest.raises(UnsupportedScan, match="2 pages") as refusal:
        read_scan(path)
    assert "page" in refusal.value.advice


@pytest.mark.parametrize(
    ("data", "options", "reason"),
    [
        (np.zeros((9, 9, 4), np.uint8), {"photometric": "separated"}, "CMYK"),
        (np.zeros((9, 9, 3), np.float32), {"photometric": "rgb"}, "floating-point"),
        (np.zeros((9, 9, 3), np.uint32), {"photometric": "rgb"}, "32 bits"),
        (np.zeros((9, 9, 3), np.int16), {"photometric": "rgb"}, "unsigned"),
        (np.zeros((9, 9, 3), np.uint8), {"photometric": "cielab"}, "CIE Lab"),
        (np.zeros((9, 9), np.uint16), {"photometric": "cfa"}, "raw camera"),
        (np.zeros((9, 9, 3), np.uint8), {"photometric": "rgb", "compression": "webp"}, "WebP"),
    ],
)
def test_kinds_that_are_not_read_are_named_with_advice(
    tmp_path: Path, data: np.ndarray, options: dict[str, Any], reason: str
) -> None:
    if options["photometric"] == "cfa":
        options = options | {
            "extratags": [(33421, 3, 2, (2, 2), True), (33422, 1, 4, b"\0\1\1\2", True)]
        }
    path = tmp_path / "odd.tif"
    tifffile.imwrite(path, data, **options)
    with pytest.raises(UnsupportedScan, match=reason) as refusal:
        read_scan(path)
    assert str(path) in refusal.value.line()
    assert len(refusal.value.advice) > 20


def with_field(data: bytes, tag: int, value: int) -> bytes:
    """A little-endian classic TIFF with one SHORT or LONG field of its first page changed."""
    at = int.from_bytes(data[4:8], "little")
    out = bytearray(data)
    for index in range(int.from_bytes(data[at : at + 2], "little")):
        entry = at + 2 + 12 * index
        if int.from_bytes(data[entry : entry + 2], "little") == tag:
            width = 2 if data[entry + 2] == 3 else 4
            out[entry + 8 : entry + 8 + width] = value.to_bytes(width, "little")
            return bytes(out)
    raise AssertionError(f"no field {tag}")


def test_twelve_bits_and_old_style_jpeg_are_named(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", picture(np.uint16, 1), byteorder="<")
    data = (tmp_path / "x.tif").read_bytes()
    for tag, value, reason in ((258, 12, "12 bits"), (259, 6, "old-style JPEG"), (259, 4, "CCITT")):
        (tmp_path / "y.tif").write_bytes(with_field(data, tag, value))
        with pytest.raises(UnsupportedScan, match=reason):
            read_scan(tmp_path / "y.tif")


def test_a_header_that_promises_too_much_is_refused_before_decoding(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", picture(np.uint8, 1), byteorder="<", compression="zlib")
    data = with_field((tmp_path / "x.tif").read_bytes(), 256, 60_000)
    (tmp_path / "bomb.tif").write_bytes(with_field(data, 257, 60_000))
    with pytest.raises(ScanTooLarge, match="3600 megapixels"):
        read_scan(tmp_path / "bomb.tif")
    with pytest.raises(TruncatedScan):
        read_scan(tmp_path / "bomb.tif", max_megapixels=4000)


def test_a_jpeg_strip_narrower_than_the_picture_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "x.tif",
        picture(np.uint8),
        photometric="rgb",
        byteorder="<",
        compression="jpeg",
        rowsperstrip=16,
    )
    data = with_field((tmp_path / "x.tif").read_bytes(), 256, 5_000)
    (tmp_path / "y.tif").write_bytes(data)
    with pytest.raises(TruncatedScan, match="strip 1 of 4: the JPEG data is only 50 x"):
        read_scan(tmp_path / "y.tif")


def test_a_chain_of_pages_that_runs_in_a_circle_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "x.tif", picture(np.uint8, 1), byteorder="<")
    data = bytearray((tmp_path / "x.tif").read_bytes())
    at = int.from_bytes(data[4:8], "little")
    link = at + 2 + 12 * int.from_bytes(data[at : at + 2], "little")
    data[link : link + 4] = data[4:8]
    (tmp_path / "x.tif").write_bytes(data)
    with pytest.raises(UnsupportedScan, match="circle"):
        read_scan(tmp_path / "x.tif")


def test_exif_of_a_tiff_travels_as_a_block_of_its_own(tmp_path: Path) -> None:
    import piexif

    tifffile.imwrite(
        tmp_path / "x.tif",
        picture(np.uint8),
        photometric="rgb",
        description="Grandmother, 1931",
        software="ScanTool",
        iccprofile=imagecodecs.cms_profile("srgb"),
        metadata=None,
    )
    scan = read_scan(tmp_path / "x.tif")
    assert scan.metadata.exif is not None
    fields = piexif.load(b"Exif\x00\x00" + scan.metadata.exif)["0th"]
    assert fields[piexif.ImageIFD.ImageDescription] == b"Grandmother, 1931"
    assert fields[piexif.ImageIFD.Software] == b"ScanTool"
    assert piexif.ImageIFD.StripOffsets not in fields
    assert scan.metadata.icc_name == "sRGB built-in"
    assert scan.photo.icc == imagecodecs.cms_profile("srgb")
