"""Scenes whose thin and small things are the picture: whiskers, lace, wires, towers, eyes, borders.

Each is drawn over a soft, shaded ground with grain, in the colours of a real scene; none of it is
damage, so whatever is marked on them is a false alarm.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Points = NDArray[np.float64]

_FINE = 4


def scene(name: str, seed: int, side: int = 384) -> Image:
    """One scene, float32 (side, side, 3) in 0..1.

    Args:
        name: one of `SCENES`.
        seed: of everything in it.
        side: px of width and height.
    """
    random = np.random.default_rng([seed, sorted(SCENES).index(name)])
    picture = SCENES[name](_ground(random, side), random)
    soft = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 0.8))
    grain = random.normal(0, random.uniform(0.5, 2.0) / 255, soft.shape)
    return np.clip(soft + grain, 0, 1).astype(np.float32)


def _ground(random: np.random.Generator, side: int) -> Image:
    """A softly shaded ground with a few broad shapes."""
    tone = random.uniform(0.2, 0.75)
    colour = np.clip(tone + random.normal(0, 0.08, 3), 0.05, 0.95)
    shade = random.uniform(0.75, 1.2, (4, 4, 1)) * colour
    return np.clip(cv2.resize(shade.astype(np.float32), (side, side), interpolation=2), 0.02, 0.97)


def _laid(picture: Image, fine: NDArray[np.uint8], tone: NDArray[np.float64] | float) -> Image:
    cover = cv2.resize(fine, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    share = cover[..., None].astype(np.float32) / np.float32(255)
    return picture + share * (np.asarray(tone, np.float32) - picture)


def _canvas(picture: Image) -> NDArray[np.uint8]:
    return np.zeros((picture.shape[0] * _FINE, picture.shape[1] * _FINE), np.uint8)


def _line(fine: NDArray[np.uint8], points: Points, width: float) -> None:
    at = np.round(points * _FINE * 16).astype(np.int32)
    thickness = max(1, round(width * _FINE))
    cv2.polylines(fine, [at], False, 255, thickness, cv2.LINE_8, 4)


def _wires(picture: Image, random: np.random.Generator) -> Image:
    """Telegraph wires and a pole before the sky, side by side across the whole picture."""
    side = len(picture)
    picture = np.clip(picture * 0.4 + np.linspace(0.55, 0.4, side)[:, None, None], 0, 1)
    fine, x = _canvas(picture), np.linspace(-5, side + 5, 60)
    level, slope, apart = random.uniform(0.15, 0.5) * side, random.normal(0, 0.12), 0.03 * side
    for number in range(int(random.integers(3, 7))):
        sag = random.uniform(0.02, 0.05) * side * (4 * ((x / side - 0.5) ** 2))
        y = level + number * apart * random.uniform(0.8, 1.4) + slope * x - sag
        _line(fine, np.stack([x, y], 1), random.uniform(0.7, 1.8))
    pole = random.uniform(0.2, 0.8) * side
    _line(fine, np.array([[pole, 0.1 * side], [pole + 3, side + 5.0]]), 0.025 * side)
    return _laid(picture, fine, random.uniform(0.05, 0.2))


def _rigging(picture: Image, random: np.random.Generator) -> Image:
    """A lattice tower or a ship's rigging: straight thin members that meet in points."""
    side = len(picture)
    fine = _canvas(picture)
    top = np.array([random.uniform(0.3, 0.7) * side, 0.08 * side])
    feet = np.linspace(0.15, 0.85, int(random.integers(3, 7))) * side
    for foot in feet:
        _line(fine, np.array([top, [foot, 0.95 * side]]), random.uniform(0.8, 2.0))
    for share in np.linspace(0.2, 0.95, 9):
        ends = [top + share * (np.array([x, 0.95 * side]) - top) for x in (feet[0], feet[-1])]
        _line(fine, np.array(ends), random.uniform(0.6, 1.5))
    return _laid(picture, fine, random.uniform(0.04, 0.25) if random.random() < 0.6 else 0.85)


