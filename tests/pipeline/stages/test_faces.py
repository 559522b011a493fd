"""Faces are redrawn where that helps, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput, OutOfMemory, ShoeboxError
from pipeline.core.photo import Photo
from pipeline.models.provider import (
    FaceDetector,
    FaceEmbedder,
    FaceRestorer,
    Inference,
    ModelSource,
    Upscaler,
)
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.faces import STAGE, Options, run


@dataclass
class WithRestorer:
    """The real models, but for the network that redraws faces."""

    real: ModelSource
    restorer: FaceRestorer
    device: str = "cpu"
    detector: FaceDetector | None = None
    embedder: FaceEmbedder | None = None
    asked: list[str | None] = field(default_factory=list)

    def upscaler(self, role: str) -> Upscaler:
        return self.real.upscaler(role)

    def face_detector(self) -> FaceDetector:
        return self.detector or self.real.face_detector()

    def second_face_detector(self) -> FaceDetector | None:
        return None

    def face_restorer(self, name: str | None = None) -> FaceRestorer:
        self.asked.append(name)
        return self.restorer

    def face_embedder(self) -> FaceEmbedder | None:
        return self.embedder


class Same:
    """A restorer that gives faces back with an error or a value in place of the face of a number.

    It counts the faces from the left, from 1; 0 means every face.
    """

    name = "same"

    def __init__(
        self, error: ShoeboxError | None = None, value: float | None = None, number: int = 0
    ) -> None:
        self.error, self.value, self.number = error, value, number

    def restore(
        self, faces: Sequence[NDArray[np.float32]], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        made: list[Inference | ShoeboxError] = []
        for number, face in enumerate(faces, start=1):
            meant = self.number in (0, number)
            if meant and self.error:
                made.append(self.error)
                continue
            pixels = np.full_like(face, self.value) if meant and self.value is not None else face
            made.append(Inference(pixels, self.name, "cpu", "float32"))
        return made


@pytest.fixture(scope="module")
def outcome(aged_portrait: Photo, neural_tools: Tools) -> Outcome:
    return run(aged_portrait, Options(strength=0.8, gentle_below_px=0), neural_tools)


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
    changed = np.any(outcome.photo.samples != aged_portrait.samples, axis=2)
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


@pytest.fixture(scope="module")
def grey_portrait(astronaut: NDArray[np.float32]) -> Photo:
    """A clean portrait without colour and without any grain."""
    grey = cv2.GaussianBlur(astronaut[20:260, 110:350].mean(axis=2), (0, 0), 1.0)
    return Photo.of(np.repeat(grey[..., None], 3, axis=2), monochrome=True)


def _with(tools: Tools, restorer: FaceRestorer, embedder: FaceEmbedder | None = None) -> Tools:
    return Tools(WithRestorer(tools.models, restorer, embedder=embedder))


def test_a_network_that_changes_nothing_leaves_no_trace(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    """Cutting out and putting back alone moves no pixel: there is no blur, shift or seam."""
    options = Options(strength=1.0, only_when_needed=False)
    made = run(grey_portrait, options, _with(neural_tools, Same()))
    assert made.decision == "applied"
    assert made.photo.monochrome
    assert np.abs(made.photo.pixels - grey_portrait.pixels).max() < 1e-4


@dataclass
class Shifted:
    """A restorer that gives every face with its features moved: another face, cleanly drawn."""

    px: int
    name: str = "shifted"

    def restore(
        self, faces: Sequence[NDArray[np.float32]], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        return [
            Inference(np.roll(face, self.px, axis=0), self.name, "cpu", "float32") for face in faces
        ]


ALWAYS = Options(only_when_needed=False, strength=1.0, gentle_below_px=0)


def test_a_face_that_is_no_longer_the_same_is_given_back(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    outcome = run(grey_portrait, ALWAYS, _with(neural_tools, Shifted(40)))
    (face,) = outcome.measures["faces"]
    assert outcome.decision == "skipped"
    assert outcome.photo is grey_portrait
    assert face["outcome"] == "reverted"
    assert face["strength"] == 0.0
    assert "departs from the scan" in face["left_because"]
    assert "no longer was the same face" in outcome.reason
    assert "data check alone" in face["guarded_by"]


def test_with_the_guard_switched_off_it_is_taken_and_that_is_on_record(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    options = ALWAYS.model_copy(update={"guard": False})
    outcome = run(grey_portrait, options, _with(neural_tools, Shifted(40)))
    (face,) = outcome.measures["faces"]
    assert (outcome.decision, face["outcome"]) == ("applied", "restored")
    assert "switched off" in face["guarded_by"]


def _changes(outcome: Outcome, photo: Photo) -> NDArray[np.int64]:
    return outcome.photo.samples.astype(np.int64) - photo.samples


def test_strength_blends_whatever_the_network(grey_portrait: Photo, neural_tools: Tools) -> None:
    """Half the strength is half of the change, and none is none."""
    tools = _with(neural_tools, Shifted(3))
    options = ALWAYS.model_copy(update={"guard": False})
    whole = _changes(run(grey_portrait, options, tools), grey_portrait)
    half = options.model_copy(update={"strength": 0.5})
    halved = _changes(run(grey_portrait, half, tools), grey_portrait)
    assert np.abs(whole).max() > 2000
    assert np.abs(2 * halved - whole).max() <= 2
    none = run(grey_portrait, options.model_copy(update={"strength": 0.0}), tools)
    assert none.photo is grey_portrait


def test_a_person_s_choice_is_followed_and_measured(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    """What the guard would have given back is taken when somebody decided so."""
    tools = _with(neural_tools, Shifted(40))
    chosen = ALWAYS.model_copy(update={"choices": (FaceChoice(face=1, strength=0.5),)})
    outcome = run(grey_portrait, chosen, tools)
    (face,) = outcome.measures["faces"]
    assert (outcome.decision, face["outcome"], face["strength"]) == ("applied", "as chosen", 0.5)
    assert "departs from the scan" in face["objection"]
    left = ALWAYS.model_copy(update={"choices": (FaceChoice(face=1, leave=True),)})
    outcome = run(grey_portrait, left, tools)
    assert outcome.photo is grey_portrait
    assert "you chose to leave it" in outcome.reason


def test_a_face_may_be_given_to_another_network(grey_portrait: Photo, neural_tools: Tools) -> None:
    models = WithRestorer(neural_tools.models, Same())
    chosen = ALWAYS.model_copy(update={"choices": (FaceChoice(face=1, model="other"),)})
    assert run(grey_portrait, chosen, Tools(models)).decision == "applied"
    assert models.asked == ["other"]
    assert STAGE.models(chosen)["faces:other"] == ("other",)


def test_a_clean_sharp_face_is_left(astronaut: NDArray[np.float32], neural_tools: Tools) -> None:
    photo = Photo.of(np.ascontiguousarray(astronaut))
    outcome = run(photo, Options(), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.photo is photo
    assert [face["left_because"] for face in outcome.measures["faces"]] == ["clean and sharp"]


def test_a_face_smeared_by_motion_is_left(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    smeared = cv2.blur(astronaut[0:300, 60:400], (21, 1))
    noise = np.random.default_rng(3).normal(0, 0.01, smeared.shape)
    photo = Photo.of(np.clip(smeared + noise, 0, 1).astype(np.float32))
    outcome = run(photo, ALWAYS, _with(neural_tools, Same()))
    (face,) = outcome.measures["faces"]
    assert outcome.photo is photo
    assert "moved while the picture was taken" in face["left_because"]
    assert face["blur"]["angle_degrees"] == pytest.approx(0, abs=3)


def test_a_print_without_a_face_says_so(neural_tools: Tools) -> None:
    from skimage import data

    photo = Photo.of(data.coffee().astype(np.float32) / 255)
    outcome = run(photo, Options(), neural_tools)
    assert outcome.photo is photo
    assert outcome.reason == "no face was found"


@pytest.mark.parametrize(
    ("limits", "words"), [({"min_px": 400}, "too small"), ({"max_px": 40}, "larger than wanted")]
)
def test_a_face_of_another_size_than_wanted_is_left_and_named(
    aged_portrait: Photo, neural_tools: Tools, limits: dict[str, int], words: str
) -> None:
    outcome = run(aged_portrait, Options(**limits), neural_tools)
    assert outcome.decision == "skipped"
    assert words in outcome.measures["faces"][0]["left_because"]


class Coarse(Same):
    """A restorer that works on faces of 32 px."""

    def restore(
        self, faces: Sequence[NDArray[np.float32]], detail_px: Sequence[float]
    ) -> list[Inference | ShoeboxError]:
        return [Inference(f, self.name, "cpu", "float32", {"reduced_to_px": 32}) for f in faces]


def test_a_face_with_more_detail_than_the_network_draws_is_left(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    outcome = run(grey_portrait, ALWAYS, _with(neural_tools, Coarse()))
    assert outcome.photo is grey_portrait
    assert "more detail" in outcome.measures["faces"][0]["left_because"]


def test_when_every_face_fails_the_step_fails_by_name(
    aged_portrait: Photo, neural_tools: Tools
) -> None:
    tools = _with(neural_tools, Same(BadOutput("the net")))
    with pytest.raises(BadOutput, match=r"face 1 at x \d+\.\.\d+, y \d+\.\.\d+: the net"):
        run(aged_portrait, Options(), tools)


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_a_face_that_is_no_picture_fails(
    aged_portrait: Photo, neural_tools: Tools, value: float
) -> None:
    with pytest.raises(BadOutput, match="face 1"):
        run(aged_portrait, Options(), _with(neural_tools, Same(value=value)))


def test_a_face_that_fails_is_reported_and_not_pasted(
    grey_portrait: Photo, neural_tools: Tools
) -> None:
    """The other face of the print is redrawn all the same."""
    both = np.concatenate([grey_portrait.samples, grey_portrait.samples[:, ::-1]], axis=1)
    photo = grey_portrait.with_samples(np.ascontiguousarray(both))
    tools = _with(neural_tools, Same(BadOutput("the net"), number=2))
    options = ALWAYS.model_copy(update={"strength": 1.0})
    outcome = run(photo, options, tools)
    first, second = outcome.measures["faces"]
    assert (first["outcome"], second["outcome"]) == ("restored", "failed")
    assert "face 2" in second["error"] and "the net" in second["error"]
    assert outcome.reason == "of 2 faces 1 redrawn, 1 failed"
    assert any("the net" in note for note in outcome.notes)
    assert not outcome.images["generated"][:, 260:].any()


def test_memory_that_runs_out_is_no_fault_of_a_face(
    aged_portrait: Photo, neural_tools: Tools
) -> None:
    class Full(Same):
        def restore(
            self, faces: Sequence[NDArray[np.float32]], detail_px: Sequence[float]
        ) -> list[Inference | ShoeboxError]:
            raise OutOfMemory("the face")

    with pytest.raises(OutOfMemory):
        run(aged_portrait, Options(), _with(neural_tools, Full()))
