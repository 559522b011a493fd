"""An estimated ageing is believed where the print bears it out, and not where a scene would do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.stages.ageing_proof import believed, in_words, why_not
from pipeline.stages.measure.ageing import Ageing
from pipeline.stages.measure.cast import Cast, cast_of
from tests.pipeline.stages.simulated_ageing import clean, faded

FADED = Ageing((0.6, 0.8, 0.75), (0.0, 0.02, 0.1), 0.005, 0.95)
STAINED = Ageing((0.99, 0.99, 0.99), (0.0, 0.02, 0.1), 0.0, 0.95)
TONES = Cast(
    white=(92.0, 0.0, 0.0),
    black=(20.0, 0.0, 0.0),
    greys=(0.0, 0.0),
    white_rgb=(0.9, 0.9, 0.9),
    black_rgb=(0.2, 0.2, 0.2),
    mean=(0.0, 0.0),
    bluest=5.0,
    floor=0.02,
)


def test_fading_with_a_floor_is_believed_as_it_is_told() -> None:
    assert believed(FADED, TONES, 0.9, 4.0) == FADED


def test_fading_that_is_not_certain_is_not_believed() -> None:
    assert believed(replace(FADED, certainty=0.85), TONES, 0.9, 4.0) is None
    assert believed(replace(FADED, certainty=0.85), TONES, 0.8, 4.0) is not None


def test_a_stain_alone_has_to_be_surer_than_fading() -> None:
    assert believed(STAINED, TONES, 0.9, 4.0) is None
    assert believed(replace(STAINED, certainty=0.97), TONES, 0.9, 4.0) is not None


def test_haze_without_floor_and_colour_is_not_taken_for_fading() -> None:
    certain = replace(FADED, certainty=0.985)
    hazy = replace(TONES, floor=0.4)
    assert believed(certain, hazy, 0.9, 4.0) is None
    assert believed(replace(certain, certainty=0.995), hazy, 0.9, 4.0) is not None
    tinted = believed(certain, replace(hazy, black=(20.0, 12.0, 10.0)), 0.9, 4.0)
    assert tinted is not None
    assert tinted.left[1] > FADED.left[1]
    assert tinted.left[0] / tinted.left[1] == pytest.approx(FADED.left[0] / FADED.left[1])


def test_white_paper_with_blue_things_left_proves_a_stain() -> None:
    old = cast_of(faded(clean("astronaut"), (1, 1, 1), (0.02, 0.06, 0.2)), None)
    found = believed(Ageing(), old, 0.9, 4.0)
    assert found is not None
    assert found.stain[2] == pytest.approx(0.18, abs=0.05)
    assert believed(Ageing(), replace(old, bluest=0.0), 0.9, 4.0) is None
    assert believed(Ageing(), old, 0.9, 40.0) is None
    orange = replace(old, white=(94.0, 8.0, 15.0), greys=(4.0, 9.0))
    assert believed(Ageing(), orange, 0.9, 4.0) is None


def test_a_yellow_border_proves_a_stain_and_a_white_one_does_not() -> None:
    assert believed(Ageing(), replace(TONES, border=(90.0, 0.0, 15.0)), 0.9, 4.0) is not None
    assert believed(Ageing(), replace(TONES, border=(95.0, 0.0, 1.0)), 0.9, 4.0) is None
    assert believed(Ageing(), replace(TONES, border=(90.0, 15.0, 2.0)), 0.9, 4.0) is None


def test_it_is_told_in_words() -> None:
    told = in_words(replace(FADED, veil=0.03))
    assert "cyan by 40 %" in told
    assert "yellow (density 0.10" in told
    assert "veil of 3.0 %" in told
    assert why_not(Ageing()) != why_not(replace(STAINED, certainty=0.93))
