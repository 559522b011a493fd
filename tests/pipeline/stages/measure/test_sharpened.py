"""Haloes of a scanner's sharpening are found, and nothing else is taken for them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.sharpened import edge_profiles, halo_signs, sharpened_of
from tests.benchmarks.ageing_optics import (
    defocused,
    saved_as_jpeg,
    scanned_softly,
    sharpened,
)
from tests.pipeline.stages.simulated_ageing import clean, noisy

Image = NDArray[np.float32]


def scan(name: str) -> Image:
    return noisy(scanned_softly(clean(name), 0.5), 1.0)


@pytest.mark.parametrize("name", ["astronaut", "camera", "rocket"])
def test_strong_sharpening_is_found(name: str) -> None:
    found = sharpened_of(Photo.of(sharpened(scan(name), 1.4, 1.8)))
    assert found.found
    assert found.ratio is not None
    assert found.ratio > 0.05


@pytest.mark.parametrize("name", ["astronaut", "camera", "rocket"])
def test_a_scan_that_was_not_sharpened_is_not_accused(name: str) -> None:
    assert not sharpened_of(Photo.of(scan(name))).found


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_blur_grain_and_compression_are_not_taken_for_it(name: str) -> None:
    for picture in (
        noisy(defocused(clean(name), 3.0), 2.0),
        noisy(scan(name), 6.0),
        saved_as_jpeg(scan(name), 60),
    ):
        assert not sharpened_of(Photo.of(picture)).found


def test_the_halo_of_a_known_edge_is_measured() -> None:
    step = np.full((200, 200, 3), 0.3, np.float32)
    step[:, 100:] = 0.6
    soft = scanned_softly(step, 0.6)
    plain, haloed = (
        halo_signs(edge_profiles([picture[..., 0]], 0.0))[1:7].max()
        for picture in (soft, sharpened(soft, 1.0, 1.0))
    )
    assert plain < 0.005
    overshoot = (sharpened(soft, 1.0, 1.0).max() - 0.6) / 0.3
    assert 0.4 * overshoot < haloed < 1.1 * overshoot


@pytest.mark.parametrize("shape", [(1, 1, 3), (30, 200, 3), (200, 200, 3)])
def test_too_small_or_flat_a_picture_shows_no_halo(shape: tuple[int, ...]) -> None:
    found = sharpened_of(Photo.of(np.full(shape, 0.5, np.float32)))
    assert not found.found
    assert found.ratio is None
