"""How visible the 8 px grid of JPEG is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_GRID = 8
_CAP = 8 / 255
_ROWS = 512


def blockiness(plane: Plane) -> float:
    """Steps on the strongest 8 px grid over steps elsewhere, less 1; 0 when there is no grid.

    Steps are second differences across a border, so slopes do not count; each is capped so that
    a few hard edges of the subject do not decide. The place of the grid is searched for, since
    prints are cut out of scans. A grid that was resampled afterwards is not seen.

    Args:
        plane: float32 (H, W) in 0..1.
    """
    return blockiness_in([plane])


def blockiness_in(planes: Sequence[Plane]) -> float:
    """The same of several planes at once: tiles of one picture that share one grid.

    Args:
        planes: float32 (H, W) in 0..1 each, cut from places that are multiples of 8 px apart.
    """
    return max(_one_way(planes), _one_way([plane.T for plane in planes]))


def grid_in(planes: Sequence[Plane]) -> tuple[int, int]:
    """Row and column, 0..7, at which the strongest grid begins; it may be no more than chance.

    Args:
        planes: as for `blockiness_in`.
    """
    return _begins([plane.T for plane in planes]), _begins(planes)


def _begins(planes: Sequence[Plane]) -> int:
    phases = _phases(planes)
    # The step that stands at place p lies between columns p + 1 and p + 2.
    return 0 if phases is None else (int(np.argmax(phases)) + 2) % _GRID


def _one_way(planes: Sequence[Plane]) -> float:
    phases = _phases(planes)
    if phases is None:
        return 0.0
    strongest = int(np.argmax(phases))
    others = np.delete(phases, strongest)
    usual = float(np.median(others))
    if usual <= 1e-6:
        return 0.0
    spread = float(others.max()) / usual - 1
    return max(0.0, float(phases[strongest]) / usual - 1 - spread)


def _phases(planes: Sequence[Plane]) -> NDArray[np.float64] | None:
    """Mean step between columns by its place in the grid, float64 (8,); None when too small."""
    total, count = np.zeros(_GRID), np.zeros(_GRID)
    for plane in planes:
        if plane.shape[1] >= 4 * _GRID and plane.shape[0] >= _GRID:
            columns = _steps(plane)
            for phase in range(_GRID):
                total[phase] += columns[phase::_GRID].sum()
                count[phase] += len(columns[phase::_GRID]) * plane.shape[0]
    return total / count if count.all() else None


def _steps(plane: Plane) -> NDArray[np.float64]:
    """Sum over all rows of the steps across each border between two columns."""
    columns = np.zeros(plane.shape[1] - 3)
    for top in range(0, plane.shape[0], _ROWS):
        border = np.diff(plane[top : top + _ROWS], axis=1)
        step = np.abs(border[:, 1:-1] - 0.5 * (border[:, :-2] + border[:, 2:]))
        columns += np.minimum(step, _CAP).sum(axis=0)
    return columns
