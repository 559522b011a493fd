"""JPEG's grid is seen where there is one, wherever it begins."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from pipeline.stages.measure.blocks import blockiness
from pipeline.stages.measure.resolution import luminance


def _jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1]


def _plane(picture: np.ndarray) -> np.ndarray:
    return luminance(np.ascontiguousarray(picture).astype(np.float32) / 255)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_uncompressed_pictures_have_no_grid(name: str) -> None:
    assert blockiness(_plane(getattr(data, name)())) < 0.05


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_harder_compression_shows_more(name: str) -> None:
    picture = getattr(data, name)()
    mild, hard = (blockiness(_plane(_jpeg(picture, quality))) for quality in (90, 40))
    assert mild < hard
    assert hard > 0.3


def test_the_grid_is_found_after_a_cut() -> None:
    picture = _jpeg(data.coffee(), 60)
    assert blockiness(_plane(picture[3:, 5:])) > 0.2


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (40, 40)])
def test_tiny_or_flat_planes_have_none(shape: tuple[int, int]) -> None:
    assert blockiness(np.full(shape, 0.3, dtype=np.float32)) == 0.0
