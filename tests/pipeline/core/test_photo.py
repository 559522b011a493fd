from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.errors import StageContractBroken
from pipeline.core.photo import Photo


def picture(height: int = 4, width: int = 6) -> np.ndarray:
    return np.random.default_rng(0).random((height, width, 3), dtype=np.float32)


def test_the_paper_keeps_its_size_when_the_pixels_change_in_number() -> None:
    photo = Photo.of(picture(60, 90), dpi=(300.0, 600.0))
    smaller = photo.with_pixels(picture(30, 30))
    assert smaller.dpi == (100.0, 300.0)
    assert smaller.size_inches == photo.size_inches


def test_a_monochrome_photo_stays_exactly_grey_whatever_pixels_it_is_given() -> None:
    grey = np.repeat(picture()[..., :1], 3, axis=2)
    changed = Photo.of(grey, monochrome=True).with_pixels(picture())
    assert changed.monochrome
    assert np.array_equal(changed.pixels[..., 0], changed.pixels[..., 2])


def test_pixels_cannot_be_written_to() -> None:
    photo = Photo.of(picture())
    with pytest.raises(ValueError, match="read-only"):
        photo.samples[0, 0, 0] = 1


def test_infrared_is_dropped_when_it_no_longer_fits_the_pixels() -> None:
    photo = Photo.of(picture(), infrared=picture()[..., 0].copy())
    assert photo.with_pixels(picture()).infrared is not None
    assert photo.with_pixels(picture(8, 12)).infrared is None


@pytest.mark.parametrize(
    "pixels",
    [
        picture().astype(np.float64),
        picture()[..., 0],
        picture()[..., :2],
        picture() * 2,
        np.full((4, 4, 3), np.nan, np.float32),
        np.zeros((0, 4, 3), np.float32),
    ],
    ids=["float64", "two dimensions", "two channels", "over 1", "NaN", "empty"],
)
def test_pixels_that_break_the_contract_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(StageContractBroken):
        Photo.of(pixels)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_new_pixels_with_nan_or_infinity_are_refused(bad: float) -> None:
    pixels = picture()
    pixels[1, 1, 1] = bad
    with pytest.raises(StageContractBroken, match="NaN or Inf"):
        Photo.of(picture()).with_pixels(pixels)


def test_a_monochrome_photo_with_unequal_channels_is_refused() -> None:
    with pytest.raises(StageContractBroken, match="unequal"):
        Photo.of(picture(), monochrome=True)


@pytest.mark.parametrize("dpi", [(0.0, 300.0), (300.0, -1.0), (float("nan"), 300.0)])
def test_a_resolution_that_is_not_positive_is_refused(dpi: tuple[float, float]) -> None:
    with pytest.raises(StageContractBroken, match="resolution"):
        Photo.of(picture(), dpi=dpi)


def test_a_part_is_that_part_of_the_whole() -> None:
    grey = np.repeat(picture()[..., :1], 3, axis=2)
    for photo in (Photo.of(picture(9, 7)), Photo.of(grey, monochrome=True)):
        part = photo.part(slice(1, 4), slice(2, 6))
        assert np.array_equal(part, photo.pixels[1:4, 2:6])
        part[:] = 0
        assert photo.pixels.any()


@pytest.mark.parametrize("levels", [np.arange(256), np.arange(65536)], ids=["8 bit", "16 bit"])
def test_every_level_of_a_scan_comes_back_as_it_was(levels: np.ndarray) -> None:
    top = int(levels.max())
    pixels = np.repeat((levels / top).astype(np.float32)[None, :, None], 3, axis=2)
    assert np.array_equal(Photo.of(pixels).samples[0, :, 0], levels * (65535 // top))


def test_a_photo_of_two_channels_or_of_bytes_is_refused() -> None:
    for samples in (np.zeros((4, 4, 2), np.uint16), np.zeros((4, 4, 3), np.uint8)):
        with pytest.raises(StageContractBroken):
            Photo(samples)
