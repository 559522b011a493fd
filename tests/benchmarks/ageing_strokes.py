"""Drawing defects on a print: patches of cover in one tone, finer than a px.

Shapes are drawn four times finer than the scan and averaged, so that a line may be half a px wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Plane = NDArray[np.float32]
Points = NDArray[np.float64]

_FINE = 4


@dataclass(frozen=True, eq=False)
class Stroke:
    """One patch of cover: float32 (h, w) in 0..1 at a corner (y, x), in one tone."""

    corner: tuple[int, int]
    cover: Plane
    tone: NDArray[np.float32]
    stops_infrared: float


@dataclass(eq=False)
class Print:
    """A print being damaged."""

    picture: Image
    px_per_mm: float
    random: np.random.Generator
    grey: bool
    infrared: Plane = field(init=False)

    def __post_init__(self) -> None:
        self.infrared = np.ones(self.picture.shape[:2], np.float32)

    def tone(self, colour: tuple[float, ...], spread: float = 0.03) -> NDArray[np.float32]:
        """A colour varied a little; grey on a grey print."""
        rgb = np.array(colour) + self.random.normal(0, spread)
        if self.grey:
            rgb = np.full(3, rgb.mean())
        return np.clip(rgb, 0.02, 0.98).astype(np.float32)

    def place(self) -> Points:
        """Anywhere, (x, y) px."""
        height, width = self.picture.shape[:2]
        return self.random.random(2) * (width, height)

    def put(self, stroke: Stroke, cover: Plane) -> None:
        """Paint one stroke and note what it covers."""
        (y, x), (height, width) = stroke.corner, stroke.cover.shape
        here = np.s_[y : y + height, x : x + width]
        share = stroke.cover[..., None]
        self.picture[here] += share * (stroke.tone - self.picture[here])
        self.infrared[here] *= 1 - np.float32(stroke.stops_infrared) * stroke.cover
        cover[here] = np.maximum(cover[here], stroke.cover)


def gaps(random: np.random.Generator, steps: int, share: float) -> NDArray[np.bool_]:
    """Where a line is broken off: a few short runs, about a share of it."""
    gaps = np.zeros(steps, bool)
    while gaps.mean() < share * random.uniform(0.0, 1.0):
        start = int(random.integers(steps))
        gaps[start : start + max(1, steps // 12)] = True
    return gaps


def runs(flags: NDArray[np.bool_]) -> list[slice]:
    """The stretches where flags are True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def ragged(random: np.random.Generator, radius: float, longer: float) -> Points:
    """An uneven closed outline around 0, (n, 2) px."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    waves = sum(
        random.normal(0, 0.18 / k) * np.cos(k * angles + random.uniform(0, 6.3)) for k in (2, 3, 5)
    )
    radii = radius * np.maximum(1 + waves, 0.4)
    shape = np.stack([np.cos(angles) * np.sqrt(longer), np.sin(angles) / np.sqrt(longer)], 1)
    turn = random.uniform(0, np.pi)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray((shape * radii[:, None]) @ turned.T)


def filled(
    work: Print, outline: Points, tone: NDArray[np.float32], strength: float, infrared: float
) -> list[Stroke]:
    """A closed outline as a stroke, if any of it lies on the picture."""
    return _stroke(work, outline, 1.0, tone, strength, infrared, closed=True)


def drawn(
    work: Print,
    path: Points,
    width: float,
    tone: NDArray[np.float32],
    strength: float,
    infrared: float,
) -> list[Stroke]:
    """An open path of a width, px, as a stroke."""
    return _stroke(work, path, width, tone, strength, infrared, closed=False)


def _stroke(
    work: Print,
    points: Points,
    width: float,
    tone: NDArray[np.float32],
    strength: float,
    infrared: float,
    *,
    closed: bool,
) -> list[Stroke]:
    height, across = work.picture.shape[:2]
    low = np.floor(points.min(axis=0) - width - 2).astype(int)
    high = np.ceil(points.max(axis=0) + width + 2).astype(int)
    left, top = np.maximum(low, 0).tolist()
    right, bottom = np.minimum(high, (across, height)).tolist()
    if right <= left or bottom <= top:
        return []
    fine = np.zeros(((bottom - top) * _FINE, (right - left) * _FINE), np.uint8)
    at = np.round((points - (left, top)) * _FINE * 16).astype(np.int32)
    if closed:
        cv2.fillPoly(fine, [at], 255, cv2.LINE_8, 4)
    else:
        thickness = max(1, round(width * _FINE))
        cv2.polylines(fine, [at], False, 255, thickness, cv2.LINE_8, 4)
    cover = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    cover = cover.astype(np.float32) * np.float32(strength / 255)
    return [Stroke((top, left), cover, tone, infrared)]