def _towers(picture: Image, random: np.random.Generator) -> Image:
    """Lattice masts with crossed struts, poles upon them, and lamps with rays, before the sky."""
    side = len(picture)
    dusk = np.linspace(random.uniform(0.1, 0.6), random.uniform(0.2, 0.8), side)[:, None, None]
    picture = np.clip(0.3 * picture + 0.7 * dusk, 0, 1).astype(np.float32)
    fine = _canvas(picture)
    for _ in range(int(random.integers(1, 4))):
        foot, top = random.uniform(0.1, 0.9) * side, random.uniform(0.05, 0.45) * side
        wide, narrow = random.uniform(0.03, 0.09) * side, random.uniform(0.008, 0.025) * side
        height = side + 5 - top
        steps = np.linspace(0, 1, int(random.integers(6, 16)))
        left = np.stack([foot - narrow - (wide - narrow) * steps, top + height * steps], 1)
        right = left * (-1, 1) + (2 * foot, 0)
        leg, strut = random.uniform(1.0, 3.0), random.uniform(0.6, 1.4)
        for points in (left, right):
            _line(fine, points, leg)
        for number in range(len(steps) - 1):
            _line(fine, np.array([left[number], right[number + 1]]), strut)
            _line(fine, np.array([right[number], left[number + 1]]), strut)
        pole = top - random.uniform(0.05, 0.2) * side
        _line(fine, np.array([[foot, pole], [foot, top]]), random.uniform(1.5, 5.0))
    picture = _laid(picture, fine, random.uniform(0.03, 0.3) if random.random() < 0.7 else 0.8)
    lamps = _canvas(picture)
    for _ in range(int(random.integers(2, 6))):
        at, reach = random.random(2) * side, random.uniform(0.01, 0.04) * side
        for turn in np.arange(0, np.pi, np.pi / 4) + random.uniform(0, 0.7):
            ray = reach * np.array([np.cos(turn), np.sin(turn)])
            _line(lamps, np.array([at - ray, at + ray]), 0.7)
        centre = tuple(np.round(at * _FINE).astype(int).tolist())
        cv2.circle(lamps, centre, round(0.25 * reach * _FINE), 255, -1)
    return _laid(picture, lamps, (0.97, 0.9, 0.75))


def _whiskers(picture: Image, random: np.random.Generator) -> Image:
    """Two bunches of pale hairs that start together and spread, over fur."""
    side = len(picture)
    fur = cv2.GaussianBlur(random.normal(0, 1, picture.shape[:2]).astype(np.float32), (0, 0), 1.2)
    picture = np.clip(picture + 0.12 * fur[..., None], 0, 1)
    fine = _canvas(picture)
    for towards in (-1, 1):
        root = np.array([0.5 + 0.08 * towards, 0.6]) * side
        for _ in range(int(random.integers(6, 11))):
            t = np.linspace(0, 1, 20)
            reach, lift = random.uniform(0.2, 0.42) * side, random.normal(0, 0.15) * side
            start = root + random.normal(0, 0.015 * side, 2)
            path = start + np.stack([towards * reach * t, lift * t + 0.1 * side * t**2], 1)
            _line(fine, path, random.uniform(0.6, 1.4))
    return _laid(picture, fine, random.uniform(0.8, 0.95))


def _spokes(picture: Image, random: np.random.Generator) -> Image:
    """Bright spokes of a wheel with its rim and hub."""
    side = len(picture)
    fine = _canvas(picture)
    hub, radius = np.array([0.5, 0.5]) * side + random.normal(0, 0.03 * side, 2), 0.4 * side
    turn = random.uniform(0, 1)
    for angle in np.linspace(0, 2 * np.pi, int(random.integers(18, 37)), endpoint=False) + turn:
        ahead = np.array([np.cos(angle), np.sin(angle)])
        _line(fine, np.array([hub + 0.07 * radius * ahead, hub + radius * ahead]), 1.1)
    centre = tuple(np.round(hub * _FINE).astype(int).tolist())
    cv2.circle(fine, centre, round(radius * _FINE), 255, round(0.03 * side * _FINE))
    return _laid(picture, fine, random.uniform(0.75, 0.95))


def _lace(picture: Image, random: np.random.Generator) -> Image:
    """White threads and knots in a regular net with holes, over a dark dress."""
    side = len(picture)
    picture = picture * np.float32(0.5)
    fine, pitch = _canvas(picture), random.uniform(7, 14)
    for row, y in enumerate(np.arange(0.35 * side, 0.75 * side, pitch)):
        for x in np.arange(0.1 * side + (row % 2) * pitch / 2, 0.9 * side, pitch):
            at = (round(x * _FINE), round(y * _FINE))
            cv2.circle(fine, at, round(0.42 * pitch * _FINE), 255, round(1.1 * _FINE))
            cv2.circle(fine, at, round(0.1 * pitch * _FINE), 255, -1)
    return _laid(picture, fine, random.uniform(0.8, 0.95))


