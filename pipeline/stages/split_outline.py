"""From the mask of all that is not lid to upright rectangles with measured sides."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from pipeline.stages.split_edge import Look, edge_along

Mask = NDArray[np.bool_]
Points = NDArray[np.float64]

CORNER_SHARE = 0.07
"""Share of a side left out at each end: corners are rounded, bent or torn."""
ON_LINE = 1.2
"""A point of the outline is on its side's line within so many working px."""
RAGGED = 0.6
"""A side with fewer of its points on a line is taken for a wavy cut."""
TOOTH_MM = 4.0
"""Distance of the teeth of a wavy cut, mm."""
MOST_PARTS = 80
"""More separate parts than this are a picture's own texture, not prints on a lid."""


@dataclass(frozen=True)
class Side:
    """A straight line fitted to one side of an outline, in the outline's own turned frame.

    Args:
        offset: distance of the line from the frame's centre at the side's middle, px.
        slope: how much the offset changes per px along the side.
        support: share of the side's length that lies on the line and is sharp, 0..1.
        outermost: offset that all but a fifth of the supporting points lie within, px.
    """

    offset: float
    slope: float
    support: float
    outermost: float


@dataclass(frozen=True)
class Rectangle:
    """An upright print-shaped rectangle on the working image.

    Coordinates are continuous: (0, 0) is the outer corner of the first pixel.

    Args:
        centre: (x, y), px.
        size: (width, height), px.
        angle: degrees it is turned clockwise from upright, above -45 to 45.
        sides: share of each side (right, bottom, left, top) that was seen as an edge, 0..1.
        fill: share of the rectangle that the outline's hull covers, 0..1.
        bend: largest angle between a side and the rectangle, degrees.
    """

    centre: tuple[float, float]
    size: tuple[float, float]
    angle: float
    sides: tuple[float, float, float, float]
    fill: float
    bend: float

    @property
    def support(self) -> float:
        """The smallest share of a side that was seen as an edge, 0..1."""
        return min(self.sides)

    @property
    def score(self) -> float:
        """How surely this is one whole print, 0..1."""
        crooked = max(0.0, 1.0 - self.bend / 4.0)
        return float(min(1.0, self.support) * min(1.0, self.fill) * crooked)

    @property
    def corners(self) -> Points:
        """float64 (4, 2) x, y: top left, top right, bottom right, bottom left as it reads."""
        half = np.array(self.size) / 2
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        corners: Points = np.array(self.centre) + (signs * half) @ _axes(self.angle)
        return corners


def solid_parts(mask: Mask, grain: int) -> list[Mask]:
    """The separate solid parts of a mask, largest first, at most one more than `MOST_PARTS`.

    Args:
        mask: bool (H, W), all that is not lid.
        grain: px; gaps narrower than this are closed, specks and hairs narrower are dropped.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (grain, grain))
    pad = 2 * grain
    solid = np.pad(mask.astype(np.uint8), pad)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, kernel)
    solid = _without_holes(solid)
    # Beyond the scan's edge a print goes on, so opening must not round it off there.
    inside = solid[pad:-pad, pad:-pad]
    extended = cv2.copyMakeBorder(inside, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(extended, cv2.MORPH_OPEN, kernel)[pad:-pad, pad:-pad]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    order = sorted(range(1, count), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))
    return [labels == i for i in order[: MOST_PARTS + 1]]


def join_overlapping(parts: list[Mask]) -> list[Mask]:
    """Put parts together whose smallest turned rectangles overlap: pieces of one print."""
    masks = list(parts)
    frames = [_smallest_frame(m) for m in masks]
    joined = True
    while joined:
        joined = False
        for i in range(len(masks)):
            for j in range(i + 1, len(masks)):
                if not _overlap(frames[i], frames[j]):
                    continue
                masks[i] = masks[i] | masks[j]
                frames[i] = _smallest_frame(masks[i])
                del masks[j], frames[j]
                joined = True
                break
            if joined:
                break
    return masks


def short_side(part: Mask) -> float:
    """The shorter side of a part's smallest turned rectangle, px."""
    (_, size, _) = _smallest_frame(part)
    return float(min(size)) + 1.0


def long_side(part: Mask) -> float:
    """The longer side of a part's smallest turned rectangle, px."""
    (_, size, _) = _smallest_frame(part)
    return float(max(size)) + 1.0


def fit_rectangle(part: Mask, look: Look) -> Rectangle:
    """Fit an upright rectangle to the outline of one part, each side by a robust line.

    Args:
        part: bool (H, W), one solid part.
        look: the image against its lid, for placing the sides between pixels.
    """
    centre, _, angle = _smallest_frame(part)
    middle = np.array(centre)
    outline = _outline(part)
    for _ in range(2):  # the second turn measures the sides in a frame that is already straight
        local = (outline - middle) @ _axes(angle).T
        sides = [_fit_side(local, k, look, middle, angle) for k in range(4)]
        lengths = np.array([np.ptp(local[:, 1 - k % 2]) for k in range(4)])
        slopes = np.array([s.slope for s in sides])
        weights = lengths * np.array([s.support for s in sides])
        turn = float(np.average(slopes, weights=weights)) if weights.sum() > 0 else 0.0
        angle += float(np.degrees(np.arctan(turn)))
        bend = float(np.degrees(np.arctan(np.abs(slopes - turn).max())))
    right, bottom, left, top = (s.outermost for s in sides)
    shift = np.array([(right - left) / 2, (bottom - top) / 2])
    size = (max(1.0, right + left), max(1.0, bottom + top))
    hull = cv2.convexHull(outline.astype(np.float32))
    fill = float(cv2.contourArea(hull)) / (size[0] * size[1])
    place = middle + shift @ _axes(angle) + 0.5  # from pixel centres to pixel edges
    first, second, third, fourth = (s.support for s in sides)
    support = (first, second, third, fourth)
    return Rectangle((float(place[0]), float(place[1])), size, angle, support, fill, bend)


