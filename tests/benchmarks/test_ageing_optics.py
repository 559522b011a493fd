"""Kernels, sharpening and JPEG do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.ageing_optics import (
    blurred,
    disc,
    line,
    oversampled,
    path,
    saved_as_jpeg,
    shaken,
    sharpened,
)


def spread(kernel: np.ndarray, angle: float) -> float:
    """Standard deviation of a kernel along a direction, px."""
    reach = kernel.shape[0] // 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return float(np.sqrt((kernel * along**2).sum() - (kernel * along).sum() ** 2))


@pytest.mark.parametrize("radius", [0.8, 2.5, 6.3])
def test_a_disc_has_its_radius_and_keeps_the_light(radius: float) -> None:
    kernel = disc(radius)
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    assert spread(kernel, 0) == pytest.approx(np.sqrt(radius**2 / 4 + 1 / 12), abs=0.08)


@pytest.mark.parametrize(("length", "angle"), [(6.5, 0.0), (12.0, 30.0), (20.3, 117.0)])
def test_a_motion_has_its_length_and_direction(length: float, angle: float) -> None:
    kernel = line(length, angle)
    assert kernel.sum() == pytest.approx(1.0, abs=1e-5)
    assert spread(kernel, angle) == pytest.approx(length / np.sqrt(12), rel=0.05)
    assert spread(kernel, angle + 90) < 0.6


def test_a_bent_path_leaves_its_line_by_as_much_as_asked() -> None:
    straight, bent = path(20, 0, 0.0), path(20, 0, 0.1)
    assert spread(bent, 90) > spread(straight, 90) + 0.2
    assert spread(bent, 0) == pytest.approx(spread(straight, 0), rel=0.05)


def test_a_flat_picture_stays_flat() -> None:
    flat = np.full((40, 50, 3), 0.4, np.float32)
    random = np.random.default_rng(0)
    for kept in (blurred(flat, disc(3)), shaken(flat, 9, 20, random), sharpened(flat, 1.0, 2.0)):
        assert np.abs(kept - 0.4).max() < 1e-4


def test_sharpening_leaves_a_halo_and_oversampling_none() -> None:
    step = np.full((40, 40, 3), 0.3, np.float32)
    step[:, 20:] = 0.7
    assert sharpened(step, 1.0, 1.0).max() > 0.8
    assert oversampled(step, 2).max() <= 0.7 + 1e-6


def test_lower_quality_loses_more() -> None:
    random = np.random.default_rng(1)
    picture = random.random((64, 64, 3)).astype(np.float32)
    lost = [float(np.abs(saved_as_jpeg(picture, q) - picture).mean()) for q in (90, 50, 10)]
    assert lost[0] < lost[1] < lost[2]
