"""Scratches do not make a blurred print sharp, and a sharp print loses nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.resolution import RealResolution, real_resolution
from pipeline.stages.measure.sampling import luma_tiles
from pipeline.stages.measure.specks import resolution_beneath_specks, without_specks
from tests.pipeline.stages.simulated_ageing import clean, noisy, scratched


def beneath(picture: NDArray[np.float32]) -> RealResolution:
    photo = Photo.of(picture, dpi=(600.0, 600.0))
    tiles = luma_tiles(photo)
    return resolution_beneath_specks(photo, tiles, noise_in(tiles).sigma)[0]


@pytest.mark.parametrize("name", ["astronaut", "coffee"])
def test_a_scratched_blurred_print_is_told_as_blurred(name: str) -> None:
    blurred = noisy(cv2.GaussianBlur(clean(name), (0, 0), 3.0), 2.0)
    damaged, _ = scratched(blurred, 3)
    alone = real_resolution(Photo.of(blurred)).fraction
    assert real_resolution(Photo.of(damaged)).fraction > 4 * alone
    assert beneath(damaged).fraction == pytest.approx(alone, rel=0.25)
    assert beneath(damaged).dpi == pytest.approx(600 * alone, rel=0.25)


@pytest.mark.parametrize("name", ["astronaut", "camera", "text", "hubble_deep_field"])
def test_a_sharp_picture_is_told_as_before(name: str) -> None:
    picture = clean(name)[:512, :512]
    assert beneath(picture).fraction == real_resolution(Photo.of(picture)).fraction


def test_a_line_is_taken_out_and_an_edge_is_left() -> None:
    plane = np.full((80, 80), 0.3, np.float32)
    plane[:, 40:] = 0.5
    kept = without_specks(plane, 0.0)
    assert kept.share == 0.0
    assert kept.plane is plane
    plane[:, 20] = 0.95
    smoothed = without_specks(plane, 0.0)
    assert 0.0 < smoothed.share < 0.1
    assert np.abs(smoothed.plane[:, 20] - 0.3).max() < 0.01
    assert np.abs(smoothed.plane[:, 38:42] - plane[:, 38:42]).max() < 0.01
