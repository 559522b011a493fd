"""Fillings that make a print calmer stay; those that draw an edge are taken back."""

from __future__ import annotations

import numpy as np

from pipeline.core.photo import Photo
from pipeline.stages.filling import filled
from pipeline.stages.filling_check import calm
from tests.pipeline.stages.simulated_ageing import clean, noisy


def _print() -> tuple[Photo, np.ndarray]:
    """Grainy paper with a white scratch, and a mask of it and of a sound place."""
    paper = noisy(np.full((200, 260, 3), 0.4, np.float32), 3.0)
    mask = np.zeros(paper.shape[:2], bool)
    mask[60:64, 30:220] = True
    paper[mask] = 0.95
    mask[120:140, 100:130] = True
    return Photo.of(paper), mask


def test_a_filled_scratch_stays_and_an_edge_drawn_on_sound_paper_is_taken_back() -> None:
    photo, mask = _print()
    samples = filled(photo, mask, 4.0).samples.copy()
    samples[120:140, 100:115] = 60_000
    kept = calm(photo.samples, samples, mask)
    made = photo.with_samples(samples)
    assert kept[60:64, 30:220].all()
    assert not kept[120:140, 100:130].any()
    assert np.array_equal(made.samples[120:140], photo.samples[120:140])
    assert np.array_equal(made.samples[60:64], samples[60:64])


def test_pieces_do_not_show_in_what_is_taken_back(monkeypatch) -> None:
    photo = Photo.of(clean("coffee"))
    mask = np.zeros((photo.height, photo.width), bool)
    mask[::37, 5:15] = mask[20:30, ::41] = True
    bad = photo.samples.copy()
    bad[mask] = np.random.default_rng(1).integers(0, 65535, (int(mask.sum()), 3))
    whole = calm(photo.samples, bad.copy(), mask)
    monkeypatch.setattr("pipeline.stages.filling_check.SIDE", 100)
    assert np.array_equal(calm(photo.samples, bad.copy(), mask), whole)