def _eyes(picture: Image, random: np.random.Generator) -> Image:
    """Pairs of eyes with lids, iris, pupil and catch light, and teeth, on skin."""
    side = len(picture)
    skin = np.array([0.78, 0.6, 0.5], np.float32) * np.float32(random.uniform(0.6, 1.1))
    picture = np.clip(0.4 * picture + 0.6 * skin, 0, 1)
    for _ in range(3):
        size = random.uniform(0.04, 0.09) * side
        middle = random.uniform(0.2, 0.75, 2) * side
        for towards in (-1, 1):
            centre = middle + np.array([towards * 1.6 * size, 0])
            picture = _eye(picture, centre, size, random)
        picture = _teeth(picture, middle + np.array([0, 2.6 * size]), size)
    return np.asarray(picture, np.float32)


def _eye(picture: Image, at: Points, size: float, random: np.random.Generator) -> Image:
    def disc(x: float, y: float, across: float, down: float, thickness: int = -1) -> Image:
        fine = _canvas(picture)
        centre = (round((at[0] + x) * _FINE), round((at[1] + y) * _FINE))
        axes = (max(1, round(across * _FINE)), max(1, round(down * _FINE)))
        cv2.ellipse(fine, centre, axes, 0, 0, 360, 255, thickness)
        return fine

    picture = _laid(picture, disc(0, 0, size, 0.45 * size), (0.9, 0.87, 0.85))
    picture = _laid(picture, disc(0, 0, 0.43 * size, 0.43 * size), random.uniform(0.15, 0.45, 3))
    picture = _laid(picture, disc(0, 0, 0.2 * size, 0.2 * size), 0.03)
    lid = disc(0, 0, size, 0.5 * size, max(1, round(0.12 * size * _FINE)))
    picture = _laid(picture, lid, (0.2, 0.12, 0.1))
    return _laid(picture, disc(-0.12 * size, -0.12 * size, 0.09 * size, 0.09 * size), 0.97)


def _teeth(picture: Image, at: Points, size: float) -> Image:
    for number in range(-3, 4):
        fine = _canvas(picture)
        x, y = at[0] + 0.32 * size * number, at[1]
        corners = np.array([[x, y], [x + 0.27 * size, y + 0.4 * size]]) * _FINE
        (left, top), (right, bottom) = np.round(corners).astype(int).tolist()
        cv2.rectangle(fine, (left, top), (right, bottom), 255, -1)
        picture = _laid(picture, fine, (0.93, 0.9, 0.85))
    return picture


def _border(picture: Image, random: np.random.Generator) -> Image:
    """A print's white border with a thin dark line along the picture, and writing on it."""
    side = len(picture)
    wide, bottom = round(0.05 * side), round(0.12 * side)
    result = np.full_like(picture, random.uniform(0.85, 0.95))
    result[wide : side - bottom, wide : side - wide] = picture[wide : side - bottom, wide:-wide]
    corner, far = (wide, wide), (side - wide, side - bottom)
    cv2.rectangle(result, corner, far, (0.15, 0.15, 0.15), 1, cv2.LINE_AA)
    fine = _canvas(picture)
    at = (2 * wide * _FINE, (side - bottom // 3) * _FINE)
    cv2.putText(fine, "Whitsun 1961", at, 3, 0.6 * _FINE, 255, _FINE, cv2.LINE_AA)
    return _laid(result, fine, (0.2, 0.2, 0.35))


def _beads(picture: Image, random: np.random.Generator) -> Image:
    """A necklace of pearls, buttons in a row, and stars or lamps of unlike size."""
    side = len(picture)
    picture, fine = picture * np.float32(0.6), _canvas(picture)
    size = random.uniform(1.5, 3.5)
    for angle in np.linspace(0.1, np.pi - 0.1, int(random.integers(18, 34))):
        x, y = 0.5 * side + 0.2 * side * np.cos(angle), 0.3 * side + 0.2 * side * np.sin(angle)
        cv2.circle(fine, (round(x * _FINE), round(y * _FINE)), round(size * _FINE), 255, -1)
    for number in range(6):
        x, y = 0.3 * side, (0.6 + 0.06 * number) * side
        cv2.circle(fine, (round(x * _FINE), round(y * _FINE)), round(1.5 * size * _FINE), 255, -1)
    return _laid(picture, fine, random.uniform(0.8, 0.95))


SCENES: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "wires": _wires,
    "rigging": _rigging,
    "towers": _towers,
    "whiskers": _whiskers,
    "spokes": _spokes,
    "lace": _lace,
    "eyes": _eyes,
    "border": _border,
    "beads": _beads,
}
