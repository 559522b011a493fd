"""Many small fresh scenes to learn ageing from: crops of the tuning photographs, and made-up ones.

The photographs are few, so their grey tones are coloured anew as well, and scenes are generated
from nothing but what lies in front of family cameras: skin, leaves, sky, earth, stone, cloth and
paint, in overlapping pieces of all sizes under a light of its own. A view of 64 px is enough,
because what is learned from it are tones and colours, not places.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.hard_colours import HARD_COLOURS
from tests.benchmarks.pictures import named

Image = NDArray[np.float32]

SIDE = 64
"""px of a scene's sides."""

PHOTOGRAPHS = ("astronaut", "coffee", "china")
GREYS = ("camera", "gravel", "brick")

# Reflectance in linear red, green, blue; how much each colour of a kind strays (log units); how
# often it is met.
_PALETTE: tuple[tuple[tuple[float, float, float], float, float], ...] = (
    ((0.55, 0.32, 0.22), 0.35, 2.0),  # fair skin
    ((0.22, 0.11, 0.06), 0.45, 1.0),  # dark skin, brown hair
    ((0.09, 0.14, 0.04), 0.60, 2.0),  # leaves, grass
    ((0.30, 0.50, 0.85), 0.35, 2.0),  # sky
    ((0.85, 0.88, 0.92), 0.12, 1.5),  # clouds, snow, white cloth
    ((0.25, 0.18, 0.11), 0.50, 2.0),  # earth, wood
    ((0.35, 0.34, 0.32), 0.60, 3.0),  # stone, walls
    ((0.02, 0.02, 0.02), 0.60, 2.0),  # black cloth, hair, holes
    ((0.45, 0.05, 0.04), 0.50, 0.6),  # red
    ((0.60, 0.40, 0.06), 0.50, 0.6),  # yellow
    ((0.05, 0.08, 0.28), 0.50, 0.8),  # blue
    ((0.20, 0.20, 0.20), 1.00, 1.5),  # anything else
)


def scenes(count: int, seed: int, without: tuple[str, ...] = ()) -> Image:
    """Fresh scenes of all kinds, in a mixture that the seed says.

    Args:
        count: how many.
        seed: of everything.
        without: photographs to leave out, to see how well what is learned carries over to them.

    Returns:
        float32 (count, SIDE * SIDE, 3) in 0..1, sRGB.
    """
    random = np.random.default_rng(seed)
    photographs = [named(name) for name in PHOTOGRAPHS if name not in without]
    greys = [named(name) for name in GREYS]
    made = np.empty((count, SIDE * SIDE, 3), np.float32)
    for number in range(count):
        draw = random.random()
        if draw < 0.35:
            scene = _crop(photographs[int(random.integers(len(photographs)))], random)
            scene = _recoloured(scene, random) if random.random() < 0.6 else scene
        elif draw < 0.5:
            tones = photographs + greys
            scene = _coloured(_crop(tones[int(random.integers(len(tones)))], random), random)
        else:
            scene = _palette_scene(random)
        made[number] = _varied(scene, random).reshape(-1, 3)
    return made


def _crop(picture: Image, random: np.random.Generator) -> Image:
    height, width = picture.shape[:2]
    size = (random.uniform(0.3, 1.0, 2) * (height, width)).astype(int)
    top, left = (random.random(2) * (height - size[0], width - size[1])).astype(int)
    part = picture[top : top + size[0], left : left + size[1]]
    small: Image = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return small


def _pieces(random: np.random.Generator, count: int) -> NDArray[np.intp]:
    """Which of `count` things is seen at each px: overlapping ellipses of all sizes."""
    seen = np.zeros((SIDE, SIDE), np.uint8)
    for number in range(count):
        size = SIDE * 0.6 * (0.06 + 0.94 * random.power(0.6) ** 2 * (count - number) / count)
        axes = (max(1, int(size * random.uniform(0.4, 1))), max(1, int(size)))
        place = (random.random(2) * SIDE).astype(int).tolist()
        turn = float(random.uniform(0, 180))
        cv2.ellipse(seen, place, axes, turn, 0, 360, number, -1, cv2.LINE_8)
    return seen.astype(np.intp)


