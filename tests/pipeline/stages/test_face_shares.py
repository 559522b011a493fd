"""On faces a network's share is smaller, and nowhere larger, than beside them."""

from __future__ import annotations

import numpy as np

from pipeline.stages.blending import blend
from pipeline.stages.face_alignment import TEMPLATE, Alignment, align
from pipeline.stages.face_shares import FaceShare, Shares
from pipeline.stages.pieces import Piece, pieces


def _face_at(x: float, y: float) -> Alignment:
    placed = align(((TEMPLATE - 256) * 0.25 + np.array([x, y])).astype(np.float32))
    assert placed is not None
    return placed


def _whole(height: int, width: int) -> Piece:
    (piece,) = pieces(height, width, margin=0, side=4096)
    return piece


def test_without_faces_the_share_is_the_same_everywhere() -> None:
    assert np.unique(Shares(0.8).at(_whole(50, 60), (50, 60))).tolist() == [np.float32(0.8)]


def test_on_a_face_the_share_is_its_own_and_beside_it_that_of_the_print() -> None:
    share = Shares(0.8, [FaceShare(_face_at(100, 100), 0.2)]).at(_whole(200, 200), (200, 200))
    assert abs(share[105, 100] - 0.2) < 0.01
    assert share[5, 5] == np.float32(0.8)
    assert share.min() > 0.19 and share.max() <= np.float32(0.8)


def test_where_two_faces_overlap_the_smaller_share_counts() -> None:
    one, other = FaceShare(_face_at(90, 100), 0.5), FaceShare(_face_at(110, 100), 0.1)
    share = Shares(0.8, [one, other]).at(_whole(200, 200), (200, 200))
    alone = Shares(0.8, [other]).at(_whole(200, 200), (200, 200))
    assert (share <= alone).all()


def test_what_is_drawn_is_mixed_by_share() -> None:
    own = np.full((200, 200, 3), 10_000, np.uint16)
    made = np.full_like(own, 50_000)
    change = blend(made, own, Shares(0.5, [FaceShare(_face_at(100, 100), 0.0)]))
    assert (made[:10, :10] == 30_000).all()
    assert np.abs(made[105, 100].astype(int) - 10_000).max() < 300
    assert 0.0 < change < 20_000 / 65535
