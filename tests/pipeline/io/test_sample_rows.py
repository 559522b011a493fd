"""Bands of rows: all of the picture, once, in the depth asked for."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.samples import to_8_bit
from pipeline.io import sample_rows
from pipeline.io.sample_rows import at_depth, band_rows, bands


@pytest.mark.parametrize("height", [1, 9, 10, 11, 57])
@pytest.mark.parametrize("bits", [8, 16])
def test_bands_put_together_are_the_picture(
    monkeypatch: pytest.MonkeyPatch, height: int, bits: int
) -> None:
    monkeypatch.setattr(sample_rows, "_BAND_BYTES", 10 * 30 * 3 * (bits // 8))
    samples = np.random.default_rng(height).integers(0, 65536, (height, 30, 3), np.uint16)
    found = list(bands(samples, bits))
    assert [top for top, _ in found] == list(range(0, height, 10))
    assert all(band.flags.c_contiguous for _, band in found)
    wanted = samples if bits == 16 else to_8_bit(samples)
    np.testing.assert_array_equal(np.concatenate([band for _, band in found]), wanted)


def test_a_row_wider_than_a_band_is_a_band_of_its_own() -> None:
    wide = np.broadcast_to(np.zeros((1, 1, 1), np.uint16), (2, 10**7, 3))
    assert band_rows(wide, 16) == 1


def test_depths_are_changed_only_where_they_differ() -> None:
    eight = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    sixteen = at_depth(eight, 16)
    assert at_depth(eight, 8) is eight
    assert at_depth(sixteen, 16) is sixteen
    np.testing.assert_array_equal(at_depth(sixteen, 8), eight)