def _palette_scene(random: np.random.Generator) -> Image:
    """Things of usual colours, each with its own texture, in a light that falls off softly."""
    count = int(random.integers(6, 60))
    often = np.array([weight for _, _, weight in _PALETTE]) * random.gamma(0.7, 1.0, len(_PALETTE))
    kinds = random.choice(len(_PALETTE), count, p=often / often.sum())
    colours = np.array([_PALETTE[kind][0] for kind in kinds])
    stray = np.array([_PALETTE[kind][1] for kind in kinds])[:, None]
    tints = random.normal(0, 0.35, (count, 3)) * stray
    colours = colours * np.exp(tints + random.normal(0, 1.0, (count, 1)) * stray)
    light = colours[_pieces(random, count)]
    soft = cv2.resize(random.normal(0, 0.5, (5, 5)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    texture = random.normal(0, random.uniform(0.05, 0.35), (SIDE, SIDE))
    light = light * np.exp(soft + texture)[..., None]
    shade = random.random((SIDE, SIDE)) < random.uniform(0, 0.06)
    light[shade] *= random.uniform(0.02, 0.4)
    return _exposed(light, random)


def _recoloured(scene: Image, random: np.random.Generator) -> Image:
    """The same things in other colours: densities mixed so that greys stay grey."""
    mixing = np.eye(3) + random.normal(0, random.uniform(0.05, 0.35), (3, 3))
    mixing /= mixing.sum(axis=1, keepdims=True)
    depth = -np.log(np.clip(scene, 0.004, 1).astype(np.float64))
    return np.exp(-np.clip(depth @ mixing.T, 0, None)).astype(np.float32)


def _coloured(scene: Image, random: np.random.Generator) -> Image:
    """Other colours on the tones of a scene: patches of usual things, as light as before."""
    tone = np.clip(scene, 0, 1).mean(axis=2, keepdims=True) ** 2.2
    count = int(random.integers(4, 30))
    kinds = random.choice(len(_PALETTE), count)
    colours = np.array([_PALETTE[kind][0] for kind in kinds])
    colours = colours / colours.mean(axis=1, keepdims=True)
    share = random.uniform(0.3, 1.0)
    light = tone * (1 - share + share * colours[_pieces(random, count)])
    return _exposed(light + 0.003 * random.random(), random)


def _exposed(light: NDArray[np.floating], random: np.random.Generator) -> Image:
    """sRGB of light, exposed and printed as a person would; with a black more often than not."""
    top = np.quantile(light.max(axis=2), random.uniform(0.97, 1.0))
    light = light / max(float(top), 1e-4) * random.choice([1.0, 1.0, 0.85, 1.15])
    if random.random() < 0.7:
        light = light - np.quantile(light.max(axis=2), random.uniform(0, 0.03))
    contrast = random.uniform(0.85, 1.25)
    return (np.clip(light, 0, 1) ** (contrast / 2.2)).astype(np.float32)


def _varied(scene: Image, random: np.random.Generator) -> Image:
    """Another exposure, contrast, colourfulness; now and then a light that is hard to judge."""
    scene = np.clip(scene, 0, 1) ** np.float32(np.exp(random.normal(0, 0.2)))
    if random.random() < 0.5:
        grey = scene.mean(axis=2, keepdims=True)
        scene = grey + (scene - grey) * np.float32(random.uniform(0.5, 1.3))
    if random.random() < 0.15:
        scene = scene[..., random.permutation(3)]
    if random.random() < 0.1:
        scene = scene * random.uniform(0.4, 0.9)  # taken too dark
    scene = np.clip(scene, 0, 1).astype(np.float32)
    if random.random() < 0.25:
        names = list(HARD_COLOURS)
        hard = HARD_COLOURS[names[int(random.integers(len(names)))]](scene)
        share = np.float32(random.uniform(0.4, 1.0))
        scene = share * hard + (1 - share) * scene
    return np.clip(scene, 0, 1).astype(np.float32)
