from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from pipeline.stages.measure.damage import find_damage


def scratched(picture: np.ndarray, start: tuple[int, int], end: tuple[int, int]) -> np.ndarray:
    """A white line of 3 px over a picture enlarged as a scan is, with soft edges and grain."""
    large = cv2.resize(picture, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    line = np.zeros(large.shape[:2], np.float32)
    cv2.line(line, start, end, 1.0, 3, cv2.LINE_AA)
    line = cv2.GaussianBlur(line, (0, 0), 0.7)[..., None]
    noise = np.random.default_rng(2).normal(0, 0.015, large.shape)
    return np.clip(large * 0.75 * (1 - line) + 0.93 * line + noise, 0, 1).astype(np.float32)


@pytest.mark.parametrize(
    ("start", "end"), [((20, 700), (180, 420)), ((560, 260), (520, 560))], ids=["coat", "grass"]
)
def test_a_long_scratch_on_a_grey_print_is_found_along_most_of_its_length(start, end) -> None:
    grey = np.dstack([data.camera()] * 3).astype(np.float32) / 255
    found = find_damage(scratched(grey, start, end), 300 / 25.4)
    along = np.linspace(start, end, 50).round().astype(int)
    assert found.mask[along[:, 1], along[:, 0]].mean() > 0.75
    assert found.lines >= 1
    assert found.share < 0.01