def _axes(angle: float) -> Points:
    """Unit vectors (along, down) of a frame turned clockwise by `angle` degrees, as rows."""
    turn = np.radians(angle)
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


Frame = tuple[tuple[float, float], tuple[float, float], float]


def _smallest_frame(part: Mask) -> Frame:
    """(centre, size, angle in -45..45) of the smallest turned rectangle around pixel centres."""
    centre, (width, height), angle = cv2.minAreaRect(_outline(part).astype(np.float32))
    while angle > 45:
        angle, width, height = angle - 90, height, width
    while angle <= -45:
        angle, width, height = angle + 90, height, width
    return (float(centre[0]), float(centre[1])), (float(width), float(height)), float(angle)


def _overlap(first: Frame, second: Frame) -> bool:
    grown = [(c, (s[0] + 1, s[1] + 1), a) for c, s, a in (first, second)]
    kind, points = cv2.rotatedRectangleIntersection(*grown)
    if kind == cv2.INTERSECT_NONE or points is None or len(points) < 3:
        return False
    area = float(cv2.contourArea(cv2.convexHull(points)))
    smaller = min(s[0] * s[1] for _, s, _ in grown)
    return area > 0.03 * smaller


def _without_holes(solid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    outside = solid.copy()
    cv2.floodFill(outside, None, (0, 0), 2)
    filled: NDArray[np.uint8] = (outside != 2).astype(np.uint8)
    return filled


def _outline(part: Mask) -> Points:
    """Outline points (N, 2) x, y of pixel centres."""
    contours, _ = cv2.findContours(part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points: Points = np.concatenate([c[:, 0, :] for c in contours]).astype(np.float64)
    return points


def _fit_side(local: Points, k: int, look: Look, middle: Points, angle: float) -> Side:
    """Fit side k (0 right, 1 bottom, 2 left, 3 top) of an outline in its frame."""
    axis, sign = k % 2, 1.0 if k < 2 else -1.0
    along, out = local[:, 1 - axis], sign * local[:, axis]
    start, end = along.min(), along.max()
    margin = CORNER_SHARE * (end - start)
    bins = np.arange(np.ceil(start + margin), np.floor(end - margin) + 1)
    if len(bins) < 8:
        return Side(float(out.max()) + 0.5, 0.0, 0.0, float(out.max()) + 0.5)
    index = np.round(along - bins[0]).astype(int)
    usable = (index >= 0) & (index < len(bins))
    reach = np.full(len(bins), -np.inf)
    np.maximum.at(reach, index[usable], out[usable])
    seen = np.isfinite(reach)
    position, reach = bins[seen], reach[seen] + 0.5
    outward = sign * _axes(angle)[axis]
    flat = np.stack([sign * reach, position] if axis == 0 else [position, sign * reach], axis=1)
    inwards, sharp = edge_along(look, middle + flat @ _axes(angle), -outward)
    reach = reach - inwards
    slope, offset = _robust_line(position, reach)
    if (np.abs(reach - (offset + slope * position)) <= ON_LINE).mean() < RAGGED:
        # a deckle edge: the line through its teeth
        width = round(TOOTH_MM * look.per_mm) | 1
        reach = maximum_filter1d(reach, width, mode="nearest")
        slope, offset = _robust_line(position, reach)
    residual = reach - (offset + slope * position)
    on_line = np.abs(residual) <= ON_LINE
    support = float((on_line & sharp).sum()) / len(bins)
    # The slope says how far this side is turned from the frame, with the frame's own sign.
    turn = -slope if k in (0, 2) else slope
    turn = turn * sign
    outermost = float(np.quantile(reach[on_line] if on_line.any() else reach, 0.8))
    return Side(float(offset), float(turn), support, outermost)


def _robust_line(position: Points, reach: Points) -> tuple[float, float]:
    """(slope, offset) of the line most points lie on; of equals, the outermost.

    Lines through pairs of evenly spaced points are tried (RANSAC without chance), then the best
    is fitted by least squares to the points on it.
    """
    picks = np.unique(np.linspace(0, len(position) - 1, 36).astype(int))
    first, second = np.triu_indices(len(picks), k=max(1, len(picks) // 6))
    a, b = picks[first], picks[second]
    slopes = (reach[b] - reach[a]) / (position[b] - position[a])
    offsets = reach[a] - slopes * position[a]
    sane = np.abs(slopes) < 0.35
    if not sane.any():
        return 0.0, float(np.median(reach))
    slopes, offsets = slopes[sane], offsets[sane]
    residual = np.abs(reach[None, :] - offsets[:, None] - slopes[:, None] * position[None, :])
    votes = (residual <= ON_LINE).sum(axis=1) + 1e-3 * offsets
    best = int(votes.argmax())
    slope, offset = float(slopes[best]), float(offsets[best])
    for _ in range(3):
        on_line = np.abs(reach - offset - slope * position) <= ON_LINE
        if on_line.sum() < 8:
            break
        slope, offset = (float(v) for v in np.polyfit(position[on_line], reach[on_line], 1))
    return slope, offset
