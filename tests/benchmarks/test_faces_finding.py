"""The scenes are what they say they are, and a detector that finds nothing is scored so."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.models.provider import Face
from tests.benchmarks.face_scenes import HEADS, empty_scene_of, small_scene_of, with_head
from tests.benchmarks.faces_finding import run
from tests.benchmarks.pictures import named


class Nothing:
    """A detector that sees no face."""

    name = "nothing"

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        return []


@pytest.mark.parametrize("turn", [0, 45, -90, 180])
def test_landmarks_are_where_the_head_was_laid(turn: float) -> None:
    """A cutting around each landmark, turned back, is that of the photograph."""
    head = HEADS["tuning"]
    plain = np.full((300, 300, 3), 0.5, np.float32)
    scene, truth = with_head(plain, "tuning", head.width, turn, (150, 150))
    assert truth.landmarks is not None
    for there, here in zip(head.landmarks, truth.landmarks, strict=True):
        want = cv2.getRectSubPix(named(head.picture), (9, 9), there)
        back = cv2.getRotationMatrix2D(here.tolist(), turn, 1.0)
        upright = cv2.warpAffine(scene, back, (300, 300), flags=cv2.INTER_CUBIC)
        got = cv2.getRectSubPix(upright, (9, 9), here.tolist())
        assert np.abs(got - want).mean() < 0.05


def test_small_faces_are_laid_in_at_their_places() -> None:
    scene, truths = small_scene_of(0, "tuning", 15, 10)
    assert scene.shape == (360, 480, 3)
    assert len(truths) == 10
    assert {truth.width for truth in truths} == {20.0, 24.0}
    assert not np.array_equal(scene, small_scene_of(2, "tuning", 15, 10)[0])
    assert np.array_equal(empty_scene_of(0, "tuning"), empty_scene_of(0, "tuning"))


def test_a_detector_that_finds_nothing_misses_every_face() -> None:
    part = run("tuning", 1, Nothing())
    by_name = {target.name: target for target in part.targets}
    assert by_name["share of heads from 20 px found"].value == 0
    assert by_name["false finds per MP, certain"].reached
    assert not by_name["landmarks off, median in eye distances"].reached
    assert part.figures["search"]["recall"]["head 200 px"] == 0
