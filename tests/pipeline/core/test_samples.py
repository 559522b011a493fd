"""Stored integers and floats: every value comes back, and rounding goes to the nearest."""

from __future__ import annotations

import numpy as np

from pipeline.core.samples import to_8_bit, to_16_bit, to_float, to_integer

ALL = np.arange(65536, dtype=np.uint16).reshape(64, 1024)


def test_every_16_bit_value_goes_to_the_nearest_8_bit_value() -> None:
    exact = np.floor(ALL.astype(np.float64) / 257 + 0.5)
    np.testing.assert_array_equal(to_8_bit(ALL), exact)


def test_every_8_bit_value_comes_back_from_16_bits() -> None:
    eight = np.arange(256, dtype=np.uint8).reshape(32, 8)
    wide = to_16_bit(eight)
    assert (wide.dtype, int(wide.max())) == (np.uint16, 65535)
    np.testing.assert_array_equal(to_float(wide), to_float(eight))
    np.testing.assert_array_equal(to_8_bit(wide), eight)
    assert to_16_bit(wide) is wide


def test_every_16_bit_value_comes_back_from_floats() -> None:
    np.testing.assert_array_equal(to_integer(to_float(ALL), 16), ALL)
