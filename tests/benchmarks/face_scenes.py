"""Scenes with faces of known size, tilt and landmarks, and scenes without any.

Heads are cut softly out of photographs that ship with packages (scikit-image's astronaut for
tuning, matplotlib's portrait of Grace Hopper held out) and laid into pictures that show nobody; so
are the faces of scikit-image's subset of "Labeled Faces in the Wild", which are 20 px wide
themselves. Where eyes, nose and mouth lie was read off by eye, once, in the photographs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.pictures import Half, Image, dead_leaves, named

SIZES = (200, 100, 64, 48, 32, 24, 20)
"""Widths of faces, px."""

TURNS = (0, 15, -15, 30, -30, 45, -45, 90, -90, 180)
"""Degrees clockwise by which faces are tilted."""

_GROUNDS: dict[Half, tuple[str, ...]] = {
    "tuning": ("coffee", "china", "leaves"),
    "held_out": ("chelsea", "rocket", "motorcycle", "flower", "leaves"),
}
"""Pictures that show no person."""

_AROUND = 10
"""px added around the subset's pictures."""

_LFW_WIDTH = 20.0
"""Width of a face in the 25 px pictures of the subset, px."""


@dataclass(frozen=True)
class Head:
    """A head in a photograph.

    Args:
        picture: its name.
        centre, radii: of the ellipse that holds the head with hair and neck (x, y), px.
        width: of the face, px.
        landmarks: (5, 2), px, in the order of `Face`.
    """

    picture: str
    centre: tuple[float, float]
    radii: tuple[float, float]
    width: float
    landmarks: tuple[tuple[float, float], ...]


HEADS: dict[Half, Head] = {
    "tuning": Head(
        "astronaut",
        (222.0, 112.0),
        (82.0, 104.0),
        88.0,
        ((203.5, 101), (246.5, 103), (222.5, 127), (203, 140), (245, 141)),
    ),
    "held_out": Head(
        "hopper",
        (264.0, 190.0),
        (150.0, 185.0),
        190.0,
        ((223.2, 188), (304.8, 186), (268, 240), (234, 276.8), (304.8, 276)),
    ),
}
"""The head of each half."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A face that was laid into a scene.

    Args:
        width: px of the scene.
        turn: degrees clockwise.
        landmarks: (5, 2), px of the scene; None where they are not known.
        centre: (x, y) of the face, px of the scene.
    """

    width: float
    turn: float
    landmarks: NDArray[np.float64] | None
    centre: NDArray[np.float64]


def ground(seed: int, half: Half, height: int, width: int) -> Image:
    """A picture that shows nobody, float32 (height, width, 3)."""
    names = _GROUNDS[half]
    for offset in range(len(names)):
        name = names[(seed + offset) % len(names)]
        try:
            picture = dead_leaves(seed, 640) if name == "leaves" else named(name)
        except LookupError:
            continue
        grown = max(height / picture.shape[0], width / picture.shape[1])
        size = (round(picture.shape[1] * grown) + 1, round(picture.shape[0] * grown) + 1)
        way = cv2.INTER_CUBIC if grown > 1 else cv2.INTER_AREA
        return np.asarray(cv2.resize(picture, size, interpolation=way)[:height, :width]).clip(0, 1)
    raise LookupError(f"none of {names} is installed")


def with_head(
    scene: Image, half: Half, width: float, turn: float, place: Sequence[float]
) -> tuple[Image, Truth]:
    """A scene with the half's head laid in.

    Args:
        scene: float32 (H, W, 3).
        half: whose head.
        width: of the face, px of the scene.
        turn: degrees clockwise.
        place: (x, y) where the middle of the head goes, px.

    Raises:
        LookupError: the photograph comes with a package that is not installed.
    """
    head = HEADS[half]
    scale = width / head.width
    picture = _reduced(named(head.picture), scale)
    matrix = _matrix(head.centre, scale, turn, place)
    inner = matrix.copy()
    inner[:, :2] /= picture.shape[1] / named(head.picture).shape[1]
    mask = _soft_ellipse(named(head.picture).shape, head.centre, head.radii)
    mask = np.asarray(cv2.resize(mask, picture.shape[1::-1], interpolation=cv2.INTER_AREA))
    laid = _laid(scene, picture, mask, inner)
    points = np.array(head.landmarks) @ matrix[:, :2].T + matrix[:, 2]
    return laid, Truth(width, turn, points, points.mean(axis=0))


