"""A print is looked at finely enough, in all directions, and nothing falls between two tiles."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.provider import Face
from pipeline.stages.face_scales import (
    MOST_PX,
    TURNED_SIDE,
    WHOLE_SIDE,
    Candidate,
    distinct,
    finest_scale,
    look_at_tiles,
    look_at_whole,
    tiles,
    unturned,
)


@dataclass
class Marks:
    """A detector that "finds" every red px: a box of 4 px on it, all landmarks in its middle."""

    name: str = "marks"
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, pixels: NDArray[np.float32]) -> list[Face]:
        self.shapes.append(pixels.shape)
        red = pixels[..., 0] - pixels[..., 1]
        if red.max() < 0.1:
            return []
        y, x = np.unravel_index(int(np.argmax(red)), red.shape)
        box = (x - 1.5, y - 1.5, x + 2.5, y + 2.5)
        return [Face(0.9, box, np.full((5, 2), (x, y), np.float32))]


def marked(height: int, width: int, x: int, y: int, side: int) -> Photo:
    """A grey print with a red square, its first px at (x, y)."""
    samples = np.full((height, width, 3), 20000, np.uint16)
    samples[y : y + side, x : x + side] = (60000, 0, 0)
    return Photo(samples=samples, dpi=None, icc=None, bit_depth=8)


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_what_is_found_on_a_turned_print_is_placed_where_it_lies(turn: int) -> None:
    detector = Marks()
    (found,) = look_at_whole(marked(90, 160, 120, 30, 1), detector, turn)
    assert detector.shapes == [(160, 90, 3) if turn % 2 else (90, 160, 3)]
    assert found.turn == turn
    assert found.face.landmarks[0] == pytest.approx([120, 30])
    assert found.face.box == pytest.approx((118.5, 28.5, 122.5, 32.5))


def test_points_of_a_turned_view_go_back_to_where_numpy_took_them_from() -> None:
    view = np.zeros((5, 8))
    view[1, 6] = 1
    for turn in range(4):
        y, x = np.argwhere(np.rot90(view, turn))[0]
        assert unturned(np.array([[x, y]]), turn, view.shape).tolist() == [[6.0, 1.0]]


@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_a_large_print_is_seen_small_and_placed_in_its_own_px(turn: int) -> None:
    detector = Marks()
    (found,) = look_at_whole(marked(1600, 2560, 1800, 400, 2), detector, turn)
    assert max(detector.shapes[0]) == (TURNED_SIDE if turn else WHOLE_SIDE)
    assert found.face.landmarks[0] == pytest.approx([1800.5, 400.5], abs=2.0 if turn else 0.01)


def test_tiles_find_what_lies_anywhere_and_only_once() -> None:
    for x, y in ((5, 5), (1290, 700), (2590, 1490)):
        found = look_at_tiles(marked(1500, 2600, x, y, 4), Marks(), 1.0)
        assert len(found) == 1
        assert found[0].face.landmarks[0] == pytest.approx([x, y], abs=2.0)


def test_tiles_that_would_show_no_more_are_not_looked_at() -> None:
    detector = Marks()
    assert look_at_tiles(marked(900, 1280, 5, 5, 4), detector, 1.0) == []
    assert detector.shapes == []


def test_every_place_lies_whole_in_some_tile() -> None:
    side, shared = 300.0, 60.0
    parts = list(tiles(700, 1000, side, shared))
    random = np.random.default_rng(3)
    for _ in range(200):
        x, y = random.uniform(0, 1000 - shared), random.uniform(0, 700 - shared)
        assert any(
            rows.start <= y + 1
            and y + shared <= rows.stop + 1
            and columns.start <= x + 1
            and x + shared <= columns.stop + 1
            for rows, columns in parts
        )
    assert all(rows.stop - rows.start <= side + 2 for rows, _ in parts)


def test_small_faces_are_brought_to_a_size_that_is_easily_found_where_there_is_detail() -> None:
    assert finest_scale(1000, 1000, 1.0, 20) > finest_scale(1000, 1000, 1.0, 40)
    assert finest_scale(1000, 1000, 0.1, 20) < finest_scale(1000, 1000, 1.0, 20)


def test_the_px_looked_at_are_bounded_however_large_the_print() -> None:
    scale = finest_scale(20000, 25000, 1.0, 20)
    assert scale**2 * 20000 * 25000 <= MOST_PX * 1.01


def test_of_finds_that_are_one_in_a_direction_the_best_is_kept() -> None:
    def candidate(score: float, left: float, turn: int) -> Candidate:
        box = (left, 0.0, left + 10, 10.0)
        return Candidate(Face(score, box, np.zeros((5, 2), np.float32)), turn)

    kept = distinct([candidate(0.5, 0, 0), candidate(0.9, 1, 0), candidate(0.4, 0, 1)])
    assert [(one.face.score, one.turn) for one in kept] == [(0.9, 0), (0.4, 1)]
