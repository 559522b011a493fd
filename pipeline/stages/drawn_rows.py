"""A column of a photo at its real resolution, and what a network draws of it, row after row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import BadOutput
from pipeline.core.photo import Photo
from pipeline.core.progress import Progress
from pipeline.models.provider import Inference, Upscaler
from pipeline.stages.pieces import Piece, each_piece, pieces
from pipeline.stages.resample import resample_part
from pipeline.stages.row_window import RowWindow

_SIDE = 256
"""px of a piece of the reduced picture: its floats stay in the cache."""

_Array = NDArray[np.float32]


class DrawnRows:
    """What a network makes of a column, as a window that moves down it.

    Args:
        photo: the picture.
        small: (width, height) of all of it in real px.
        part: the rows and columns to draw, in real px.
        upscaler: the network.
        progress: hears of its px.
    """

    def __init__(
        self,
        photo: Photo,
        small: tuple[int, int],
        part: tuple[slice, slice],
        upscaler: Upscaler,
        progress: Progress,
    ) -> None:
        self._photo, self._small = photo, small
        self._rows, self._columns = part
        self._height = self._rows.stop - self._rows.start
        self._width = self._columns.stop - self._columns.start
        self._upscaler = upscaler
        self._given, self._made = RowWindow(), RowWindow()
        self._bands = upscaler.bands(self._coloured, self._height, self._width, progress)
        self._newest: Inference | None = None

    def window(self, rows: slice) -> tuple[_Array, _Array]:
        """Rows of the picture at real resolution and drawn; rows above are not asked for again.

        Args:
            rows: in real px of the picture, within the part that is drawn.

        Returns:
            float32 (h, w, C) in 0..1 and float32 (scale h, scale w, 3).

        Raises:
            BadOutput: the network gave NaN, infinity, another size, or one flat colour for what
                is not flat.
        """
        start, stop = rows.start - self._rows.start, rows.stop - self._rows.start
        scale = self._upscaler.scale
        self._made.forget(start * scale)
        while self._made.stop < stop * scale:
            self._draw()
        self._given.forget(start)
        self._reduce_to(stop)
        return self._given.cut(start, stop), self._made.cut(start * scale, stop * scale)

    @property
    def account(self) -> Inference:
        """The newest band, with the network's facts about all of them."""
        if self._newest is None:
            raise RuntimeError("nothing was drawn yet")
        return self._newest

    def _draw(self) -> None:
        """The next band."""
        name, scale = self._upscaler.name, self._upscaler.scale
        band = next(self._bands, None)
        left = self._height * scale - self._made.stop
        if band is None:
            raise BadOutput(f"{name} gave {left} rows too few of a picture")
        made = band.pixels
        wanted = (len(made) // scale * scale, self._width * scale, 3)
        if made.shape != wanted or not 0 < len(made) <= left:
            raise BadOutput(f"{name} gave {made.shape} where {(left, *wanted[1:])} was due")
        self._check(made)
        self._made.add(made)
        self._newest = band

    def _check(self, made: _Array) -> None:
        name, scale = self._upscaler.name, self._upscaler.scale
        # One pass over what may be 100 MB: a NaN or an infinity anywhere makes the sum one.
        with np.errstate(invalid="ignore", over="ignore"):
            total = float(made.sum(dtype=np.float32))
        if not np.isfinite(total):
            raise BadOutput(f"{name} gave NaN or infinity")
        if float(np.ptp(made[::16, ::16])) == 0.0 and float(np.ptp(made)) == 0.0:
            start = self._made.stop // scale
            given = self._coloured(start, start + len(made) // scale)
            if float(np.ptp(given)) > 2 / 255:
                raise BadOutput(f"{name} gave one flat colour")

    def _coloured(self, start: int, stop: int) -> _Array:
        """Rows at real resolution, in three channels as the network wants them."""
        if start < self._given.start:
            given = self._reduced(start, stop)  # Begun anew further up, which is rare.
        else:
            self._reduce_to(stop)
            given = self._given.cut(start, stop)
        return given if given.shape[2] == 3 else np.repeat(given, 3, axis=2)

    def _reduce_to(self, stop: int) -> None:
        if self._given.stop < stop:
            self._given.add(self._reduced(self._given.stop, stop))

    def _reduced(self, start: int, stop: int) -> _Array:
        """Rows at real resolution: float32 (h, w, C) in 0..1."""
        top, left = self._rows.start + start, self._columns.start
        given = np.empty((stop - start, self._width, self._photo.samples.shape[2]), np.float32)
        cut = pieces(stop - start, self._width, margin=0, side=_SIDE)

        def one(piece: Piece) -> None:
            rows = slice(top + piece.rows.start, top + piece.rows.stop)
            columns = slice(left + piece.columns.start, left + piece.columns.stop)
            made = resample_part(self._photo.samples, self._small, rows, columns)
            np.clip(made, 0.0, 1.0, out=given[piece.rows, piece.columns])

        each_piece(cut, one)
        return given
