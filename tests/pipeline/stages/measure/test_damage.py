"""Damage is found alike in pieces and at once, at every size of scan, and few things else are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.core.samples import to_integer
from pipeline.stages.measure.damage import find_damage
from pipeline.stages.measure.damage_net import MARGIN, log_odds
from tests.pipeline.stages.simulated_ageing import clean, noisy, scratched

_SIDE = "pipeline.stages.measure.damage_evidence.SIDE"
_PER_MM = 10.0


def _near(mask: NDArray[np.bool_], px: int) -> NDArray[np.bool_]:
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * px + 1, 2 * px + 1), np.uint8)) > 0


def _samples(name: str, seed: int) -> NDArray[np.uint16]:
    return Photo.of(scratched(clean(name), seed)[0]).samples


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_picture_in_pieces_has_the_same_damage_as_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = _samples(name, 41)
    whole = find_damage(samples, _PER_MM)
    monkeypatch.setattr(_SIDE, 128)
    cut = find_damage(samples, _PER_MM)
    assert whole.mask.any()
    # Sums of floats end in other last bits on other sizes; a px on the verge may fall either way.
    assert (cut.mask != whole.mask).mean() < 2e-4
    assert abs(cut.specks + cut.lines - whole.specks - whole.lines) <= 1


def test_the_network_sees_no_further_than_its_margin() -> None:
    picture = clean("astronaut")[:320, :320]
    other = picture.copy()
    other[:, 320 - 64 :] = 0.5
    change = np.abs(log_odds(picture) - log_odds(other)).max(axis=0)
    assert change[320 - 64 :].max() > 0.1
    assert change[: 320 - 64 - MARGIN].max() == 0


def test_a_scratch_is_found_along_its_whole_length_as_one_line() -> None:
    paper = noisy(np.full((600, 500, 3), (0.5, 0.45, 0.4), np.float32), 3.0)
    line = np.zeros(paper.shape[:2], np.uint8)
    cv2.line(line, (30, 30), (470, 570), 255, 2, cv2.LINE_AA)
    bad = paper + line[..., None] / np.float32(255) * (np.float32(0.93) - paper)
    found = find_damage(Photo.of(bad).samples, _PER_MM)
    along = np.linspace((30, 30), (470, 570), 200).round().astype(int)
    assert found.mask[along[:, 1], along[:, 0]].mean() > 0.98
    assert found.lines == 1
    assert found.share < 0.02


def test_the_same_damage_is_found_on_every_run() -> None:
    samples = _samples("rocket", 42)
    first = find_damage(samples, _PER_MM)
    assert all(np.array_equal(first.mask, find_damage(samples, _PER_MM).mask) for _ in range(2))


def test_one_grey_channel_has_the_damage_of_three_equal_ones() -> None:
    grey = Photo.of(scratched(clean("camera"), seed=43)[0], monochrome=True).samples
    whole = find_damage(grey, _PER_MM)
    assert whole.mask.any()
    assert np.array_equal(whole.mask, find_damage(np.repeat(grey, 3, axis=2), _PER_MM).mask)


def test_a_scan_of_twice_the_resolution_has_the_same_damage_at_twice_the_size() -> None:
    samples = _samples("astronaut", 44)[:-1]
    fine = samples.repeat(2, axis=0).repeat(2, axis=1)
    once, twice = find_damage(samples, 12.0), find_damage(fine, 24.0)
    assert once.mask.any()
    assert np.array_equal(twice.mask, once.mask.repeat(2, axis=0).repeat(2, axis=1))
    assert find_damage(fine[:-1], 24.0).mask.shape == (fine.shape[0] - 1, fine.shape[1])


def test_a_scan_too_large_for_memory_is_looked_at_on_an_average(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples = _samples("chelsea", 45)
    fine = samples.repeat(2, axis=0).repeat(2, axis=1)
    monkeypatch.setattr("pipeline.stages.measure.damage._MOST_PX", samples[..., 0].size)
    coarse = find_damage(fine, 12.0)
    once = find_damage(samples, 6.0)
    assert once.mask.any()
    assert np.array_equal(coarse.mask, once.mask.repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (7, 3), (17, 40)])
def test_a_sliver_of_a_picture_has_no_damage(shape: tuple[int, int]) -> None:
    samples = np.full((*shape, 3), 30_000, np.uint16)
    assert find_damage(samples, None).share == 0
    assert find_damage(samples, 200.0).mask.shape == shape


def test_infrared_shows_dark_threads_among_dark_branches() -> None:
    truth = clean("astronaut")
    thread = np.zeros(truth.shape[:2], np.uint8)
    cv2.ellipse(thread, (250, 250), (160, 90), 20, 0, 250, 255, 2)
    cover = cv2.GaussianBlur(thread, (0, 0), 0.6).astype(np.float32) / 255
    bad = truth * (1 - 0.9 * cover[..., None])
    plane = (0.8 + 0.08 * truth[..., 0]) * (1 - 0.8 * cover)
    plane += np.random.default_rng(1).normal(0, 0.004, plane.shape).astype(np.float32)
    samples, infrared = Photo.of(bad).samples, to_integer(np.clip(plane, 0, 1), 16)
    with_it = find_damage(samples, 12.0, infrared=infrared)
    assert with_it.infrared is not None
    assert with_it.infrared.trusted
    changed = np.abs(bad - truth).max(axis=2) > 0.08
    assert with_it.mask[changed].mean() > 0.9
    assert (with_it.mask & ~_near(thread > 0, 4)).mean() < 2e-4


def test_infrared_of_a_silver_print_changes_nothing() -> None:
    bad = scratched(clean("camera"), seed=4)[0]
    samples = Photo.of(bad).samples
    silver = to_integer((0.05 + 0.9 * bad.mean(axis=2)).astype(np.float32), 16)
    alone, heard = find_damage(samples, 10.0), find_damage(samples, 10.0, infrared=silver)
    assert np.array_equal(alone.mask, heard.mask)
    assert heard.infrared is not None
    assert not heard.infrared.trusted


def test_scratches_are_found_with_few_false_alarms() -> None:
    hits = marked = 0
    shares = []
    for seed in (21, 22):
        for name in ("astronaut", "chelsea", "camera"):
            bad, truth = scratched(clean(name), seed)
            mask = find_damage(bad, _PER_MM).mask
            hits += int((mask & _near(truth, 3)).sum())
            marked += int(mask.sum())
            shares.append(float(mask[truth].mean()))
    assert hits > 0.9 * marked
    assert np.mean(shares) > 0.7


@pytest.mark.parametrize("name", ["coffee", "chelsea", "camera", "brick", "coins"])
def test_hardly_anything_on_a_sound_photograph_is_taken_for_damage(name: str) -> None:
    assert find_damage(clean(name), 12.0).share < 5e-4


def test_a_flat_picture_has_no_damage() -> None:
    assert find_damage(np.full((50, 60, 3), 0.5, np.float32), None).share == 0
