"""Cutting prints out of a scan and straightening them, without touching the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo

Points = NDArray[np.float64]

STRAIGHT_ENOUGH = 0.06
"""Prints turned by less than so many degrees are cut without resampling: 1 px in a thousand."""


@dataclass(frozen=True, eq=False)
class Cut:
    """Where one print is cut.

    Args:
        quad: float64 (4, 2), corners x, y in continuous scan px ((0, 0) is the outer corner of
            the first pixel): top left, top right, bottom right, bottom left as the print reads.
        size: (width, height) of the cut, px.
        resampled: False when the cut is a plain slice of the scan.
    """

    quad: Points
    size: tuple[int, int]
    resampled: bool


def plan_cut(
    quad: Points,
    size: tuple[float, float],
    angle: float,
    scan_size: tuple[int, int],
    touches_edge: bool,
) -> Cut:
    """Decide how a print is cut.

    A print that is straight, or that lies against the edge of the scan (where turning it would
    need pixels that were never scanned), is sliced; any other is turned.

    Args:
        quad: corners in continuous scan px, already with the safety margin.
        size: (width, height) of the upright print at the scan's horizontal and vertical
            resolution, px.
        angle: how far the print is turned, degrees.
        scan_size: (width, height) of the scan, px.
        touches_edge: the print reaches the edge of the scan.
    """
    if abs(angle) < STRAIGHT_ENOUGH or touches_edge:
        low = np.maximum(np.floor(quad.min(axis=0) + 1e-6), 0)
        high = np.minimum(np.ceil(quad.max(axis=0) - 1e-6), scan_size)
        (left, top), (right, bottom) = low, high
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        return Cut(box, (int(right - left), int(bottom - top)), False)
    width, height = size
    return Cut(quad, (max(1, round(width)), max(1, round(height))), True)


def cut_print(scan: Photo, cut: Cut) -> Photo:
    """The print as a photo of its own: same resolution, profile, depth and colour kind.

    A turned print is resampled once, by bicubic interpolation at 16 bit, so scans keep
    their depth; the infrared plane is cut the same way.
    """
    samples = _cut_plane(scan.samples, cut)
    infrared = None if scan.infrared is None else _cut_plane(scan.infrared, cut)
    return replace(scan, samples=samples.reshape(*samples.shape[:2], -1), infrared=infrared)


def _cut_plane(plane: NDArray[np.uint16], cut: Cut) -> NDArray[np.uint16]:
    width, height = cut.size
    left, top = np.floor(cut.quad.min(axis=0)).astype(int)
    right, bottom = np.ceil(cut.quad.max(axis=0)).astype(int)
    if not cut.resampled:
        return np.ascontiguousarray(plane[top:bottom, left:right])
    # Only the surroundings are handed to OpenCV, whose remapping ends at 32767 px.
    reach = 4
    first_row, first_column = max(0, top - reach), max(0, left - reach)
    part = plane[first_row : bottom + reach, first_column : right + reach]
    source = cut.quad - np.array([first_column, first_row])
    target = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32)
    # OpenCV counts from pixel centres, the quad from pixel edges.
    matrix = cv2.getAffineTransform(
        target - np.float32(0.5), (source[[0, 1, 3]] - 0.5).astype(np.float32)
    )
    turned = cv2.warpAffine(
        part,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    result: NDArray[np.uint16] = turned
    return result


def reading_order(quads: Sequence[Points]) -> list[int]:
    """Indices of the prints row by row from the top, each row from left to right.

    Two prints are in one row when the middle of either lies within the height of the other.
    """
    left_over = sorted(range(len(quads)), key=lambda i: float(quads[i][:, 1].mean()))
    order: list[int] = []
    while left_over:
        first = left_over[0]
        row = [i for i in left_over if i == first or _same_row(quads[first], quads[i])]
        order += sorted(row, key=lambda i: float(quads[i][:, 0].mean()))
        left_over = [i for i in left_over if i not in row]
    return order


def _same_row(first: Points, second: Points) -> bool:
    middles = first[:, 1].mean(), second[:, 1].mean()
    return bool(
        second[:, 1].min() < middles[0] < second[:, 1].max()
        or first[:, 1].min() < middles[1] < first[:, 1].max()
    )
