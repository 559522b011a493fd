"""Each check turns down what it is there for, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.stages.eye_decision import red_pupil, why_not
from pipeline.stages.measure.red_pupil import RedDisc

RED = RedDisc(
    x=43,
    y=43,
    radius=6.2,
    redness=0.4,
    contrast=0.3,
    filled=1.0,
    spill=0.0,
    elsewhere=0.08,
    dip=1.1,
    hue=0.0,
    colour=(0.7, 0.2, 0.2),
    darkest=0.4,
    skin_ratio=1.2,
    skin_red=0.8,
)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"contrast": 0.1}, "hardly redder"),
        ({"hue": 15.0, "contrast": 0.14}, "hardly redder"),
        ({"hue": 40.0}, "not that of a flash"),
        ({"hue": -60.0}, "not that of a flash"),
        ({"darkest": 0.15}, "dark pupil"),
        ({"dip": 0.6}, "dark pupil"),
        ({"colour": (0.2, 0.05, 0.05)}, "its pupil is dark"),
        ({"hue": 15.0, "colour": (0.45, 0.2, 0.1)}, "its pupil is dark"),
        ({"elsewhere": 0.35}, "skin around it"),
        ({"filled": 0.6}, "no disc"),
        ({"spill": 0.12}, "no disc"),
    ],
)
def test_a_disc_that_is_no_red_pupil_is_turned_down(change: dict[str, Any], why: str) -> None:
    assert why_not(RED, seconded=False) == ""
    assert why in why_not(replace(RED, **change), seconded=False)


def test_beside_a_sure_one_a_weaker_disc_will_do_but_no_dark_pupil() -> None:
    weak = replace(RED, contrast=0.1, spill=0.12, redness=0.11)
    assert why_not(weak, seconded=False)
    assert why_not(weak, seconded=True) == ""
    assert why_not(replace(weak, darkest=0.2), seconded=True)


def test_the_first_that_passes_is_the_pupil() -> None:
    blot = replace(RED, contrast=0.5, spill=0.5)
    assert red_pupil([blot, RED], seconded=False) == (RED, "")
    assert red_pupil([], seconded=False)[0] is None


def test_red_on_both_sides_of_an_iris_is_no_pupil() -> None:
    twin = replace(RED, x=RED.x + 22, contrast=0.25)
    assert red_pupil([RED, twin], seconded=False) == (None, "it is red in more than one place")
    blurred = replace(RED, x=RED.x + 4, contrast=0.25)
    assert red_pupil([RED, blurred], seconded=False)[0] is RED
