"""Where dust, hairs, scratches, creases and tears lie on a print.

A small network says of every px how likely it is damage (`damage_net`), an infrared plane is
heard where the scan has one that shows damage (`infrared`), and what is likely is joined to specks
and lines, each of which must be proven. A print that surely is damaged is damaged in more places
than a sound one: there less proof is asked for, so that sound prints are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_evidence import STEPS, Odds, evidence, level
from pipeline.stages.measure.damage_guard import rim_px
from pipeline.stages.measure.damage_mask import enlarged
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.infrared import Infrared, read_infrared

Mask = NDArray[np.bool_]
Marks = NDArray[np.uint8]

CAUTION = 3.5
"""Log-odds from which damage is believed, unless told otherwise."""

_PX_PER_MM_LOOKED_AT = 12.0
_MOST_PX = 40_000_000
_USUAL_LONG_SIDE_MM = 150.0
_SHORTEST_PRINT_MM = 20.0
_LEAST_SIDE = 16
_WEAKER = 1.0
_MOSTLY = 0.5
_SURELY_SO_MANY = 4
_SURE_SHARE = 3e-4
_MUCH = 10.0
_EASED = 4.5
_PARTS = (1.0, 0.7, 0.45, 0.2)
_MOST_TIMES = 4.0
_COARSE_LESS = 2.0
_LONG = 4.0
_BAND = 256


@dataclass(frozen=True)
class Damage:
    """Damage found on a picture.

    Args:
        mask: bool (H, W): True on damage, a little beyond its soft edge.
        specks: how many compact defects there are.
        lines: how many long ones (at least four times as long as wide).
        share: damaged share of the picture, 0..1.
        widest: px; the width of the widest, its mean along its length.
        infrared: how the infrared plane was read; None where there is none.
    """

    mask: Mask
    specks: int
    lines: int
    share: float
    widest: int
    infrared: Infrared | None = None


def find_damage(
    samples: NDArray[Any],
    px_per_mm: float | None,
    caution: float = CAUTION,
    infrared: NDArray[np.uint16] | None = None,
) -> Damage:
    """Find dust, hairs, scratches, creases and tears.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1) when grey, or float32 (H, W, 3) RGB in 0..1.
        px_per_mm: scan resolution; when None, or so high that the print would be smaller than
            20 mm, a print whose long side is 150 mm is assumed.
        caution: log-odds some px of a defect must reach; 0 is an even bet. On a print with
            several sure defects, where no infrared helps, up to 4.5 less will do.
        infrared: uint16 (H, W), registered to the samples, or None.

    Returns:
        The damage. Scans finer than 18 px/mm (450 dpi) are looked at on an average of whole px,
        at about 12 px/mm, where no defect that shows is lost; so are scans of more than 40
        megapixels, which keeps memory in bounds.
    """
    height, width = samples.shape[:2]
    per_mm = _believed(px_per_mm, max(height, width))
    step = _step(per_mm, height, width)
    view = View(samples, step)
    if min(view.height, view.width) < _LEAST_SIDE:
        return Damage(np.zeros((height, width), bool), 0, 0, 0.0, 0)
    plane = None if infrared is None else View(infrared[..., None], step)
    read = None if plane is None else read_infrared(view, plane)
    odds = evidence(view, plane, read)
    found = _joined(odds, caution)
    easing = _easing(found)
    if easing > 0 and not (read and read.trusted):
        if min(odds.shape) >= 2 * _LEAST_SIDE:
            odds = np.maximum(odds, _wide(View(samples, 2 * step), odds.shape))
        found = _eased(odds, caution, easing, found)
    mask = enlarged(found.marks, (height, width), step)
    share = float(np.count_nonzero(mask) / mask.size)
    return Damage(mask, found.specks, found.lines, share, found.widest * step, read)


@dataclass(frozen=True, eq=False)
class _Found:
    """What is damage on a view: uint8 (H, W), 1 or 0, and what it is made of."""

    marks: Marks
    specks: int = 0
    lines: int = 0
    widest: int = 0

    @property
    def share(self) -> float:
        """Damaged share of the view, 0..1."""
        return float(self.marks.mean())


def _eased(odds: Odds, caution: float, easing: float, sure: _Found) -> _Found:
    """What is found when less proof is asked for, as long as it is no more than some times as much.

    Damage is mostly found surely. What multiplies when less is asked for is the picture: the
    lattice of a tower, twigs, a fence.
    """
    for part in _PARTS:
        found = _joined(odds, caution - part * easing)
        if found.share <= _MOST_TIMES * sure.share:
            return found
    return sure


def _joined(odds: Odds, caution: float) -> _Found:
    """Likely px that touch very likely ones, a px wider; how many specks and lines; the widest."""
    likely = (odds >= level(caution - _WEAKER)).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(likely, connectivity=8)
    proven, inside = np.zeros(count, bool), np.zeros(count)
    sure, rim = level(caution), rim_px(odds.shape)
    for top in range(0, len(odds), _BAND):
        rows = slice(top, top + _BAND)
        proven[labels[rows][odds[rows] >= sure]] = True
        rows = slice(max(top, rim), min(top + _BAND, len(odds) - rim))
        inside += np.bincount(labels[rows, rim:-rim].ravel(), minlength=count)
    proven[0] = False
    proven &= inside >= _MOSTLY * boxes[:, cv2.CC_STAT_AREA]
    marks: Marks = np.empty_like(likely)
    for top in range(0, len(odds), _BAND):
        marks[top : top + _BAND] = proven[labels[top : top + _BAND]]
    if not proven.any():
        return _Found(marks)
    across = boxes[proven][:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].astype(np.float64)
    length = np.hypot(*across.T)
    width = boxes[proven][:, cv2.CC_STAT_AREA] / length
    long = length >= _LONG * width
    grown = cv2.dilate(marks, np.ones((3, 3), np.uint8))
    widest = max(1, round(float(width.max())))
    return _Found(np.asarray(grown), int((~long).sum()), int(long.sum()), widest)


def _wide(coarse: View, shape: tuple[int, ...]) -> Odds:
    """What a view of half the size shows of creases too wide for the network, as evidence."""
    seen = evidence(coarse, None, None)
    large = cv2.resize(seen, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.subtract(large, np.full_like(large, _COARSE_LESS * STEPS)))


def _easing(sure: _Found) -> float:
    """How much less proof is asked for where so much of the print surely is damaged."""
    if sure.specks + sure.lines < _SURELY_SO_MANY:
        return 0.0
    far = np.log(max(sure.share, 1e-9) / _SURE_SHARE) / np.log(_MUCH)
    return float(_EASED * np.clip(far, 0.0, 1.0))


def _step(per_mm: float, height: int, width: int) -> int:
    """px of the scan, each way, that make one px of the view."""
    fine_enough = round(per_mm / _PX_PER_MM_LOOKED_AT)
    small_enough = int(np.ceil(np.sqrt(height * width / _MOST_PX)))
    return max(1, min(max(fine_enough, small_enough), height, width))


def _believed(px_per_mm: float | None, long_side: int) -> float:
    if px_per_mm is None or long_side < px_per_mm * _SHORTEST_PRINT_MM:
        return long_side / _USUAL_LONG_SIDE_MM
    return px_per_mm
