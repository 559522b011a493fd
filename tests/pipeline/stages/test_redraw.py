"""Redrawing keeps size, place and memory, and refuses what is no picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput
from pipeline.core.progress import Progress, Silent
from pipeline.models.provider import Inference
from pipeline.stages.redraw import redraw
from pipeline.stages.resample import resample


class Smooth:
    """An upscaler of the plainest kind: a cubic kernel, exact at any cut."""

    name = "cubic"
    scale = 4

    def __init__(self) -> None:
        self.given: list[tuple[int, int]] = []

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        self.given.append(pixels.shape[:2])
        size = (pixels.shape[1] * 4, pixels.shape[0] * 4)
        made = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
        return Inference(np.clip(made, 0, 1), self.name, "cpu", "float32")


class Broken(Smooth):
    """An upscaler that gives what it is told to."""

    def __init__(self, made: NDArray[np.float32]) -> None:
        super().__init__()
        self.made = made

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        return Inference(self.made, self.name, "cpu", "float32")


def test_bands_join_without_a_seam(astronaut: NDArray[np.float32]) -> None:
    whole, in_bands = Smooth(), Smooth()
    size = (300, 431)
    once, _ = redraw(astronaut, size, 0.7, whole, Silent(), single_tone=False)
    pieces, _ = redraw(astronaut, size, 0.7, in_bands, Silent(), single_tone=False, band_px=20_000)
    assert len(whole.given) == 1
    assert len(in_bands.given) > 5
    assert max(height for height, _ in in_bands.given) < 200
    assert np.abs(once - pieces).max() < 1e-4


def test_the_picture_stays_in_place(astronaut: NDArray[np.float32]) -> None:
    soft = cv2.GaussianBlur(astronaut, (0, 0), 3)
    made, _ = redraw(soft, (512, 512), 0.5, Smooth(), Silent(), single_tone=False)
    assert np.abs(made - soft).max() < 0.03


@pytest.mark.parametrize("band_px", [4_000_000, 8_000])
def test_a_part_is_that_part_of_the_whole(astronaut: NDArray[np.float32], band_px: int) -> None:
    soft = cv2.GaussianBlur(astronaut, (0, 0), 3)
    box = (100.5, 60.25, 300.5, 310.25)
    made, _ = redraw(
        soft, (400, 500), 0.5, Smooth(), Silent(), single_tone=False, box=box, band_px=band_px
    )
    assert np.abs(made - resample(soft, 400, 500, box)).max() < 0.03


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_output_that_is_no_picture_is_refused(astronaut: NDArray[np.float32], value: float) -> None:
    made = np.full((256, 256, 3), value, dtype=np.float32)
    with pytest.raises(BadOutput, match="cubic gave"):
        redraw(astronaut[:64, :64], (64, 64), 1.0, Broken(made), Silent(), single_tone=False)


def test_output_of_another_size_is_refused(astronaut: NDArray[np.float32]) -> None:
    with pytest.raises(BadOutput, match="was due"):
        redraw(
            astronaut[:64, :64],
            (64, 64),
            1.0,
            Broken(astronaut[:255, :256]),
            Silent(),
            single_tone=False,
        )


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2)])
def test_a_picture_of_a_few_px_is_possible(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    made, _ = redraw(picture, (7, 9), 1.0, Smooth(), Silent(), single_tone=False)
    assert made.shape == (9, 7, 3)
