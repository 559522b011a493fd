"""Whether a printing screen or a paper's embossed texture lies over the whole picture.

Both repeat with one period all over the print, so their spectrum is a few narrow peaks that stand
at the same frequencies in every tile (the idea of descreening by notches: Sur, Grediac 2015,
doi:10.1109/TIP.2015.2405343 remove quasi-periodic noise the same way). What merely repeats in the
scene - bricks, cloth, fences, print - does so in a part of the picture, or in one direction only,
or bends: a low quantile over all tiles does not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.stages.measure.phase_coherence import phase_coherence

Plane = NDArray[np.float32]

TILE = 128
"""px of a tile: a screen of 16 px repeats eight times in it."""

_LONGEST_PX = 18.0
_FEWEST_TILES = 9
_MOST_TILES = 240
_QUANTILE = 0.3
"""A screen may be absent from three tiles in ten: where the print is white, black or clipped."""
_ABOVE = 0.9
_ABOVE_FEW = 3.0
"""How far, as ln of power, that quantile stands out at a peak: so far with endless tiles, and so
much more over the square root of their number."""
_COMPARABLE = 0.2
_APART = 18.0
_IN_STEP = 0.4
_IN_STEP_LONG = 0.6
_LONG_PX = 8.0
"""Phase coherence from which waves count as everywhere; more is asked of those longer than a few
px, as coarse things in a scene last over several blocks: lace reaches 0.25, a brick wall 0.52."""
_LEAST_STRENGTH = 0.0015
_MOST_PEAKS = 48
_HALFTONE_STRENGTH = 0.03


@dataclass(frozen=True)
class Peak:
    """One wave of a screen: cycles a px to the right and down, and its rms in lightness (0..1)."""

    across: float
    down: float
    strength: float

    @property
    def frequency(self) -> float:
        """Cycles a px."""
        return float(np.hypot(self.across, self.down))

    @property
    def angle(self) -> float:
        """Degrees of its direction, 0..180."""
        return float(np.degrees(np.arctan2(self.down, self.across)) % 180)


@dataclass(frozen=True)
class Screen:
    """A screen over the picture.

    Args:
        kind: "halftone" (printed dots), "texture" (embossed paper) or "none".
        period_px: px from line to line; 0 for none.
        angle_degrees: direction of the strongest wave, 0..90.
        strength: rms of all waves together, in lightness 0..1.
        peaks: the waves, strongest first.
    """

    kind: Literal["none", "halftone", "texture"]
    period_px: float
    angle_degrees: float
    strength: float
    peaks: tuple[Peak, ...]

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "kind": self.kind,
            "period_px": round(self.period_px, 2),
            "angle_degrees": round(self.angle_degrees, 1),
            "strength_255": round(self.strength * 255, 2),
            "waves": len(self.peaks),
        }


NO_SCREEN = Screen("none", 0.0, 0.0, 0.0, ())


def screen_in(tiles: Sequence[Plane]) -> Screen:
    """Look for a screen that is everywhere.

    Args:
        tiles: lightness, float32 (h, w) in 0..1 each, spread over the picture. Fewer than nine
            squares of 128 px in all of them tell nothing.

    Returns:
        The screen, or `NO_SCREEN`.
    """
    squares = _squares(tiles)
    if len(squares) < _FEWEST_TILES:
        return NO_SCREEN
    power = _powers(squares)
    logs = np.log(power + 1e-12)
    flat = np.stack([one - cv2.blur(one, (11, 11)) for one in logs])
    stand_out = np.quantile(flat, _QUANTILE, axis=0)
    peaks = _peaks(stand_out, power, _ABOVE + _ABOVE_FEW / np.sqrt(len(squares)))
    if not peaks or not _two_ways(peaks) or not _everywhere(peaks, tiles):
        return NO_SCREEN
    strength = float(np.sqrt(sum(peak.strength**2 for peak in peaks)))
    if strength < _LEAST_STRENGTH:
        return NO_SCREEN
    first = _first_order(peaks)
    period = 1 / float(np.median([peak.frequency for peak in first]))
    kind: Literal["halftone", "texture"] = "halftone" if _printed(first, strength) else "texture"
    return Screen(kind, period, peaks[0].angle % 90, strength, tuple(peaks))


def _squares(tiles: Sequence[Plane]) -> Plane:
    """(n, TILE, TILE): overlapping by half where there would be few."""
    count = sum((tile.shape[0] // TILE) * (tile.shape[1] // TILE) for tile in tiles)
    step = TILE // 2 if count < _MOST_TILES // 5 else TILE
    cut = [
        tile[top : top + TILE, left : left + TILE]
        for tile in tiles
        for top in range(0, tile.shape[0] - TILE + 1, step)
        for left in range(0, tile.shape[1] - TILE + 1, step)
    ]
    cut = [square for square in cut if not _empty(square)]
    return (
        np.stack(cut[:: -(-len(cut) // _MOST_TILES)])
        if cut
        else np.zeros((0, TILE, TILE), np.float32)
    )


def _empty(square: Plane) -> bool:
    """White, black or clipped for the most part: no screen could be seen in it."""
    return bool(square.std() < 1e-3 or np.mean((square < 0.004) | (square > 0.996)) > 0.5)


@lru_cache(maxsize=1)
def _window() -> Plane:
    slope = np.hanning(TILE + 1)[:TILE].astype(np.float32)
    return np.outer(slope, slope)


def _powers(squares: Plane) -> Plane:
    """Power (n, TILE, TILE) with frequency 0 in the middle, in units of a wave's variance."""
    window = _window()
    made = np.empty_like(squares)
    for square, power in zip(squares, made, strict=True):
        seen = (square - square.mean()) * window
        power[:] = np.fft.fftshift(np.abs(np.fft.fft2(seen)) ** 2)
    return made * np.float32(2 / float(window.sum()) ** 2)


