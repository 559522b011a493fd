"""A view is the average of the scan, whichever part of it is asked for."""

from __future__ import annotations

import numpy as np

from pipeline.core.photo import Photo
from pipeline.stages.measure.damage_view import View
from tests.pipeline.stages.simulated_ageing import clean, noisy


def test_a_part_of_an_averaged_view_is_cut_from_the_whole_of_it() -> None:
    samples = Photo.of(noisy(clean("chelsea"), 5.0)).samples
    view = View(samples, 3)
    whole = view.part(slice(0, view.height), slice(0, view.width))
    assert (view.height, view.width) == (100, 150)
    assert np.array_equal(view.part(slice(20, 61), slice(33, 90)), whole[20:61, 33:90])
    assert np.abs(view.every(4, 7) - whole[::4, ::7]).max() < 1e-4
    blocks = samples[:300, :450].reshape(100, 3, 150, 3, 3).mean(axis=(1, 3)) / 65535
    assert np.abs(whole - blocks).max() < 1e-5