def with_small_face(
    scene: Image, number: int, width: float, turn: float, place: Sequence[float]
) -> tuple[Image, Truth]:
    """A scene with face `number` of the subset (0..99; 100..199 are no faces) laid in."""
    from skimage import data

    patch = np.repeat(data.lfw_subset()[number][..., None], 3, axis=2).astype(np.float32)
    # The pictures are cut so close that hair and shoulders are missing: a soft ground stands in.
    whole = np.pad(patch, ((_AROUND,) * 2, (_AROUND,) * 2, (0, 0)), mode="edge")
    centre = (12.0 + _AROUND,) * 2
    inner = _soft_ellipse(whole.shape, centre, (14.0, 15.0))[..., None]
    whole = whole * inner + cv2.GaussianBlur(whole, (0, 0), 5.0) * (1 - inner)
    matrix = _matrix(centre, width / _LFW_WIDTH, turn, place)
    mask = _soft_ellipse(whole.shape, centre, (12.0 + _AROUND,) * 2)
    laid = _laid(scene, whole, mask, matrix)
    return laid, Truth(width, turn, None, np.array(place, np.float64))


def scene_of(
    seed: int, half: Half, turn: float, sizes: Sequence[float]
) -> tuple[Image, list[Truth]]:
    """A scene of 960 x 720 px with one head of each size, all with one tilt; side by side."""
    random = np.random.default_rng([seed, 51])
    scene = ground(seed, half, 720, 960)
    truths = []
    x, y, row = 0.0, 0.0, 0.0
    for width in sizes:
        room = 2.3 * width + 24
        if x + room > 960:
            x, y, row = 0.0, y + row, 0.0
        row = max(row, room)
        place = (x + room / 2 + random.uniform(-4, 4), y + room / 2 + random.uniform(-4, 4))
        scene, truth = with_head(scene, half, width, turn, place)
        truths.append(truth)
        x += room
    return scene, truths


def faded(scene: Image, seed: int) -> Image:
    """A scene as an old print shows it: soft, of low contrast, and noisy."""
    random = np.random.default_rng([seed, 54])
    soft = cv2.GaussianBlur(scene, (0, 0), 0.7)
    noisy = 0.55 + 0.4 * (soft - 0.5) + random.normal(0.0, 0.03, scene.shape)
    return np.clip(noisy, 0, 1).astype(np.float32)


def small_scene_of(seed: int, half: Half, turn: float, count: int) -> tuple[Image, list[Truth]]:
    """A scene of 480 x 360 px with faces 20 and 24 px wide from the subset, all with one tilt."""
    random = np.random.default_rng([seed, 52])
    scene = ground(seed, half, 360, 480)
    numbers = random.permutation(50)[:count] * 2 + (half == "held_out")
    truths = []
    for index, number in enumerate(numbers.tolist()):
        place = (50 + 95 * (index % 5), 60 + 120 * (index // 5))
        width = (20.0, 24.0)[index % 2]
        scene, truth = with_small_face(scene, number, width, turn, place)
        truths.append(truth)
    return scene, truths


def empty_scene_of(seed: int, half: Half) -> Image:
    """A scene of 480 x 360 px with 15 of the subset's pictures that are no faces laid in."""
    random = np.random.default_rng([seed, 53])
    scene = ground(seed, half, 360, 480)
    for index, number in enumerate(random.permutation(100)[:15].tolist()):
        place = (50 + 95 * (index % 5), 60 + 120 * (index // 5))
        width = float(random.uniform(20, 60))
        scene, _ = with_small_face(
            scene, 100 + number, width, float(random.uniform(-45, 45)), place
        )
    return scene


def _reduced(picture: Image, scale: float) -> Image:
    """Averaged down as far as it will be shrunk: a warp alone would alias."""
    if scale >= 1:
        return picture
    size = tuple(max(8, round(side * scale)) for side in picture.shape[1::-1])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _matrix(
    centre: Sequence[float], scale: float, turn: float, place: Sequence[float]
) -> NDArray[np.float64]:
    along, across = np.cos(np.radians(turn)) * scale, np.sin(np.radians(turn)) * scale
    linear = np.array([[along, -across], [across, along]])
    return np.hstack([linear, (np.array(place) - linear @ np.array(centre))[:, None]])


def _soft_ellipse(
    shape: tuple[int, ...], centre: Sequence[float], radii: Sequence[float]
) -> NDArray[np.float32]:
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    radius = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1])
    return np.clip((1.0 - radius) / 0.15, 0.0, 1.0).astype(np.float32)


def _laid(
    scene: Image, picture: Image, mask: NDArray[np.float32], matrix: NDArray[np.float64]
) -> Image:
    size = scene.shape[1::-1]
    shown = cv2.warpAffine(
        picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    weight = np.asarray(cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR))[..., None]
    return np.asarray(np.clip(scene * (1 - weight) + shown * weight, 0, 1), np.float32)
