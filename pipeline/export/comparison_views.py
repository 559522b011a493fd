"""What a comparison shows of a print: the whole, a piece at 100 %, each face and its parts.

Every treatment of the print is looked at alike and may then be let go, so that comparing a dozen
of them takes no more memory than one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.export.face_parts import PARTS, FacePlace, Window
from pipeline.export.sheet_page import PAPER, as_shown

Picture = NDArray[np.uint8]
"""uint8 (h, w, 3) in sRGB."""

GAP = 12
"""px between pictures on the sheet."""

_LEAST_COLUMN, _USUAL_COLUMN, _MOST_COLUMN = 340, 520, 1100
"""Width of a column, px: for a small print, for a large one, for one with the largest faces."""

_LEAST_FACE, _LEAST_PART = 220, 150
"""Cut-outs narrower than this are enlarged by a whole factor, px."""


@dataclass(frozen=True)
class View:
    """One row of the sheet.

    Args:
        label: what it shows, the last line its scale.
        cut: makes the picture of a print.
        face: number of the face whose figures stand below, or None.
    """

    label: tuple[str, ...]
    cut: Callable[[Photo], Picture]
    face: int | None = None


@dataclass(frozen=True)
class Layout:
    """The rows of a sheet and the width of its columns, px, for prints of shape (H, W)."""

    shape: tuple[int, int]
    column: int
    views: tuple[View, ...]

    def look_at(self, photo: Photo) -> tuple[Picture, ...]:
        """One picture for each view.

        Raises:
            ValueError: the photo has another size.
        """
        if (photo.height, photo.width) != self.shape:
            raise ValueError(f"a photo of {photo.height} x {photo.width} px, not of {self.shape}")
        return tuple(view.cut(photo) for view in self.views)


def layout_of(
    shape: tuple[int, int], faces: Sequence[FacePlace] = (), crop: Window | None = None
) -> Layout:
    """What is shown of a print.

    A piece at 100 % has one px of the sheet for one of the print. What is too small to see is
    enlarged by a whole factor (px become squares), what is too large is reduced; the label says so.

    Args:
        shape: (H, W) of the print, px.
        faces: the faces to show.
        crop: a piece of the print to show at 100 %; the middle when None.
    """
    column = _column_width(faces, shape)
    views = [_whole_view(shape, column)]
    if crop is not None or shape[1] > column:
        window = _at_most(crop, column) if crop else _middle(shape, column)
        views.append(View(("a piece", "100 %"), partial(_piece, window=window, times=1)))
    for face in faces:
        views += _face_views(face, shape, column)
    return Layout(shape, column, tuple(views))


def _column_width(faces: Sequence[FacePlace], shape: tuple[int, int]) -> int:
    """As wide as the widest face at its own size, within reason."""
    widest = max((_length(face.whole(shape)[1]) for face in faces), default=0)
    usual = min(shape[1], _USUAL_COLUMN)
    return int(np.clip(max(widest, usual), _LEAST_COLUMN, _MOST_COLUMN))


def _whole_view(shape: tuple[int, int], column: int) -> View:
    factor = min(1.0, column / shape[1], _MOST_COLUMN / shape[0])
    size = max(1, round(shape[1] * factor)), max(1, round(shape[0] * factor))
    whole = slice(0, shape[0]), slice(0, shape[1])
    return View(("whole print", _percent(factor)), partial(_reduced, window=whole, size=size))


def _face_views(face: FacePlace, shape: tuple[int, int], column: int) -> list[View]:
    """A face as a whole, which bears its figures, then its parts, each enlarged alike."""
    window = face.whole(shape)
    longest = max(_length(side) for side in window)
    if longest > column:
        factor = column / longest
        size = round(_length(window[1]) * factor), round(_length(window[0]) * factor)
        cut, scale = partial(_reduced, window=window, size=size), _percent(factor)
    else:
        times = _times(_length(window[1]), _LEAST_FACE, column)
        cut, scale = partial(_piece, window=window, times=times), _enlarged(times)
    views = [View((f"face {face.number}", scale), cut, face.number)]
    parts = {name: _at_most(face.part(name, shape), column) for name in PARTS}
    times = _times(max(_length(part[1]) for part in parts.values()), _LEAST_PART, column)
    widths = {name: times * _length(part[1]) for name, part in parts.items()}
    for names in _packed(widths, column):
        windows = [parts[name] for name in names]
        cut = partial(_side_by_side, windows=windows, times=times)
        views.append(View((*names, _enlarged(times)), cut))
    return views


def _packed(widths: Mapping[str, int], room: int) -> list[list[str]]:
    """Names in order, as many to a row as the room takes, px."""
    rows: list[list[str]] = []
    used = room
    for name, width in widths.items():
        used += GAP + width
        if used > room:
            rows.append([])
            used = width
        rows[-1].append(name)
    return rows


def _times(width: int, least: int, column: int) -> int:
    """The whole factor by which something too small to see is enlarged; 1 for the rest."""
    return max(1, min(math.ceil(least / width), column // width))


def _enlarged(times: int) -> str:
    return "100 %" if times == 1 else f"100 % x {times}"


def _percent(factor: float) -> str:
    return "100 %" if factor == 1.0 else f"{100 * factor:.0f} %"


def _length(side: slice) -> int:
    return int(side.stop - side.start)


def _middle(shape: tuple[int, int], column: int) -> Window:
    return _at_most((slice(0, shape[0]), slice(0, shape[1])), column, round(0.62 * column))


def _at_most(window: Window, columns: int, rows: int | None = None) -> Window:
    """The middle of a window that is too large."""
    return _shorter(window[0], rows or columns), _shorter(window[1], columns)


def _shorter(side: slice, most: int) -> slice:
    spare = max(0, _length(side) - most)
    return slice(side.start + spare // 2, side.start + spare // 2 + min(_length(side), most))


def _piece(photo: Photo, window: Window, times: int) -> Picture:
    """Px of a print, each drawn as a square of so many px of the sheet."""
    shown = as_shown(photo.part(*window), photo.icc)
    return np.repeat(np.repeat(shown, times, axis=0), times, axis=1)


def _reduced(photo: Photo, window: Window, size: tuple[int, int]) -> Picture:
    """A window of a print averaged down to (width, height) px."""
    # Reduced as integers, so that a large scan is not copied as floats.
    made = cv2.resize(photo.samples[window], size, interpolation=cv2.INTER_AREA)
    small = photo.with_samples(np.asarray(made, np.uint16).reshape(size[1], size[0], -1))
    return as_shown(small.pixels, photo.icc)


def _side_by_side(photo: Photo, windows: Sequence[Window], times: int) -> Picture:
    """Pieces of a print in one row, on paper."""
    pieces = [_piece(photo, window, times) for window in windows]
    width = sum(piece.shape[1] for piece in pieces) + GAP * (len(pieces) - 1)
    row = np.full((max(piece.shape[0] for piece in pieces), width, 3), PAPER, np.uint8)
    left = 0
    for piece in pieces:
        row[: piece.shape[0], left : left + piece.shape[1]] = piece
        left += piece.shape[1] + GAP
    return row
