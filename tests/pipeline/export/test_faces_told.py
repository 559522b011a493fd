"""What became of faces is told in words that a person understands, for runs old and new."""

from __future__ import annotations

import pytest

from pipeline.export.faces_told import face_figures, face_line, face_lines, faces_sentence

RESTORED = {
    "face": 1,
    "width_px": 92.4,
    "outcome": "restored",
    "left_because": "",
    "model": "GFPGANv1.4",
    "strength": 0.8,
    "asked_strength": 0.8,
    "similarity": 0.9312,
    "data_misfit": {"overall": 0.04, "worst": 0.075, "where": "nose", "regions": {}},
    "mean_change": 0.0296,
}
GENTLY = {
    **RESTORED,
    "face": 2,
    "outcome": "restored gently",
    "strength": 0.4,
    "tried": [{"objection": "its eyes were elsewhere"}, {"objection": ""}],
}
REVERTED = {
    **RESTORED,
    "face": 3,
    "outcome": "reverted",
    "strength": 0.0,
    "left_because": "given back: it is somebody else",
}
LEFT = {"face": 4, "width_px": 18.0, "outcome": "left", "left_because": "too small"}
FAILED = {"face": 5, "width_px": 40.0, "outcome": "failed", "error": "E112 one flat colour"}
CHOSEN = {**RESTORED, "face": 6, "outcome": "as chosen", "objection": "it is somebody else"}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            RESTORED,
            "face 1, 92 px wide: restored with GFPGANv1.4, strength 0.8 "
            "(similarity to before 0.931, data misfit 0.04, 0.075 at nose, mean change 0.0296)",
        ),
        (
            GENTLY,
            "face 2, 92 px wide: restored gently with GFPGANv1.4, strength 0.4 of 0.8 asked for: "
            "its eyes were elsewhere "
            "(similarity to before 0.931, data misfit 0.04, 0.075 at nose, mean change 0.0296)",
        ),
        (
            REVERTED,
            "face 3, 92 px wide: given back as it was: it is somebody else "
            "(similarity to before 0.931, data misfit 0.04, 0.075 at nose, mean change 0.0296)",
        ),
        (LEFT, "face 4, 18 px wide: left as it is: too small"),
        (FAILED, "face 5, 40 px wide: FAILED: E112 one flat colour"),
        (
            CHOSEN,
            "face 6, 92 px wide: restored as chosen with GFPGANv1.4, strength 0.8: "
            "it is somebody else "
            "(similarity to before 0.931, data misfit 0.04, 0.075 at nose, mean change 0.0296)",
        ),
    ],
    ids=lambda value: value["outcome"] if isinstance(value, dict) else None,
)
def test_each_outcome_has_its_own_words_with_why_and_figures(entry: dict, told: str) -> None:
    assert face_line(entry) == told


def test_faces_of_earlier_versions_are_told_of_as_far_as_they_were_measured() -> None:
    redrawn = {"face": 1, "width_px": 87.0, "left_because": "", "model": "x", "mean_change": 0.03}
    assert face_line(redrawn) == "face 1, 87 px wide: restored with x (mean change 0.03)"
    assert face_line({"face": 2, "left_because": "clean"}) == "face 2: left as it is: clean"


def test_faces_that_another_stage_looked_at_are_not_told_as_restored_or_left() -> None:
    assert face_lines("faces", {"faces": [LEFT]}) == [face_line(LEFT)]
    assert face_lines("faces", {}) == []
    assert face_lines("red_eyes", {"faces": [{"face": 1}]}) == []


def test_figures_stand_on_lines_of_their_own() -> None:
    assert face_figures(RESTORED) == [
        "restored",
        "GFPGANv1.4",
        "strength 0.8",
        "similarity to before 0.931",
        "data misfit 0.04, 0.075 at nose",
        "mean change 0.0296",
    ]
    assert face_figures(LEFT) == ["left as it is: too small"]


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([], ""),
        ([LEFT], "1 face left as it is"),
        ([LEFT, LEFT], "2 faces left as they are"),
        ([RESTORED], "1 of 1 face redrawn"),
        (
            [RESTORED, GENTLY, REVERTED, LEFT, LEFT],
            "2 of 5 faces redrawn (1 gently), 1 given back because it no longer resembled itself",
        ),
        (
            [REVERTED, REVERTED, FAILED],
            "0 of 3 faces redrawn, 2 given back because they no longer resembled themselves, "
            "1 failed and left as it was",
        ),
    ],
)
def test_a_run_ends_with_one_sentence_about_the_faces(entries: list, told: str) -> None:
    assert faces_sentence({"faces": entries}) == told


def test_a_step_without_faces_has_nothing_to_tell() -> None:
    assert faces_sentence({}) == ""
