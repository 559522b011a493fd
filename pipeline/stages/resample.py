"""Changing the number of pixels of a picture without aliasing or jagged edges.

A Lanczos-3 kernel (Duchon 1979, doi:10.1175/1520-0450(1979)018<1016:LFIOAT>2.0.CO;2) that widens
when reducing. Each axis is a product with a narrow matrix, so any part of the result can be made
from the few pixels it needs, and is the same as that part of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from pipeline.core.samples import to_float

Box = tuple[float, float, float, float]

_LOBES = 3.0

_BLOCK = 16
"""px of the result made by one matrix: with more, most of the matrix is zeros."""

_MULTIPLICATIONS = 1 << 18
"""In one product. Linear algebra libraries start threads for more than these, which then stand in
the way of the pieces that are worked on side by side."""


def resample(
    pixels: NDArray[np.float32], width: int, height: int, box: Box | None = None
) -> NDArray[np.float32]:
    """Resize with a Lanczos-3 kernel that widens when reducing, so nothing aliases.

    Args:
        pixels: float32 (H, W) or (H, W, C), any range.
        width: columns wanted, px.
        height: rows wanted, px.
        box: the part to take, (left, top, right, bottom) in px of the source, fractions
            allowed; the whole picture when None. Pixels just outside it are used as neighbours.

    Returns:
        float32 of the size asked for; the very array given when there is nothing to do. May
        overshoot the input's range by a few percent at hard edges: clip where that matters.
    """
    whole = (0.0, 0.0, float(pixels.shape[1]), float(pixels.shape[0]))
    if (pixels.shape[1], pixels.shape[0]) == (width, height) and box in (None, whole):
        return pixels
    return resample_part(pixels, (width, height), slice(0, height), slice(0, width), box)


def resample_part(
    pixels: NDArray[Any],
    size: tuple[int, int],
    rows: slice,
    columns: slice,
    box: Box | None = None,
) -> NDArray[np.float32]:
    """A part of what `resample` would give, made from the few source px it needs.

    Args:
        pixels: float32 of any range, or uint16 samples, which count as 0..1; (H, W) or (H, W, C).
        size: (width, height) of the whole result, px.
        rows, columns: the part of the result wanted, with a start and a stop.
        box: as for `resample`.

    Returns:
        float32 (rows, columns) or (rows, columns, C).
    """
    height, width = pixels.shape[:2]
    left, top, right, bottom = box or (0.0, 0.0, float(width), float(height))
    down = _kernels(height, size[1], (top, bottom), rows)
    across = _kernels(width, size[0], (left, right), columns)
    cut = pixels[down.source, across.source]
    if cut.dtype == np.uint16:
        cut = to_float(cut)
    if not down.plain:
        cut = _rows(cut.reshape(len(cut), -1), down).reshape(-1, *cut.shape[1:])
    if not across.plain:
        planes = [cut] if cut.ndim == 2 else [cut[..., c] for c in range(cut.shape[2])]
        made = _columns(np.concatenate(planes), across).reshape(len(planes), len(cut), -1)
        cut = made[0] if cut.ndim == 2 else _array(cv2.merge(list(made)))
        cut = cut.reshape(*cut.shape[:2], *pixels.shape[2:])
    return cut


@dataclass(frozen=True)
class _Kernels:
    """The weights of one axis.

    Args:
        source: px of the source that are needed.
        first: int (n,) the first px, counted from `source`, that each px of the result is made of.
        weights: float32 (n, taps) of that px and those after it; each row sums to 1.
        plain: the result is the source itself.
    """

    source: slice
    first: NDArray[np.intp]
    weights: NDArray[np.float32]
    plain: bool


def _kernels(length: int, size: int, box: tuple[float, float], part: slice) -> _Kernels:
    """How px `part` of `size` px are made of `box` of `length` px."""
    step = (box[1] - box[0]) / size
    if step == 1.0 and box[0] == int(box[0]) and box[0] >= 0 and box[1] <= length:
        start = int(box[0])
        source = slice(start + part.start, start + part.stop)
        return _Kernels(source, np.empty(0, np.intp), np.empty((0, 0), np.float32), plain=True)
    wide = max(step, 1.0)
    centre = box[0] + (np.arange(part.start, part.stop) + 0.5) * step
    first = np.clip((centre - _LOBES * wide + 0.5).astype(np.intp), 0, length - 1)
    last = np.clip((centre + _LOBES * wide + 0.5).astype(np.intp), first + 1, length)
    place = first[:, None] + np.arange(int((last - first).max()))
    distance = (place - centre[:, None] + 0.5) / wide
    inside = (np.abs(distance) < _LOBES) & (place < last[:, None])
    weights = np.where(inside, np.sinc(distance) * np.sinc(distance / _LOBES), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    source = slice(int(first[0]), min(length, int(first[-1]) + weights.shape[1]))
    return _Kernels(source, first - first[0], weights.astype(np.float32), plain=False)


def _rows(pixels: NDArray[np.float32], kernels: _Kernels) -> NDArray[np.float32]:
    """(H, N) of the source as (n, N)."""
    made = np.empty((len(kernels.first), pixels.shape[1]), np.float32)
    for start in range(0, len(made), _BLOCK):
        matrix, used = _matrix(kernels, slice(start, start + _BLOCK), len(pixels))
        given, out = pixels[used], made[start : start + _BLOCK]
        width = _most(matrix)
        count = pixels.shape[1] // width
        if count:
            np.matmul(matrix, _cut(given, count, width, axis=1), out=_cut(out, count, width, 1))
        if count * width < pixels.shape[1]:
            np.matmul(matrix, given[:, count * width :], out=out[:, count * width :])
    return made


def _columns(pixels: NDArray[np.float32], kernels: _Kernels) -> NDArray[np.float32]:
    """(N, W) of the source as (N, n)."""
    made = np.empty((len(pixels), len(kernels.first)), np.float32)
    for start in range(0, made.shape[1], _BLOCK):
        matrix, used = _matrix(kernels, slice(start, start + _BLOCK), pixels.shape[1])
        given, out, turned = pixels[:, used], made[:, start : start + _BLOCK], matrix.T.copy()
        height = _most(matrix)
        count = len(pixels) // height
        if count:
            np.matmul(_cut(given, count, height, axis=0), turned, out=_cut(out, count, height, 0))
        if count * height < len(pixels):
            np.matmul(given[count * height :], turned, out=out[count * height :])
    return made


def _matrix(kernels: _Kernels, part: slice, length: int) -> tuple[NDArray[np.float32], slice]:
    """(n, used) weights of some px of the result, and the px of the source they are for."""
    first, weights = kernels.first[part], kernels.weights[part]
    taps = weights.shape[1]
    matrix = np.zeros((len(first), int(first[-1] - first[0]) + taps), np.float32)
    np.put_along_axis(matrix, (first - first[0])[:, None] + np.arange(taps), weights, axis=1)
    used = slice(int(first[0]), min(length, int(first[-1]) + taps))
    return matrix[:, : used.stop - used.start], used


def _most(matrix: NDArray[np.float32]) -> int:
    """Rows or columns to multiply at once."""
    return max(16, _MULTIPLICATIONS // matrix.size // 16 * 16)


def _cut(array: NDArray[np.float32], count: int, length: int, axis: int) -> NDArray[np.float32]:
    """(H, W) seen as `count` arrays of `length` rows or columns, without a copy."""
    shape = (length, array.shape[1]) if axis == 0 else (array.shape[0], length)
    return as_strided(array, (count, *shape), (array.strides[axis] * length, *array.strides))


def _array(value: object) -> NDArray[np.float32]:
    return np.asarray(value, dtype=np.float32)
