"""Things in a picture that repeat and are no screen: bricks, fences, stripes, woven cloth, text.

Each takes a clean picture, float32 (h, w, 3) in 0..1, and draws the thing over a part of it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def brick_wall(picture: Image, random: np.random.Generator) -> Image:
    """A wall of bricks in perspective over the upper half."""
    height, width = picture.shape[:2]
    y, x = _seen_at_a_slant(height, width, random)
    course = float(random.uniform(9, 18))
    row = np.floor(y / course)
    joint = (np.mod(y, course) < 0.15 * course) | (
        np.mod(x + 0.5 * 2.2 * course * np.mod(row, 2), 2.2 * course) < 0.15 * course
    )
    wall = np.where(joint, 0.75, 0.45).astype(np.float32)
    return _over(picture, wall, slice(0, height // 2), slice(0, width))


def fence(picture: Image, random: np.random.Generator) -> Image:
    """Pickets from edge to edge over a third of the height."""
    height, width = picture.shape[:2]
    pace = float(random.uniform(5, 14))
    x = np.arange(width, dtype=np.float32)[None, :] + np.zeros((height, 1), np.float32)
    pickets = np.where(np.mod(x, pace) < 0.55 * pace, 0.9, 0.25).astype(np.float32)
    return _over(picture, pickets, slice(height // 2, height * 5 // 6), slice(0, width))


def woven_cloth(picture: Image, random: np.random.Generator) -> Image:
    """A coat of fine cloth: warp and weft, bent by folds, over a third of the picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    folds = cv2.GaussianBlur(random.standard_normal((height, width)).astype(np.float32), (0, 0), 25)
    folds *= 6 / folds.std()
    pace = float(random.uniform(3.5, 8))
    threads = np.sin(2 * np.pi * (x + folds) / pace) * np.sin(2 * np.pi * (y + folds) / pace)
    cloth = (0.45 + 0.15 * threads).astype(np.float32)
    return _over(picture, cloth, slice(height // 3, height), slice(width // 4, width * 3 // 4))


def striped_shirt(picture: Image, random: np.random.Generator) -> Image:
    """Straight stripes over a quarter of the picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, pace = random.uniform(0, np.pi), float(random.uniform(4, 9))
    wave = np.sin(2 * np.pi * (np.cos(angle) * x + np.sin(angle) * y) / pace)
    stripes = (0.6 + 0.25 * wave).astype(np.float32)
    return _over(picture, stripes, slice(height // 4, height * 3 // 4), slice(0, width // 2))


def lettering(picture: Image, random: np.random.Generator) -> Image:
    """Lines of small print over the whole width, two thirds of the height."""
    height, width = picture.shape[:2]
    sheet = np.full((height, width), 237, np.uint8)
    pace = int(random.integers(11, 17))
    for top in range(pace, height, pace):
        letters = "".join(chr(int(c)) for c in random.integers(97, 123, width // 5))
        cv2.putText(sheet, letters, (3, top), cv2.FONT_HERSHEY_PLAIN, pace / 17, 25, 1, cv2.LINE_AA)
    return _over(
        picture, sheet.astype(np.float32) / 255, slice(0, height * 2 // 3), slice(0, width)
    )


def lace(picture: Image, random: np.random.Generator) -> Image:
    """Lace: round holes in a lattice, a third of the picture, hanging slightly curved."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pace = float(random.uniform(6, 12))
    bend = 0.03 * (x - width / 2) ** 2 / width
    holes = np.cos(2 * np.pi * (x + y + bend) / pace) + np.cos(2 * np.pi * (x - y - bend) / pace)
    net = np.where(holes > 0.6, 0.35, 0.9).astype(np.float32)
    return _over(picture, net, slice(0, height), slice(width * 2 // 3, width))


PERIODIC: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "brick wall": brick_wall,
    "fence": fence,
    "woven cloth": woven_cloth,
    "striped shirt": striped_shirt,
    "lettering": lettering,
    "lace": lace,
}
"""By name."""


def _seen_at_a_slant(
    height: int, width: int, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Places on a wall that recedes to one side."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    depth = 1 + float(random.uniform(0.1, 0.5)) * x / width
    return ((y - height / 2) * depth + height).astype(np.float32), (x * depth).astype(np.float32)


def _over(picture: Image, thing: NDArray[np.float32], rows: slice, columns: slice) -> Image:
    scene = picture.copy()
    soft = cv2.GaussianBlur(thing, (0, 0), 0.6)[rows, columns, None]
    # Light and shade of what was there stay.
    scene[rows, columns] = np.clip(soft * (0.6 + 0.5 * scene[rows, columns]), 0, 1)
    return scene
