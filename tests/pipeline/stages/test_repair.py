"""Damage is filled, everything else keeps its bits."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.measure.damage import Damage
from pipeline.stages.repair import Options, repair
from tests.pipeline.stages.simulated_ageing import clean, noisy, scratched

_SEPIA = np.array([0.9, 0.7, 0.45], np.float32)
_PAPER = np.array([0.93, 0.92, 0.9], np.float32)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "rocket"])
def test_a_damaged_print_comes_nearer_to_the_truth(name: str, neural_tools: Tools) -> None:
    truth = clean(name)
    bad, where = scratched(truth, seed=100)
    outcome = repair(Photo.of(bad), Options(), neural_tools)
    mask = outcome.images["damage"] > 0
    before = peak_signal_noise_ratio(truth, bad, data_range=1)
    after = peak_signal_noise_ratio(truth, outcome.photo.pixels, data_range=1)
    assert outcome.decision == "applied"
    assert after > before + 1.5
    assert outcome.measures["specks"] > 3
    assert (mask & where).sum() > 0.3 * where.sum()


def test_every_pixel_outside_the_mask_keeps_its_bits(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("chelsea"), seed=7)
    fine = bad * np.float32(0.987654) + np.float32(1e-3)
    photo = Photo.of(fine, bit_depth=16)
    outcome = repair(photo, Options(), neural_tools)
    outside = outcome.images["damage"] == 0
    assert outcome.decision == "applied"
    assert np.array_equal(outcome.photo.samples[outside], photo.samples[outside])
    assert not np.array_equal(outcome.photo.pixels[~outside], fine[~outside])


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("astronaut", 0.001),
        ("coffee", 0.001),
        ("chelsea", 0.001),
        ("camera", 0.001),
        ("brick", 0.001),
        # Its lattice towers before the evening sky are the worst that is known.
        ("rocket", 0.005),
    ],
)
def test_hardly_anything_is_taken_for_damage_on_a_clean_picture(
    name: str, most: float, neural_tools: Tools
) -> None:
    outcome = repair(Photo.of(clean(name)), Options(), neural_tools)
    assert outcome.measures["damaged_share"] < most
    if outcome.decision == "skipped":
        assert outcome.reason


def test_eyes_teeth_and_whiskers_are_left_alone(neural_tools: Tools) -> None:
    woman = repair(Photo.of(clean("astronaut")), Options(), neural_tools).photo.pixels
    cat = repair(Photo.of(clean("chelsea")), Options(), neural_tools).photo.pixels
    face = np.s_[60:200, 150:300]
    assert np.array_equal(woman[face], clean("astronaut")[face])
    assert np.array_equal(cat, clean("chelsea"))


def _sepia_with_cracks() -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    sepia = clean("camera")[..., 1:2] * _SEPIA
    cracks = np.zeros(sepia.shape[:2], np.uint8)
    bends = np.array([[330, 60], [370, 75], [400, 70], [440, 90]], np.int32)
    cv2.polylines(cracks, [bends], False, 255, 8)
    for x, y in ((60, 60), (100, 90), (60, 150), (450, 150), (150, 40)):
        cv2.circle(cracks, (x, y), 2, 255, -1)
    cover = cv2.GaussianBlur(cracks, (0, 0), 0.6)[..., None] / np.float32(255)
    bad = sepia + cover * (_PAPER - sepia)
    return bad.astype(np.float32), cracks > 0


def test_wide_cracks_of_bare_paper_are_filled_on_a_toned_print(neural_tools: Tools) -> None:
    bad, cracks = _sepia_with_cracks()
    outcome = repair(Photo.of(bad), Options(), neural_tools)
    mask = outcome.images["damage"] > 0
    assert (mask & cracks).sum() > 0.95 * cracks.sum()
    near = cv2.dilate(cracks.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert (mask & ~near).mean() < 0.002
    truth = clean("camera")[..., 1:2] * _SEPIA
    assert np.abs(outcome.photo.pixels - truth)[cracks].mean() < 0.04


def test_the_white_border_of_a_print_is_not_damage(neural_tools: Tools) -> None:
    bad, _ = _sepia_with_cracks()
    framed = cv2.copyMakeBorder(bad, 9, 9, 9, 9, cv2.BORDER_CONSTANT, value=_PAPER.tolist())
    outcome = repair(Photo.of(framed), Options(), neural_tools)
    mask = outcome.images["damage"] > 0
    assert mask.any()
    mask[9:-9, 9:-9] = False
    assert not mask.any()


def test_a_grey_print_stays_exactly_grey(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("camera"), seed=3)
    grey = bad[..., 1:2].repeat(3, axis=2)
    pixels = repair(Photo.of(grey, monochrome=True), Options(), neural_tools).photo.pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 1], pixels[..., 2])


def test_too_much_to_be_damage_is_left_and_said(neural_tools: Tools) -> None:
    bad, _ = scratched(clean("chelsea"), seed=7)
    photo = Photo.of(bad)
    outcome = repair(photo, Options(most_share=0.001), neural_tools)
    assert outcome.photo is photo
    assert outcome.decision == "skipped"
    assert outcome.notes
    assert outcome.images["damage"].any()


def test_a_row_of_white_buttons_is_not_damage(neural_tools: Tools) -> None:
    cardigan = noisy(np.full((300, 300, 3), (0.1, 0.3, 0.25), np.float32), 4.0)
    for down in range(40, 280, 40):
        cv2.circle(cardigan, (150 + down // 10, down), 3, (0.97, 0.97, 0.97), -1, cv2.LINE_AA)
    cardigan = cv2.GaussianBlur(cardigan, (0, 0), 0.6)  # no print is sharp to the px
    coloured = np.concatenate([cardigan, clean("chelsea")], axis=1)
    photo = Photo.of(coloured, dpi=(190.0, 190.0))
    assert repair(photo, Options(), neural_tools).photo is photo


def _with_infrared(name: str) -> tuple[Photo, NDArray[np.bool_]]:
    """Dark threads, and an infrared plane that they block and dyes hardly do."""
    truth = clean(name)
    thread = np.zeros(truth.shape[:2], np.uint8)
    cv2.ellipse(thread, (200, 150), (120, 70), 20, 0, 250, 255, 2)
    cv2.line(thread, (60, 250), (330, 200), 255, 2)
    cover = cv2.GaussianBlur(thread, (0, 0), 0.6).astype(np.float32) / 255
    plane = (0.8 + 0.08 * truth[..., 0]) * (1 - 0.8 * cover)
    plane += np.random.default_rng(1).normal(0, 0.004, plane.shape).astype(np.float32)
    infrared = np.clip(plane, 0, 1).astype(np.float32)
    bad = (truth * (1 - 0.9 * cover[..., None])).astype(np.float32)
    return Photo.of(bad, dpi=(300.0, 300.0), infrared=infrared), thread > 0


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_infrared_finds_dark_threads_and_they_are_filled(name: str, neural_tools: Tools) -> None:
    photo, thread = _with_infrared(name)
    outcome = repair(photo, Options(), neural_tools)
    mask = outcome.images["damage"] > 0
    truth = clean(name)
    assert "infrared" in outcome.reason
    assert outcome.measures["infrared"]["trusted"]
    near = cv2.dilate(thread.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (mask & ~near).mean() < 3e-4
    where = thread & (np.abs(photo.pixels - truth).max(axis=2) > 0.1)
    assert mask[where].mean() > 0.9
    before, after = (
        float(((p - truth)[near] ** 2).mean()) for p in (photo.pixels, outcome.photo.pixels)
    )
    assert after < 0.3 * before


def test_infrared_that_shows_the_picture_is_left_out_and_that_is_said(neural_tools: Tools) -> None:
    grey = clean("camera")
    photo = Photo.of(grey, infrared=(0.05 + 0.9 * grey[..., 0]).astype(np.float32))
    outcome = repair(photo, Options(), neural_tools)
    assert any("silver" in note for note in outcome.notes)
    plain = repair(Photo.of(grey), Options(), neural_tools)
    assert outcome.measures["damaged_share"] == plain.measures["damaged_share"]


def test_a_speck_in_an_eye_is_left_to_a_person_and_asked_for_by_option(
    neural_tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = Photo.of(clean("astronaut"), dpi=(300.0, 300.0))
    eye, coat = np.s_[108:112, 202:206], np.s_[400:404, 300:304]
    mask = np.zeros((photo.height, photo.width), bool)
    mask[eye] = mask[coat] = True
    found = Damage(mask, 2, 0, float(mask.mean()), 4)
    monkeypatch.setattr("pipeline.stages.repair.find_damage", lambda *given: found)
    monkeypatch.setattr("pipeline.stages.repair.calm", lambda before, made, mask: mask)
    spared = repair(photo, Options(), neural_tools)
    bold = repair(photo, Options(spare_faces=False), neural_tools)
    assert spared.models == ("CenterFace",)
    assert not spared.images["damage"][eye].any()
    assert spared.images["damage"][coat].all()
    assert bold.images["damage"][eye].all()
