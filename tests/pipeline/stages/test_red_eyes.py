"""Red pupils are made dark where they are, and nothing that is not one is touched."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from pipeline.core.photo import Photo
from pipeline.models.provider import Face, FaceDetector, ModelSource
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.red_eyes import STAGE, Options, run
from tests.benchmarks.ageing_flash import PEOPLE, PETS, Flash, FlashPicture, flash_picture, sitter
from tests.benchmarks.mistaken_for_red_eyes import mistakable

Image = NDArray[np.float32]


@dataclass
class Seen:
    """A detector that sees what it is told, and counts how often it is asked."""

    faces: list[Face]
    name: str = "seen"
    asked: int = 0

    def detect(self, pixels: Image) -> list[Face]:
        self.asked += 1
        return self.faces


@dataclass
class Models:
    """A source with a face detector only."""

    detector: FaceDetector
    device: str = "cpu"

    def face_detector(self) -> FaceDetector:
        return self.detector


def tools(*faces: Face) -> Tools:
    source: ModelSource = Models(Seen(list(faces)))  # type: ignore[assignment]
    return Tools(source)


def face(pupil_px: float) -> Face:
    """The astronaut's face at a size, its eyes' landmarks a little aside, as a detector's are."""
    picture, eyes = sitter("astronaut", pupil_px)
    unit = eyes[1].x - eyes[0].x
    points = [(eye.x + 0.06 * unit, eye.y - 0.03 * unit) for eye in eyes]
    middle = (points[0][0] + points[1][0]) / 2
    points += [(middle, eyes[0].y + 0.55 * unit)]
    points += [(middle - 0.42 * unit, eyes[0].y + 0.95 * unit)]
    points += [(middle + 0.42 * unit, eyes[0].y + 0.95 * unit)]
    height, width = picture.shape[:2]
    return Face(0.9, (0.0, 0.0, float(width), float(height)), np.array(points, np.float32))


def away(picture: Image, truth: Image, where: NDArray[np.bool_]) -> float:
    return float(deltaE_ciede2000(rgb2lab(picture), rgb2lab(truth))[where].mean())


def left(outcome: Outcome) -> set[str]:
    return {entry["left_because"] for entry in outcome.measures["eyes"]}


def flashed(pupil_px: float = 10, **how: object) -> FlashPicture:
    return flash_picture("astronaut", pupil_px, Flash(**{"jpeg": 90, **how}))  # type: ignore[arg-type]


@pytest.mark.parametrize("colour", PEOPLE)
@pytest.mark.parametrize("pupil_px", [6, 11])
def test_red_pupils_come_near_to_what_they_would_be_without_flash(
    colour: str, pupil_px: int
) -> None:
    case = flashed(pupil_px, colour=colour)
    outcome = run(Photo.of(case.flashed, bit_depth=16), Options(), tools(face(pupil_px)))
    assert outcome.decision == "applied"
    assert left(outcome) == {""}
    after, inside = outcome.photo.pixels, case.inside()
    assert away(after, case.truth, inside) < away(case.flashed, case.truth, inside) / 3
    rim = case.inside(2.0) & ~inside
    assert away(after, case.truth, rim) < away(case.flashed, case.truth, rim) + 0.5


def test_the_report_says_where_they_were_and_how_red() -> None:
    case = flashed(11)
    outcome = run(Photo.of(case.flashed), Options(), tools(face(11)))
    assert outcome.measures["corrected"] == 2
    for entry, side, (x, y) in zip(
        outcome.measures["eyes"], ("left", "right"), case.eyes, strict=True
    ):
        assert (entry["face"], entry["side"]) == (1, side)
        assert entry["place_px"] == pytest.approx([x, y], abs=0.25 * case.radius)
        assert entry["radius_px"] == pytest.approx(case.radius, rel=0.25)
        assert entry["redness_before"] > 0.3
        assert entry["redness_after"] < 0.1


def test_only_px_of_the_mask_change_and_the_mask_lies_on_the_pupils() -> None:
    case = flashed(11)
    photo = Photo.of(case.flashed, bit_depth=16)
    outcome = run(photo, Options(), tools(face(11)))
    mask = outcome.images["corrected"]
    changed = (outcome.photo.samples != photo.samples).any(axis=2)
    assert mask.dtype == np.uint8
    assert not (changed & (mask == 0)).any()
    assert not (changed & ~case.inside(1.5)).any()
    assert (changed & case.inside(0.8)).sum() > 0.85 * case.inside(0.8).sum()


def test_the_glint_stays() -> None:
    case = flashed(18, glint=0.3)
    outcome = run(Photo.of(case.flashed), Options(), tools(face(18)))
    glint = (case.truth.min(axis=2) > 0.9) & case.inside()
    assert glint.sum() > 20
    kept = outcome.photo.pixels[glint] - case.truth[glint]
    assert np.abs(kept).mean() < 0.04
    assert outcome.photo.pixels[glint].min() > 0.75


def test_sixteen_bits_stay_sixteen() -> None:
    case = flashed(18)
    outcome = run(Photo.of(case.flashed, bit_depth=16), Options(), tools(face(18)))
    made = outcome.photo.samples[outcome.images["corrected"] > 0]
    assert outcome.photo.bit_depth == 16
    assert (made % 257 != 0).mean() > 0.5


