from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from pipeline.core.photo import Photo
from pipeline.core.progress import Silent
from pipeline.stages.base import Tools
from pipeline.stages.deyellow import STAGE, Options
from pipeline.stages.measure.cast import cast_of

YELLOWED = np.array([0.93, 0.88, 0.70], np.float32)


def bordered(picture: np.ndarray, paper: np.ndarray, share: float = 0.06) -> np.ndarray:
    """The picture on paper with a border of that share of its short side."""
    width = round(share * min(picture.shape[:2]))
    rows, columns = picture.shape[:2]
    sheet = np.ones((rows + 2 * width, columns + 2 * width, 3), np.float32) * paper
    sheet[width : width + rows, width : width + columns] = picture * paper
    rng = np.random.default_rng(1)
    return np.clip(sheet + rng.normal(0, 0.005, sheet.shape), 0, 1).astype(np.float32)


def cat() -> np.ndarray:
    return data.chelsea().astype(np.float32) / 255


def test_a_border_is_found_and_its_colour_measured() -> None:
    border = cast_of(bordered(cat(), YELLOWED), None).border
    assert border is not None
    assert border[0] > 85
    assert border[2] > 15


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "rocket", "camera", "moon"])
def test_pictures_without_a_border_have_none(name: str) -> None:
    picture = getattr(data, name)()
    picture = picture if picture.ndim == 3 else np.dstack([picture] * 3)
    assert cast_of(picture.astype(np.float32) / 255, None).border is None


def test_an_even_light_background_is_no_border() -> None:
    picture = np.ones((300, 400, 3), np.float32) * YELLOWED
    picture[120:180, 150:250] = 0.2
    assert cast_of(picture, None).border is None


def test_a_yellowed_border_proves_the_stain_on_a_picture_that_alone_would_be_left() -> None:
    tools = Tools(models=None, progress=Silent())  # type: ignore[arg-type]  # not used
    alone = STAGE.run(Photo.of(cat() * YELLOWED), Options(), tools)
    framed = STAGE.run(Photo.of(bordered(cat(), YELLOWED)), Options(), tools)
    assert alone.decision == "skipped"
    assert framed.decision == "applied"
    truth = bordered(cat(), np.ones(3, np.float32))
    before = np.abs(bordered(cat(), YELLOWED) - truth).mean()
    assert np.abs(framed.photo.pixels - truth).mean() < 0.5 * before
