"""How visible the 8 px grid of JPEG is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GRID = 8
_CAP = 8 / 255
_ROWS = 512


def blockiness(plane: NDArray[np.float32]) -> float:
    """Steps on the strongest 8 px grid over steps elsewhere, less 1; 0 when there is no grid.

    Steps are second differences across a border, so slopes do not count; each is capped so that
    a few hard edges of the subject do not decide. The place of the grid is searched for, since
    prints are cut out of scans. A grid that was resampled afterwards is not seen.

    Args:
        plane: float32 (H, W) in 0..1.
    """
    return max(_one_way(plane), _one_way(plane.T))


def _one_way(plane: NDArray[np.float32]) -> float:
    if plane.shape[1] < 4 * _GRID or plane.shape[0] < _GRID:
        return 0.0
    columns = np.zeros(plane.shape[1] - 3)
    for top in range(0, plane.shape[0], _ROWS):
        border = np.diff(plane[top : top + _ROWS], axis=1)
        step = np.abs(border[:, 1:-1] - 0.5 * (border[:, :-2] + border[:, 2:]))
        columns += np.minimum(step, _CAP).sum(axis=0)
    columns /= plane.shape[0]
    phases = np.array([columns[phase::_GRID].mean() for phase in range(_GRID)])
    strongest = int(np.argmax(phases))
    others = np.delete(phases, strongest)
    usual = float(np.median(others))
    if usual <= 1e-6:
        return 0.0
    spread = float(others.max()) / usual - 1
    return max(0.0, float(phases[strongest]) / usual - 1 - spread)
