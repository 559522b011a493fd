"""Work done in pieces is the same as work done on the whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.core.errors import StageContractBroken
from pipeline.core.photo import Photo
from pipeline.stages.pieces import Piece, each_piece, pieces, work_in_pieces


def picture(height: int, width: int, *, grey: bool = False) -> Photo:
    pixels = np.random.default_rng(5).random((height, width, 3), dtype=np.float32)
    if grey:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    return Photo.of(pixels, monochrome=grey)


def blurred(pixels: np.ndarray, piece: Piece | None = None) -> np.ndarray:
    return cv2.blur(pixels, (9, 9), borderType=cv2.BORDER_REFLECT_101)


@pytest.mark.parametrize("size", [(40, 50), (64, 32), (100, 33), (1, 70), (31, 31)])
@pytest.mark.parametrize("grey", [False, True])
def test_pieces_put_together_are_the_whole_done_at_once(size: tuple[int, int], grey: bool) -> None:
    photo = picture(*size, grey=grey)
    at_once = photo.with_pixels(blurred(photo.pixels))
    in_pieces = work_in_pieces(photo, blurred, margin=4, side=32)
    assert np.abs(at_once.samples.astype(int) - in_pieces.samples.astype(int)).max() <= 1
    assert in_pieces.monochrome == grey


def test_too_small_a_margin_would_be_seen() -> None:
    photo = picture(64, 64)
    at_once = photo.with_pixels(blurred(photo.pixels)).samples.astype(int)
    in_pieces = work_in_pieces(photo, blurred, margin=1, side=32).samples.astype(int)
    assert np.abs(at_once - in_pieces).max() > 100


@pytest.mark.parametrize("size", [(1, 1), (31, 33), (64, 64), (65, 7)])
def test_every_px_belongs_to_exactly_one_piece(size: tuple[int, int]) -> None:
    count = np.zeros(size, int)
    for piece in pieces(*size, margin=5, side=32):
        count[piece.rows, piece.columns] += 1
        outer = count[piece.outer_rows, piece.outer_columns]
        assert outer[piece.inner].shape == count[piece.rows, piece.columns].shape
    assert (count == 1).all()


def test_an_error_in_one_piece_is_raised() -> None:
    def fails(piece: Piece) -> None:
        if piece.rows.start:
            raise StageContractBroken("on purpose")

    with pytest.raises(StageContractBroken, match="on purpose"):
        each_piece(pieces(64, 8, margin=0, side=32), fails)


def test_another_shape_or_nan_is_refused() -> None:
    photo = picture(8, 8)
    with pytest.raises(StageContractBroken, match="came back as"):
        work_in_pieces(photo, lambda part, piece: part[1:], margin=0)
    with pytest.raises(StageContractBroken, match="NaN"):
        work_in_pieces(photo, lambda part, piece: part * np.float32("nan"), margin=0)
