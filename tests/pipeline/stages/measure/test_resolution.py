"""The real resolution is found on enlargements by known factors."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.stages.measure.resolution import detail_limit, luminance, real_resolution


def _sharp(name: str) -> NDArray[np.float32]:
    picture = getattr(data, name)().astype(np.float32) / 255
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    size = (picture.shape[1] // 2, picture.shape[0] // 2)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera"])
@pytest.mark.parametrize("noise", [0.0, 0.03])
@pytest.mark.parametrize("factor", [2, 3, 5])
def test_an_enlargement_is_seen_for_what_it_is(name: str, noise: float, factor: int) -> None:
    plane = luminance(_sharp(name))
    size = (plane.shape[1] * factor, plane.shape[0] * factor)
    enlarged = cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC)
    enlarged = enlarged + np.random.default_rng(1).normal(0, noise, enlarged.shape)
    fraction, tiles = detail_limit(enlarged.astype(np.float32))
    assert tiles > 0
    assert 0.8 < fraction * factor < 1.5


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera"])
def test_a_picture_sharp_to_the_pixel_is_not_reduced(name: str) -> None:
    assert detail_limit(luminance(_sharp(name)))[0] > 0.9


def test_jpeg_does_not_pass_for_detail() -> None:
    picture = cv2.resize(_sharp("coffee"), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    _, coded = cv2.imencode(".jpg", (np.clip(picture, 0, 1) * 255).astype(np.uint8), [1, 75])
    back = cv2.imdecode(coded, cv2.IMREAD_COLOR).astype(np.float32) / 255
    assert 0.8 < detail_limit(luminance(back))[0] * 4 < 1.6


def test_the_real_dpi_is_the_scans_times_the_fraction() -> None:
    picture = cv2.resize(_sharp("astronaut"), None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    found = real_resolution(Photo.of(np.clip(picture, 0, 1), dpi=(1200.0, 1200.0)))
    assert found.dpi == pytest.approx(1200 * found.fraction)
    assert 240 < found.dpi < 450
    assert found.width == round(picture.shape[1] * found.fraction)
    assert found.as_measures()["real_size_px"] == [found.width, found.height]


@pytest.mark.parametrize("shape", [(1, 1), (31, 400), (64, 64), (500, 700)])
def test_a_plain_or_tiny_plane_is_left_at_its_size(shape: tuple[int, int]) -> None:
    fraction, _ = detail_limit(np.full(shape, 0.5, dtype=np.float32))
    assert fraction == 1.0
