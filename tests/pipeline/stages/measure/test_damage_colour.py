"""Bare paper on a sepia print has a colour that the print cannot have."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.measure.damage_colour import tones_of
from pipeline.stages.measure.damage_view import View
from tests.pipeline.stages.simulated_ageing import clean, noisy

_SEPIA = np.array([0.9, 0.7, 0.45], np.float32)


def _view(pixels: np.ndarray) -> View:
    return View(Photo.of(pixels.astype(np.float32)).samples)


def test_paper_and_ink_are_strange_on_sepia_and_the_picture_is_not() -> None:
    sepia = noisy(clean("camera")[..., 1:2] * _SEPIA, 3.0)
    sepia[300:306, 100:200] = (0.93, 0.92, 0.9)
    tones = tones_of(_view(sepia))
    strange = tones.strangeness(sepia)
    assert tones.toned
    assert strange[302:304, 105:195].min() > 3
    assert np.quantile(strange[:290], 0.99) < 1.8


@pytest.mark.parametrize("name", ["astronaut", "coffee", "camera"])
def test_colour_and_grey_prints_are_not_toned(name: str) -> None:
    assert not tones_of(_view(noisy(clean(name), 2.0))).toned


def test_a_scene_in_greens_alone_is_no_toned_print() -> None:
    green = clean("camera")[..., 1:2] * np.array([0.5, 0.9, 0.45], np.float32)
    assert not tones_of(_view(green)).toned
