"""What others' programs say of exported pictures: size, resolution, profile, depth, captions."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.caption import Caption
from pipeline.core.photo import Photo
from pipeline.core.samples import to_8_bit
from pipeline.io import write_tiff_picture
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.output_colour import output_colour
from pipeline.io.said import Said
from pipeline.io.xmp import ENHANCED

Program = Callable[[str], str]

TITLE, PLACE, PEOPLE = "Tante Jürgen am See", "Łódź", ("Jürg", "Anna")
SAID = Said(
    "Scratches were filled in.",
    "Shoebox 0.1",
    ENHANCED,
    caption=Caption(TITLE, "1962?", "1962?", PLACE, PEOPLE, ("lake",), "On the pier."),
)
# 6 x 4 inches at 100 dpi.
WIDTH, HEIGHT, DPI = 600, 400, 100.0
FORMS = [
    DerivativeFormat("tiff"),
    DerivativeFormat("tiff", 8, compression="lzw"),
    DerivativeFormat("jpeg"),
    DerivativeFormat("png"),
    DerivativeFormat("png", 8),
    DerivativeFormat("webp"),
    DerivativeFormat("webp", lossless=True),
    DerivativeFormat("jxl"),
    DerivativeFormat("jxl", 16),
    DerivativeFormat("jxl", 16, lossless=True),
]
LOSSLESS = [form for form in FORMS if form.kind in ("tiff", "png") or form.lossless]


def named(form: DerivativeFormat) -> str:
    lossless = "-lossless" if form.lossless else ""
    return f"{form.kind}-{form.bit_depth}-{form.compression}{lossless}"


def samples(channels: int = 3, height: int = HEIGHT, width: int = WIDTH) -> NDArray[np.uint16]:
    """Ramps of one colour each across, darker downwards, with a little noise."""
    across = np.linspace(8000, 58000, width)[None, :, None]
    down = np.linspace(0, 7000, height)[:, None, None]
    shares = np.array([1.0, 0.9, 0.8])[:channels]
    noise = np.random.default_rng(0).integers(-300, 300, (height, width, channels))
    return ((across - down) * shares + noise).astype(np.uint16)


def exported(folder: Path, form: DerivativeFormat, photo: Photo | None = None) -> Path:
    out = io.BytesIO()
    write_derivative(photo or Photo(samples(), (DPI, DPI), None, 16), out, form, said=SAID)
    path = folder / f"print{form.suffix}"
    path.write_bytes(out.getvalue())
    return path


def said_by(*command: str | Path, errors: bool = False) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, check=True)
    return (done.stdout + (done.stderr if errors else b"")).decode("utf-8", "replace")


def tags_of(program: Program, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What exiftool finds in each file, by group (of its first family) and name."""
    found = json.loads(said_by(program("exiftool"), "-j", "-G1", "-n", *paths))
    by_name = {tags["SourceFile"]: tags for tags in found}
    return [by_name[path.as_posix()] for path in paths]


@pytest.fixture(scope="module")
def tags(
    program: Program, tmp_path_factory: pytest.TempPathFactory
) -> dict[DerivativeFormat, dict[str, Any]]:
    """What exiftool, started once, finds in a print of every format."""
    paths = [exported(tmp_path_factory.mktemp("print"), form) for form in FORMS]
    return dict(zip(FORMS, tags_of(program, paths), strict=True))


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_exiftool_reads_size_resolution_and_captions(
    tags: dict[DerivativeFormat, dict[str, Any]], form: DerivativeFormat
) -> None:
    found = tags[form]
    assert "ExifTool:Warning" not in found
    assert "ExifTool:Error" not in found
    assert found["IFD0:ResolutionUnit"] == 2
    sides = [int(px) for px in str(found["Composite:ImageSize"]).split()]
    assert sides == [WIDTH, HEIGHT]
    per_inch = [found["IFD0:XResolution"], found["IFD0:YResolution"]]
    millimetres = [px / dpi * 25.4 for px, dpi in zip(sides, per_inch, strict=True)]
    assert millimetres == pytest.approx([152.4, 101.6])
    assert found["IFD0:Software"] == "Shoebox 0.1"
    assert "Scratches were filled in." in found["IFD0:ImageDescription"]
    assert found["XMP-dc:Title"] == TITLE
    assert "Scratches were filled in." in found["XMP-dc:Description"]
    assert found["XMP-iptcExt:DigitalSourceType"].startswith("http://cv.iptc.org/newscodes/")
    assert found["XMP-iptcExt:PersonInImage"] == list(PEOPLE)


