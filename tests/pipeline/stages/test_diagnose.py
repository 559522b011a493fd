"""The diagnosis measures and changes nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.diagnose import STAGE, Options, diagnose
from tests.pipeline.stages.simulated_ageing import clean, faded, noisy


def test_the_photo_comes_back_itself_with_numbers_that_are_json(neural_tools: Tools) -> None:
    photo = Photo.of(clean("astronaut"), dpi=(300.0, 300.0))
    outcome = diagnose(photo, Options(), neural_tools)
    assert outcome.photo is photo
    assert outcome.decision == "skipped"
    assert json.loads(json.dumps(outcome.measures)) == outcome.measures
    assert outcome.measures["kind"] == "colour"
    assert len(outcome.measures["faces"]) == 1
    assert outcome.models == ("CenterFace",)
    left, top, right, bottom = outcome.measures["faces"][0]["box_px"]
    assert 150 < left < right < 300
    assert 20 < top < bottom < 230


def test_an_old_print_is_described_in_words(neural_tools: Tools) -> None:
    old = Photo.of(noisy(faded(clean("astronaut")), 6.0), dpi=(200.0, 200.0))
    outcome = diagnose(old, Options(), neural_tools)
    for word in ("yellowish", "faded", "grainy", "one face"):
        assert word in outcome.reason
    assert outcome.measures["noise_255"] == pytest.approx(4.0, abs=1.5)
    assert "200 dpi" in outcome.notes[0]


def test_a_grey_picture_is_black_and_white(neural_tools: Tools) -> None:
    grey = Photo.of(np.ascontiguousarray(clean("camera")), monochrome=True)
    outcome = diagnose(grey, Options(), neural_tools)
    assert outcome.measures["kind"] == "monochrome"
    assert "black and white" in outcome.reason


def test_without_faces_no_detector_is_asked_for(neural_tools: Tools) -> None:
    outcome = diagnose(Photo.of(clean("coffee")), Options(count_faces=False), neural_tools)
    assert "faces" not in outcome.measures
    assert STAGE.models(Options(count_faces=False)) == {}
    assert STAGE.models(Options()) == {"face_detector": ("CenterFace",)}


def test_a_large_print_is_told_from_tiles_as_from_the_whole(neural_tools: Tools) -> None:
    picture = np.tile(noisy(faded(clean("coffee")), 5.0), (2, 2, 1))
    photo = Photo.of(picture, dpi=(600.0, 600.0))
    options = Options(count_faces=False)
    whole = diagnose(photo, options, neural_tools)
    tiles = diagnose(photo, options, neural_tools, most_px=400_000)
    assert tiles.reason == whole.reason
    for name, near in (("noise_255", 0.3), ("edge_blur_px", 0.2), ("jpeg_blocks", 0.03)):
        assert tiles.measures[name] == pytest.approx(whole.measures[name], abs=near)


def test_the_share_that_is_clipped_is_counted(neural_tools: Tools) -> None:
    picture = np.full((1000, 1000, 3), 0.5, np.float32)
    picture[:200], picture[200:300] = 0.0, 1.0
    photo = Photo.of(picture)
    options = Options(count_faces=False)
    for most_px in (4_000_000, 100_000):
        measures = diagnose(photo, options, neural_tools, most_px=most_px).measures
        assert measures["clipped_black_share"] == pytest.approx(0.2, abs=0.005)
        assert measures["clipped_white_share"] == pytest.approx(0.1, abs=0.005)
