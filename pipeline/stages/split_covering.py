"""Which rectangles make up an outline: those that cover it exactly and show best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.stages.split_outline import Mask, Rectangle
from pipeline.stages.split_pieces import axes

CELL_MM = 2.0
"""Side of the cells in which covering is counted."""
UNCOVERED = 0.045
"""Share of the outline's inside that may be left over."""
DOUBLY_COVERED = 0.06
"""Share of a rectangle that others may cover, too."""
SAME_PRINT = 0.93
"""Of rectangles that share so much of their cells only the best shown is tried."""
ALIKE = 0.85
"""Rectangles that share so much of their cells are one print measured twice."""
USUAL_SHAPE = 1.7
"""Prints longer than so many times their width are rare."""
MOST_PRINTS = 8
MOST_RECTANGLES = 48
"""Only so many rectangles, the best shown, are put together."""
MOST_WAYS = 400
MOST_TRIES = 4000
"""With more ways, or when so many tries do not find all, the outline is not understood."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A rectangle with the cells (bool, on a coarse grid) that it covers."""

    rectangle: Rectangle
    cells: Mask


@dataclass(frozen=True, eq=False)
class Way:
    """One way to cover an outline: its rectangles, and its cost (0 when every side shows)."""

    cost: float
    pieces: tuple[Piece, ...]


def ways_to_cover(part: Mask, rectangles: Sequence[Rectangle], per_mm: float) -> list[Way]:
    """All ways in which some of the rectangles cover an outline, cheapest first.

    Args:
        part: bool (H, W), the outline's inside.
        rectangles: what may be put together.
        per_mm: px per mm of paper.

    Returns:
        The ways; none when there are too many to be sure of having seen all.
    """
    cell = CELL_MM * per_mm
    target = _cells(part, cell)
    pieces = [Piece(r, _cells_of(r, target.shape, cell)) for r in rectangles]
    pieces = _distinct(sorted(pieces, key=lambda p: -float(np.mean(p.rectangle.sides))))
    ways: list[Way] = []
    for tries, way in enumerate(_grown(target, pieces[:MOST_RECTANGLES])):
        if way is not None:
            ways.append(way)
        if tries > MOST_TRIES or len(ways) > MOST_WAYS:
            return []
    return sorted(ways, key=lambda way: way.cost)


def alike(first: Way, second: Way) -> bool:
    """Whether two ways to cover an outline differ by slivers only."""
    return len(first.pieces) == len(second.pieces) and all(
        max(_shared(one, other) for other in second.pieces) > ALIKE for one in first.pieces
    )


def _cells(part: Mask, cell: float) -> Mask:
    size = (max(1, round(part.shape[1] / cell)), max(1, round(part.shape[0] / cell)))
    reduced = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    filled: Mask = reduced > 0.5
    return filled


def _cells_of(rectangle: Rectangle, shape: tuple[int, ...], cell: float) -> Mask:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    places = np.stack([(x + 0.5) * cell, (y + 0.5) * cell], axis=-1) - np.array(rectangle.centre)
    local = np.abs(places @ axes(rectangle.angle).T)
    inside: Mask = (local <= np.array(rectangle.size) / 2).all(axis=-1)
    return inside


def _distinct(pieces: list[Piece]) -> list[Piece]:
    """Pieces without those that cover nearly the same cells as an earlier one."""
    kept: list[Piece] = []
    for one in pieces:
        if all(_shared(one, other) < SAME_PRINT for other in kept):
            kept.append(one)
    return kept


def _shared(first: Piece, second: Piece) -> float:
    """Intersection over union of the cells."""
    both, either = first.cells & second.cells, first.cells | second.cells
    return float(both.sum()) / max(1, int(either.sum()))


def _grown(target: Mask, pieces: list[Piece]) -> Iterator[Way | None]:
    """Every way to cover the target without overlap; None for each try on the way there."""
    whole = max(1, int(target.sum()))
    places = np.argwhere(target)
    places = places[np.argsort(places.sum(axis=1), kind="stable")]

    def grow(chosen: tuple[Piece, ...], covered: Mask) -> Iterator[Way | None]:
        left = target & ~covered
        missing = int(left.sum()) / whole
        if chosen and missing <= UNCOVERED:
            yield Way(_cost(chosen) + 2 * missing, chosen)
            return
        yield None
        if len(chosen) >= MOST_PRINTS:
            return
        # the next rectangle covers the first open cell that is no sliver
        solid = cv2.erode(left.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        still = solid if solid.any() else left
        row, column = places[int(still[places[:, 0], places[:, 1]].argmax())]
        for one in pieces:
            if not one.cells[row, column]:
                continue
            if (one.cells & covered).sum() <= DOUBLY_COVERED * one.cells.sum():
                yield from grow((*chosen, one), covered | one.cells)

    yield from grow((), np.zeros_like(target))


def _cost(chosen: tuple[Piece, ...]) -> float:
    """What speaks against a way: sides that do not show, slim rectangles, many of them."""
    unseen = 1 - np.array([piece.rectangle.sides for piece in chosen])
    shapes = [max(p.rectangle.size) / min(p.rectangle.size) for p in chosen]
    slim = float(np.mean(np.maximum(0.0, np.array(shapes) - USUAL_SHAPE)))
    worst = float(unseen.mean(axis=1).max())
    return float(unseen.mean()) + 0.5 * worst + 0.2 * slim + 0.01 * len(chosen)
