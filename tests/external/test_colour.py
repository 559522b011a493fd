"""Profiles as other people's programs read them: beside the pictures, and back out of the files."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.io.atomic import publish
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.derivative_format import Kind
from pipeline.io.output_colour import OutputColour, converted, output_colour
from pipeline.io.profiles import output_profile
from pipeline.io.said import Said
from tests.pipeline.io.printer_profile import printer_profile

Program = Callable[[str], str]

DESCRIPTIONS = {
    "srgb": "sRGB built-in",
    "adobe-rgb": "Compatible with Adobe RGB (1998)",
    "display-p3": "Display P3",
}
SAID = Said(description="Lake", software="Shoebox", source_type="")
RED_COLUMNS = {
    "srgb": (0.43607, 0.22249, 0.01392),
    "adobe-rgb": (0.60974, 0.31111, 0.01947),
    "display-p3": (0.51512, 0.24120, -0.00105),
}
COLOUR = Photo(np.full((40, 60, 3), (50000, 20000, 10000), np.uint16), (300.0, 300.0), None, 16)
GREY = Photo(np.full((40, 60, 1), 30000, np.uint16), (300.0, 300.0), None, 16)


def _told(program: str, *arguments: object) -> str:
    command = [program, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def _written(folder: Path, photo: Photo, kind: Kind, colour: OutputColour) -> Path:
    form = DerivativeFormat(kind)
    path = folder / f"print{form.suffix}"
    publish(path, lambda file: write_derivative(photo, file, form, said=SAID, colour=colour))
    return path


def _embedded(program: str, path: Path) -> bytes:
    command = [program, "-b", "-ICC_Profile", str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout


@pytest.mark.parametrize("name", sorted(DESCRIPTIONS))
def test_exiftool_reads_the_profiles_numbers(name: str, program: Program, tmp_path: Path) -> None:
    path = tmp_path / "profile.icc"
    path.write_bytes(output_profile(name))
    tags = "ProfileDescription", "ColorSpaceData", "RedMatrixColumn", "ProfileDateTime"
    told = _told(program("exiftool"), "-s3", *[f"-{tag}" for tag in tags], path).splitlines()
    assert told[:2] == [DESCRIPTIONS[name], "RGB"]
    red = [float(number) for number in told[2].split()]
    assert red == pytest.approx(RED_COLUMNS[name], abs=1e-4)
    assert told[3] == "2000:01:01 00:00:00"


@pytest.mark.parametrize("kind", ["tiff", "jpeg", "png", "webp"])
@pytest.mark.parametrize("name", sorted(DESCRIPTIONS))
def test_the_profile_comes_back_out_of_the_file_byte_for_byte(
    kind: Kind, name: str, program: Program, tmp_path: Path
) -> None:
    path = _written(tmp_path, COLOUR, kind, output_colour(name))
    assert _embedded(program("exiftool"), path) == output_profile(name)
    told = _told(program("exiftool"), "-s3", "-ICC_Profile:ProfileDescription", path)
    assert told.strip() == DESCRIPTIONS[name]


@pytest.mark.parametrize("kind", ["tiff", "png", "jpeg"])
def test_imagemagick_names_the_profile_and_reads_the_converted_colour(
    kind: Kind, program: Program, tmp_path: Path
) -> None:
    path = _written(tmp_path, COLOUR, kind, output_colour("adobe-rgb"))
    asked = "%[profile:icc]|%[channels]|%z|%[fx:p{30,20}.r]|%[fx:p{30,20}.g]|%[fx:p{30,20}.b]"
    told = _told(program("identify"), "-format", asked, path).split("|")
    assert told[0] == DESCRIPTIONS["adobe-rgb"]
    assert told[2] == ("8" if kind == "jpeg" else "16")
    expected = converted(COLOUR, output_colour("adobe-rgb")).samples[0, 0] / 65535
    tolerance = 3 / 255 if kind == "jpeg" else 1e-5
    assert [float(value) for value in told[3:]] == pytest.approx(list(expected), abs=tolerance)
    assert abs(expected[0] - 50000 / 65535) > 0.05  # it really was another number before


@pytest.mark.parametrize("kind", ["tiff", "png", "jpeg"])
def test_grey_is_one_channel_with_a_grey_profile_to_imagemagick(
    kind: Kind, program: Program, tmp_path: Path
) -> None:
    path = _written(tmp_path, GREY, kind, output_colour("adobe-rgb"))
    told = _told(program("identify"), "-format", "%[colorspace]|%[fx:p{5,5}.r]", path).split("|")
    assert told[0] == "Gray"
    expected = converted(GREY, output_colour("adobe-rgb")).samples[0, 0, 0] / 65535
    assert float(told[1]) == pytest.approx(expected, abs=2 / 255 if kind == "jpeg" else 1e-5)
    space = _told(program("exiftool"), "-s3", "-ICC_Profile:ColorSpaceData", path)
    assert space.strip() == "GRAY"


def test_a_print_shops_profile_is_embedded_whole(program: Program, tmp_path: Path) -> None:
    icc = tmp_path / "shop.icc"
    icc.write_bytes(printer_profile())
    path = _written(tmp_path, COLOUR, "tiff", output_colour(icc, "perceptual"))
    assert _embedded(program("exiftool"), path) == printer_profile()
    told = _told(program("exiftool"), "-s3", "-ICC_Profile:ProfileDescription", path)
    assert told.strip() == "Test printer, glossy"
