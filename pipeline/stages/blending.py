"""Mixing what was drawn with what the print shows."""

from __future__ import annotations

import cv2

from pipeline.core.photo import Samples
from pipeline.stages.pieces import Piece, each_piece, pieces


def blend(made: Samples, own: Samples, strength: float) -> float:
    """Take what was drawn at a share of `strength`, in place.

    Args:
        made: uint16 (H, W, C), what was drawn; becomes the mixture.
        own: uint16 (H, W, C), the print.
        strength: 0..1.

    Returns:
        The mean change, 0..1.
    """
    changes: list[float] = []

    def one(piece: Piece) -> None:
        place = piece.rows, piece.columns
        drawn, before = made[place], own[place]
        # A sum of whole numbers: the same in whatever order the pieces come.
        changes.append(cv2.norm(drawn, before, cv2.NORM_L1))
        mixed = cv2.addWeighted(drawn, strength, before, 1 - strength, 0)
        made[place] = mixed.reshape(before.shape)

    each_piece(pieces(*own.shape[:2], margin=0), one)
    return sum(changes) / own.size / 65535 * strength
