"""What YuNet answers is read as it is meant; its weights are not needed for that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import WeightsWrong
from pipeline.models.face_boxes import distinct
from pipeline.models.weights import ResolvedModel
from pipeline.models.yunet_detector import STRIDES, YunetDetector, decoded

SIZE = (64, 96)
CHANNELS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
MARKS = np.array([[44, 20], [58, 21], [51, 30], [45, 38], [57, 39]], np.float32)

Answers = dict[str, NDArray[np.float32]]


def blank() -> Answers:
    return {
        f"{kind}_{stride}": np.zeros(
            (1, (SIZE[0] // stride) * (SIZE[1] // stride), channels), np.float32
        )
        for stride in STRIDES
        for kind, channels in CHANNELS.items()
    }


def with_face(answers: Answers, stride: int, face: float, thing: float) -> Answers:
    """A face of 24 x 32 px about (51, 30) px, in the cell of that stride in which it lies."""
    column, row = 51 // stride, 30 // stride
    cell = row * (SIZE[1] // stride) + column
    answers[f"cls_{stride}"][0, cell] = face
    answers[f"obj_{stride}"][0, cell] = thing
    middle = np.array([51, 30]) / stride - [column, row]
    extent = np.log(np.array([24, 32]) / stride)
    answers[f"bbox_{stride}"][0, cell] = [*middle, *extent]
    answers[f"kps_{stride}"][0, cell] = (MARKS / stride - [column, row]).ravel()
    return answers


@pytest.mark.parametrize("stride", STRIDES)
def test_a_face_is_read_where_it_lies_from_each_map(stride: int) -> None:
    scores, boxes, landmarks = decoded(with_face(blank(), stride, 0.81, 0.64), SIZE, 0.3)
    assert scores == pytest.approx([0.72])
    assert boxes[0] == pytest.approx([39, 14, 63, 46], abs=1e-3)
    assert landmarks[0] == pytest.approx(MARKS, abs=1e-3)


def test_finds_come_best_first_and_weak_ones_not_at_all() -> None:
    answers = with_face(with_face(blank(), 8, 0.5, 0.5), 16, 0.9, 0.9)
    answers = with_face(answers, 32, 0.2, 0.2)
    scores, boxes, _ = decoded(answers, SIZE, 0.3)
    assert scores == pytest.approx([0.9, 0.5])
    assert distinct(boxes, scores) == [0]


def test_nothing_is_read_from_an_empty_answer() -> None:
    scores, boxes, landmarks = decoded(blank(), SIZE, 0.3)
    assert (scores.shape, boxes.shape, landmarks.shape) == ((0,), (0, 4), (0, 5, 2))


def test_a_map_of_another_size_is_refused() -> None:
    answers = blank()
    answers["kps_8"] = answers["kps_8"][:, :-1]
    with pytest.raises(ValueError, match="stride 8"):
        decoded(answers, SIZE, 0.3)


def test_a_file_that_is_no_network_is_refused(
    tmp_path: Path, carded: Callable[..., ResolvedModel]
) -> None:
    path = tmp_path / "yunet.onnx"
    path.write_bytes(b"not a network")
    with pytest.raises(WeightsWrong, match="OpenCV cannot read it"):
        YunetDetector(carded(path))


def test_another_network_than_yunet_is_refused(centerface: ResolvedModel) -> None:
    with pytest.raises(WeightsWrong, match="no YuNet"):
        YunetDetector(centerface)
