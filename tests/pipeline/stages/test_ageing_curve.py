"""A known ageing is taken back by its curve, in whatever profile the scan is encoded."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.ageing_curve import AgeingCurve
from pipeline.stages.measure.ageing import Ageing
from tests.benchmarks.ageing_colour import Fading, encoded, faded

ADOBE = imagecodecs.cms_profile("adobergb")
GREYS = encoded(10.0 ** -np.linspace(0.0, 2.2, 100).reshape(10, 10, 1).repeat(3, axis=2))
OLD = Fading(dyes=(0.6, 0.75, 0.7), stain=(0.01, 0.05, 0.18), veil=0.02)


def told(fading: Fading) -> Ageing:
    """The ageing that the simulator's fading is for greys."""
    mixed = faded(GREYS, Fading(dyes=fading.dyes)).astype(np.float64)
    light = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    left = -np.log10(light[5, 5]) / (2.2 * 55 / 99)
    return Ageing((left[0], left[1], left[2]), fading.stain, fading.veil, 1.0)


@pytest.mark.parametrize("icc", [None, ADOBE])
def test_greys_come_back_to_what_they_were(icc: bytes | None) -> None:
    old = from_lab(to_lab(faded(GREYS, OLD), None), icc)
    fresh = AgeingCurve(told(OLD), 1.0, 1.0, icc)(old)
    away = np.abs(to_lab(fresh, icc) - to_lab(GREYS, None))
    assert away.mean() < 0.3
    assert away.max() < 1.5


def test_no_ageing_is_no_change_but_in_the_deepest_black() -> None:
    curve = AgeingCurve(Ageing(), 1.0, 1.0, None)
    assert np.abs(curve(GREYS) - GREYS).max() < 1e-4


def test_strength_and_unfade_each_have_their_own_part() -> None:
    stain_kept = AgeingCurve(told(OLD), 0.0, 1.0, None)(np.ones((1, 1, 3), np.float32))
    assert stain_kept[0, 0] == pytest.approx([1, 1, 1], abs=1e-4)
    neither = AgeingCurve(told(OLD), 0.0, 0.0, None)(GREYS)
    assert np.abs(neither - GREYS).max() < 1e-4


def test_curves_rise_everywhere() -> None:
    table = AgeingCurve(told(OLD), 1.0, 1.0, ADOBE).table
    assert (np.diff(table.astype(np.float64), axis=1) >= 0).all()
    assert table.min() >= 0
    assert table.max() <= 1


def test_half_the_way_lies_in_the_middle() -> None:
    whole, half = (AgeingCurve(told(OLD), 1.0, 1.0, None) for _ in range(2))
    half.towards_identity(0.5)
    middle = (np.linspace(0, 1, 65536) + whole.table) / 2
    assert np.abs(half.table - middle).max() < 1e-6