@pytest.mark.parametrize(
    "form", [form for form in FORMS if form.kind in ("tiff", "jpeg")], ids=named
)
def test_exiftool_reads_iptc_where_the_format_has_it(
    tags: dict[DerivativeFormat, dict[str, Any]], form: DerivativeFormat
) -> None:
    found = tags[form]
    assert found["IPTC:ObjectName"] == TITLE
    assert "Scratches were filled in." in found["IPTC:Caption-Abstract"]
    assert "lake" in found["IPTC:Keywords"]


@pytest.mark.parametrize(
    ("profile", "name"), [("adobe-rgb", "Adobe"), ("display-p3", "P3"), ("srgb", "sRGB")]
)
def test_exiftool_reads_the_profile_asked_for(
    program: Program, tmp_path: Path, profile: str, name: str
) -> None:
    colour = output_colour(profile)
    photo = Photo(samples(3, 60, 90), (DPI, DPI), None, 16)
    paths = []
    for form in FORMS:
        if form.kind != "jxl":
            paths.append(tmp_path / f"{named(form)}{form.suffix}")
            with paths[-1].open("w+b") as file:
                write_derivative(photo, file, form, said=SAID, colour=colour)
    for found in tags_of(program, paths):
        assert name in found["ICC_Profile:ProfileDescription"]
        assert found["ICC-header:ColorSpaceData"].strip() == "RGB"
    command = [program("exiftool"), "-b", "-icc_profile", *(str(path) for path in paths)]
    read_back = subprocess.run(command, capture_output=True, check=True).stdout
    assert read_back == colour.icc * len(paths)


