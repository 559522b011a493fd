"""The transform agrees with scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.fft import dctn

from pipeline.stages.measure.dct import forward, inverse, of_blocks


def test_the_transform_is_the_orthonormal_dct_and_comes_back() -> None:
    part = np.random.default_rng(1).random((24, 48)).astype(np.float32)
    blocks = part.reshape(3, 8, 6, 8)
    known = dctn(blocks, axes=(1, 3), norm="ortho").reshape(3, 8, 48)
    assert np.abs(forward(part) - known).max() < 1e-5
    assert np.abs(inverse(forward(part)).reshape(24, 48) - part).max() < 1e-6


@pytest.mark.parametrize("count", [0, 1, 64, 200])
def test_single_blocks_are_transformed_alike(count: int) -> None:
    blocks = np.random.default_rng(2).random((count, 8, 8)).astype(np.float32)
    known = dctn(blocks, axes=(1, 2), norm="ortho")
    assert np.abs(of_blocks(blocks) - known).max(initial=0.0) < 1e-5
