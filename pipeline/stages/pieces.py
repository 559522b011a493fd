"""Local work done piece by piece, so that memory does not grow with the scan.

A piece is cut with a margin as wide as the work looks; the margin of what comes back is thrown
away. So the pieces put together are the same as the whole done at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.core.photo import Photo, Pixels, rounded
from pipeline.core.progress import Progress, Silent

SIDE = 768
"""px of a piece without its margin: a dozen float planes of it stay in a processor's cache."""


@dataclass(frozen=True)
class Piece:
    """One piece of a picture.

    Args:
        rows, columns: px of the picture the piece is responsible for; pieces do not overlap in
            these, and together they are the picture.
        outer_rows, outer_columns: the same with the margin, as far as the picture reaches.
    """

    rows: slice
    columns: slice
    outer_rows: slice
    outer_columns: slice

    @property
    def inner(self) -> tuple[slice, slice]:
        """The piece without its margin, within an array of the piece with it."""
        return (
            slice(self.rows.start - self.outer_rows.start, self.rows.stop - self.outer_rows.start),
            slice(
                self.columns.start - self.outer_columns.start,
                self.columns.stop - self.outer_columns.start,
            ),
        )


def pieces(height: int, width: int, *, margin: int, side: int = SIDE) -> list[Piece]:
    """A picture cut into pieces, row by row.

    Args:
        height, width: px of the picture.
        margin: px of surroundings each piece is given.
        side: px of a piece without its margin; pieces begin at its multiples.
    """
    return [
        Piece(rows, columns, _wider(rows, margin, height), _wider(columns, margin, width))
        for rows in _cuts(height, side)
        for columns in _cuts(width, side)
    ]


def work_in_pieces(
    photo: Photo,
    work: Callable[[Pixels, Piece], Pixels],
    *,
    margin: int,
    side: int = SIDE,
    progress: Progress | None = None,
    label: str = "",
) -> Photo:
    """A photo changed by local work, piece by piece and on all cores.

    Args:
        photo: any photo.
        work: given float32 (h, w, 3) of a piece with its margin, and the piece; gives the same
            shape back. Called from several threads; what it makes of a px must depend on nothing
            further away than the margin.
        margin: px the work looks around each px.
        side: px of a piece.
        progress: told of each piece under `label`.

    Returns:
        The photo with the new pixels; values beyond 0..1 are clipped.

    Raises:
        StageContractBroken: the work gave another shape, NaN or Inf.
    """
    cut = pieces(photo.height, photo.width, margin=margin, side=side)
    made: NDArray[np.uint16] = np.empty_like(photo.samples)
    channels = slice(1, 2) if photo.monochrome else slice(None)

    def one(piece: Piece) -> None:
        given = photo.part(piece.outer_rows, piece.outer_columns)
        result = work(given, piece)
        if result.shape != given.shape:
            raise StageContractBroken(f"a piece of {given.shape} came back as {result.shape}")
        made[piece.rows, piece.columns] = rounded(result[piece.inner][..., channels])

    each_piece(cut, one, progress=progress, label=label)
    return photo.with_samples(made)


def each_piece(
    cut: list[Piece],
    work: Callable[[Piece], None],
    *,
    progress: Progress | None = None,
    label: str = "",
) -> None:
    """Work on every piece, on all cores; the first error is raised.

    Args:
        cut: the pieces.
        work: called once for each, from several threads.
        progress: told of each piece under `label`.
    """
    heard = progress or Silent()
    heard.begin(label, len(cut), "piece")
    with ThreadPoolExecutor(_workers()) as pool:
        try:
            for _ in pool.map(work, cut):
                heard.advance()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _workers() -> int:
    # Each worker holds a piece in float: more of them cost memory and gain little.
    return min(8, os.cpu_count() or 1)


def _cuts(length: int, side: int) -> list[slice]:
    return [slice(start, min(start + side, length)) for start in range(0, length, side)]


def _wider(inner: slice, margin: int, length: int) -> slice:
    return slice(max(0, inner.start - margin), min(length, inner.stop + margin))
