"""A decision finds its face by its place, whatever number the face has by now."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from pipeline.stages.face_choice import FaceChoice, matched, nearest, shares

LEFT, RIGHT = (100.0, 50.0, 180.0, 150.0), (400.0, 60.0, 500.0, 180.0)
LEAVE_LEFT = FaceChoice(box=shares(LEFT, 600, 300), leave=True)
GENTLE_RIGHT = FaceChoice(box=shares(RIGHT, 600, 300), strength=0.3)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"leave": True, "strength": 0.5},
        {"leave": True, "model": "x"},
        {"strength": 1.1},
        {"model": ""},
        {"leave": True, "box": (0.5, 0.1, 0.4, 0.2)},
        {"leave": True, "box": (0.1, 0.1, 0.4, 1.2)},
        {"leave": True, "face": 0},
    ],
    ids=str,
)
def test_a_decision_that_says_nothing_or_two_things_is_refused(said: dict) -> None:
    with pytest.raises(ValidationError):
        FaceChoice(**said)


def test_a_decision_is_the_same_after_a_journey_through_the_ledger() -> None:
    document = GENTLE_RIGHT.model_dump(mode="json")
    assert FaceChoice.model_validate(document) == GENTLE_RIGHT


def test_each_decision_goes_to_its_own_face_in_whatever_order() -> None:
    assert matched([GENTLE_RIGHT, LEAVE_LEFT], [LEFT, RIGHT], 600, 300) == [
        LEAVE_LEFT,
        GENTLE_RIGHT,
    ]


def test_a_face_found_before_it_does_not_shift_a_decision() -> None:
    new = (10.0, 10.0, 60.0, 80.0)
    assert matched([LEAVE_LEFT], [new, LEFT, RIGHT], 600, 300) == [None, LEAVE_LEFT, None]


def test_a_decision_holds_for_the_same_print_at_another_resolution() -> None:
    doubled = [tuple(2 * value for value in box) for box in (LEFT, RIGHT)]
    assert matched([LEAVE_LEFT], doubled, 1200, 600) == [LEAVE_LEFT, None]


def test_a_box_found_a_little_differently_is_the_same_face_and_another_place_is_not() -> None:
    near = (108.0, 44.0, 190.0, 150.0)
    far = (150.0, 50.0, 230.0, 150.0)
    assert matched([LEAVE_LEFT], [near], 600, 300) == [LEAVE_LEFT]
    assert matched([LEAVE_LEFT], [far], 600, 300) == [None]


def test_of_two_faces_near_a_decision_the_better_match_gets_it_and_one_only() -> None:
    near = (110.0, 50.0, 190.0, 150.0)
    assert matched([LEAVE_LEFT], [near, LEFT], 600, 300) == [None, LEAVE_LEFT]


def test_without_a_box_the_number_counts_and_without_either_every_face() -> None:
    second = FaceChoice(face=2, strength=0.5)
    every = FaceChoice(leave=True)
    assert matched([second], [LEFT, RIGHT], 600, 300) == [None, second]
    assert matched([every, second], [LEFT, RIGHT], 600, 300) == [every, second]
    assert matched([FaceChoice(face=9, leave=True)], [LEFT], 600, 300) == [None]


def test_the_nearest_decision_is_found_among_those_that_overlap_enough() -> None:
    choices = [LEAVE_LEFT, GENTLE_RIGHT]
    assert nearest(choices, shares(RIGHT, 600, 300)) == 1
    assert nearest(choices, (0.9, 0.9, 1.0, 1.0)) is None
    assert nearest([], (0.1, 0.1, 0.2, 0.2)) is None


def test_shares_stay_within_the_print() -> None:
    assert shares((-5.0, 10.0, 700.0, 310.0), 600, 300) == (0.0, 0.03333, 1.0, 1.0)


def test_decisions_are_told_in_words() -> None:
    assert FaceChoice(leave=True).in_words() == "leave it"
    assert FaceChoice(model="GFPGANv1.4", strength=0.4).in_words() == "GFPGANv1.4 with strength 0.4"
    assert FaceChoice(strength=0.0).in_words() == "strength 0"
    assert FaceChoice(model="GFPGANv1.4").in_words() == "with GFPGANv1.4"
