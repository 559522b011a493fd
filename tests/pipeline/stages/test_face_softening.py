"""Only a noisy print is softened, and only where it is shown finely."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pipeline.core.photo import Photo
from pipeline.stages.face_softening import SOFTENING, softened, softening_of


def portrait(noise: float, contrast: float) -> Photo:
    clean = 0.5 + contrast * ((data.astronaut()[:256, :256] / 255).astype(np.float32) - 0.5)
    grain = np.random.default_rng(1).normal(0, noise, clean.shape)
    return Photo.of(np.clip(clean + grain, 0, 1).astype(np.float32), None)


@pytest.mark.parametrize(
    ("noise", "contrast", "expected"),
    [
        (0.0, 1.0, 0.0),
        (0.0, 0.2, 0.0),
        (0.02, 1.0, 0.0),
        (0.08, 1.0, SOFTENING),
        (0.04, 0.3, SOFTENING),
    ],
)
def test_noise_is_judged_against_the_contrast_of_the_print(
    noise: float, contrast: float, expected: float
) -> None:
    assert softening_of(portrait(noise, contrast)) == expected


def test_noise_is_taken_away_and_shape_and_kind_stay() -> None:
    grey = np.random.default_rng(2).integers(20000, 40000, (40, 50, 1), dtype=np.uint16)
    made = softened(grey, SOFTENING, 1.0)
    assert (made.shape, made.dtype) == (grey.shape, grey.dtype)
    assert made.std() < 0.5 * grey.std()


def test_what_is_averaged_down_or_clean_is_left_as_it_is() -> None:
    samples = np.random.default_rng(2).integers(0, 65535, (20, 20, 3), dtype=np.uint16)
    assert softened(samples, SOFTENING, 0.3) is samples
    assert softened(samples, 0.0, 1.0) is samples
