"""The quality of a JPEG is told from its pixels, after they were saved without loss."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.stages.measure.jpeg_quality import jpeg_quality_in
from pipeline.stages.measure.luma import luma
from tests.benchmarks.ageing_optics import saved_as_jpeg
from tests.pipeline.stages.simulated_ageing import clean, noisy


@pytest.mark.parametrize("quality", [30, 50, 70, 85])
@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_the_quality_is_found(name: str, quality: int) -> None:
    saved = saved_as_jpeg(noisy(clean(name), 2.0), quality)
    found = jpeg_quality_in([luma(saved)])
    assert found == pytest.approx(quality, abs=5)


def test_it_is_found_after_a_cut() -> None:
    saved = saved_as_jpeg(clean("coffee"), 60)
    found = jpeg_quality_in([luma(np.ascontiguousarray(saved[3:, 5:]))])
    assert found == pytest.approx(60, abs=5)


@pytest.mark.parametrize("name", ["camera", "gravel", "coins"])
def test_what_was_never_compressed_shows_no_quality(name: str) -> None:
    assert jpeg_quality_in([luma(noisy(clean(name), 1.0))]) is None


def test_resizing_wipes_it_out() -> None:
    saved = saved_as_jpeg(clean("coffee"), 60)
    larger = cv2.resize(saved, None, fx=1.3, fy=1.3, interpolation=cv2.INTER_CUBIC)
    assert jpeg_quality_in([luma(np.clip(larger, 0, 1))]) is None


@pytest.mark.parametrize("shape", [(3, 3), (8, 8), (64, 64)])
def test_tiny_or_flat_planes_show_none(shape: tuple[int, int]) -> None:
    assert jpeg_quality_in([np.full(shape, 0.4, np.float32)]) is None
