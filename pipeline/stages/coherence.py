"""Filling holes along the structures that run into them, so that edges go on through a scratch.

The holes' colours are moved along the direction in which the surroundings change least, as far as
there is such a direction, and spread evenly where there is none: coherence-enhancing diffusion
(Weickert 1999, doi:10.1023/A:1008009714131) within the holes alone, the direction taken from the
structure tensor as in coherence transport (Bornemann, Maerz 2007, doi:10.1007/s10851-007-0017-6).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

REACH = 24
"""px around a hole that its filling depends on."""

_ROUNDS = 2
_STEPS = 10
_SIGMA = 1.0
_RHO = 2.5
_LEAST = 1e-6


def continued(pixels: Pixels, holes: Mask) -> Pixels:
    """Holes that hold a first guess, filled along the structures around them.

    Args:
        pixels: float32 (h, w, C); in the holes a guess, such as another filling.
        holes: bool (h, w).

    Returns:
        float32 (h, w, C); outside the holes the very values given.
    """
    result = pixels.copy()
    rows, columns = np.nonzero(holes)
    if not len(rows):
        return result
    flat = result.reshape(-1, result.shape[2])
    here = rows * holes.shape[1] + columns
    square = _around(rows, columns, holes.shape)
    for _ in range(_ROUNDS):
        along, coherent = _directions(result, rows, columns)
        ends = [_between(rows, columns, along * way, holes.shape) for way in (-1.0, 1.0)]
        share = coherent[:, None]
        for _ in range(_STEPS):
            moved = sum((w[:, None] * flat[at] for corners in ends for at, w in corners), 0.0)
            even = sum((flat[at] for at in square), 0.0) / np.float32(len(square))
            flat[here] = share * (moved / 2) + (1 - share) * even
    return result


def _directions(pixels: Pixels, rows: Places, columns: Places) -> tuple[Pixels, Pixels]:
    """Unit vectors (n, 2), y and x, along which least changes, and how clear they are, 0..1."""
    grey = cv2.GaussianBlur(np.ascontiguousarray(pixels.mean(axis=2)), (0, 0), _SIGMA)
    x, y = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, yy, xy = (
        cv2.GaussianBlur(product, (0, 0), _RHO)[rows, columns] for product in (x * x, y * y, x * y)
    )
    clear = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + np.float32(_LEAST))
    turn = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    return np.stack([np.sin(turn), np.cos(turn)], axis=1), np.asarray(clear, np.float32)


def _between(
    rows: Places, columns: Places, offset: Pixels, shape: tuple[int, ...]
) -> list[tuple[Places, Pixels]]:
    """The four px around places a fraction of a px away: flat indices and bilinear weights."""
    y = np.clip(rows + offset[:, 0], 0, shape[0] - 1)
    x = np.clip(columns + offset[:, 1], 0, shape[1] - 1)
    top = np.minimum(y.astype(np.intp), max(shape[0] - 2, 0))
    left = np.minimum(x.astype(np.intp), max(shape[1] - 2, 0))
    down, across = (y - top).astype(np.float32), (x - left).astype(np.float32)
    low = np.minimum(top + 1, shape[0] - 1)
    right = np.minimum(left + 1, shape[1] - 1)
    corners = [
        (top, left, (1 - down) * (1 - across)),
        (top, right, (1 - down) * across),
        (low, left, down * (1 - across)),
        (low, right, down * across),
    ]
    return [(row * shape[1] + column, weight) for row, column, weight in corners]


def _around(rows: Places, columns: Places, shape: tuple[int, ...]) -> list[Places]:
    """Flat indices of each place and its eight neighbours."""
    near: list[Any] = []
    for down in (-1, 0, 1):
        row = np.clip(rows + down, 0, shape[0] - 1)
        near += [
            row * shape[1] + np.clip(columns + across, 0, shape[1] - 1) for across in (-1, 0, 1)
        ]
    return near
