"""The benchmark of restored faces tells better from worse, and the stage does better."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.stages.faces import Options
from pipeline.stages.faces import run as faces
from tests.benchmarks.face_ageing import AGEINGS, WIDTHS, case_of, cases, widths
from tests.benchmarks.face_sheet import Row, write_sheet
from tests.benchmarks.faces_restoring import Score, report, scored, tools


def _score(width: int, before: float, after: float) -> Score:
    return Score(width, "worn", "restored", 0.8, (before, after), (0.02, 0.01), (26.0, 28.0))


def test_every_width_meets_every_ageing_once_a_round() -> None:
    shrunk = widths("tuning")
    assert shrunk == WIDTHS[: len(shrunk)] and 50 < shrunk[-1] < 100
    met = {(case.width, case.ageing) for case in cases("tuning", len(shrunk) * len(AGEINGS))}
    assert len(met) == len(shrunk) * len(AGEINGS)


def test_a_case_is_what_it_says_and_the_same_every_time() -> None:
    case, again = (case_of("tuning", 64, "worn", 2) for _ in range(2))
    assert case.photo.samples.tobytes() == again.photo.samples.tobytes()
    assert case.truth.shape[:2] == case.photo.samples.shape[:2]
    eyes = np.linalg.norm(case.landmarks[1] - case.landmarks[0])
    assert 0.35 * 64 < eyes < 0.55 * 64
    assert np.abs(case.photo.pixels - case.truth).mean() > 0.01


def test_one_width_that_loses_likeness_misses_its_targets() -> None:
    good = [_score(width, 0.3, 0.25) for width in WIDTHS]
    assert all(target.reached for target in report(good, 2.0).targets)
    bad = [*good[1:], _score(100, 0.2, 0.32)]
    missed = [target.name for target in report(bad, 2.0).targets if not target.reached]
    assert "likeness gained by the weakest width from 50 px up" in missed
    assert "share made less alike by 0.02" in missed
    slow = [target.name for target in report(good, 3.5).targets if not target.reached]
    assert slow == ["seconds a face of ten"]


def test_sheets_show_each_width_at_full_size(tmp_path: Path) -> None:
    picture = np.full((200, 200, 3), 0.4, np.float32)
    face = np.full((512, 512, 3), 0.6, np.float32)
    marks = np.full((5, 2), 100, np.float32)
    rows = [Row("one", (picture,) * 3, (face,) * 3, marks, width) for width in (50, 80, 50)]
    paths = write_sheet(rows, tmp_path / "sheets")
    assert [path.name for path in paths] == ["faces-050px.png", "faces-080px.png"]
    two, one = (cv2.imread(str(path)) for path in paths)
    assert two is not None and one is not None
    assert two.shape[0] > 1.8 * one.shape[0]


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize(
    ("width", "ageing"), [(24, "grainy"), (50, "soft"), (64, "soft"), (80, "grainy")]
)
def test_a_face_is_more_like_the_truth_after_than_before_and_never_less(
    width: int, ageing: str
) -> None:
    pytest.importorskip("dlib", reason="the extra [identity] is not installed")
    able = tools()
    case = case_of("tuning", width, ageing, 0)
    score, _ = scored(case, faces(case.photo, Options(), able), able)
    before, after = score.distance
    assert after <= before + 1e-6 if width < 50 else after < before - 0.005
    assert score.landmarks[1] <= score.landmarks[0] + 0.01
