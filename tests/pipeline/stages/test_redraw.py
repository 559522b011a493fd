"""Redrawing keeps size, place and memory, and refuses what is no picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput
from pipeline.core.photo import Photo
from pipeline.core.progress import Progress, Silent
from pipeline.models.provider import Inference, Rows
from pipeline.stages.base import Tools
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

    def bands(self, rows: Rows, height: int, width: int, progress: Progress) -> Iterator[Inference]:
        made = self.run(rows(0, height), progress)
        for top in range(0, len(made.pixels), 200):
            yield replace(made, pixels=made.pixels[top : top + 200])


class Broken(Smooth):
    """An upscaler that gives what it is told to."""

    def __init__(self, made: NDArray[np.float32]) -> None:
        super().__init__()
        self.made = made

    def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
        return Inference(self.made, self.name, "cpu", "float32")


def _redrawn(
    picture: NDArray[np.float32],
    size: tuple[int, int],
    fraction: float,
    upscaler: Smooth,
    **more: object,
) -> NDArray[np.float32]:
    """float32 (height, width, 3) of a picture redrawn at (width, height)."""
    photo = Photo.of(picture)
    into = np.zeros((size[1], size[0], 3), np.uint16)
    redraw(photo, into, fraction, upscaler, Silent(), **{"single_tone": False, **more})  # type: ignore[arg-type]
    return photo.with_samples(into).pixels


def test_columns_join_without_a_seam(astronaut: NDArray[np.float32]) -> None:
    whole, in_columns = Smooth(), Smooth()
    size = (300, 431)
    once = _redrawn(astronaut, size, 0.7, whole)
    pieces = _redrawn(astronaut, size, 0.7, in_columns, widest=260)
    assert len(whole.given) == 1
    assert len(in_columns.given) > 2
    assert max(width for _, width in in_columns.given) <= 260
    assert np.abs(once - pieces).max() < 1e-3


def test_bands_join_without_a_seam(
    astronaut: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    once = _redrawn(astronaut, (300, 431), 0.7, Smooth())
    monkeypatch.setattr("pipeline.stages.redraw._BAND_PX", 1)
    in_bands = _redrawn(astronaut, (300, 431), 0.7, Smooth())
    assert np.abs(once - in_bands).max() < 1e-3


def test_the_picture_stays_in_place(astronaut: NDArray[np.float32]) -> None:
    soft = cv2.GaussianBlur(astronaut, (0, 0), 3)
    made = _redrawn(soft, (512, 512), 0.5, Smooth())
    assert np.abs(made - soft).max() < 0.03


@pytest.mark.parametrize("widest", [1500, 230])
def test_a_part_is_that_part_of_the_whole(astronaut: NDArray[np.float32], widest: int) -> None:
    soft = cv2.GaussianBlur(astronaut, (0, 0), 3)
    box = (100.5, 60.25, 300.5, 310.25)
    made = _redrawn(soft, (400, 500), 0.5, Smooth(), box=box, widest=widest)
    assert np.abs(made - resample(soft, 400, 500, box)).max() < 0.03


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.5])
def test_output_that_is_no_picture_is_refused(astronaut: NDArray[np.float32], value: float) -> None:
    made = np.full((256, 256, 3), value, dtype=np.float32)
    with pytest.raises(BadOutput, match="cubic gave"):
        _redrawn(astronaut[:64, :64], (64, 64), 1.0, Broken(made))


def test_output_of_another_size_is_refused(astronaut: NDArray[np.float32]) -> None:
    with pytest.raises(BadOutput, match="was due"):
        _redrawn(astronaut[:64, :64], (64, 64), 1.0, Broken(astronaut[:255, :256]))


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (3, 2)])
def test_a_picture_of_a_few_px_is_possible(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    assert _redrawn(picture, (7, 9), 1.0, Smooth()).std() > 0


def test_grey_is_drawn_in_one_channel_and_as_if_it_had_three(
    astronaut: NDArray[np.float32],
) -> None:
    grey = np.repeat(astronaut[..., :1], 3, axis=2)
    upscaler = Smooth()
    photo = Photo.of(grey, monochrome=True)
    into = np.zeros((200, 200, 1), np.uint16)
    redraw(photo, into, 0.4, upscaler, Silent(), single_tone=True)
    three = _redrawn(grey, (200, 200), 0.4, Smooth(), single_tone=True)
    assert np.array_equal(three[..., 0], three[..., 2])
    assert np.abs(three[..., :1] - into / np.float32(65535)).max() < 1e-4


def test_a_network_that_shifts_colours_shifts_only_detail(astronaut: NDArray[np.float32]) -> None:
    class Reddish(Smooth):
        def run(self, pixels: NDArray[np.float32], progress: Progress) -> Inference:
            made = super().run(pixels, progress)
            redder = np.clip(made.pixels + np.array([0.05, 0, -0.05], np.float32), 0, 1)
            return Inference(redder, self.name, "cpu", "float32")

    picture = 0.2 + 0.6 * cv2.GaussianBlur(astronaut, (0, 0), 2)
    for widest in (1500, 230):
        made = _redrawn(picture, (512, 512), 0.5, Reddish(), widest=widest)
        assert np.abs(made - picture).mean() < 0.003
        assert np.abs(made - picture).max() < 0.03


def test_facts_tell_of_all_columns(astronaut: NDArray[np.float32]) -> None:
    upscaler = Smooth()
    photo = Photo.of(astronaut)
    into = np.zeros((64, 64, 3), np.uint16)
    facts = redraw(photo, into, 0.5, upscaler, Silent(), single_tone=False, widest=230)
    assert facts["network_input_px"] == [282, 282]
    assert facts["columns"] == len(upscaler.given) > 1


@pytest.mark.weights
def test_columns_of_the_real_network_join_without_a_seam(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    """As it runs here, in a quick number format, of which a little noise remains."""
    upscaler = neural_tools.models.upscaler("artifacts")
    photo = Photo.of(np.ascontiguousarray(astronaut[100:164, 100:360]))
    made = []
    for widest in (1500, 220):
        into = np.zeros_like(photo.samples)
        facts = redraw(photo, into, 1.0, upscaler, Silent(), single_tone=False, widest=widest)
        made.append(photo.with_samples(into).pixels)
    assert facts["columns"] == 2
    difference = np.abs(made[0] - made[1])
    assert difference.max() < 3 / 255
    assert difference.mean() < 0.3 / 255
