"""How a picture is shared out to a network: columns of full height, each with surroundings."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

_SHORTEST = 64
"""px across a column without its margin, below which it would be nearly all margin."""

_PHASE = 4
"""px; columns with their margin begin at its multiples, so that a network which folds 2x2 or 4x4 px
sees them as it sees the whole."""


def with_margin(part: slice, margin: int, length: int) -> slice:
    """A part of one axis with what lies around it, as far as the picture reaches.

    Args:
        part: px wanted.
        margin: px on each side, at least.
        length: px of the axis.
    """
    return slice(max(0, (part.start - margin) // _PHASE * _PHASE), min(length, part.stop + margin))


def network_columns(
    length: int, part: slice, *, margin: int, widest: int
) -> list[tuple[slice, slice]]:
    """A part of a picture's width cut into as few columns as may be, about equally wide.

    Args:
        length: px of the picture's width.
        part: px wanted.
        margin: px of surroundings on each side; they are computed twice.
        widest: px of the widest column with its margin. Exceeded only where margins alone are as
            wide.

    Returns:
        Each column without and with its margin, from left to right.
    """
    wanted = part.stop - part.start
    most = max(1, wanted // _SHORTEST)
    for count in range(1, most + 1):
        edges = np.linspace(part.start, part.stop, count + 1).round().astype(int).tolist()
        inner = [slice(low, high) for low, high in pairwise(edges)]
        columns = [(cut, with_margin(cut, margin, length)) for cut in inner]
        if max(outer.stop - outer.start for _, outer in columns) <= widest:
            break
    return columns
