"""The mask of every px that a network drew, as generative stages store it with their step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.face_shares import Shares
from pipeline.stages.pieces import Piece, each_piece, pieces

NAME = "generated"
"""What the side image is called in `Outcome.images`; exports look for it there."""


def generated_mask(
    shares: Shares,
    height: int,
    width: int,
    *,
    sheet: tuple[int, int] | None = None,
    origin: tuple[int, int] = (0, 0),
) -> NDArray[np.uint8]:
    """Each px's share of what was drawn, 0..255; never 0 where anything of it is in the picture.

    Args:
        shares: of what was drawn.
        height, width: px of what was drawn.
        sheet: (width, height) px of the whole picture, when what was drawn fills only a part.
        origin: (left, top) of what was drawn on the sheet.

    Returns:
        uint8 (H, W) of the whole picture.
    """
    columns, rows = sheet or (width, height)
    left, top = origin
    mask = np.zeros((rows, columns), np.uint8)
    drawn = mask[top : top + height, left : left + width]

    def one(piece: Piece) -> None:
        share = np.clip(shares.at(piece, (height, width)), 0.0, 1.0)
        told = np.maximum(np.rint(share * np.float32(255)), share > 0)
        drawn[piece.rows, piece.columns] = told.astype(np.uint8)

    each_piece(pieces(height, width, margin=0), one)
    return mask