def _peaks(stand_out: NDArray[np.floating], power: Plane, above: float) -> list[Peak]:
    """Waves that stand out everywhere, strongest first."""
    background = ndimage.median_filter(stand_out, 13)
    height = stand_out - background
    top = (height >= ndimage.maximum_filter(height, 5)) & (height > above) & _looked_at()
    mean = power.mean(axis=0)
    around = np.exp(ndimage.median_filter(np.log(mean + 1e-12), 11))
    found = []
    for row, column in np.argwhere(top):
        variance = float(mean[row, column] - around[row, column])
        if variance <= 0:
            continue
        down, across = _refined(mean, int(row), int(column))
        found.append(Peak(across, down, float(np.sqrt(variance))))
    found.sort(key=lambda peak: -peak.strength)
    return found[:_MOST_PEAKS]


@lru_cache(maxsize=1)
def _looked_at() -> NDArray[np.bool_]:
    """One half of the plane, without what is too coarse and what the 8 px grid of JPEG makes."""
    at = np.arange(TILE) - TILE // 2
    down, across = at[:, None], at[None, :]
    half = (down > 0) | ((down == 0) & (across > 0))
    fine = np.hypot(down, across) >= TILE / _LONGEST_PX
    edge = (at > -TILE // 2 + 1) & (at < TILE // 2 - 1)
    off = np.abs((at + TILE // 16) % (TILE // 8) - TILE // 16) <= 1
    made = half & fine & edge[:, None] & edge[None, :] & ~(off[:, None] & off[None, :])
    return np.asarray(made, dtype=np.bool_)


def _refined(mean: Plane, row: int, column: int) -> tuple[float, float]:
    """Cycles a px, down and across, of a peak to a fraction of a bin."""

    def moved(before: float, at: float, after: float) -> float:
        curve = before - 2 * at + after
        return float(np.clip(0.5 * (before - after) / curve, -0.5, 0.5)) if curve < 0 else 0.0

    near = np.log(mean[row - 1 : row + 2, column - 1 : column + 2] + 1e-12)
    down = row + moved(near[0, 1], near[1, 1], near[2, 1]) - TILE // 2
    across = column + moved(near[1, 0], near[1, 1], near[1, 2]) - TILE // 2
    return float(down / TILE), float(across / TILE)


def _apart(one: Peak, other: Peak) -> float:
    """Degrees between two directions, 0..90."""
    turn = abs(one.angle - other.angle) % 180
    return float(min(turn, 180 - turn))


def _first_order(peaks: Sequence[Peak]) -> list[Peak]:
    """The strong waves of about the lowest frequency among them.

    Two colours' waves at 30 degrees make a rosette of 0.52 times their frequency: it is left out.
    """
    strong = [
        peak
        for peak in peaks
        if peak.strength > _COMPARABLE * peaks[0].strength
        and peak.frequency > 0.6 * peaks[0].frequency
    ]
    best = min(strong, key=lambda peak: peak.frequency)
    return [
        peak
        for peak in peaks
        if abs(peak.frequency / best.frequency - 1) < 0.12
        and peak.strength > 0.5 * _COMPARABLE * peaks[0].strength
    ]


def _other_ways(peaks: Sequence[Peak]) -> list[Peak]:
    """Comparable waves in another direction than the strongest's."""
    best = peaks[0]
    return [
        peak
        for peak in peaks
        if _apart(peak, best) > _APART and peak.strength > _COMPARABLE * best.strength
    ]


def _two_ways(peaks: Sequence[Peak]) -> bool:
    """Whether waves run in two directions: rows of print and combs run in one."""
    return bool(_other_ways(peaks))


def _everywhere(peaks: Sequence[Peak], tiles: Sequence[Plane]) -> bool:
    """Whether the strongest waves of two directions are in step all over the picture."""
    pair = (peaks[0], _other_ways(peaks)[0])
    product = np.prod([phase_coherence(tiles, peak.across, peak.down) for peak in pair])
    longest = 1 / min(peak.frequency for peak in pair)
    return float(np.sqrt(product)) >= (_IN_STEP if longest < _LONG_PX else _IN_STEP_LONG)


def _printed(first: Sequence[Peak], strength: float) -> bool:
    """Dots of ink: in squares, in several colours' angles, and strong; domes of silk lie in 60."""
    turns = [_apart(peak, first[0]) for peak in first[1:]]
    sixty = any(abs(turn - 60) < 6 for turn in turns)
    square = any(turn > 83 for turn in turns)
    if sixty and not square:
        return False
    return strength > _HALFTONE_STRENGTH or len(first) >= 4
