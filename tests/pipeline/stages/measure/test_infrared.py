"""Infrared shows what blocks it, whatever the dyes do, and is not trusted where silver does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.core.samples import to_integer
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.infrared import MARGIN, blocked, read_infrared
from pipeline.stages.pieces import pieces
from tests.pipeline.stages.simulated_ageing import clean

_LEAK = 0.1


def _views(name: str, plane: NDArray[np.float32]) -> tuple[View, View]:
    samples = Photo.of(clean(name)).samples
    return View(samples), View(to_integer(plane, 16)[..., None])


def _through_dyes(name: str) -> NDArray[np.float32]:
    red = clean(name)[..., 0]
    noise = np.random.default_rng(3).normal(0, 0.005, red.shape)
    slope = np.linspace(0.95, 1.0, red.shape[1])
    return np.clip(0.85 * np.maximum(red, 0.02) ** _LEAK * slope + noise, 0, 1).astype(np.float32)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "chelsea"])
def test_what_blocks_infrared_stands_out_and_the_picture_does_not(name: str) -> None:
    plane = _through_dyes(name)
    thread = np.zeros(plane.shape, np.uint8)
    cv2.line(thread, (30, 40), (260, 200), 1, 3)
    plane[thread > 0] *= np.float32(0.4)
    view, infrared = _views(name, plane)
    read = read_infrared(view, infrared)
    assert read.trusted
    assert read.leak == pytest.approx(_LEAK, abs=0.04)
    (whole,) = pieces(view.height, view.width, margin=0, side=4096)
    density = blocked(view, infrared, read, whole)
    near = cv2.dilate(thread, np.ones((5, 5), np.uint8)) > 0
    assert np.median(density[thread > 0]) > 0.6
    assert np.quantile(density[~near], 0.995) < 0.1


@pytest.mark.parametrize("name", ["camera", "astronaut", "moon", "grass"])
def test_silver_that_shows_the_picture_in_infrared_is_not_trusted(name: str) -> None:
    light = clean(name).mean(axis=2)
    view, infrared = _views(name, (0.05 + 0.8 * light).astype(np.float32))
    read = read_infrared(view, infrared)
    assert not read.trusted
    assert "silver" in read.reason


def test_an_empty_plane_is_not_trusted() -> None:
    view, infrared = _views("coffee", np.zeros(clean("coffee").shape[:2], np.float32))
    read = read_infrared(view, infrared)
    assert not read.trusted
    assert "nothing" in read.reason


def test_pieces_with_their_margin_say_what_the_whole_says() -> None:
    plane = _through_dyes("coffee")
    plane[100:104, 60:500] *= np.float32(0.5)
    view, infrared = _views("coffee", plane)
    read = read_infrared(view, infrared)
    (whole,) = pieces(view.height, view.width, margin=0, side=4096)
    together = blocked(view, infrared, read, whole)
    for piece in pieces(view.height, view.width, margin=MARGIN, side=160):
        part = blocked(view, infrared, read, piece)
        assert np.abs(part - together[piece.rows, piece.columns]).max() < 0.03
