"""The real resolution is found on prints of known resolution."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.stages.measure.resolution import (
    detail_limit,
    detail_limit_in,
    luminance,
    real_resolution,
)
from tests.benchmarks.resolution import HELD_OUT, Case, Wear, cases, ratio_of

_MOST_PX = 1_500_000


def _sharp(name: str) -> NDArray[np.float32]:
    picture = getattr(data, name)().astype(np.float32) / 255
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    size = (picture.shape[1] // 2, picture.shape[0] // 2)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def test_nine_prints_in_ten_are_within_a_fifth_of_the_truth() -> None:
    """Pictures that had no part in choosing the constants; every seventh case of the benchmark."""
    ratios = np.array([ratio_of(case, _MOST_PX) for case in list(cases(HELD_OUT))[::7]])
    assert len(ratios) > 35
    assert np.mean((ratios >= 0.8) & (ratios <= 1.2)) >= 0.9
    # Detail that is thought away is lost; detail that is imagined costs time.
    assert np.mean(ratios < 0.8) <= 0.05
    assert ratios.min() > 0.6


@pytest.mark.parametrize("scan", [600, 1200])
@pytest.mark.parametrize("content", [150, 300])
def test_a_noisy_enlargement_is_seen_for_what_it_is(content: int, scan: int) -> None:
    case = Case("camera", 2, content, scan, "cubic", Wear(scanner=0.03))
    assert 0.85 < ratio_of(case, _MOST_PX) < 1.15


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera"])
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_a_picture_sharp_to_the_pixel_is_not_reduced(name: str, noise: float) -> None:
    plane = luminance(_sharp(name))
    noisy = plane + np.random.default_rng(1).normal(0, noise, plane.shape)
    assert detail_limit(np.clip(noisy, 0, 1).astype(np.float32))[0] > 0.9


def test_jpeg_does_not_pass_for_detail() -> None:
    picture = cv2.resize(_sharp("coffee"), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    _, coded = cv2.imencode(".jpg", (np.clip(picture, 0, 1) * 255).astype(np.uint8), [1, 75])
    back = cv2.imdecode(coded, cv2.IMREAD_COLOR).astype(np.float32) / 255
    assert 0.8 < detail_limit(luminance(back))[0] * 4 < 1.2


def test_a_texture_all_over_is_not_taken_for_noise() -> None:
    plane = cv2.resize(_sharp("grass"), None, fx=3, fy=3, interpolation=cv2.INTER_LANCZOS4)
    assert 0.85 < detail_limit(luminance(np.clip(plane, 0, 1)))[0] * 3 < 1.2


def test_the_real_dpi_is_the_scans_times_the_fraction() -> None:
    picture = cv2.resize(_sharp("astronaut"), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    found = real_resolution(Photo.of(np.clip(picture, 0, 1), dpi=(1200.0, 1200.0)))
    assert found.dpi == pytest.approx(1200 * found.fraction)
    assert 240 < found.dpi < 360
    assert found.width == round(picture.shape[1] * found.fraction)
    assert found.as_measures()["real_size_px"] == [found.width, found.height]


@pytest.mark.parametrize("monochrome", [False, True])
def test_a_photo_and_its_plane_hold_the_same_detail(monochrome: bool) -> None:
    grey = cv2.resize(_sharp("camera")[..., 0], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    pixels = np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2)
    photo = Photo.of(pixels, monochrome=monochrome)
    fraction, _ = detail_limit(luminance(photo.pixels))
    assert real_resolution(photo).fraction == pytest.approx(fraction, abs=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (31, 400), (64, 64), (500, 700)])
def test_a_plain_or_tiny_plane_is_left_at_its_size(shape: tuple[int, int]) -> None:
    fraction, _ = detail_limit(np.full(shape, 0.5, dtype=np.float32))
    assert fraction == 1.0


def test_nothing_but_noise_is_left_at_its_size() -> None:
    noise = np.random.default_rng(3).normal(0.5, 0.05, (600, 800)).astype(np.float32)
    assert detail_limit(noise)[0] > 0.9


@pytest.mark.parametrize("shape", [(9600, 12000), (2400, 40000), (60000, 1500), (1200, 1800)])
def test_however_large_a_scan_few_of_its_pixels_are_read(shape: tuple[int, int]) -> None:
    scene = luminance(_sharp("camera"))
    enlarged = cv2.resize(scene, (1024, 1024), interpolation=cv2.INTER_CUBIC)
    # Mirrored, so that it goes on and on without a seam.
    pattern = np.vstack([enlarged, enlarged[::-1]])
    pattern = np.hstack([pattern, pattern[:, ::-1]])
    read = []

    def cut(rows: slice, columns: slice) -> NDArray[np.float32]:
        assert 0 <= rows.start < rows.stop <= shape[0]
        assert 0 <= columns.start < columns.stop <= shape[1]
        read.append((rows.stop - rows.start) * (columns.stop - columns.start))
        picked = pattern.take(range(rows.start, rows.stop), axis=0, mode="wrap")
        return picked.take(range(columns.start, columns.stop), axis=1, mode="wrap")

    fraction, tiles = detail_limit_in(cut, *shape)
    assert tiles == len(read) > 20
    assert sum(read) <= 10_000_000
    assert max(read) <= 256 * 256
    assert 0.2 <= fraction <= 0.35
