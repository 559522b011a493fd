"""Known blurs are taken back: measured against the sharp picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.stages.deconvolution import deconvolved, defocus_psf, motion_psf

Plane = NDArray[np.float32]


def sharp() -> Plane:
    return data.camera()[100:356, 100:356].astype(np.float32) / np.float32(255)


def blurred(plane: Plane, psf: Plane, noise_255: float = 1.0) -> Plane:
    soft = cv2.filter2D(plane, -1, psf[::-1, ::-1], borderType=cv2.BORDER_REFLECT_101)
    noise = np.random.default_rng(3).normal(0, noise_255 / 255, plane.shape)
    return np.clip(soft + noise, 0, 1).astype(np.float32)


def psnr(one: Plane, two: Plane) -> float:
    return float(-10 * np.log10(np.square(one - two).mean()))


@pytest.mark.parametrize("radius", [1.5, 3.0])
def test_a_known_defocus_is_taken_back(radius: float) -> None:
    psf = defocus_psf(radius)
    scan = blurred(sharp(), psf)
    assert psnr(deconvolved(scan, psf, 300.0), sharp()) > psnr(scan, sharp()) + 1.5


@pytest.mark.parametrize("angle", [0.0, 35.0, 90.0, 150.0])
def test_a_known_motion_is_taken_back(angle: float) -> None:
    psf = motion_psf(9.0, angle)
    scan = blurred(sharp(), psf)
    assert psnr(deconvolved(scan, psf, 300.0), sharp()) > psnr(scan, sharp()) + 2.0


def test_motion_along_another_line_is_not_the_same_motion() -> None:
    scan = blurred(sharp(), motion_psf(9.0, 35.0))
    right = deconvolved(scan, motion_psf(9.0, 35.0), 300.0)
    mirrored = deconvolved(scan, motion_psf(9.0, 145.0), 300.0)
    assert psnr(right, sharp()) > psnr(mirrored, sharp()) + 2.0


def test_an_edge_gets_no_halo() -> None:
    step = np.full((96, 96), 0.3, np.float32)
    step[:, 48:] = 0.7
    psf = defocus_psf(3.0)
    made = deconvolved(blurred(step, psf, 0.0), psf, 300.0)
    assert made.max() < 0.7 + 0.045
    assert made.min() > 0.3 - 0.045
    assert (made[20:76, 46] < 0.4).all()  # and the edge is steep again
    assert (made[20:76, 50] > 0.6).all()


def test_an_even_plane_stays_even() -> None:
    even = np.full((64, 80), 0.42, np.float32)
    made = deconvolved(even, motion_psf(8.0, 20.0), 300.0)
    assert made.shape == even.shape
    assert np.abs(made - even).max() < 1e-4


@pytest.mark.parametrize(("length", "angle"), [(3.0, 0.0), (6.5, 45.0), (25.0, 110.0)])
def test_a_motion_spreads_a_point_over_its_length(length: float, angle: float) -> None:
    psf = motion_psf(length, angle).astype(float)
    assert psf.sum() == pytest.approx(1.0, abs=1e-5)
    across = np.arange(len(psf)) - len(psf) // 2
    turn = np.radians(angle)
    along = across[None, :] * np.cos(turn) + across[:, None] * np.sin(turn)
    middle = float((psf * along).sum())
    spread = float(np.sqrt((psf * (along - middle) ** 2).sum()))
    # What an even line of that length has.
    assert middle == pytest.approx(0.0, abs=0.02)
    assert spread == pytest.approx(length / np.sqrt(12), rel=0.1)


def test_the_psf_of_defocus_widens_with_its_radius() -> None:
    small, large = defocus_psf(1.0), defocus_psf(4.0)
    assert small.max() > 8 * large.max()
    assert large.sum() == pytest.approx(1.0, abs=1e-5)
