"""Tables give what the same work in float on the whole picture gives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000

from pipeline.core.photo import Photo
from pipeline.io.colour import to_lab
from pipeline.stages.measure.cast import cast_of
from pipeline.stages.measure.sampling import reduced
from pipeline.stages.tone_tables import (
    contrast_given_back,
    grey_given_back,
    through_tables,
    tone_given_back,
)
from tests.pipeline.stages.simulated_ageing import clean, noisy

_SEPIA = np.array([1, 0.85, 0.65], np.float32)


def _pale(colour: NDArray[np.float32]) -> NDArray[np.float32]:
    return colour * (clean("camera") * np.float32(0.7) + np.float32(0.2))


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (800, 770)])
def test_every_sample_is_read_off_its_channels_table(size: tuple[int, int]) -> None:
    draw = np.random.default_rng(1)
    samples = draw.integers(0, 65536, (*size, 3)).astype(np.uint16)
    tables = draw.integers(0, 65536, (3, 65536)).astype(np.uint16)
    made = through_tables(Photo(samples), tables).samples
    for channel in range(3):
        assert np.array_equal(made[..., channel], tables[channel][samples[..., channel]])


def test_a_grey_print_gets_exactly_what_lab_gives() -> None:
    photo = Photo.of(_pale(np.ones(3, np.float32)), monochrome=True)
    cast = cast_of(photo.pixels, None)
    whole = photo.with_pixels(contrast_given_back(photo.pixels, None, cast, 1.0, False))
    assert np.array_equal(grey_given_back(photo, cast, 1.0).samples, whole.samples)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize(("sigma", "mean", "tail"), [(0.0, 0.05, 0.3), (4.0, 0.25, 1.5)])
def test_a_toned_print_gets_what_lab_gives(
    sigma: float, mean: float, tail: float, grey: bool
) -> None:
    photo = Photo.of(noisy(_pale(_SEPIA), sigma))
    cast = cast_of(photo.pixels, None)
    whole = contrast_given_back(photo.pixels, None, cast, 1.0, grey)
    ours = tone_given_back(photo, reduced(photo, 256), cast, 1.0, grey).pixels
    away = deltaE_ciede2000(to_lab(whole, None), to_lab(ours, None))
    moved = deltaE_ciede2000(to_lab(whole, None), to_lab(photo.pixels, None))
    assert away.mean() < mean
    assert np.quantile(away, 0.99) < tail
    assert moved.mean() > 2.0
