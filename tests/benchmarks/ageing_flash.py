"""Flash in eyes, simulated with its truth: red pupils in people, the shine of an animal's eyes.

A flash close to the lens lights the fundus, and the camera sees it through the open pupil. What
comes back adds to what the pupil shows anyway, in linear light: nearly nothing but the glint of
the flash on the cornea. So the truth is drawn first (a pupil as wide as in the dark, neutral and
dark, with its glint), and the light of the fundus is added to it:

    flashed = truth + strength * colour * (1 - dimming * (distance from the centre / radius)^2)

within the pupil, which the lids cover where the picture's own lids do. Lens, film and scanner
follow as a blur, noise and JPEG, on both alike. Colours are those of blood-red to orange human
fundus reflexes (the oxygenated blood of the choroid takes green and blue away), and of the
tapetum of cats and dogs: green, yellow, white-blue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.pictures import named

Image = NDArray[np.float32]
Plane = NDArray[np.float32]
Colour = Literal["deep", "bright", "orange", "washed", "green", "yellow", "white"]

COLOURS: dict[Colour, tuple[int, int, int]] = {
    "deep": (165, 25, 35),
    "bright": (225, 50, 55),
    "orange": (250, 110, 55),
    "washed": (215, 105, 110),
    "green": (110, 225, 120),
    "yellow": (240, 225, 90),
    "white": (215, 245, 250),
}
"""Light of the fundus at strength 1, sRGB in 255ths."""

PEOPLE: tuple[Colour, ...] = ("deep", "bright", "orange", "washed")
PETS: tuple[Colour, ...] = ("green", "yellow", "white")

_DARK = 0.012
"""Linear light of a pupil without flash."""


@dataclass(frozen=True)
class Eye:
    """An eye of a photograph: centre and radius of its iris, px; lids above and below it, px."""

    x: float
    y: float
    iris: float
    above: float
    below: float


@dataclass(frozen=True)
class Flash:
    """How the flash went.

    Args:
        colour: of the fundus.
        strength: share of its light, 0..1.
        opened: radius of the pupil as a share of the iris's.
        dimming: how much darker the rim of the pupil is than its centre.
        glint: radius of the glint as a share of the pupil's; 0 for none.
        blur_px: sigma of lens and film, px of the result.
        noise: standard deviation, 0..1.
        jpeg: quality 1..100, or 0 for none.
    """

    colour: Colour = "bright"
    strength: float = 1.0
    opened: float = 0.7
    dimming: float = 0.35
    glint: float = 0.2
    blur_px: float = 0.5
    noise: float = 0.0
    jpeg: int = 0


@dataclass(frozen=True)
class FlashPicture:
    """A picture taken with flash, and the truth.

    Args:
        flashed, truth: float32 (H, W, 3) in 0..1.
        eyes: centre (x, y) of each pupil, px.
        radius: of the pupils, px.
    """

    flashed: Image
    truth: Image
    eyes: tuple[tuple[float, float], ...]
    radius: float

    def inside(self, reach: float = 1.0) -> NDArray[np.bool_]:
        """The px within `reach` radii of a pupil's centre: bool (H, W)."""
        rows, columns = np.ogrid[: self.truth.shape[0], : self.truth.shape[1]]
        near = np.zeros(self.truth.shape[:2], np.bool_)
        for x, y in self.eyes:
            near |= np.hypot(columns - x, rows - y) <= reach * self.radius
        return near


