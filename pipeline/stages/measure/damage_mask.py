"""Drawing what was found: finely where it was seen coarsely, and up to the size of the scan."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_candidates import Candidates
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.luma import luma
from pipeline.stages.pieces import Piece, each_piece

Plane = NDArray[np.float32]
Marks = NDArray[np.uint8]

_SHARE = 0.3


def drawn_finely(part: Marks, found: Candidates, coarse: View, view: View) -> Marks:
    """A coarse mask, cut to the px that really differ from the ground at the finer scale.

    Args:
        part: uint8 (h, w), 1 on what was found on the coarse view.
        found: the candidates of that view.
        coarse: the coarse view, small.
        view: the finer view, of any size.

    Returns:
        uint8 (H, W) of the finer view, 1 or 0.
    """
    ground = found.ground.astype(np.float32) / 255
    reach = np.ones((3, 3), np.uint8)
    near = cv2.dilate(part, reach) > 0
    rise = np.where(part > 0, luma(coarse.whole()) - ground, 0.0).astype(np.float32)
    strongest = np.where(near, cv2.dilate(rise, reach), 0.0).astype(np.float32)
    deepest = np.where(near, cv2.erode(rise, reach), 0.0).astype(np.float32)
    drawn: Marks = np.zeros((view.height, view.width), np.uint8)

    def draw(piece: Piece) -> None:
        rows = _nearest(piece.rows, view.height, len(part))
        columns = _nearest(piece.columns, view.width, part.shape[1])
        up, down = strongest[rows][:, columns], deepest[rows][:, columns]
        if up.any() or down.any():
            behind = _between(ground, piece, (view.height, view.width))
            differs = view.light(piece) - behind
            drawn[piece.rows, piece.columns] = ((up > 0) & (differs > _SHARE * up)) | (
                (down < 0) & (differs < _SHARE * down)
            )

    each_piece(view.pieces(0), draw)
    return drawn


def enlarged(marks: Marks, shape: tuple[int, ...], step: int) -> NDArray[np.bool_]:
    """Marks on a view as a mask on the picture itself.

    Args:
        marks: uint8 (h, w), 1 or 0.
        shape: (H, W) of the picture, `step` times larger or a little more.
        step: px of the picture that make one px of the view.
    """
    height, width = marks.shape
    mask = np.zeros(shape, bool)
    for y in range(step):
        for x in range(step):
            mask[y : height * step : step, x : width * step : step] = marks
    # The few px left over at the edges were not seen; damage at the edge goes on to it.
    mask[height * step :] = mask[height * step - 1]
    mask[:, width * step :] = mask[:, width * step - 1, None]
    return mask


def _nearest(part: slice, fine: int, coarse: int) -> NDArray[np.intp]:
    """Rows (or columns) of a coarse plane that hold those of a part of the fine one."""
    return np.asarray(np.arange(part.start, part.stop) * coarse // fine)


def _between(plane: NDArray[Any], piece: Piece, shape: tuple[int, int]) -> Plane:
    """A piece of a coarse plane enlarged to a shape, bilinear: float32 (h, w)."""
    upper, lower, down = _neighbours(piece.rows, shape[0], plane.shape[0])
    left, right, across = _neighbours(piece.columns, shape[1], plane.shape[1])
    rows = plane[upper] + down[:, None] * (plane[lower] - plane[upper])
    return np.asarray(rows[:, left] + across * (rows[:, right] - rows[:, left]), np.float32)


def _neighbours(part: slice, fine: int, coarse: int) -> tuple[NDArray[Any], NDArray[Any], Plane]:
    """For each fine px the coarse ones before and after its centre, and how far between it is."""
    centre = np.clip((np.arange(part.start, part.stop) + 0.5) * coarse / fine - 0.5, 0, coarse - 1)
    before = np.floor(centre).astype(np.intp)
    after = np.minimum(before + 1, coarse - 1)
    return before, after, (centre - before).astype(np.float32)
