"""The artifacts pass helps a poor print and leaves a good one alone."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data
from skimage.metrics import peak_signal_noise_ratio

from pipeline.core.photo import Photo
from pipeline.stages.artifacts import STAGE, Options, run
from pipeline.stages.base import Outcome, Tools


@pytest.fixture(scope="module")
def outcome(aged_portrait: Photo, neural_tools: Tools) -> Outcome:
    return run(aged_portrait, Options(), neural_tools)


@pytest.mark.weights
def test_a_noisy_oversampled_print_comes_nearer_to_the_truth(
    outcome: Outcome, aged_portrait: Photo, astronaut: NDArray[np.float32]
) -> None:
    truth = astronaut[20:260, 110:350]
    assert outcome.decision == "applied"
    before = peak_signal_noise_ratio(truth, aged_portrait.pixels, data_range=1)
    after = peak_signal_noise_ratio(truth, outcome.photo.pixels, data_range=1)
    assert after > before + 0.5


@pytest.mark.weights
def test_size_resolution_and_record_are_kept(outcome: Outcome, aged_portrait: Photo) -> None:
    assert outcome.photo.pixels.shape == aged_portrait.pixels.shape
    assert outcome.photo.dpi == aged_portrait.dpi
    assert outcome.models == ("RealESRGAN_x4plus-ncnn", "CenterFace")
    width, height = outcome.measures["inference"]["network_input_px"]
    assert 80 <= width <= 150
    assert width == height


@pytest.mark.weights
def test_the_face_on_the_print_is_looked_after(outcome: Outcome) -> None:
    (face,) = outcome.measures["faces"]
    assert face["outcome"] == "restored"
    assert face["strength"] == 0.8
    assert 0 < face["data_misfit"]["worst"] < 2


@pytest.mark.weights
def test_coarse_colour_and_tone_stay(outcome: Outcome, aged_portrait: Photo) -> None:
    change = outcome.photo.pixels - aged_portrait.pixels
    assert np.abs(cv2.GaussianBlur(change, (0, 0), 30)).max() < 0.01


@pytest.mark.weights
def test_the_same_print_gives_the_same_pixels(
    outcome: Outcome, aged_portrait: Photo, neural_tools: Tools
) -> None:
    again = run(aged_portrait, Options(), neural_tools)
    assert np.array_equal(outcome.photo.pixels, again.photo.pixels)


@pytest.mark.weights
def test_a_grey_print_stays_grey(aged_portrait: Photo, neural_tools: Tools) -> None:
    grey = np.repeat(aged_portrait.pixels[60:160, 60:160, 1:2], 3, axis=2)
    photo = Photo.of(np.ascontiguousarray(grey), monochrome=True)
    made = run(photo, Options(only_when_needed=False), neural_tools).photo
    assert made.monochrome
    assert not np.array_equal(made.pixels, photo.pixels)
    assert np.array_equal(made.pixels[..., 0], made.pixels[..., 2])


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea", "camera"])
def test_a_clean_sharp_picture_is_given_back_itself(name: str, neural_tools: Tools) -> None:
    picture = getattr(data, name)().astype(np.float32) / 255
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    photo = Photo.of(picture)
    outcome = run(photo, Options(), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.photo is photo
    assert outcome.reason
    assert outcome.measures["noise"] < Options().noise_from


def test_no_strength_is_no_change(aged_portrait: Photo, neural_tools: Tools) -> None:
    assert run(aged_portrait, Options(strength=0.0), neural_tools).photo is aged_portrait


def test_paper_that_resolves_enough_is_not_called_soft(
    astronaut: NDArray[np.float32], neural_tools: Tools
) -> None:
    """A 1200 dpi scan of a sharp 300 dpi print is oversampled, not soft."""
    enlarged = cv2.resize(astronaut[:300, :300], None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    photo = Photo.of(np.clip(enlarged, 0, 1), dpi=(1200.0, 1200.0))
    outcome = run(photo, Options(noise_from=1.0), neural_tools)
    assert outcome.decision == "skipped"
    assert outcome.measures["fraction_of_nyquist"] < 0.5
    coarse = replace(photo, dpi=(300.0, 300.0))
    assert run(coarse, Options(noise_from=1.0, strength=0.0), neural_tools).photo is coarse


def test_the_stage_asks_first_for_the_network_a_package_ships() -> None:
    assert next(iter(STAGE.models(Options())["artifacts"])) == "RealESRGAN_x4plus-ncnn"
    assert STAGE.generative


def test_a_print_with_too_little_to_work_with_is_not_redrawn(neural_tools: Tools) -> None:
    tiny = data.astronaut()[::20, ::20].astype(np.float32) / np.float32(255)
    noisy = tiny + np.random.default_rng(0).normal(0, 0.05, tiny.shape)
    photo = Photo.of(np.clip(noisy, 0, 1).astype(np.float32))
    outcome = run(photo, Options(only_when_needed=False), neural_tools)
    assert outcome.decision == "skipped"
    assert "invent" in outcome.reason
