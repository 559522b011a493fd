"""The benchmark of the guard forges what it says it forges, and counts rightly."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.face_alignment import TEMPLATE
from pipeline.stages.face_data_check import DataMisfit
from pipeline.stages.face_identity import STANDARD
from tests.benchmarks.face_forgery import FORGERIES, GRAVE, invented, smiling, with_eyes_of
from tests.benchmarks.face_portraits import Portrait, aged_face, stranger_to
from tests.benchmarks.face_scenes import HEADS
from tests.benchmarks.faces_identity import Proposal, aged_faces
from tests.benchmarks.faces_identity_told import Guarding, Trial, objected, quantiles, report
from tests.benchmarks.pictures import named

Image = NDArray[np.float32]

FITTING = DataMisfit(0.1, 0.2, "nose", {})


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    head = HEADS["tuning"]
    return Portrait("she", named(head.picture), np.array(head.landmarks), head.width)


@pytest.fixture(scope="module")
def face(portrait: Portrait) -> Image:
    return portrait.aligned()


def changed_at(face: Image, other: Image) -> NDArray[np.float64]:
    """Where two faces differ most, px (x, y)."""
    change = cv2.GaussianBlur(np.abs(face - other).sum(axis=2), (0, 0), 8.0)
    y, x = np.unravel_index(int(change.argmax()), change.shape)
    return np.array([x, y], np.float64)


def test_each_forgery_changes_what_it_names(face: Image) -> None:
    other = np.ascontiguousarray(face[:, ::-1])
    mouth = TEMPLATE[3:].mean(axis=0)
    assert np.linalg.norm(changed_at(face, smiling(face, 14.0)) - mouth) < 90
    eyes = changed_at(face, with_eyes_of(face, other))
    assert min(np.linalg.norm(eyes - eye) for eye in TEMPLATE[:2]) < 50
    for kind, forge in FORGERIES.items():
        forged = forge(face, other)
        assert forged.shape == face.shape
        assert forged.dtype == np.float32
        assert np.abs(forged - face).max() > 0.05, kind
        assert np.array_equal(forged, forge(face, other))
    assert set(GRAVE) < set(FORGERIES)


def test_invented_detail_is_finer_than_the_scan(face: Image) -> None:
    other = np.ascontiguousarray(face[:, ::-1])
    change = invented(face, other, 6.0) - face
    coarse = cv2.GaussianBlur(change, (0, 0), 12.0)
    assert np.abs(change).max() > 0.05
    assert float(np.square(coarse).mean()) < 0.03 * float(np.square(change).mean())


def test_an_aged_face_lies_where_its_landmarks_say(portrait: Portrait, face: Image) -> None:
    aged = aged_face(portrait, 60, "mild", 4)
    again = aged_face(portrait, 60, "mild", 4)
    assert np.array_equal(aged.before, again.before)
    assert aged.alignment.scale == pytest.approx(3.06 * 88 / 60, rel=0.03)
    assert 0.05 < aged.fraction < 0.4
    soft = cv2.GaussianBlur(face, (0, 0), 3.0)
    assert np.corrcoef(aged.before.ravel(), soft.ravel())[0, 1] > 0.97


def test_portraits_and_widths_take_turns_and_none_is_enlarged(portrait: Portrait) -> None:
    small = replace(portrait, width=40.0)
    cases = [face for face, _ in aged_faces([portrait, small], "tuning", 8)]
    assert {case.width for case in cases if case.portrait is small} <= {26, 36}
    assert {case.width for case in cases} == {26, 36, 50, 64, 80}
    assert len({case.ageing for case in cases}) > 3


def test_a_stranger_is_another_person(portrait: Portrait) -> None:
    other = replace(portrait, person="he")
    assert stranger_to(portrait, [portrait, other], 0) is other
    with pytest.raises(LookupError):
        stranger_to(portrait, [portrait], 0)


def test_a_perfect_restoration_of_the_benchmark_comes_near_the_truth(
    portrait: Portrait, face: Image
) -> None:
    aged = aged_face(portrait, 60, "soft", 2)
    proposed = Proposal(aged, aged.before, np.ones((512, 512), np.float32), face)
    perfect = proposed.on_print(dict(proposed.honest())["the truth"])
    before = float(np.square(aged.before - face).mean())
    assert float(np.square(perfect(1.0) - face).mean()) < 0.5 * before
    assert len(dict(proposed.forged())) == len(FORGERIES) + 1


def test_a_forgery_arrives_on_the_print_in_the_tones_of_the_print(
    portrait: Portrait, face: Image
) -> None:
    aged = aged_face(portrait, 60, "soft", 2)
    proposed = Proposal(aged, aged.before, np.ones((512, 512), np.float32), face[:, ::-1])
    forged = proposed.on_print(dict(proposed.forged())["displaced"])
    assert np.array_equal(forged(0.0), aged.before)
    change = forged(1.0) - aged.before
    coarse = cv2.GaussianBlur(change, (0, 0), 2 / aged.fraction)
    assert np.abs(change).max() > 0.05
    assert float(np.square(coarse).mean()) < 0.03 * float(np.square(change).mean())


def trial(honest: bool, worst: float, similarity: float, detail_px: float = 100.0) -> Trial:
    kind = "x4plus" if honest else "smile"
    return Trial(kind, honest, 60, detail_px, replace(FITTING, worst=worst), similarity)


def test_each_witness_is_counted_and_the_embedding_only_where_it_is_asked() -> None:
    over, under = STANDARD.worst_misfit + 1, STANDARD.similarity - 0.1
    trials = [
        trial(True, 0.1, 0.95),
        trial(True, over, 0.95),
        trial(True, 0.1, under),
        trial(True, 0.1, under, STANDARD.least_detail_px - 1),
    ]
    assert objected(trials) == {"data": 0.25, "embedding": 0.25, "both": 0.5}


def test_the_report_has_its_targets_and_figures() -> None:
    trials = [trial(True, 0.1, 0.95), trial(False, STANDARD.worst_misfit + 1, 0.9)]
    guardings = [Guarding(True, "restored", 1.0, 0.1), Guarding(False, "reverted", 0.0, 0.2)]
    part = report(trials, guardings, {"one person": [0.6], "two persons": []}, 1)
    assert all(target.reached for target in part.targets)
    figures = part.as_json()["figures"]
    assert figures["outcomes"]["forged"] == {"mean_strength": 0.0, "reverted": 1}
    assert figures["objected_to_by_detail_px"]["64 to 128"]["grave"]["both"] == 1.0
    missed = report([*trials, trial(False, 0.1, 0.9)], guardings, {}, 1)
    assert [target.reached for target in missed.targets] == [True, False, True, True]


def test_quantiles_of_nothing_are_nothing() -> None:
    assert quantiles([]) == {}
    assert quantiles([1.0, 2.0, 3.0])["median"] == 2.0
