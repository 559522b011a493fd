"""Mixing what was drawn with what the print shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Samples
from pipeline.stages.face_shares import Shares
from pipeline.stages.pieces import Piece, each_piece, pieces


def blend(made: Samples, own: Samples, shares: Shares) -> float:
    """Take what was drawn at its share of each px, in place.

    Args:
        made: uint16 (H, W, C), what was drawn; becomes the mixture.
        own: uint16 (H, W, C), the print.
        shares: of what was drawn, at each px.

    Returns:
        The mean change, 0..1.
    """
    changes: list[float] = []

    def one(piece: Piece) -> None:
        place = piece.rows, piece.columns
        drawn, before = made[place], own[place]
        # A sum of whole numbers: the same in whatever order the pieces come.
        share = shares.at(piece, own.shape)
        if np.ptp(share) == 0:
            mixed = cv2.addWeighted(drawn, shares.plain, before, 1 - shares.plain, 0)
        else:
            mixed = _mixed(drawn, before, share)
        made[place] = mixed.reshape(before.shape)
        changes.append(cv2.norm(made[place], before, cv2.NORM_L1))

    each_piece(pieces(*own.shape[:2], margin=0), one)
    return sum(changes) / own.size / 65535


def _mixed(drawn: Samples, before: Samples, share: NDArray[np.float32]) -> Samples:
    difference = drawn.astype(np.float32) - before
    return np.rint(before + difference * share[..., None]).astype(np.uint16)
