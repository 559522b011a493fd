"""The defects of a print's surface one by one, each a few strokes; see `ageing_damage`."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ageing_strokes import Print, Stroke, drawn, filled, gaps, ragged, runs

Image = NDArray[np.float32]
Plane = NDArray[np.float32]
Points = NDArray[np.float64]

_PAPER = (0.93, 0.92, 0.89)
_DIRT = (0.09, 0.08, 0.07)


def dust(work: Print) -> Iterator[Stroke]:
    """A ragged speck of 0.08 to 0.45 mm, small ones being more common."""
    random = work.random
    size = 0.08 * (0.45 / 0.08) ** (random.random() ** 1.6) * work.px_per_mm
    light = random.random() < 0.6
    tone = work.tone(_PAPER if light else _DIRT)
    outline = ragged(random, size / 2, random.uniform(1.0, 1.9))
    yield from filled(work, outline + work.place(), tone, random.uniform(0.75, 1.0), 0.9)


def hair(work: Print) -> Iterator[Stroke]:
    """A thread of 2 to 14 mm, 0.06 to 0.14 mm thick, that bends slowly; two of three are dark."""
    random = work.random
    length = random.uniform(2.0, 14.0) * work.px_per_mm
    steps = max(12, int(length / 3))
    bends = random.normal(0, 0.12, steps) + random.normal(0, 0.03)
    turn = random.uniform(0, 2 * np.pi) + np.cumsum(bends)
    path = work.place() + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1), 0) * length / steps
    tone = work.tone(_DIRT if random.random() < 0.67 else _PAPER)
    width = random.uniform(0.06, 0.14) * work.px_per_mm
    yield from drawn(work, path, width, tone, random.uniform(0.7, 1.0), 0.85)


def scratch(work: Print) -> Iterator[Stroke]:
    """A nearly straight line of 6 to 40 mm, 0.05 to 0.22 mm wide, whose depth changes along it."""
    random = work.random
    length = random.uniform(6.0, 40.0) * work.px_per_mm
    steps = max(16, int(length / 6))
    t = np.linspace(-0.5, 0.5, steps)
    turn, bend = random.uniform(0, np.pi), random.normal(0, 0.03)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    wobble = np.cumsum(random.normal(0, 0.02, steps)) * 0.2
    path = work.place() + length * t[:, None] * along
    path += (length * bend * 4 * t**2 + wobble * work.px_per_mm)[:, None] * across
    dirty = random.random() < 0.2
    depth = np.clip(
        random.uniform(0.35, 1.2) + 0.25 * np.cumsum(random.normal(0, 0.25, steps)), 0.2, 1.2
    )
    skipped = gaps(random, steps, 0.12)
    width = random.uniform(0.05, 0.22) * work.px_per_mm
    tones = _tones_by_depth(work, dirty)
    for layer, tone in enumerate(tones):
        band = np.clip(np.floor(depth * len(tones)), 0, len(tones) - 1) == layer
        for part in runs(band & ~skipped):
            piece = path[part.start : min(part.stop + 1, steps)]
            if len(piece) > 1:
                yield from drawn(work, piece, width, tone, random.uniform(0.75, 1.0), 0.7)


def _tones_by_depth(work: Print, dirty: bool) -> list[NDArray[np.float32]]:
    """What shows where a scratch took the top layer, two, or all three."""
    paper = work.tone(_PAPER)
    if dirty:
        return [work.tone(_DIRT)]
    if work.grey:
        return [paper * np.float32(0.8), paper]
    middle = work.picture.mean(axis=(0, 1))
    shallow = np.array([paper[0], 0.75 * paper[1], middle[2]], np.float32)
    return [shallow, np.array([paper[0], paper[1], 0.75 * paper[2]], np.float32), paper]


def crease_path(work: Print) -> Points:
    random = work.random
    length = random.uniform(10.0, 40.0) * work.px_per_mm
    steps = max(16, int(length / 4))
    turn = random.uniform(0, np.pi)
    along = np.array([np.cos(turn), np.sin(turn)])
    across = np.array([-along[1], along[0]])
    wobble = np.cumsum(random.normal(0, 0.05, steps)) * work.px_per_mm * 0.4
    middle = work.place()
    path: Points = middle + length * np.linspace(-0.5, 0.5, steps)[:, None] * along
    return path + wobble[:, None] * across


def crease(work: Print, path: Points) -> Iterator[Stroke]:
    """A row of flakes 0.15 to 0.6 mm wide along a path, broken off here and there."""
    random = work.random
    base = random.uniform(0.15, 0.6) * work.px_per_mm
    tone = work.tone(_PAPER)
    strength = random.uniform(0.75, 1.0)
    widths = base * np.clip(1 + np.cumsum(random.normal(0, 0.25, len(path))) * 0.4, 0.35, 1.6)
    for part in runs(~gaps(random, len(path), 0.15)):
        line, wide = path[part], widths[part.start : part.stop]
        if len(line) < 2:
            continue
        ahead = np.gradient(line, axis=0)
        side = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / (np.hypot(*ahead.T)[:, None] + 1e-9)
        edges = wide[:, None] * random.uniform(0.25, 0.75, (len(line), 2))
        outline = np.concatenate([line + side * edges[:, :1], (line - side * edges[:, 1:])[::-1]])
        yield from filled(work, outline, tone, strength, 0.75)


def crease_shadow(work: Print, path: Points) -> Image:
    """What light is left beside a crease, (h, w, 1): darker within 0.4 to 1.2 mm on one side."""
    random = work.random
    shadow = np.zeros(work.picture.shape[:2], np.float32)
    sigma = random.uniform(0.2, 0.6) * work.px_per_mm
    away = np.array([[1, 0], [0, 1]][int(random.integers(2))]) * sigma
    cv2.polylines(
        shadow, [np.round((path + away) * 16).astype(np.int32)], False, 1.0, 2, cv2.LINE_AA, 4
    )
    shadow = cv2.GaussianBlur(shadow, (0, 0), sigma)
    depth = np.float32(random.uniform(0.03, 0.1))
    result: Image = (1 - depth * shadow / max(float(shadow.max()), 1e-6))[..., None]
    return result


def tear(work: Print) -> Iterator[Stroke]:
    """A ragged wedge from the rim inwards, 2 to 9 mm long, 0.2 to 0.6 mm wide at the rim."""
    random = work.random
    height, width = work.picture.shape[:2]
    start, inwards = [
        (np.array([random.random() * width, 0.0]), np.array([0.0, 1.0])),
        (np.array([random.random() * width, height - 1.0]), np.array([0.0, -1.0])),
        (np.array([0.0, random.random() * height]), np.array([1.0, 0.0])),
        (np.array([width - 1.0, random.random() * height]), np.array([-1.0, 0.0])),
    ][int(random.integers(4))]
    length = random.uniform(2.0, 9.0) * work.px_per_mm
    steps = 14
    across = np.array([-inwards[1], inwards[0]])
    wander = np.cumsum(random.normal(0, 0.06, steps)) * length * 0.3
    path = start + np.linspace(0, length, steps)[:, None] * inwards + wander[:, None] * across
    wide = random.uniform(0.2, 0.6) * work.px_per_mm * np.linspace(1, 0.25, steps)
    edges = wide[:, None] * random.uniform(0.3, 0.7, (steps, 2))
    outline = np.concatenate([path + across * edges[:, :1], (path - across * edges[:, 1:])[::-1]])
    yield from filled(work, outline, work.tone(_PAPER), 1.0, 0.9)


def stain(work: Print, cover: Plane) -> Image:
    """What light a stain of 0.6 to 2.5 mm lets through, (h, w, 3)."""
    random = work.random
    size = random.uniform(0.6, 2.5) * work.px_per_mm
    (stroke,) = filled(
        work, ragged(random, size / 2, 1.3) + work.place(), work.tone(_DIRT), 1.0, 0.0
    ) or (None,)
    if stroke is None:
        return np.ones((1, 1, 1), np.float32)
    spread = np.zeros(work.picture.shape[:2], np.float32)
    (y, x), (height, width) = stroke.corner, stroke.cover.shape
    spread[y : y + height, x : x + width] = stroke.cover
    spread = cv2.GaussianBlur(spread, (0, 0), 0.15 * size + 0.5)
    cover[:] = np.maximum(cover, spread)
    density = np.array([0.04, 0.08, 0.16] if not work.grey else [0.09] * 3, np.float32)
    through: Image = 10.0 ** (-density * np.float32(random.uniform(0.5, 1.5)) * spread[..., None])
    return through