@pytest.mark.parametrize("compression", ["deflate", "lzw"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("tiled", [False, True])
def test_tiffinfo_sees_a_plain_tiff(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    compression: Any,
    bits: int,
    tiled: bool,
) -> None:
    if tiled:
        monkeypatch.setattr(write_tiff_picture, "TILED_FROM_PIXELS", 1000)
    path = exported(tmp_path, DerivativeFormat("tiff", bits, compression=compression))
    # -D -d reads and unpacks every strip or tile.
    told = said_by(program("tiffinfo"), "-D", "-d", path, errors=True)
    # It knows no titles and keywords of Windows (40091 to 40095), which the EXIF of TIFF may hold.
    odd = [line for line in told.splitlines() if "Warning" in line or "Error" in line]
    assert [line for line in odd if "Unknown field with tag 4009" not in line] == []
    assert "Image Width: 600 Image Length: 400" in told
    assert "Resolution: 100, 100 pixels/inch" in told
    assert f"Bits/Sample: {bits}" in told
    assert f"Compression Scheme: {'LZW' if compression == 'lzw' else 'AdobeDeflate'}" in told
    assert "Predictor: horizontal differencing" in told
    assert ("Tile Width: 512 Tile Length: 512" in told) == tiled
    assert ("Rows/Strip" in told) != tiled
    for held in ("ICC Profile: <present>", "XMLPacket", "RichTIFFIPTC Data: <present>"):
        assert held in told


@pytest.mark.parametrize("form", [form for form in FORMS if form.kind != "jxl"], ids=named)
def test_identify_agrees_on_size_depth_and_resolution(
    program: Program, tmp_path: Path, form: DerivativeFormat
) -> None:
    path = exported(tmp_path, form)
    asked = "%m %w %h %z %[channels] %x %y %U"
    kind, *rest = said_by(program("identify"), "-format", asked, path).split()
    assert kind == {"tiff": "TIFF", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}[form.kind]
    assert rest[:4] == [str(WIDTH), str(HEIGHT), str(form.bit_depth), "srgb"]
    if form.kind == "webp":  # it has its resolution in EXIF, which identify does not look at
        return
    per_inch = 2.54 if rest[6] == "PixelsPerCentimeter" else 1.0
    assert [float(value) * per_inch for value in rest[4:6]] == pytest.approx([DPI, DPI], abs=0.02)


def test_identify_sees_a_jpeg_with_full_colour_and_its_quality(
    program: Program, tmp_path: Path
) -> None:
    path = exported(tmp_path, DerivativeFormat("jpeg", quality=88))
    asked = "%[jpeg:sampling-factor] %Q"
    assert said_by(program("identify"), "-format", asked, path).split() == ["1x1,1x1,1x1", "88"]


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_grey_is_one_channel_wherever_the_format_has_grey(
    program: Program, tmp_path: Path, form: DerivativeFormat
) -> None:
    path = exported(tmp_path, form, Photo(samples(1), (DPI, DPI), None, 16))
    if form.kind == "jxl":
        told = said_by(program("jxlinfo"), path)
        assert f"{form.bit_depth}-bit Grayscale" in told
        assert "Color space: Grayscale, D65, sRGB transfer function" in told
        return
    if form.kind == "webp":
        with Image.open(path) as image:
            assert image.info["icc_profile"] == srgb_profile()
        return
    channels = said_by(program("identify"), "-format", "%[channels]", path).strip()
    assert channels == "gray"
    with Image.open(path) as image:
        assert image.info["icc_profile"] == grey_profile(None)


@pytest.mark.parametrize("form", [form for form in FORMS if form.kind == "jxl"], ids=named)
def test_jxlinfo_sees_srgb_at_every_depth(
    program: Program, tmp_path: Path, form: DerivativeFormat
) -> None:
    told = said_by(program("jxlinfo"), exported(tmp_path, form))
    assert f"{WIDTH}x{HEIGHT}" in told
    assert f"{form.bit_depth}-bit RGB" in told
    assert ("(possibly) lossless" in told) == form.lossless
    assert "RGB, D65, sRGB primaries, sRGB transfer function" in told


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("form", [form for form in FORMS if form.kind == "jxl"], ids=named)
def test_djxl_unpacks_the_colours_that_went_in(
    program: Program, tmp_path: Path, form: DerivativeFormat, channels: int
) -> None:
    given = samples(channels)
    path = exported(tmp_path, form, Photo(given, (DPI, DPI), None, 16))
    unpacked = tmp_path / "unpacked.png"
    said_by(program("djxl"), path, unpacked)
    found = read_by_opencv(unpacked)
    assert found.dtype == (np.uint16 if form.bit_depth == 16 else np.uint8)
    wanted = to_8_bit(given) if form.bit_depth == 8 else given
    if form.lossless:
        np.testing.assert_array_equal(found, wanted)
    top = 2**form.bit_depth - 1
    error = np.abs(found.astype(np.float64) - wanted) / top
    assert error.max() < 0.06
    assert error.mean() < 0.006


def read_by_opencv(path: Path) -> NDArray[Any]:
    """(H, W, 1 or 3) in RGB, by another library than any that wrote it."""
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return np.atleast_3d(found)[..., ::-1] if found.ndim == 3 else found[..., np.newaxis]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("form", [form for form in LOSSLESS if form.kind != "jxl"], ids=named)
def test_opencv_reads_every_px_back(tmp_path: Path, form: DerivativeFormat, channels: int) -> None:
    given = samples(channels)
    path = exported(tmp_path, form, Photo(given, (DPI, DPI), None, 16))
    wanted = to_8_bit(given) if form.bit_depth == 8 else given
    found = read_by_opencv(path)
    np.testing.assert_array_equal(found, np.broadcast_to(wanted, found.shape))


def test_a_resolution_that_is_no_whole_number_is_exact_in_exif(
    program: Program, tmp_path: Path
) -> None:
    photo = replace(Photo(samples(), (DPI, DPI), None, 16), dpi=(299.72, 301.25))
    kinds = {form.kind: form for form in FORMS}.values()
    paths = [exported(tmp_path, form, photo) for form in kinds]
    for found in tags_of(program, paths):
        assert found["IFD0:XResolution"] == pytest.approx(299.72, abs=1e-6)
        assert found["IFD0:YResolution"] == pytest.approx(301.25, abs=1e-6)
