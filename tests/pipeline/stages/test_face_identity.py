"""The guard lets honest restorations through, weakens doubtful ones and gives back forged ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.models.catalog import load_catalog
from pipeline.models.face_embedder import DlibFaceEmbedder
from pipeline.models.weights import ResolvedModel, find
from pipeline.stages.face_alignment import align, cut_out
from pipeline.stages.face_identity import (
    STANDARD,
    WHOLE_PRINT,
    Floors,
    Guarded,
    guard,
    references,
    similarity_of,
)
from pipeline.stages.face_shape import face_shape
from tests.benchmarks.face_forgery import smiling, warped

Image = NDArray[np.float32]

FRACTION = 0.2
NOISE = 0.02

DOUBTFUL = 3.5
"""px by which the corners of a mouth are moved when the scan just objects."""

PATIENT = replace(STANDARD, gross=2.0)
"""Floors by which a doubtful face is tried more than twice."""


@dataclass
class Judge:
    """An embedder that tells faces apart by how much they differ from one it knows.

    The distance of a face from `known` is `slope` times the mean absolute difference.
    """

    known: Image
    slope: float
    name: str = "judge"
    asked: list[int] = field(default_factory=list)

    def embed(self, faces: Sequence[Image]) -> NDArray[np.float32]:
        self.asked.append(len(faces))
        found = np.zeros((len(faces), 128), np.float32)
        found[:, 0] = [self.slope * float(np.abs(face - self.known).mean()) for face in faces]
        return found


@pytest.fixture(scope="module")
def truth(astronaut: Image) -> Image:
    """Her aligned face, 88 px wide in the picture."""
    return _aligned(astronaut)


@pytest.fixture(scope="module")
def before(astronaut: Image) -> Image:
    """The same out of an aged print in which it is 60 px wide."""
    small = cv2.resize(astronaut, (349, 349), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(8).normal(0, NOISE, small.shape)
    return _aligned(np.clip(small + noise, 0, 1).astype(np.float32))


def _aligned(picture: Image) -> Image:
    marks = np.array([[206, 108], [243, 111], [222, 133], [206, 148], [239, 150]], np.float32)
    alignment = align((marks + 0.5) * np.float32(len(picture) / 512) - 0.5)
    assert alignment is not None
    return cut_out(picture, alignment)


def towards(before: Image, after: Image) -> Callable[[float], Image]:
    return lambda strength: (before + np.float32(strength) * (after - before)).astype(np.float32)


def guarded(
    before: Image, after: Image, strength: float = 1.0, embedder: object = None, **more: object
) -> Guarded:
    return guard(
        before,
        towards(before, after),
        face_shape(),
        strength,
        fraction=FRACTION,
        noise=NOISE,
        embedder=embedder,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def test_an_honest_restoration_keeps_the_strength_asked_for(before: Image, truth: Image) -> None:
    found = guarded(before, truth, 0.8)
    assert found.outcome == "restored"
    assert found.strength == found.asked_strength == 0.8
    assert len(found.tried) == 1
    assert found.guarded_by.startswith("the data check alone")
    assert found.as_measures()["similarity"] is None


def test_a_doubtful_mouth_is_weakened_until_the_scan_agrees(before: Image, truth: Image) -> None:
    found = guarded(before, smiling(truth, DOUBTFUL), floors=PATIENT)
    assert found.outcome == "restored gently"
    assert 0.0 < found.strength < 1.0
    assert "mouth" in found.tried[0].objection
    assert found.last.objection == ""
    assert found.last.misfit.worst <= STANDARD.worst_misfit < found.tried[0].misfit.worst
    strengths = [attempt.strength for attempt in found.tried]
    assert strengths == sorted(strengths, reverse=True)


def test_a_face_far_off_is_given_back_at_once(before: Image, truth: Image) -> None:
    found = guarded(before, smiling(truth, 16.0))
    assert (found.outcome, found.strength, len(found.tried)) == ("reverted", 0.0, 1)
    assert "mouth" in found.last.objection


def test_a_face_drawn_far_off_is_given_back_however_little_was_asked_for(
    before: Image, truth: Image
) -> None:
    found = guarded(before, smiling(truth, 16.0), 0.2)
    assert (found.outcome, found.strength, len(found.tried)) == ("reverted", 0.0, 1)
    assert found.last.misfit.worst < STANDARD.worst_misfit
    assert "as drawn departs from the scan at the mouth" in found.last.objection


def test_the_better_a_face_is_resolved_the_less_is_tolerated() -> None:
    assert STANDARD.on(40.0) == STANDARD
    floors = [STANDARD.on(px) for px in (96.0, 120.0, 150.0, 300.0, 512.0)]
    worst = [one.worst_misfit for one in floors]
    assert worst == sorted(worst, reverse=True)
    assert worst[0] == STANDARD.worst_misfit
    assert worst[-1] == pytest.approx(0.5 * STANDARD.worst_misfit)
    assert [one.misfit / one.worst_misfit for one in floors] == pytest.approx(
        [STANDARD.misfit / STANDARD.worst_misfit] * len(floors)
    )
    assert {one.similarity for one in floors} == {STANDARD.similarity}
    assert WHOLE_PRINT.on(400.0) == WHOLE_PRINT


def test_an_unlike_face_far_off_is_given_back_at_once(before: Image, truth: Image) -> None:
    found = guarded(before, truth, embedder=Judge(truth, slope=4000.0))
    assert (found.outcome, len(found.tried)) == ("reverted", 1)
    assert "somebody else" in found.last.objection


def test_what_no_strength_makes_right_is_given_back(before: Image, truth: Image) -> None:
    moved = warped(truth, [(np.array([256.0, 300.0]), (0.0, 60.0))], 90.0)
    found = guarded(before, moved, floors=Floors(misfit=0.02, worst_misfit=0.02, gross=1000.0))
    assert found.outcome == "reverted"
    assert found.strength == 0.0
    assert found.last.strength >= STANDARD.least_strength
    assert all(attempt.objection for attempt in found.tried)


def test_a_small_strength_that_was_asked_for_is_tried_once(before: Image, truth: Image) -> None:
    found = guarded(before, truth, 0.1)
    assert (found.outcome, found.strength, len(found.tried)) == ("restored", 0.1, 1)


def test_another_person_is_weakened_though_the_scan_agrees(before: Image, truth: Image) -> None:
    judge = Judge(truth, slope=400.0)
    found = guarded(before, truth, embedder=judge)
    assert found.outcome in ("restored gently", "reverted")
    assert "somebody else" in found.tried[0].objection
    assert found.tried[0].similarity is not None
    assert found.tried[0].similarity < STANDARD.similarity
    assert found.tried[0].misfit.worst < STANDARD.worst_misfit
    assert found.guarded_by == "the data check and judge"


def test_of_what_the_scan_refuses_the_embedder_is_shown_the_first_attempt_alone(
    before: Image, truth: Image
) -> None:
    judge = Judge(before, slope=0.0)
    found = guarded(before, smiling(truth, DOUBTFUL), embedder=judge, floors=PATIENT)
    assert [attempt.similarity for attempt in found.tried] == [1.0, None, 1.0]
    assert judge.asked == [1, 1, 1]  # the face before, the first attempt and the last


def test_both_witnesses_are_quoted(before: Image, truth: Image) -> None:
    found = guarded(before, smiling(truth, 16.0), embedder=Judge(truth, slope=4000.0))
    assert "departs from the scan at the mouth" in found.last.objection
    assert "somebody else" in found.last.objection


def test_what_is_known_of_the_face_before_is_not_asked_again(before: Image, truth: Image) -> None:
    judge = Judge(before, slope=1.0)
    known = references(judge, [before, before], [FRACTION, FRACTION])
    assert judge.asked == [2]
    found = guarded(before, truth, embedder=judge, reference=known[0])
    assert judge.asked == [2, 1]
    alone = guarded(before, truth, embedder=Judge(before, slope=1.0))
    assert found.as_measures() == alone.as_measures()


def test_without_an_embedder_there_are_no_numbers(before: Image) -> None:
    assert references(None, [before], [FRACTION]) == [None]
    assert references(Judge(before, 1.0), [], []) == []


def test_a_face_with_too_little_real_detail_is_not_shown_to_the_embedder(
    before: Image, truth: Image
) -> None:
    judge = Judge(before, slope=1000.0)
    found = guard(
        before,
        towards(before, truth),
        face_shape(),
        1.0,
        fraction=(STANDARD.least_detail_px - 1) / 512,
        noise=NOISE,
        embedder=judge,
    )
    assert judge.asked == []
    assert "too little of the face is real" in found.guarded_by


def test_the_record_is_json(before: Image, truth: Image) -> None:
    doubtful = smiling(truth, DOUBTFUL)
    record = guarded(before, doubtful, embedder=Judge(before, 1.0)).as_measures()
    assert json.loads(json.dumps(record)) == record
    assert record["tried"][0]["objection"]
    assert set(record) >= {"strength", "asked_strength", "similarity", "data_misfit", "outcome"}


def test_similarity_is_one_for_the_same_numbers_and_falls_with_distance() -> None:
    one = np.zeros(128, np.float32)
    other = one.copy()
    other[3] = 0.6
    assert similarity_of(one, one) == 1.0
    assert similarity_of(one, other) == pytest.approx(0.4)
    assert similarity_of(one, 9 * other) == -1.0


def test_dlib_knows_her_again_and_notices_another_face(before: Image, truth: Image) -> None:
    pytest.importorskip("dlib", reason="the extra `identity` is not installed")
    card = load_catalog().card("dlib-face-recognition")
    path = find(card, [])
    if path is None:
        pytest.skip("the weights are not installed")
    embedder = DlibFaceEmbedder(ResolvedModel("face_embedding", card, path))
    honest = guarded(before, truth, embedder=embedder)
    assert honest.outcome == "restored"
    assert honest.last.similarity is not None
    assert honest.last.similarity > STANDARD.similarity + 0.1
    # Eyes nearer together, the mouth higher, the nose shorter: nobody else has a free picture.
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    other = cv2.remap(
        truth,
        256 + (x - 256) * np.where(y < 280, 1.2, 0.85).astype(np.float32),
        np.where(y > 300, y + 24, y).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    blind = replace(STANDARD, misfit=99.0, worst_misfit=99.0)
    changed = guarded(before, np.asarray(other, np.float32), embedder=embedder, floors=blind)
    assert "somebody else" in changed.tried[0].objection
