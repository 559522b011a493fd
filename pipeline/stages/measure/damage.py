"""Where dust, hairs, scratches and cracks lie on a print.

Defects of the surface are thin or small, stand out against their own neighbourhood more than
its texture does, and have one even tone (bare paper, or black dirt) that is foreign to the
picture around them. Each candidate is weighed on these signs together, by logistic rules whose
weights were fitted on simulated damage over photographs with known truth. Fine damage is looked
for at the scale of the scan, wide cracks on an average over three px.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_candidates import Candidates, candidates
from pipeline.stages.measure.damage_mask import drawn_finely, enlarged
from pipeline.stages.measure.damage_signs import FEATURES, LEAST_CONTRAST
from pipeline.stages.measure.damage_view import View

Mask = NDArray[np.bool_]
Marks = NDArray[np.uint8]
Row = tuple[float, ...]

_LONG = 4.0
_COARSE = 3
_LEAST_COARSE_SIDE = 64
_PX_PER_MM_LOOKED_AT = 24.0
_MOST_PX = 40_000_000
_USUAL_LONG_SIDE_MM = 150.0
_SHORTEST_PRINT_MM = 20.0
_TONED_SPREAD = 0.045
_STRANGE_COLOUR = 1.8
_SURE_BY_COLOUR = 2.5
_AGREES = 1.5
_BROAD = 2.5
_ROUND = 2.0
_LARGE = 1.2
_FAR = 0.1
_THIN = 8.0
_ALONE = 0.1
_CLEAR = 0.12
# Bias, then one weight per name in FEATURES.
_SIMPLE: Row = (-16.83, 2.55, 15.3, -0.42, -0.81, 0.77, 10.81, 2.5, 0.03, -0.38, 1.56, -2.22, -2.16)
_SIMPLE += (0.0, 0.0, 0.0, 0.0, 0.0)
_FINE: Row = (-2.07, 1.02, -1.88, -0.13, 0.06, 0.69, 2.83, 0.24, 0.3, -9.35, 0.17, 0.59, -0.68)
_FINE += (-0.37, -4.72, 3.21, 0.73, 0.75)
_WIDE: Row = (-8.42, 1.61, -0.57, 0.3, -0.07, 0.85, 2.89, 0.61, -0.32, 0.28, -0.15, -1.04, -0.69)
_WIDE += (0.47, -7.52, 3.48, 0.16, 0.88)


@dataclass(frozen=True)
class Damage:
    """Dust, hairs, scratches and cracks found on a picture.

    Args:
        mask: bool (H, W): True on damage, a little beyond its soft edge.
        specks: how many compact defects there are.
        lines: how many long ones (at least four times as long as wide).
        share: damaged share of the picture, 0..1.
        widest: px; the widest speck or scratch that was looked for. Cracks may be three times
            as wide.
    """

    mask: Mask
    specks: int
    lines: int
    share: float
    widest: int


def find_damage(samples: NDArray[Any], px_per_mm: float | None, caution: float = 1.5) -> Damage:
    """Find dust, hairs, scratches and cracks.

    Args:
        samples: uint16 (H, W, 3) or (H, W, 1) when grey, or float32 (H, W, 3) RGB in 0..1.
        px_per_mm: scan resolution; when None, or so high that the print would be smaller than
            20 mm, a print whose long side is 150 mm is assumed.
        caution: log-odds a candidate must reach to count as damage; 0 is an even bet.

    Returns:
        The damage: specks and scratches up to about half a millimetre wide, cracks up to one
        and a half. The print's own border is not damage. Scans finer than 24 px/mm (600 dpi)
        are looked at on an average of whole px, where no defect that shows is lost; so are
        scans of more than 40 megapixels, which keeps memory in bounds.
    """
    height, width = samples.shape[:2]
    per_mm = _believed(px_per_mm, max(height, width))
    step = _step(per_mm, height, width)
    view = View(samples, step)
    widest = int(np.clip(round(0.5 * per_mm / step), 3, 9))
    scales = [(view, 1)]
    if min(view.height, view.width) >= _COARSE * _LEAST_COARSE_SIDE:
        scales.append((view.smaller(_COARSE), _COARSE))
    marks: Marks = np.zeros((view.height, view.width), np.uint8)
    specks = lines = 0
    for seen, scale in scales:
        found = candidates(seen.samples, widest, seen.step)
        accepted = _accepted(found, caution, marks.shape, wide=scale > 1)
        accepted &= (found.inside >= 0.5) & ~_too_round_and_large(found, widest // scale)
        fresh = _not_met(found.labels, marks, scale) & accepted
        marks |= _drawn(found, accepted, seen, view, widest)
        long = fresh & (found.length >= _LONG * found.width)
        lines += int(long.sum())
        specks += int(fresh.sum()) - int(long.sum())
        del found  # its labels are the largest thing there is
    mask = enlarged(marks, (height, width), step)
    return Damage(mask, specks, lines, float(np.count_nonzero(mask) / mask.size), widest * step)


def _step(per_mm: float, height: int, width: int) -> int:
    """px of the scan, each way, that make one px of the view."""
    fine_enough = round(per_mm / _PX_PER_MM_LOOKED_AT)
    small_enough = int(np.ceil(np.sqrt(height * width / _MOST_PX)))
    return max(1, min(max(fine_enough, small_enough), height, width))


def _drawn(found: Candidates, accepted: Mask, seen: View, view: View, widest: int) -> Marks:
    """The accepted candidates on the finest view, uint8 (H, W), a little beyond their soft edge."""
    reach = np.ones((3, 3), np.uint8)
    part = found.chosen(accepted)
    coarse = seen is not view
    if coarse:
        part = drawn_finely(part, found, seen, view)
    grown = cv2.dilate(part, reach, iterations=1 if widest < 6 else 2)
    if found.colour_spread < _TONED_SPREAD:
        # Scanners and JPEG smear colour further than light; on a toned print it would show.
        broad = part if coarse else found.chosen(accepted & (found.width >= _BROAD))
        grown |= cv2.dilate(broad, reach, iterations=3)
    return np.asarray(grown, np.uint8)


def _believed(px_per_mm: float | None, long_side: int) -> float:
    if px_per_mm is None or long_side < px_per_mm * _SHORTEST_PRINT_MM:
        return long_side / _USUAL_LONG_SIDE_MM
    return px_per_mm


def log_odds(features: NDArray[np.float64], rule: Row) -> NDArray[np.float64]:
    """How likely each candidate is damage; candidates that hardly stand out never are.

    Args:
        features: float64 (N, len(FEATURES)).
        rule: bias and weights.

    Returns:
        float64 (N,), natural logarithm of the odds.
    """
    odds = np.clip(features, -6.0, 6.0) @ np.array(rule[1:]) + rule[0]
    faint = (features[:, 0] <= np.log(2.0)) | (features[:, 1] <= LEAST_CONTRAST)
    return np.asarray(np.where(faint, -np.inf, odds))


def _accepted(found: Candidates, caution: float, shape: tuple[int, ...], wide: bool) -> Mask:
    """Which candidates are damage.

    On a grey or toned print all tones lie on one curve through colour. What lies off it is not
    the picture: such candidates need less proof from their shape.
    """
    odds = log_odds(found.features, _WIDE if wide else _FINE)
    sure = odds > caution
    if not wide:
        simple_odds = log_odds(found.features, _SIMPLE)
        sure |= (simple_odds > caution) & (odds > caution - _AGREES)
    if found.colour_spread < _TONED_SPREAD:
        sure |= (odds > caution - _SURE_BY_COLOUR) & (found.strangeness > _STRANGE_COLOUR)
    if not wide:
        sure |= _long_alone(found, shape) & (simple_odds > caution)
    return np.asarray(sure)


def _long_alone(found: Candidates, shape: tuple[int, ...]) -> Mask:
    """Thin things that run far across the picture with nothing like them near: no texture."""
    features = found.features
    far = found.length >= _FAR * float(np.hypot(shape[0], shape[1]))
    thin = found.length >= _THIN * found.width
    alone = features[:, FEATURES.index("crowding")] < _ALONE
    clear = features[:, FEATURES.index("contrast")] >= _CLEAR
    return np.asarray(far & thin & alone & clear)


def _too_round_and_large(found: Candidates, widest: int) -> Mask:
    """Compact things as wide as the widest scratch: buttons, pearls and lamps rather than dust.

    Only a colour that the print cannot have proves that such a thing is bare paper.
    """
    compact = (found.length < _ROUND * found.width) & (found.width >= _LARGE * widest)
    proven = (found.colour_spread < _TONED_SPREAD) & (found.strangeness > _STRANGE_COLOUR)
    return np.asarray(compact & ~proven)


def _not_met(labels: NDArray[np.int32], marks: Marks, scale: int) -> Mask:
    """Which components are not already marked at a finer scale, so that none counts twice."""
    count = int(labels.max())
    if scale == 1 or not marks.any():
        return np.ones(count, bool)
    met = cv2.resize(marks, (labels.shape[1], labels.shape[0]), interpolation=cv2.INTER_AREA)
    marked = np.bincount(labels[met > 0], minlength=count + 1)[1:]
    return np.asarray(marked == 0)
