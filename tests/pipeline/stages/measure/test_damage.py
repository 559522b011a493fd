"""Damage is found alike in pieces and at once, at every size of scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.measure.damage import Damage, find_damage
from pipeline.stages.measure.damage_candidates import candidates
from tests.pipeline.stages.simulated_ageing import clean, noisy, scratched

_SIDE = "pipeline.stages.measure.damage_view.SIDE"
_SEPIA = np.array([0.9, 0.7, 0.45], np.float32)


def _in_pieces(
    samples: NDArray[np.uint16], px_per_mm: float | None, monkeypatch: pytest.MonkeyPatch, side: int
) -> Damage:
    with monkeypatch.context() as patch:
        patch.setattr(_SIDE, side)
        return find_damage(samples, px_per_mm)


@pytest.mark.parametrize("side", [64, 150])
@pytest.mark.parametrize("name", ["astronaut", "chelsea", "camera"])
def test_a_picture_in_pieces_has_the_same_damage_as_at_once(
    name: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = Photo.of(scratched(clean(name), seed=41)[0]).samples
    whole = find_damage(samples, None)
    cut = _in_pieces(samples, None, monkeypatch, side)
    assert whole.mask.any()
    assert np.array_equal(cut.mask, whole.mask)
    assert (cut.specks, cut.lines) == (whole.specks, whole.lines)


def test_a_candidate_cut_by_pieces_is_weighed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = Photo.of(scratched(clean("coffee"), seed=46)[0]).samples
    whole = candidates(samples, 4)
    monkeypatch.setattr(_SIDE, 50)
    cut = candidates(samples, 4)
    assert len(whole.bright) > 100
    assert np.array_equal(cut.labels, whole.labels)
    assert np.allclose(cut.features, whole.features, atol=1e-4)
    assert np.allclose(cut.inside, whole.inside)


def test_wide_cracks_in_pieces_are_the_same_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sepia = clean("camera")[..., 1:2] * _SEPIA
    cracks = np.zeros(sepia.shape[:2], np.uint8)
    cv2.polylines(cracks, [np.array([[330, 60], [400, 70], [440, 260]], np.int32)], False, 255, 8)
    cover = cv2.GaussianBlur(cracks, (0, 0), 0.6)[..., None] / np.float32(255)
    samples = Photo.of((sepia + cover * (np.float32(0.92) - sepia)).astype(np.float32)).samples
    whole = find_damage(samples, None)
    cut = _in_pieces(samples, None, monkeypatch, 100)
    assert whole.mask[cracks > 0].mean() > 0.95
    assert np.array_equal(cut.mask, whole.mask)


def test_a_scratch_across_many_pieces_is_one_line_found_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paper = noisy(np.full((600, 500, 3), (0.5, 0.45, 0.4), np.float32), 3.0)
    line = np.zeros(paper.shape[:2], np.uint8)
    cv2.line(line, (30, 20), (470, 580), 255, 2, cv2.LINE_AA)
    bad = paper + line[..., None] / np.float32(255) * (np.float32(0.93) - paper)
    found = _in_pieces(Photo.of(bad).samples, None, monkeypatch, 64)
    along = np.linspace((30, 20), (470, 580), 200).round().astype(int)
    assert found.mask[along[:, 1], along[:, 0]].all()
    assert (found.lines, found.specks) == (1, 0)


def test_the_same_damage_is_found_on_every_run() -> None:
    samples = Photo.of(scratched(clean("rocket"), seed=42)[0]).samples
    first = find_damage(samples, None)
    assert all(np.array_equal(first.mask, find_damage(samples, None).mask) for _ in range(3))


def test_one_grey_channel_has_the_damage_of_three_equal_ones() -> None:
    grey = Photo.of(scratched(clean("camera"), seed=43)[0], monochrome=True).samples
    whole = find_damage(grey, None)
    assert whole.mask.any()
    assert np.array_equal(whole.mask, find_damage(np.repeat(grey, 3, axis=2), None).mask)


@pytest.mark.parametrize("name", ["astronaut", "camera"])
def test_a_scan_of_twice_the_resolution_has_the_same_damage_at_twice_the_size(name: str) -> None:
    samples = Photo.of(scratched(clean(name), seed=44)[0]).samples
    fine = samples.repeat(2, axis=0).repeat(2, axis=1)[:-1]
    once, twice = find_damage(samples[:-1], 24.0), find_damage(fine[:-1], 48.0)
    assert once.mask.any()
    assert np.array_equal(twice.mask, once.mask.repeat(2, axis=0).repeat(2, axis=1))
    assert find_damage(fine, 48.0).mask.shape == fine.shape[:2]


def test_a_scan_too_large_for_memory_is_looked_at_on_an_average(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples = Photo.of(scratched(clean("chelsea"), seed=45)[0]).samples
    assert find_damage(samples, 12.0).widest == 6
    monkeypatch.setattr("pipeline.stages.measure.damage._MOST_PX", samples[..., 0].size - 1)
    coarse = find_damage(samples, 12.0)
    assert coarse.widest == 2 * 3
    assert coarse.mask.shape == samples.shape[:2]


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (7, 3)])
def test_a_sliver_of_a_picture_has_no_damage(shape: tuple[int, int]) -> None:
    samples = np.full((*shape, 3), 30_000, np.uint16)
    assert find_damage(samples, None).share == 0
    assert find_damage(samples, 200.0).mask.shape == shape
