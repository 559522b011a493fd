"""What leaves Shoebox has its exact pixels, resolution, profile and EXIF inside."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import piexif
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.errors import ProfileRefused, StageContractBroken, UsageError
from pipeline.core.photo import Photo
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.output_colour import OutputColour, converted, output_colour
from pipeline.io.read import Scan, read_scan
from pipeline.io.said import Said
from pipeline.io.sample_rows import at_depth
from pipeline.io.xmp import PRINT

ADOBE = imagecodecs.cms_profile("adobergb")
DESCRIPTION = "Tante Jürgen, Łódź 1931 — 東京"
RAMP = np.dstack(
    [np.tile(np.linspace(0, 1, 400, dtype=np.float32), (60, 1)) ** power for power in (1, 2, 0.5)]
).astype(np.float32)
EXIF = piexif.dump(
    {
        "0th": {
            piexif.ImageIFD.Make: b"Epson",
            piexif.ImageIFD.Artist: "Jürg".encode(),
            piexif.ImageIFD.Orientation: 6,
            piexif.ImageIFD.XResolution: (72, 1),
        },
        "Exif": {piexif.ExifIFD.DateTimeOriginal: b"1931:05:01 00:00:00"},
        "GPS": {piexif.GPSIFD.GPSDateStamp: b"1999:01:01"},
        "1st": {piexif.ImageIFD.Compression: 6},
        "thumbnail": imagecodecs.jpeg8_encode(np.zeros((8, 8, 3), np.uint8)),
    }
)[6:]
SAID = Said(DESCRIPTION, "Shoebox 0.1", PRINT)
FORMS = [
    DerivativeFormat("tiff"),
    DerivativeFormat("tiff", 8),
    DerivativeFormat("png"),
    DerivativeFormat("png", 8),
    DerivativeFormat("jpeg"),
    DerivativeFormat("tiff", 16, compression="lzw"),
    DerivativeFormat("tiff", 8, compression="lzw"),
]
SCREEN_FORMS = [
    DerivativeFormat("webp"),
    DerivativeFormat("webp", lossless=True),
    DerivativeFormat("jxl"),
    DerivativeFormat("jxl", 16),
    DerivativeFormat("jxl", 8, lossless=True),
    DerivativeFormat("jxl", 16, lossless=True),
]


def written(
    photo: Photo,
    form: DerivativeFormat,
    exif: bytes | None = EXIF,
    colour: OutputColour | None = None,
) -> bytes:
    out = io.BytesIO()
    write_derivative(photo, out, form, said=replace(SAID, exif=exif), colour=colour)
    return out.getvalue()


def reread(folder: Path, photo: Photo, form: DerivativeFormat, exif: bytes | None = EXIF) -> Scan:
    path = folder / f"d{form.suffix}"
    path.write_bytes(written(photo, form, exif))
    with Image.open(path) as image:  # an independent reader opens it as well
        image.load()
    return read_scan(path)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_pixels_resolution_profile_and_exif_are_inside(
    tmp_path: Path, form: DerivativeFormat
) -> None:
    photo = Photo.of(RAMP, (300.0, 300.0), ADOBE, 16)
    scan = reread(tmp_path, photo, form)
    top = 2**form.bit_depth - 1
    tolerance = 0.02 if form.kind == "jpeg" else 0.5001 / top
    assert np.abs(scan.photo.pixels - RAMP).max() <= tolerance
    assert scan.photo.bit_depth == form.bit_depth
    assert (scan.metadata.width, scan.metadata.height) == (400, 60)
    assert scan.photo.dpi == (300.0, 300.0)
    assert scan.photo.icc == ADOBE
    assert scan.metadata.events == ()
    assert scan.metadata.exif is not None
    fields = piexif.load(b"Exif\x00\x00" + scan.metadata.exif)
    first = fields["0th"]
    assert first[piexif.ImageIFD.ImageDescription].decode() == DESCRIPTION
    wide = bytes(first[piexif.ImageIFD.XPComment])
    assert wide.decode("utf-16-le").rstrip("\x00") == DESCRIPTION
    assert first[piexif.ImageIFD.Software] == b"Shoebox 0.1"
    assert first[piexif.ImageIFD.Make] == b"Epson"
    assert first[piexif.ImageIFD.Artist].decode() == "Jürg"
    assert first.get(piexif.ImageIFD.Orientation, 1) == 1
    assert fields["Exif"][piexif.ExifIFD.DateTimeOriginal] == b"1931:05:01 00:00:00"
    assert fields["Exif"][piexif.ExifIFD.PixelXDimension] == 400
    assert fields["GPS"][piexif.GPSIFD.GPSDateStamp] == b"1999:01:01"
    assert fields["thumbnail"] is None


@pytest.mark.parametrize("form", [*FORMS, *SCREEN_FORMS], ids=str)
def test_equal_photos_give_equal_bytes(form: DerivativeFormat) -> None:
    photo = Photo.of(RAMP, (300.0, 300.0))
    assert written(photo, form) == written(photo, form)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_monochrome_photo_is_one_grey_channel_with_its_tones(
    tmp_path: Path, form: DerivativeFormat
) -> None:
    grey = np.dstack([RAMP[..., 0]] * 3)
    for icc in (None, ADOBE, grey_profile(None)):
        scan = reread(tmp_path, Photo.of(grey, None, icc, 16, monochrome=True), form)
        assert scan.metadata.channels == 1
        assert scan.photo.icc == grey_profile(icc)
        assert scan.photo.dpi is None
        assert np.abs(scan.photo.pixels - grey).max() < 0.01


def test_srgb_is_embedded_where_the_photo_has_no_profile(tmp_path: Path) -> None:
    for form in FORMS:
        assert reread(tmp_path, Photo.of(RAMP), form, None).photo.icc == srgb_profile()


def test_sixteen_bits_keep_more_than_256_levels(tmp_path: Path) -> None:
    levels = np.arange(40_000, 41_000, dtype=np.uint16)
    photo = Photo.of(
        np.tile((levels / np.float32(65535)).astype(np.float32)[None, :, None], (4, 1, 3))
    )
    for kind in ("tiff", "png"):
        scan = reread(tmp_path, photo, DerivativeFormat(kind))  # type: ignore[arg-type]
        np.testing.assert_array_equal(np.rint(scan.photo.pixels[0, :, 0] * 65535), levels)


def test_eight_bits_are_rounded_to_the_nearest_and_not_cut(tmp_path: Path) -> None:
    photo = Photo.of(np.full((3, 3, 3), 99.6 / 255, np.float32))
    scan = reread(tmp_path, photo, DerivativeFormat("png", 8))
    assert np.rint(scan.photo.pixels[0, 0, 0] * 255) == 100


def test_a_jpeg_has_full_colour_resolution_and_takes_noise_at_best_quality(
    tmp_path: Path,
) -> None:
    noise = np.random.default_rng(0).random((300, 301, 3), np.float32)
    path = tmp_path / "n.jpg"
    path.write_bytes(written(Photo.of(noise), DerivativeFormat("jpeg", quality=100)))
    with Image.open(path) as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]
    assert np.abs(read_scan(path).photo.pixels - noise).mean() < 0.01


def test_exif_too_long_for_a_jpeg_loses_its_maker_notes_first(tmp_path: Path) -> None:
    long = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Epson"},
            "Exif": {piexif.ExifIFD.MakerNote: bytes(65_400)},
        }
    )[6:]
    scan = reread(tmp_path, Photo.of(RAMP), DerivativeFormat("jpeg"), long)
    fields = piexif.load(b"Exif\x00\x00" + (scan.metadata.exif or b""))
    assert fields["0th"][piexif.ImageIFD.Make] == b"Epson"
    assert piexif.ExifIFD.MakerNote not in fields["Exif"]


def test_exif_that_cannot_be_read_or_written_again_does_not_stop_the_export(
    tmp_path: Path,
) -> None:
    for broken in (b"II*\x00\x08\x00", b"no block at all", EXIF[:40]):
        scan = reread(tmp_path, Photo.of(RAMP), DerivativeFormat("jpeg"), broken)
        fields = piexif.load(b"Exif\x00\x00" + (scan.metadata.exif or b""))
        assert fields["0th"][piexif.ImageIFD.Software] == b"Shoebox 0.1"


def shown(data: bytes, kind: str) -> NDArray[np.float64]:
    """What another decoder makes of a file for the screen: (H, W, C) in 0..1 of sRGB."""
    decoded = imagecodecs.jpegxl_decode(data) if kind == "jxl" else imagecodecs.webp_decode(data)
    top = np.iinfo(decoded.dtype).max
    return np.atleast_3d(decoded).astype(np.float64) / float(top)


@pytest.mark.parametrize("form", SCREEN_FORMS, ids=str)
def test_files_for_the_screen_are_converted_to_srgb(form: DerivativeFormat) -> None:
    orange = np.array([51_000, 33_000, 17_000], np.uint16)
    photo = Photo(np.full((40, 50, 3), orange), (300.0, 300.0), ADOBE, 16)
    wanted = converted(photo, output_colour("srgb")).samples[0, 0] / 65535
    assert np.abs(wanted - orange / 65535).max() > 0.03
    found = shown(written(photo, form), form.kind)
    tolerance = 0.51 / (2**form.bit_depth - 1) if form.lossless else 0.015
    assert np.abs(found - wanted).max() <= tolerance


@pytest.mark.parametrize("form", [form for form in SCREEN_FORMS if form.lossless], ids=str)
def test_lossless_files_for_the_screen_keep_every_px(form: DerivativeFormat) -> None:
    noise = np.random.default_rng(3).integers(0, 65536, (70, 90, 3), np.uint16)
    for samples in (noise, noise[..., :1]):
        found = shown(written(Photo(samples), form), form.kind)
        wanted = np.broadcast_to(at_depth(samples, form.bit_depth), (70, 90, found.shape[2]))
        top = 2**form.bit_depth - 1
        np.testing.assert_array_equal(np.rint(found * top), wanted)


@pytest.mark.parametrize("form", SCREEN_FORMS, ids=str)
def test_grey_stays_grey_on_the_screen_whatever_its_profile(form: DerivativeFormat) -> None:
    ramp = np.linspace(0, 65535, 300).astype(np.uint16)
    samples = np.tile(ramp[None, :, None], (40, 1, 1))
    for icc in (None, ADOBE, grey_profile(ADOBE)):
        photo = Photo(samples, None, icc, 16)
        found = shown(written(photo, form), form.kind)
        assert found.shape[2] == (1 if form.kind == "jxl" else 3)
        # Lossy WebP is luma and chroma: whoever decodes it rounds each channel for itself.
        rounding = 1.001 / 255 if form.kind == "webp" and not form.lossless else 0
        assert np.ptp(found, axis=2).max() <= rounding
        wanted = converted(photo, output_colour("srgb")).samples / 65535
        assert np.abs(found - wanted).max() < 0.02


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_another_colour_is_converted_to_and_embedded(
    tmp_path: Path, form: DerivativeFormat
) -> None:
    photo = Photo(np.full((40, 50, 3), (51_000, 33_000, 17_000), np.uint16), None, None, 16)
    colour = output_colour("adobe-rgb")
    path = tmp_path / "a"
    path.write_bytes(written(photo, form, colour=colour))
    scan = read_scan(path)
    assert scan.photo.icc == colour.icc
    wanted = converted(photo, colour).samples / 65535
    tolerance = 0.02 if form.kind == "jpeg" else 0.51 / (2**form.bit_depth - 1)
    assert np.abs(scan.photo.pixels - wanted).max() <= tolerance


def test_an_encoding_that_the_format_cannot_hold_is_refused() -> None:
    with pytest.raises(ProfileRefused, match="sRGB"):
        written(Photo.of(RAMP), DerivativeFormat("jxl"), colour=output_colour("adobe-rgb"))
    grey = OutputColour("grey", grey_profile(None) or b"")
    with pytest.raises(ProfileRefused, match="grey"):
        written(Photo(np.zeros((9, 9, 1), np.uint16)), DerivativeFormat("webp"), colour=grey)


def test_a_file_with_no_source_type_carries_no_xmp() -> None:
    out = io.BytesIO()
    form = DerivativeFormat("png", 8)
    write_derivative(Photo.of(RAMP), out, form, said=Said("", "A scanner", ""))
    assert b"xmpmeta" not in out.getvalue()
    assert b"A scanner" in out.getvalue()


def test_pixels_and_profile_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(StageContractBroken):
        written(Photo.of(RAMP, icc=grey_profile(None)), DerivativeFormat("tiff"))


def test_a_side_too_long_is_refused_before_anything_is_written() -> None:
    wide = Photo(np.zeros((1, 65_536, 3), np.uint16))
    for kind, limit in (("jpeg", "65,535"), ("webp", "16,383")):
        out = io.BytesIO()
        form = DerivativeFormat(kind)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match=limit):
            write_derivative(wide, out, form, said=SAID)
        assert out.getvalue() == b""
