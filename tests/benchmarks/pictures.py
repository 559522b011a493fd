"""Clean pictures with nothing wrong on them: what ageing starts from and what counts as truth.

The photographs ship with scikit-image (and, where installed, scikit-learn and matplotlib); "dead
leaves" are generated: overlapping shapes of every size, whose edges, occlusions and spectrum are
those of natural images (Lee, Mumford, Huang 2001, doi:10.1023/A:1011109015675). The pictures that
choices are tuned on and those that results are reported on have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Half = Literal["tuning", "held_out"]

COLOUR: dict[Half, tuple[str, ...]] = {
    "tuning": ("astronaut", "coffee", "china", "leaves"),
    "held_out": ("chelsea", "rocket", "motorcycle", "flower", "hopper", "leaves"),
}
"""Colour photographs of each half; "leaves" stands for a generated picture."""

GREY: dict[Half, tuple[str, ...]] = {
    "tuning": ("camera", "gravel"),
    "held_out": ("moon", "coins", "grass"),
}
"""Grey photographs of each half."""


def seeds(half: Half, count: int) -> list[int]:
    """`count` seeds of one half: even ones for tuning, odd ones held out."""
    return [2 * number + (half == "held_out") for number in range(count)]


def half_of(seed: int) -> Half:
    """The half a seed belongs to."""
    return "held_out" if seed % 2 else "tuning"


def colour_picture(seed: int, side: int = 384) -> Image:
    """A clean colour picture of a seed's half: a crop chosen by the seed.

    Args:
        seed: also says from which half's pictures it is taken.
        side: px of the longest side at most.

    Returns:
        float32 (h, w, 3) in 0..1.
    """
    return _drawn(COLOUR[half_of(seed)], seed, side)


def grey_picture(seed: int, side: int = 384) -> Image:
    """The same for a grey picture; all three channels are equal, float32 (h, w, 3)."""
    return _drawn(GREY[half_of(seed)], seed, side)


def named(name: str, seed: int = 0, side: int = 512) -> Image:
    """A whole picture by name, float32 (h, w, 3) in 0..1.

    Raises:
        LookupError: it comes with a package that is not installed.
    """
    return dead_leaves(seed, side) if name == "leaves" else _loaded(name)


def dead_leaves(seed: int, side: int = 512, *, detail: int = 1) -> Image:
    """A generated scene: discs and boxes of all sizes over each other, evenly shaded.

    Args:
        seed: of everything.
        side: px of width and height.
        detail: the smallest shape's radius, in units of 6 px.

    Returns:
        float32 (side, side, 3) in 0..1, sharp to the px, with some white and some black in it.
    """
    random = np.random.default_rng(seed)
    fine = 2
    scene = np.full((side * fine, side * fine, 3), 0.5, np.float32)
    radii = _radii(random, 1200, 6 * detail * fine, side * fine * 0.35)
    for radius in radii:
        colour = _leaf_colour(random)
        x, y = (random.random(2) * side * fine).astype(int).tolist()
        if random.random() < 0.7:
            cv2.circle(scene, (x, y), int(radius), colour, -1, cv2.LINE_8)
        else:
            box = cv2.boxPoints(
                ((x, y), (radius * 2, radius * random.uniform(0.6, 2)), random.uniform(0, 90))
            )
            cv2.fillPoly(scene, [box.astype(np.int32)], colour, cv2.LINE_8)
    reduced = cv2.resize(scene, (side, side), interpolation=cv2.INTER_AREA)
    light = cv2.resize(random.uniform(0.8, 1.0, (3, 3)).astype(np.float32), (side, side))
    shaded: Image = np.clip(reduced * light[..., None], 0, 1)
    return shaded


def _radii(random: np.random.Generator, count: int, least: float, most: float) -> list[float]:
    """Radii whose density falls with the cube, the law that is scale invariant; in any order.

    The first ones are large, so that no ground is left uncovered.
    """
    low, high = least**-2.0, most**-2.0
    radii: list[float] = ((low + random.random(count) * (high - low)) ** -0.5).tolist()
    return [most] * 60 + radii


def _leaf_colour(random: np.random.Generator) -> tuple[float, float, float]:
    tone = float(random.beta(1.1, 1.3))
    chroma = float(random.exponential(0.10))
    turn = random.uniform(0, 2 * np.pi)
    red, blue = chroma * np.cos(turn), chroma * np.sin(turn)
    rgb = np.clip([tone + red, tone - 0.5 * (red + blue) * 0.6, tone + blue], 0.0, 1.0)
    return float(rgb[0]), float(rgb[1]), float(rgb[2])


def _drawn(names: tuple[str, ...], seed: int, side: int) -> Image:
    random = np.random.default_rng(seed)
    order = [names[i] for i in random.permutation(len(names))]
    for name in order:
        try:
            picture = named(name, seed, side)
        except LookupError:
            continue
        return _crop(picture, side, random)
    raise LookupError(f"none of {names} is installed")


def _crop(picture: Image, side: int, random: np.random.Generator) -> Image:
    height, width = picture.shape[:2]
    if max(height, width) > 1.6 * side and random.random() < 0.5:
        factor = side / min(height, width)
        size = (round(width * factor), round(height * factor))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        height, width = picture.shape[:2]
    top = int(random.integers(0, max(1, height - side + 1)))
    left = int(random.integers(0, max(1, width - side + 1)))
    part = picture[top : top + side, left : left + side]
    if random.random() < 0.5:
        part = part[:, ::-1]
    return np.ascontiguousarray(part)


@lru_cache(maxsize=32)
def _loaded(name: str) -> Image:
    picture = _SOURCES.get(name, _from_scikit_image)(name)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    return np.ascontiguousarray(picture[..., :3].astype(np.float32) / np.float32(255))


def _from_scikit_image(name: str) -> NDArray[np.uint8]:
    from skimage import data

    if name == "motorcycle":
        return np.asarray(data.stereo_motorcycle()[0])
    return np.asarray(getattr(data, name)())


def _from_scikit_learn(name: str) -> NDArray[np.uint8]:
    try:
        from sklearn.datasets import load_sample_image
    except ImportError as missing:
        raise LookupError(f"{name} comes with scikit-learn") from missing
    return np.asarray(load_sample_image(f"{name}.jpg"))


def _from_matplotlib(name: str) -> NDArray[np.uint8]:
    try:
        from matplotlib.cbook import get_sample_data
    except ImportError as missing:
        raise LookupError(f"{name} comes with matplotlib") from missing
    with get_sample_data("grace_hopper.jpg") as file:
        opened = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(opened[..., ::-1])


_SOURCES: dict[str, Callable[[str], NDArray[np.uint8]]] = {
    "china": _from_scikit_learn,
    "flower": _from_scikit_learn,
    "hopper": _from_matplotlib,
}
