"""Faces are redrawn where that helps, and only there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, OutOfMemory, ShoeboxError
from pipeline.core.photo import Photo
from pipeline.models.provider import (
    Face,
    FaceDetector,
    FaceRestorer,
    Inference,
    ModelSource,
    Upscaler,
)
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.face_alignment import TEMPLATE
from pipeline.stages.faces import Options, run


@dataclass
class WithRestorer:
    """The real models, but for the network that redraws faces."""

    real: ModelSource
    restorer: FaceRestorer
    device: str = "cpu"
    detector: FaceDetector | None = None

    def upscaler(self, role: str) -> Upscaler:
        return self.real.upscaler(role)

    def face_detector(self) -> FaceDetector:
        return self.detector or self.real.face_detector()

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


class Lighter:
    """A restorer that makes every other row lighter, which no print's tones undo."""

    name = "lighter"

    def run(self, face: NDArray[np.float32]) -> Inference:
        made = face.copy()
        made[::8] = np.minimum(made[::8] + 0.3, 1.0)
        return Inference(made, self.name, "cpu", "float32")


@dataclass
class Finds:
    """A detector that finds the same face at several places."""

    places: list[tuple[float, float]]
    name: str = "finds"

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        marks = (TEMPLATE - 256) * 0.2
        return [
            Face(
                0.9, (x - 40, y - 45, x + 40, y + 45), (marks + np.array([x, y])).astype(np.float32)
            )
            for x, y in self.places
        ]


def _with_faces_at(
    photo: Photo, tools: Tools, places: list[tuple[float, float]]
) -> tuple[Photo, NDArray[np.uint8]]:
    models = WithRestorer(tools.models, Lighter(), detector=Finds(places))
    made = run(photo, Options(only_when_needed=False, strength=1.0), Tools(models))
    return made.photo, made.images["generated"]


def test_outside_the_mask_samples_stay_bit_for_bit(
    aged_portrait: Photo, neural_tools: Tools
) -> None:
    made, mask = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0)])
    changed = np.any(made.samples != aged_portrait.samples, axis=2)
    assert changed.sum() > 2000
    rows, columns = np.nonzero(changed)
    assert columns.min() > 40 and columns.max() < 160
    assert rows.min() > 60 and rows.max() < 180
    assert changed[mask > 100].mean() > 0.9


def test_faces_that_overlap_share_their_pixels(aged_portrait: Photo, neural_tools: Tools) -> None:
    """Where two faces lie on one another, the change is no more than that of one."""
    once, mask = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0)])
    twice, both = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0), (100.0, 120.0)])
    full = mask == 255
    assert full.sum() > 500
    assert np.abs(once.pixels - twice.pixels)[full].max() < 1e-4
    assert (both >= mask).all()
    apart, _ = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0), (140.0, 120.0)])
    change = np.abs(apart.pixels - aged_portrait.pixels).max()
    assert change < 1.1 * np.abs(once.pixels - aged_portrait.pixels).max()


def test_pieces_of_the_print_leave_no_trace(
    aged_portrait: Photo, neural_tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, mask = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0)])
    monkeypatch.setattr("pipeline.stages.faces._SIDE", 37)
    cut, cut_mask = _with_faces_at(aged_portrait, neural_tools, [(100.0, 120.0)])
    assert np.abs(whole.pixels - cut.pixels).max() < 0.01
    assert np.abs(whole.pixels - cut.pixels).mean() < 1e-4
    assert np.abs(mask.astype(int) - cut_mask).max() <= 3


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