def test_one_red_eye_alone_is_corrected_alone() -> None:
    case, (picture, _) = flashed(11), sitter("astronaut", 11)
    middle = round(sum(x for x, _ in case.eyes) / 2)
    half = picture.copy()
    half[:, :middle] = case.flashed[:, :middle]
    outcome = run(Photo.of(half), Options(), tools(face(11)))
    assert [entry["left_because"] == "" for entry in outcome.measures["eyes"]] == [True, False]


def test_a_weaker_one_beside_a_sure_one_is_corrected_too() -> None:
    strong, weak = flashed(11), flashed(11, colour="deep", strength=0.25)
    middle = round(sum(x for x, _ in strong.eyes) / 2)
    mixed = strong.flashed.copy()
    mixed[:, middle:] = weak.flashed[:, middle:]
    alone = run(Photo.of(weak.flashed), Options(), tools(face(11)))
    both = run(Photo.of(mixed), Options(), tools(face(11)))
    assert alone.decision == "skipped"
    assert both.measures["corrected"] == 2


@pytest.mark.parametrize("pupil_px", [4.5, 8])
def test_what_may_be_mistaken_for_red_eyes_is_left(pupil_px: float) -> None:
    seen = tools(face(pupil_px))
    for what, picture in mistakable("astronaut", pupil_px):
        photo = Photo.of(np.clip(picture, 0, 1).astype(np.float32))
        outcome = run(photo, Options(), seen)
        assert (what, outcome.decision) == (what, "skipped")
        assert outcome.photo is photo


def test_a_red_cast_over_a_flash_picture_does_not_hide_its_red_eyes() -> None:
    case = flashed(11)
    cast = case.flashed * np.array([1.0, 0.75, 0.75], np.float32)
    assert run(Photo.of(cast), Options(), tools(face(11))).measures["corrected"] == 2


def test_prints_of_a_single_tone_are_left_before_any_face_is_looked_for() -> None:
    case = flashed(10)
    grey = np.repeat(case.flashed.mean(axis=2, keepdims=True), 3, axis=2)
    sepia = grey ** np.array([0.8, 1.0, 1.3], np.float32)
    detector = Seen([face(10)])
    models = Tools(Models(detector))  # type: ignore[arg-type]
    for photo in (Photo.of(grey, monochrome=True), Photo.of(grey), Photo.of(sepia)):
        outcome = run(photo, Options(), models)
        assert outcome.decision == "skipped"
        assert outcome.photo is photo
        assert "single tone" in outcome.reason
    assert detector.asked == 0


def test_uncertain_and_small_faces_are_left_and_it_is_said_why() -> None:
    case = flashed(10)
    unsure = run(Photo.of(case.flashed), Options(min_score=0.95), tools(face(10)))
    assert left(unsure) == {"uncertain find (score 0.90)"}
    small = run(Photo.of(case.flashed), Options(min_eye_distance=200.0), tools(face(10)))
    assert left(small) == {"too small for its pupils to be seen"}


def test_landmarks_at_the_edge_and_beyond_are_no_trouble() -> None:
    case = flashed(11)
    found = face(11)
    for moved in (-300.0, 300.0, 80.0, -80.0):
        landmarks = found.landmarks + np.float32(moved)
        outcome = run(Photo.of(case.flashed), Options(), tools(replace(found, landmarks=landmarks)))
        changed = (outcome.photo.samples != Photo.of(case.flashed).samples).any(axis=2)
        assert not (changed & ~case.inside(1.5)).any()


def test_the_same_picture_gives_the_same_bytes() -> None:
    case = flashed(10)
    first, second = (run(Photo.of(case.flashed), Options(), tools(face(10))) for _ in range(2))
    assert np.array_equal(first.photo.samples, second.photo.samples)
    assert first.measures == second.measures


def test_a_large_face_is_corrected_at_full_size() -> None:
    case = flashed(12)
    large = cv2.resize(case.flashed, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    found = face(12)
    found = replace(found, landmarks=(found.landmarks + 0.5) * 4 - 0.5)
    outcome = run(Photo.of(np.clip(large, 0, 1)), Options(), tools(_seen_reduced(found, large)))
    assert outcome.measures["corrected"] == 2
    assert outcome.measures["eyes"][0]["radius_px"] == pytest.approx(24, rel=0.25)


def _seen_reduced(found: Face, picture: Image) -> Face:
    """A face as the detector tells it, in px of the picture reduced to 1280 px."""
    step = max(1.0, max(picture.shape[:2]) / 1280)
    return replace(found, landmarks=(found.landmarks + np.float32(0.5)) / step - np.float32(0.5))


@pytest.mark.weights
def test_with_the_real_detector_red_eyes_are_found_and_clean_ones_left(
    astronaut: Image, neural_tools: Tools
) -> None:
    case = flashed(8)
    assert run(Photo.of(case.flashed), Options(), neural_tools).measures["corrected"] == 2
    photo = Photo.of(astronaut)
    outcome = run(photo, Options(), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.photo is photo
    assert outcome.models == ("CenterFace",)
    assert STAGE.models(Options()) == {"face_detector": ("CenterFace",)}


@pytest.mark.weights
def test_the_eyes_of_a_cat_are_left_healthy_or_shining(neural_tools: Tools) -> None:
    pictures = [sitter("chelsea", 30)[0]]
    pictures += [flash_picture("chelsea", 30, Flash(colour)).flashed for colour in PETS]
    for picture in pictures:
        assert run(Photo.of(picture), Options(), neural_tools).decision == "skipped"
