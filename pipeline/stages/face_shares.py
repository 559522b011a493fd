"""How large a network's share of a picture is at each px, when faces are to get less of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.face_alignment import Alignment, face_mask, put_back
from pipeline.stages.pieces import Piece


@dataclass(frozen=True)
class FaceShare:
    """The share on one face: where it lies in the picture, and 0..1."""

    alignment: Alignment
    share: float


@dataclass(frozen=True)
class Shares:
    """A network's share of a picture.

    Args:
        plain: 0..1 beside the faces.
        faces: those on which it is less; where two overlap the smaller share counts.
    """

    plain: float
    faces: Sequence[FaceShare] = ()

    def at(self, piece: Piece, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The share at each px of a piece of a picture (H, W, ...): float32 (h, w)."""
        height, width = (px.stop - px.start for px in (piece.rows, piece.columns))
        share = np.full((height, width), self.plain, np.float32)
        for face in self.faces:
            mask, where = put_back(face_mask(), face.alignment, shape, (piece.rows, piece.columns))
            less = np.clip(mask, 0.0, 1.0) * np.float32(face.share - self.plain)
            share[where] = np.minimum(share[where], np.float32(self.plain) + less)
        return share
