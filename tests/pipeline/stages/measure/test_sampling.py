"""Measures told from tiles and reduced views agree with those of the whole picture."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.cast import cast_of
from pipeline.stages.measure.condition import condition_of, condition_of_photo
from pipeline.stages.measure.luma import luma, reduce_to
from pipeline.stages.measure.noise import noise_in, noise_of
from pipeline.stages.measure.sampling import luma_tiles, reduced, spread_tiles
from pipeline.stages.measure.sharpness import sharpness_in, sharpness_of
from tests.pipeline.stages.simulated_ageing import clean, faded, noisy


@pytest.fixture(scope="module")
def large() -> Photo:
    """1024 x 1536 px, all of it different, with noise."""
    rows = [("astronaut", "coffee", "chelsea"), ("rocket", "camera", "astronaut")]
    cut = [[_square(name) for name in row] for row in rows]
    picture = np.concatenate([np.concatenate(row, axis=1) for row in cut])
    return Photo.of(noisy(picture, 4.0))


def _square(name: str) -> np.ndarray:
    picture = clean(name)
    down, across = (-(-512 // side) for side in picture.shape[:2])
    return np.tile(picture, (down, across, 1))[:512, :512]


@pytest.mark.parametrize("size", [(3000, 4000), (11300, 10200), (600, 90000), (2001, 2000)])
def test_tiles_are_spread_from_edge_to_edge_without_overlap(size: tuple[int, int]) -> None:
    tiles = spread_tiles(*size, most_px=4_000_000, side=384)
    px = sum((r.stop - r.start) * (c.stop - c.start) for r, c in tiles)
    assert 2_000_000 < px < 5_000_000
    assert all(r.start % 16 == 0 and c.start % 16 == 0 for r, c in tiles)
    assert min(r.start for r, _ in tiles) < size[0] / 3
    assert max(r.stop for r, _ in tiles) > size[0] - size[0] / 3
    assert max(c.stop for _, c in tiles) > size[1] - size[1] / 3
    for (one_r, one_c), (two_r, two_c) in combinations(tiles, 2):
        apart_down = one_r.stop <= two_r.start or two_r.stop <= one_r.start
        apart_across = one_c.stop <= two_c.start or two_c.stop <= one_c.start
        assert apart_down or apart_across


def test_a_small_picture_is_one_tile() -> None:
    assert spread_tiles(30, 40) == [(slice(0, 30), slice(0, 40))]
    photo = Photo.of(clean("camera"), monochrome=True)
    (tile,) = luma_tiles(photo)
    assert np.array_equal(tile, photo.pixels[..., 1])


def test_noise_of_tiles_is_close_to_that_of_the_whole(large: Photo) -> None:
    tiles, whole = luma_tiles(large, most_px=500_000, side=192), luma(large.pixels)
    assert len(tiles) > 1
    assert noise_in(tiles).sigma == pytest.approx(noise_of(whole).sigma, rel=0.1)


@pytest.mark.parametrize("blur", [0.0, 2.0])
def test_sharpness_of_tiles_is_close_to_that_of_the_whole(blur: float, large: Photo) -> None:
    pixels = cv2.GaussianBlur(large.pixels, (0, 0), blur) if blur else large.pixels
    told = sharpness_in(luma_tiles(Photo.of(pixels), most_px=500_000, side=192)).blur_px
    whole = sharpness_of(luma(pixels)).blur_px
    assert told is not None
    assert whole is not None
    assert told == pytest.approx(whole, abs=0.4)


def test_the_grid_of_jpeg_is_seen_in_tiles(large: Photo) -> None:
    from imagecodecs import jpeg8_decode, jpeg8_encode

    coded = jpeg8_decode(jpeg8_encode(np.uint8(large.pixels * 255), level=40))
    blocky = Photo.of(coded.astype(np.float32) / 255)
    (whole,) = luma_tiles(blocky)
    told = blockiness_in(luma_tiles(blocky, most_px=500_000, side=192))
    assert told == pytest.approx(blockiness_in([whole]), rel=0.2)
    assert told > 0.3
    assert blockiness_in(luma_tiles(large, most_px=500_000, side=192)) < 0.05


def test_the_condition_told_from_tiles_is_close_to_that_of_the_whole(large: Photo) -> None:
    whole = condition_of(luma(large.pixels))
    told = condition_of_photo(large, most_px=500_000)
    assert told.noise == pytest.approx(whole.noise, rel=0.1)
    assert told.blockiness == pytest.approx(whole.blockiness, abs=0.03)


def test_the_condition_of_a_small_photo_is_that_of_its_luma() -> None:
    photo = Photo.of(noisy(clean("chelsea"), 6.0))
    whole, told = condition_of(luma(photo.pixels)), condition_of_photo(photo)
    assert told.noise == pytest.approx(whole.noise, rel=1e-3)
    assert told.blockiness == pytest.approx(whole.blockiness, abs=1e-3)


@pytest.mark.parametrize("grey", [False, True])
def test_a_reduced_view_is_that_of_the_float_picture(grey: bool) -> None:
    photo = Photo.of(clean("camera" if grey else "coffee"), monochrome=grey)
    view = reduced(photo, 150)
    assert np.abs(view - reduce_to(photo.pixels, 150)).max() < 2e-5
    assert np.array_equal(reduced(photo, 1000), photo.pixels)


def test_the_cast_of_a_view_is_that_of_the_whole(large: Photo) -> None:
    old = Photo.of(faded(large.pixels))
    told, whole = cast_of(reduced(old, 640), None), cast_of(old.pixels, None)
    assert np.allclose(told.white, whole.white, atol=0.5)
    assert np.allclose(told.black, whole.black, atol=0.5)
    assert np.allclose(told.greys, whole.greys, atol=0.5)
