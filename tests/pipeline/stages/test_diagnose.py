"""The diagnosis measures and changes nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.diagnose import STAGE, Options, diagnose
from tests.benchmarks.ageing_optics import defocused, moved, saved_as_jpeg
from tests.pipeline.stages.simulated_ageing import clean, faded, noisy, scratched


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
    for word in ("yellow cast", "faded", "grainy", "one face"):
        assert word in outcome.reason
    assert outcome.measures["noise_255"] == pytest.approx(4.0, abs=1.5)
    assert "200 dpi" in outcome.notes[0]


def test_a_grey_picture_is_black_and_white(neural_tools: Tools) -> None:
    grey = Photo.of(np.ascontiguousarray(clean("camera")), monochrome=True)
    outcome = diagnose(grey, Options(), neural_tools)
    assert outcome.measures["kind"] == "monochrome"
    assert outcome.reason.startswith("Black and white")


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


def test_motion_and_compression_are_in_the_ledger_and_in_the_words(neural_tools: Tools) -> None:
    shaken = Photo.of(noisy(moved(clean("astronaut"), 14.0, 30.0), 2.0))
    outcome = diagnose(shaken, Options(count_faces=False), neural_tools)
    assert outcome.measures["blur"]["kind"] == "motion"
    assert outcome.measures["blur"]["length_px"] == pytest.approx(14, rel=0.2)
    assert outcome.measures["jpeg_quality"] is None
    assert "soft from camera motion" in outcome.reason
    saved = Photo.of(saved_as_jpeg(clean("astronaut"), 40))
    measures = diagnose(saved, Options(count_faces=False), neural_tools).measures
    assert measures["jpeg_quality"] == pytest.approx(40, abs=5)
    assert measures["pre_sharpened"]["found"] is False


def test_a_face_of_few_real_px_is_too_small_to_restore(neural_tools: Tools) -> None:
    photo = Photo.of(clean("astronaut"))
    for least, small in ((24.0, False), (400.0, True)):
        outcome = diagnose(photo, Options(least_face_px=least), neural_tools)
        assert [face["too_small"] for face in outcome.measures["faces"]] == [small]
        assert ("too small to restore" in outcome.reason) is small


def test_scratches_do_not_hide_that_a_print_is_out_of_focus(neural_tools: Tools) -> None:
    damaged, _ = scratched(noisy(defocused(clean("astronaut"), 4.0), 2.0), 3)
    photo = Photo.of(damaged, dpi=(600.0, 600.0))
    measures = diagnose(photo, Options(count_faces=False), neural_tools).measures
    assert measures["blur"]["kind"] == "defocus"
    assert measures["blur"]["radius_px"] == pytest.approx(4.0, rel=0.2)
    assert measures["resolution"]["real_dpi"] < 200
