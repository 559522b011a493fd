"""Paper prints as they come out of a family's box: sizes, borders, edges and corners.

Sizes are those that were sold; paper is cut to about half a millimetre. Borders are the white of
the paper, aged or not; deckle edges are a wavy cut; corners are square, rounded or dog-eared.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.pictures import colour_picture, grey_picture

Image = NDArray[np.float32]
Border = Literal["none", "white", "instant"]
Edge = Literal["straight", "deckle", "rounded"]

SIZES_MM: tuple[tuple[float, float], ...] = (
    (152.4, 101.6),
    (127.0, 88.9),
    (177.8, 127.0),
    (88.9, 63.5),
    (88.9, 88.9),
    (82.6, 82.6),
    (90.0, 60.0),
    (100.0, 70.0),
    (130.0, 90.0),
    (60.0, 45.0),
    (107.0, 88.0),
)
"""Long and short side of the prints that were sold (inches and centimetres), mm."""


def print_size(random: np.random.Generator, most_mm: tuple[float, float]) -> tuple[float, float]:
    """(width, height) in mm of a print that was sold and fits into `most_mm`, either way up."""
    fitting = [
        turned
        for size in SIZES_MM
        for turned in (size, size[::-1])
        if turned[0] <= most_mm[0] and turned[1] <= most_mm[1]
    ]
    if not fitting:
        return max(30.0, most_mm[0] * 0.9), max(30.0, most_mm[1] * 0.9)
    # larger ones are likelier, else small prints would crowd the pages out
    weights = np.array([w * h for w, h in fitting]) ** 0.7
    width, height = fitting[int(random.choice(len(fitting), p=weights / weights.sum()))]
    slack = random.uniform(-0.5, 0.5, 2)
    return float(width + slack[0]), float(height + slack[1])


def paper_tone(random: np.random.Generator, *, white: bool = False) -> NDArray[np.float32]:
    """Colour of a print's unexposed paper, (3,): fresh white to yellowed cream."""
    age = random.uniform(0.0, 0.45) if white else random.uniform(0.0, 1.0)
    level = random.uniform(0.93, 0.985) - 0.07 * age
    return np.array([level, level - 0.005 - 0.03 * age, level - 0.01 - 0.10 * age], np.float32)


def paper_print(
    seed: int,
    size: tuple[int, int],
    per_mm: float,
    random: np.random.Generator,
    *,
    border: Border,
    edge: Edge,
    tone: NDArray[np.float32],
) -> tuple[Image, Image | None]:
    """One print on its paper.

    Args:
        seed: of its picture; even for tuning, odd held out.
        size: (width, height), px.
        per_mm: px per mm of paper.
        random: of all else.
        border: "white" on all sides, "instant" with a wide one below, or none.
        edge: how the paper is cut.
        tone: (3,), the paper's colour.

    Returns:
        float32 (h, w, 3) in 0..1, and where there is paper (see `Laid.cover`).
    """
    width, height = size
    left = top = right = bottom = 0
    if border == "white":
        left = top = right = bottom = max(2, round(random.uniform(2.5, 6.0) * per_mm))
    if border == "instant":
        left = top = right = max(2, round(random.uniform(4.0, 6.0) * per_mm))
        bottom = round(random.uniform(3.0, 4.0) * left)
        bottom = min(bottom, height // 4)
    inner = (width - left - right, height - top - bottom)
    picture = _faded(_picture(seed, inner, random), tone, random)
    paper = cv2.copyMakeBorder(
        picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=tone.tolist()
    )
    cover: Image | None = None
    if edge == "deckle":
        cover = _deckle((height, width), per_mm, random)
    if edge == "rounded":
        cover = _rounded((height, width), random.uniform(2.0, 5.0) * per_mm)
    return np.ascontiguousarray(paper, dtype=np.float32), cover


def _picture(seed: int, size: tuple[int, int], random: np.random.Generator) -> Image:
    """A picture of a seed's half cropped and brought to (width, height) px."""
    source = (grey_picture if random.random() < 0.35 else colour_picture)(seed, 640)
    height, width = source.shape[:2]
    factor = max(size[0] / width, size[1] / height)
    wanted = (max(size[0], round(width * factor)), max(size[1], round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = np.clip(cv2.resize(source, wanted, interpolation=method), 0, 1)
    x = int(random.integers(0, wanted[0] - size[0] + 1))
    y = int(random.integers(0, wanted[1] - size[1] + 1))
    cropped: Image = scaled[y : y + size[1], x : x + size[0]]
    return cropped


def _faded(picture: Image, tone: NDArray[np.float32], random: np.random.Generator) -> Image:
    """Black no darker than a print's, white no whiter than its paper."""
    darkest = np.float32(random.uniform(0.04, 0.22))
    faded: Image = darkest + picture * (tone - darkest)
    return faded.astype(np.float32)


def _deckle(shape: tuple[int, int], per_mm: float, random: np.random.Generator) -> Image:
    """Paper with a wavy cut: 0.3 to 0.8 mm deep, a wave every 2.5 to 4.5 mm."""
    height, width = shape
    depth = random.uniform(0.3, 0.8) * per_mm
    period = random.uniform(2.5, 4.5) * per_mm

    def bite(length: int) -> Image:
        place = np.arange(length, dtype=np.float32)
        jitter = np.interp(place, np.linspace(0, length, 9), random.uniform(-0.8, 0.8, 9))
        wave = 0.5 - 0.5 * np.cos(2 * np.pi * place / period + jitter)
        return np.asarray(2 * depth * wave, dtype=np.float32)

    x = np.arange(width, dtype=np.float32)[None, :] + 0.5
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    inside = np.minimum(x - bite(height)[:, None], width - x - bite(height)[:, None])
    inside = np.minimum(inside, y - bite(width)[None, :])
    inside = np.minimum(inside, height - y - bite(width)[None, :])
    cover: Image = np.clip(inside + 0.5, 0, 1).astype(np.float32)
    return cover


def _rounded(shape: tuple[int, int], radius: float) -> Image:
    height, width = shape
    x = np.abs(np.arange(width, dtype=np.float32)[None, :] + 0.5 - width / 2)
    y = np.abs(np.arange(height, dtype=np.float32)[:, None] + 0.5 - height / 2)
    beyond = np.hypot(np.maximum(x - width / 2 + radius, 0), np.maximum(y - height / 2 + radius, 0))
    cover: Image = np.clip(radius - beyond + 0.5, 0, 1).astype(np.float32)
    return cover
