"""Grain around a face is measured and laid over what was drawn smooth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.face_alignment import TEMPLATE, Alignment, align
from pipeline.stages.face_grain import TILE, grain_around

Plane = NDArray[np.float32]

KEPT = 1e4
"""Nothing of the print's own grain is kept."""


def _scene(side: int = 600) -> Plane:
    """A smooth scene with a soft bright spot in the middle."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    return 0.35 + 0.2 * x + 0.15 * np.exp(-((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.05)


def _grain(side: int, sigma: float, spot: float, seed: int) -> Plane:
    noise = np.random.default_rng(seed).standard_normal((side, side)).astype(np.float32)
    if spot:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), spot), np.float32)
    return noise / noise.std() * np.float32(sigma)


def _photo(sigma: float, spot: float = 0.0, seed: int = 0) -> Photo:
    plane = np.clip(_scene() + _grain(600, sigma, spot, seed), 0, 1)
    return Photo.of(np.repeat(plane[..., None], 3, axis=2).astype(np.float32), monochrome=True)


def _alignment(scale: float = 0.5) -> Alignment:
    alignment = align(((TEMPLATE - 256) * scale + 300).astype(np.float32))
    assert alignment is not None
    return alignment


def _spread(plane: Plane) -> float:
    """How alike neighbouring px are: correlation at a distance of one px."""
    return float(np.corrcoef(plane[:, 1:].ravel(), plane[:, :-1].ravel())[0, 1])


@pytest.mark.parametrize("spot", [0.0, 0.7, 1.2])
@pytest.mark.parametrize("sigma", [0.01, 0.03])
def test_its_strength_and_its_size_are_the_prints(sigma: float, spot: float) -> None:
    grain = grain_around(_photo(sigma, spot), _alignment(), KEPT)
    assert grain is not None
    laid = grain.at(slice(0, 400), slice(0, 400), np.full((400, 400), 0.45, np.float32))
    assert laid.std() == pytest.approx(sigma, rel=0.25)
    assert _spread(laid) == pytest.approx(_spread(_grain(600, sigma, spot, 9)), abs=0.12)
    assert abs(float(laid.mean())) < sigma / 10


def test_a_clean_print_gets_none() -> None:
    assert grain_around(_photo(0.0), _alignment(), KEPT) is None


def test_texture_around_a_clean_face_is_no_grain() -> None:
    plane = _scene() + _grain(600, 0.08, 0.0, 3)
    plane[140:460, 160:440] = _scene()[140:460, 160:440]
    photo = Photo.of(np.repeat(np.clip(plane, 0, 1)[..., None], 3, axis=2), monochrome=True)
    grain = grain_around(photo, _alignment(), 8.0)
    assert grain is None or grain.sigma < 0.1 * 0.08


def test_grain_as_coarse_as_the_tones_that_a_face_keeps_is_not_added() -> None:
    photo = _photo(0.03, 1.2)
    whole, rest = (grain_around(photo, _alignment(), kept) for kept in (KEPT, 3.0))
    assert whole is not None and rest is not None
    assert rest.sigma < 0.8 * whole.sigma
    assert _spread(rest.tile) < _spread(whole.tile)


def test_the_same_face_always_gets_the_same_grain() -> None:
    photo = _photo(0.02, 0.5)
    one, again = grain_around(photo, _alignment(), KEPT), grain_around(photo, _alignment(), KEPT)
    other = grain_around(photo, _alignment(0.45), KEPT)
    assert one is not None and again is not None and other is not None
    assert one.tile.tobytes() == again.tile.tobytes()
    assert one.tile.tobytes() != other.tile.tobytes()


def test_its_parts_are_parts_of_one_whole() -> None:
    grain = grain_around(_photo(0.02), _alignment(), KEPT)
    assert grain is not None
    light = np.full((300, 700), 0.5, np.float32)
    whole = grain.at(slice(0, 300), slice(400, 1100), light)
    part = grain.at(slice(100, 200), slice(600, 900), light[100:200, 200:500])
    assert np.array_equal(whole[100:200, 200:500], part)
    assert whole.shape[1] > TILE > 300


def test_a_face_larger_than_the_template_is_given_only_what_it_lost() -> None:
    """The finest grain of a large face was never in the template: it is still on the print."""
    y, x = np.mgrid[0:1600, 0:1600].astype(np.float32) / 1600
    plane = 0.4 + 0.2 * x * y + _grain(1600, 0.03, 0.0, 5)
    photo = Photo.of(np.repeat(np.clip(plane, 0, 1)[..., None], 3, axis=2), monochrome=True)
    alignment = align(((TEMPLATE - 256) * 2.5 + 800).astype(np.float32))
    assert alignment is not None
    grain = grain_around(photo, alignment, KEPT)
    assert grain is not None
    assert grain.sigma < 0.6 * 0.03
    assert _spread(grain.tile) > 0.4
