"""Faces are redrawn, redrawn gently or left, and people are told why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.models.provider import Face
from pipeline.stages.face_alignment import TEMPLATE, align
from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.face_decision import Bounds, decide
from pipeline.stages.face_finding import MeasuredFace
from pipeline.stages.measure.blur import Blur
from pipeline.stages.measure.condition import Condition

BOUNDS = Bounds(
    min_px=24,
    max_px=None,
    max_misfit=0.25,
    max_covered=0.4,
    max_motion=0.1,
    gentle_below_px=50,
    only_when_needed=True,
)
SHARP = Blur("none", sure=1.0)


def face(**changes: object) -> MeasuredFace:
    """A noisy face of 100 px that is seen from the front."""
    marks = (TEMPLATE * 0.4).astype(np.float32)
    plain = MeasuredFace(
        1, Face(0.9, (50, 40, 150, 170), marks), align(marks), Condition(0.9, 0.02, 0.0), ("noisy",)
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_worn_face_gets_the_strength_of_the_recipe() -> None:
    decision = decide(face(), SHARP, BOUNDS, 0.8)
    assert (decision.strength, decision.left_because, decision.leaves) == (0.8, "", False)


def _sideways() -> MeasuredFace:
    marks = TEMPLATE.copy()
    marks[2, 0] += 90
    marks[0, 0] += 60
    marks = marks.astype(np.float32)
    return face(face=Face(0.9, (0, 0, 100, 100), marks), alignment=align(marks))


@pytest.mark.parametrize(
    ("left", "blur", "words"),
    [
        (face(doubt="it may be a pattern"), SHARP, "it may be a pattern"),
        (face(upright_width=20.0), SHARP, "too small (20 px, less than 24)"),
        (face(alignment=None), SHARP, "were not found"),
        (_sideways(), SHARP, "not seen from the front"),
        (face(covered=0.55), SHARP, "mostly covered or cut off (55% of it)"),
        (face(), Blur("motion", length_px=14.0), "moved while the picture was taken (14 px)"),
        (face(faults=()), SHARP, "clean and sharp"),
    ],
    ids=["doubtful", "small", "no landmarks", "profile", "covered", "moved", "sharp"],
)
def test_a_face_that_cannot_or_need_not_be_bettered_is_left(
    left: MeasuredFace, blur: Blur, words: str
) -> None:
    decision = decide(left, blur, BOUNDS, 0.8)
    assert decision.leaves
    assert decision.strength == 0.0
    assert words in decision.left_because


def test_a_little_motion_is_no_reason_to_leave_a_face() -> None:
    assert not decide(face(), Blur("motion", length_px=6.0), BOUNDS, 0.8).leaves


def test_a_face_larger_than_wanted_is_left() -> None:
    bounds = replace(BOUNDS, max_px=80)
    assert (
        "larger than wanted (100 px, more than 80)"
        in decide(face(), SHARP, bounds, 0.8).left_because
    )


def test_the_fewer_px_are_real_the_gentler_a_face_is_treated() -> None:
    strengths = [
        decide(face(condition=Condition(real, 0.02, 0.0)), SHARP, BOUNDS, 0.8).strength
        for real in (0.05, 0.2, 0.4, 0.6)
    ]
    assert strengths == pytest.approx([0.32, 0.32, 0.64, 0.8])
    gentle = decide(face(condition=Condition(0.2, 0.02, 0.0)), SHARP, BOUNDS, 0.8)
    assert gentle.remark == "gently: only 20 px of it are real"


def test_a_person_overrules_what_was_measured() -> None:
    small = face(upright_width=20.0, faults=())
    decision = decide(small, SHARP, BOUNDS, 0.8, FaceChoice(face=1, model="other"))
    assert (decision.strength, decision.model, decision.chosen) == (0.8, "other", True)
    assert decide(face(), SHARP, BOUNDS, 0.8, FaceChoice(face=1, leave=True)).leaves
    assert decide(face(), SHARP, BOUNDS, 0.8, FaceChoice(face=1, strength=0.0)).leaves
    stronger = decide(face(), SHARP, BOUNDS, 0.0, FaceChoice(face=1, strength=0.3))
    assert (stronger.strength, stronger.leaves) == (0.3, False)


def test_at_strength_none_every_face_is_left() -> None:
    assert decide(face(), SHARP, BOUNDS, 0.0).left_because == "the strength is 0"
