"""Faces are redrawn where that helps, and only there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, OutOfMemory, ShoeboxError
from pipeline.core.photo import Photo
from pipeline.models.provider import FaceDetector, FaceRestorer, Inference, ModelSource, Upscaler
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.faces import Options, run


@dataclass
class WithRestorer:
    """The real models, but for the network that redraws faces."""

    real: ModelSource
    restorer: FaceRestorer
    device: str = "cpu"

    def upscaler(self, role: str) -> Upscaler:
        return self.real.upscaler(role)

    def face_detector(self) -> FaceDetector:
        return self.real.face_detector()

    def face_restorer(self) -> FaceRestorer:
        return self.restorer


class Same:
    """A restorer that gives the face back with an error or a value in its place."""

    name = "same"

    def __init__(self, error: ShoeboxError | None = None, value: float | None = None) -> None:
        self.error, self.value = error, value

    def run(self, face: NDArray[np.float32]) -> Inference:
        if self.error:
            raise self.error
        made = face if self.value is None else np.full_like(face, self.value)
        return Inference(made, self.name, "cpu", "float32")


@pytest.fixture(scope="module")
def outcome(aged_portrait: Photo, neural_tools: Tools) -> Outcome:
    return run(aged_portrait, Options(), neural_tools)


@pytest.mark.weights
def test_a_poor_face_is_redrawn_and_measured(outcome: Outcome) -> None:
    assert outcome.decision == "applied"
    assert outcome.models == ("CenterFace", "RealESRGAN_x4plus-ncnn")
    (face,) = outcome.measures["faces"]
    assert face["left_because"] == ""
    assert face["score"] > 0.6
    assert 0.002 < face["mean_change"] < 0.1


@pytest.mark.weights
def test_pixels_outside_the_mask_are_untouched(outcome: Outcome, aged_portrait: Photo) -> None:
    mask = outcome.images["generated"]
    changed = np.any(outcome.photo.pixels != aged_portrait.pixels, axis=2)
    assert mask.shape == changed.shape
    assert mask.max() > 150
    # Under half of one of 255 parts a px counts as not made by the network.
    assert np.abs(outcome.photo.pixels - aged_portrait.pixels)[mask == 0].max() < 0.002
    left, top, right, bottom = outcome.measures["faces"][0]["box_px"]
    assert mask[int((top + bottom) / 2), int((left + right) / 2)] > 150
    assert not changed[:3, :3].any()


@pytest.mark.weights
def test_the_colour_of_the_face_stays(outcome: Outcome, aged_portrait: Photo) -> None:
    left, top, right, bottom = (int(v) for v in outcome.measures["faces"][0]["box_px"])
    change = (outcome.photo.pixels - aged_portrait.pixels)[top:bottom, left:right]
    assert np.abs(change.mean(axis=(0, 1))).max() < 0.01


def test_a_network_that_changes_nothing_leaves_no_trace(
    aged_portrait: Photo, neural_tools: Tools
) -> None:
    """Cutting out and putting back alone moves no pixel: there is no blur, shift or seam."""
    tools = Tools(WithRestorer(neural_tools.models, Same()))
    made = run(aged_portrait, Options(strength=1.0), tools)
    assert made.decision == "applied"
    assert np.abs(made.photo.pixels - aged_portrait.pixels).max() < 1e-4


def test_a_clean_sharp_face_is_left(astronaut: NDArray[np.float32], neural_tools: Tools) -> None:
    photo = Photo.of(np.ascontiguousarray(astronaut))
    outcome = run(photo, Options(), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.photo is photo
    assert [face["left_because"] for face in outcome.measures["faces"]] == ["clean and sharp"]


def test_a_print_without_a_face_says_so(neural_tools: Tools) -> None:
    from skimage import data

    photo = Photo.of(data.coffee().astype(np.float32) / 255)
    outcome = run(photo, Options(), neural_tools)
    assert outcome.photo is photo
    assert outcome.reason == "no face was found"


def test_a_face_too_small_is_left_and_named(aged_portrait: Photo, neural_tools: Tools) -> None:
    outcome = run(aged_portrait, Options(min_px=400), neural_tools)
    assert outcome.decision == "skipped"
    assert "too small" in outcome.measures["faces"][0]["left_because"]


@pytest.mark.weights
def test_a_face_with_more_detail_than_the_network_draws_is_left(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    photo = Photo.of(np.ascontiguousarray(astronaut[20:260, 110:350]))
    outcome = run(photo, Options(only_when_needed=False), neural_tools)
    assert outcome.photo is photo
    assert "more detail" in outcome.measures["faces"][0]["left_because"]


@pytest.mark.parametrize("error", [OutOfMemory("the tile"), BadOutput("the net")])
def test_a_failing_face_fails_the_step_by_name(
    aged_portrait: Photo, neural_tools: Tools, error: ShoeboxError
) -> None:
    tools = Tools(WithRestorer(neural_tools.models, Same(error)))
    with pytest.raises(type(error), match=r"face 1 at x \d+\.\.\d+, y \d+\.\.\d+: the"):
        run(aged_portrait, Options(), tools)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_a_face_that_is_no_picture_fails_the_step(
    aged_portrait: Photo, neural_tools: Tools, value: float
) -> None:
    tools = Tools(WithRestorer(neural_tools.models, Same(value=value)))
    with pytest.raises(BadOutput, match="face 1"):
        run(aged_portrait, Options(), tools)