@dataclass(frozen=True)
class _Sitter:
    """Where the head is in a photograph (rows, columns), and the eyes."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    eyes: tuple[Eye, Eye]


_SITTERS = {
    "astronaut": _Sitter(
        (0, 240), (100, 340), (Eye(203.2, 101.3, 3.6, 3.2, 3.2), Eye(246.3, 103.2, 3.6, 3.2, 3.2))
    ),
    "hopper": _Sitter(
        (40, 360), (110, 430), (Eye(222.5, 189.5, 7.5, 5.5, 6.5), Eye(305.5, 187.0, 7.5, 5.5, 6.5))
    ),
    "chelsea": _Sitter(
        (0, 300), (20, 440), (Eye(172.0, 113.5, 32.0, 27.0, 30.0), Eye(318.0, 136.0, 27.0, 24, 24))
    ),
}


def sitter(name: str, pupil_px: float, opened: float = 0.7) -> tuple[Image, tuple[Eye, ...]]:
    """The head of a photograph, enlarged or reduced so that an open pupil is `pupil_px` wide.

    Args:
        name: "astronaut", "hopper" (people) or "chelsea" (a cat).
        pupil_px: diameter of the opened pupil in the result.
        opened: see `Flash`.

    Returns:
        float32 (H, W, 3) in 0..1 and its eyes, px of it.
    """
    where = _SITTERS[name]
    head = named(name)[slice(*where.rows), slice(*where.columns)]
    scale = pupil_px / (2 * opened * where.eyes[0].iris)
    size = (round(head.shape[1] * scale), round(head.shape[0] * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = np.clip(cv2.resize(head, size, interpolation=way), 0, 1)
    left, top = where.columns[0], where.rows[0]
    eyes = tuple(
        Eye(
            (eye.x - left + 0.5) * scale - 0.5,
            (eye.y - top + 0.5) * scale - 0.5,
            eye.iris * scale,
            eye.above * scale,
            eye.below * scale,
        )
        for eye in where.eyes
    )
    return np.asarray(picture, np.float32), eyes


def flash_picture(name: str, pupil_px: float, flash: Flash, seed: int = 0) -> FlashPicture:
    """A head photographed with flash.

    Args:
        name, pupil_px: see `sitter`.
        flash: how it went.
        seed: of the noise.
    """
    picture, eyes = sitter(name, pupil_px, flash.opened)
    truth = picture**2.2
    light = np.zeros_like(truth)
    colour = (np.array(COLOURS[flash.colour], np.float32) / 255) ** 2.2 * flash.strength
    radius = eyes[0].iris * flash.opened
    for eye in eyes:
        own = eye.iris * flash.opened
        pupil, share = _pupil(truth.shape[:2], eye, own)
        truth += pupil[..., None] * (_DARK - truth)
        light += (pupil * (1 - flash.dimming * share**2))[..., None] * colour
        glint = pupil * _disc(
            truth.shape[:2], eye.x - 0.3 * own, eye.y - 0.3 * own, flash.glint * own
        )
        truth += glint[..., None] * (1.0 - truth)
        light *= 1 - glint[..., None]
    return FlashPicture(
        _taken(truth + light, flash, seed),
        _taken(truth, replace(flash, noise=0.0, jpeg=0), seed),
        tuple((eye.x, eye.y) for eye in eyes),
        radius,
    )


def _pupil(shape: tuple[int, ...], eye: Eye, radius: float) -> tuple[Plane, Plane]:
    """How far each px lies in the pupil, 0..1, and its distance from the centre in radii."""
    disc = _disc(shape, eye.x, eye.y, radius)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    lids = np.clip(eye.y + eye.below - rows + 0.5, 0, 1) * np.clip(
        rows - eye.y + eye.above + 0.5, 0, 1
    )
    share = np.hypot(columns - eye.x, rows - eye.y) / radius
    return disc * lids, np.minimum(share, 1.0).astype(np.float32)


def _disc(shape: tuple[int, ...], x: float, y: float, radius: float) -> Plane:
    """A disc with a rim one px soft, float32 (h, w) in 0..1; none of radius 0."""
    if radius <= 0:
        return np.zeros(shape, np.float32)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    distance = np.hypot(columns - x, rows - y)
    whole = np.clip(radius - distance + 0.5, 0, 1)
    # A disc smaller than a px covers a share of it.
    return np.asarray(whole * min(1.0, np.pi * radius**2), np.float32)


def _taken(linear: Image, flash: Flash, seed: int) -> Image:
    """What lens, film and file make of a scene in linear light: encoded, 0..1."""
    if flash.blur_px > 0:
        linear = np.asarray(cv2.GaussianBlur(linear, (0, 0), flash.blur_px), np.float32)
    picture = np.clip(linear, 0, 1) ** np.float32(1 / 2.2)
    if flash.noise > 0:
        random = np.random.default_rng(seed)
        picture = picture + random.normal(0, flash.noise, picture.shape)
    picture = np.clip(picture, 0, 1)
    if flash.jpeg:
        eight = np.rint(picture[..., ::-1] * 255).astype(np.uint8)
        _, packed = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, flash.jpeg])
        picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1] / 255
    return np.ascontiguousarray(picture, dtype=np.float32)
