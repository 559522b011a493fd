"""The demo box: three real files, the same every time, and split finds what was laid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.demo.box import demo_page, make_demo_box
from pipeline.io.colour import srgb_profile
from pipeline.io.read import read_scan
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.split import Options, split


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("box") / "demo_box"
    made = make_demo_box(folder)
    assert made == [folder / name for name in ("page_01.tif", "coffee.tif", "camera.jpg")]
    assert sorted(folder.iterdir()) == sorted(made)
    return folder


@pytest.mark.parametrize(
    ("name", "form", "depth", "channels", "dpi"),
    [
        ("page_01.tif", "tiff", 8, 3, 600.0),
        ("coffee.tif", "tiff", 16, 3, 300.0),
        ("camera.jpg", "jpeg", 8, 1, 300.0),
    ],
)
def test_each_file_is_what_a_scanner_writes(
    box: Path, name: str, form: str, depth: int, channels: int, dpi: float
) -> None:
    scan = read_scan(box / name)
    told = scan.metadata
    assert (told.format, told.bit_depth, told.channels) == (form, depth, channels)
    assert told.dpi == (dpi, dpi)
    assert scan.photo.monochrome == (channels == 1)
    if channels == 3:
        assert scan.photo.icc == srgb_profile()


def test_the_16_bit_file_really_has_more_than_256_levels(box: Path) -> None:
    pixels = read_scan(box / "coffee.tif").photo.pixels
    assert len(np.unique(np.round(pixels[..., 1] * 65535))) > 4096


def test_the_box_is_the_same_every_time(box: Path, tmp_path: Path) -> None:
    for path in make_demo_box(tmp_path):
        assert path.read_bytes() == (box / path.name).read_bytes()


def test_split_finds_the_two_prints_of_the_page_to_within_two_tenths_of_a_millimetre(
    box: Path,
) -> None:
    outcome = split(read_scan(box / "page_01.tif").photo, Options(), Tools(ModelSet({}, "cpu")))
    true = demo_page().quads
    assert len(outcome.photos) == len(true) == 2
    for entry, quad in zip(outcome.measures["prints"], true, strict=True):
        assert np.abs(np.array(entry["quad"]) - quad).max() < 0.2 / 25.4 * 600


@pytest.mark.parametrize("name", ["coffee.tif", "camera.jpg"])
def test_split_leaves_the_single_prints_alone(box: Path, name: str) -> None:
    photo = read_scan(box / name).photo
    assert split(photo, Options(), Tools(ModelSet({}, "cpu"))).photo is photo
