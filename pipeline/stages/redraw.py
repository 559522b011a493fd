"""Having a super-resolution network draw a picture anew, from its real resolution.

Run on all pixels of an oversampled scan, such a network is slow and leaves the blur in place: it
was trained on pictures nearly sharp to the pixel. So the picture is first reduced to little more
than it really resolves (to "real px" here), then drawn, then brought to the size wanted. Rows flow
through all of this from top to bottom, and nothing of full size is held but the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.heap import return_small_blocks
from pipeline.core.photo import Photo, Samples, rounded
from pipeline.core.progress import Progress
from pipeline.models.provider import Upscaler
from pipeline.stages.columns import network_columns, with_margin
from pipeline.stages.drawn_rows import DrawnRows
from pipeline.stages.fidelity import tint_of, tone_correction
from pipeline.stages.measure.luma import luma
from pipeline.stages.pieces import Piece, each_piece, pieces
from pipeline.stages.print_quality import network_input
from pipeline.stages.redraw_record import Record
from pipeline.stages.resample import Box, resample_part

_COARSE = 12.0
"""Blur, in real px, above which the print's tones are kept."""

_CHROMA = 1.5
"""Blur, in real px, on the tint of a print of a single tone."""

_WIDEST = 1500
"""Real px across that the network is given at once, margin included: its memory grows with them,
and it is quicker on fewer."""

_MARGIN = 80
"""Real px of surroundings that are drawn around what is wanted and then cut off. With as many,
x4plus draws what it would have drawn in one piece to 0.1 of one of 255 parts; with 64 to 0.4,
with 48 to 5."""

_BAND_PX = 200_000
"""Real px brought to the size wanted at once; what was drawn of them takes 192 bytes for each."""

_FEWEST_ROWS = 64

_TONE_MARGIN = round(4 * _COARSE)
"""Real px above and below a band that have a say in its coarse tones."""

_SIDE = 256
"""px of a piece of the reduced picture or of the result: its floats stay in the cache."""

_Array = NDArray[np.float32]


def redraw(
    photo: Photo,
    into: Samples,
    fraction: float,
    upscaler: Upscaler,
    progress: Progress,
    *,
    single_tone: bool,
    box: Box | None = None,
    widest: int = _WIDEST,
) -> dict[str, Any]:
    """Draw a photo anew at another or the same size.

    Args:
        photo: the picture.
        into: uint16 (height, width, C) of the size wanted, with as many channels as the photo;
            every px of it is written.
        fraction: how much of its size the picture really resolves, 0..1 (0 excluded).
        upscaler: the network.
        progress: told of the network's work, in real px.
        single_tone: take lightness alone from the network.
        box: the part of the picture wanted, (left, top, right, bottom) px; all when None.
        widest: real px across given to the network at once; bounds memory.

    Returns:
        JSON facts about the inference.

    Raises:
        BadOutput: the network gave NaN, infinity, another size, or one flat colour for a
            picture that is not flat.
    """
    small = network_input((photo.width, photo.height), fraction)
    part = _scaled(
        box or (0.0, 0.0, float(photo.width), float(photo.height)),
        (small[0] / photo.width, small[1] / photo.height),
    )
    wanted = _whole_px(part[1], part[3], small[1])
    rows = with_margin(wanted, _MARGIN, small[1])
    across = network_columns(
        small[0], _whole_px(part[0], part[2], small[0]), margin=_MARGIN, widest=widest
    )
    height = rows.stop - rows.start
    total = sum(height * (outer.stop - outer.start) for _, outer in across)
    record = Record(upscaler.name, total, progress)
    for columns, outer in across:
        heard = record.column(height * (outer.stop - outer.start))
        drawn = DrawnRows(photo, small, (rows, outer), upscaler, heard)
        bands = _bands(wanted, columns, rows, outer)
        for target in _targets(bands, part, (into.shape[1], into.shape[0])):
            given, made = drawn.window(target.block.outer_rows)
            layers = _layers(made, given, single_tone=single_tone)
            _write(layers, given.shape, into[target.rows, target.columns], target.box)
            return_small_blocks()
        record.add(drawn.account)
        heard.done()
    return {"network_input_px": list(small), **record.facts()}


def _bands(wanted: slice, columns: slice, rows: slice, outer: slice) -> list[Piece]:
    """A column in bands, each with the rows above and below that have a say in its tones."""
    height = max(_FEWEST_ROWS, _BAND_PX // (outer.stop - outer.start))
    return [
        Piece(
            slice(top, min(top + height, wanted.stop)),
            columns,
            slice(
                max(rows.start, top - _TONE_MARGIN),
                min(rows.stop, min(top + height, wanted.stop) + _TONE_MARGIN),
            ),
            outer,
        )
        for top in range(wanted.start, wanted.stop, height)
    ]


@dataclass(frozen=True)
class _Target:
    """A band and what it makes of the result.

    Args:
        block: rows and columns in real px of the picture.
        rows, columns: px of the result.
        box: what they are made of, (left, top, right, bottom) in real px of the block.
    """

    block: Piece
    rows: slice
    columns: slice
    box: Box


def _scaled(box: Box, by: tuple[float, float]) -> Box:
    return box[0] * by[0], box[1] * by[1], box[2] * by[0], box[3] * by[1]


def _whole_px(low: float, high: float, length: int) -> slice:
    """The px that a stretch of one axis touches."""
    first = min(int(low), length - 1)
    return slice(first, min(length, max(first + 1, int(np.ceil(high)))))


def _targets(blocks: list[Piece], part: Box, size: tuple[int, int]) -> Iterator[_Target]:
    """Each band with what it makes of the result: all px whose centres lie in it."""
    across, down = (part[2] - part[0]) / size[0], (part[3] - part[1]) / size[1]
    for block in blocks:
        rows = _centred(block.rows, part[1], down, size[1])
        columns = _centred(block.columns, part[0], across, size[0])
        if rows.start == rows.stop or columns.start == columns.stop:
            continue
        left, top = part[0] - block.outer_columns.start, part[1] - block.outer_rows.start
        box = (
            left + columns.start * across,
            top + rows.start * down,
            left + columns.stop * across,
            top + rows.stop * down,
        )
        yield _Target(block, rows, columns, box)


def _centred(inner: slice, start: float, step: float, size: int) -> slice:
    first, last = (
        int(np.clip(np.ceil((edge - start) / step - 0.5), 0, size))
        for edge in (inner.start, inner.stop)
    )
    return slice(first, last)


def _layers(made: _Array, given: _Array, *, single_tone: bool) -> list[_Array]:
    """What adds up to the result: what was made of (h, w, C), in the tones of the print."""
    if single_tone or given.shape[2] == 1:
        return _single_tone_layers(made, given)
    return [made, tone_correction(made, given, _COARSE)]


def _single_tone_layers(made: _Array, given: _Array) -> list[_Array]:
    """The lightness of what was made, in the tones of the print and in its tint if it has one."""
    lightness, own, tint = luma(made)[..., None], given, None
    if given.shape[2] == 3:
        own, tint = luma(given)[..., None], tint_of(given, _CHROMA)
    layers = [lightness, tone_correction(lightness, own, _COARSE)]
    return layers if tint is None else [*layers, tint]


def _write(layers: list[_Array], block: tuple[int, ...], into: Samples, box: Box) -> None:
    """Bring the layers of a band to the size wanted and add them up.

    Args:
        layers: pictures of the whole band with any number of px, (h, w, 1) or (h, w, 3).
        block: (H, W, ...) px of the band, in which `box` is given.
        into: the part of the result that the band makes.
        box: the part of the band it is made of.
    """
    boxes = [
        _scaled(box, (layer.shape[1] / block[1], layer.shape[0] / block[0])) for layer in layers
    ]
    size = (into.shape[1], into.shape[0])

    def one(piece: Piece) -> None:
        total, *more = (
            resample_part(layer, size, piece.rows, piece.columns, place)
            for layer, place in zip(layers, boxes, strict=True)
        )
        for layer in more:
            total = total + layer
        into[piece.rows, piece.columns] = rounded(total)

    each_piece(pieces(size[1], size[0], margin=0, side=_SIDE), one)
