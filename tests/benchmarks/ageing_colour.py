"""How the colours of a print age: dyes that fade, paper that yellows, silver that mirrors, veils.

The print is taken as three dye layers on white paper. A clean picture says what light comes back
from the fresh print; the negative logarithm of it is its density in red, green and blue light,
which is a sum of what the cyan, magenta and yellow dye absorb (mostly one of the three each, a
little of the others). Ageing acts on the amounts of dye, which shrink by a factor each (fading in
proportion is what accelerated tests find, Wilhelm & Brower 1993, ISBN 0-911515-00-3), and on the
paper, whose stain adds its own density everywhere. A veil (surface reflection, silvering, flare of
the lens of a copy or of the scanner's lamp) adds light after that and is no part of the dyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Triple = tuple[float, float, float]
Kind = Literal["dark", "light", "veil", "stain", "all"]

KINDS: tuple[Kind, ...] = ("dark", "light", "veil", "stain", "all")

PAPER_BLACK = 2.4
"""Density of the deepest black of glossy colour paper, less its white's."""

ABSORPTION = np.array([[1.00, 0.07, 0.01], [0.12, 1.00, 0.07], [0.05, 0.22, 1.00]])
"""Density in red, green, blue light (rows) of one unit of cyan, magenta, yellow dye (columns)."""


@dataclass(frozen=True)
class Fading:
    """How far a colour print has aged; the defaults leave it fresh.

    Args:
        dyes: share of the cyan, magenta and yellow dye that is left, 0..1.
        stain: density that the paper gained in red, green and blue light.
        veil: light added evenly, as a share of what white paper gives back, 0..1.
    """

    dyes: Triple = (1.0, 1.0, 1.0)
    stain: Triple = (0.0, 0.0, 0.0)
    veil: float = 0.0


def faded(picture: Image, fading: Fading) -> Image:
    """A colour print as it looks after ageing.

    Args:
        picture: float32 (h, w, 3) in 0..1, sRGB: the fresh print, white paper being 1.
        fading: how far each cause went.

    Returns:
        float32 (h, w, 3) in 0..1, sRGB.
    """
    density = density_of(picture) @ _matrix(fading.dyes).T + np.array(fading.stain)
    light = 10.0**-density
    return encoded((1.0 - fading.veil) * light + fading.veil)


def drawn_fading(kind: Kind, random: np.random.Generator) -> Fading:
    """An ageing of one kind, of a strength between slight and severe.

    "dark": kept in an album or a box, as prints of the sixties to eighties: cyan goes first, the
    paper yellows. "light": hung on a wall: magenta goes first, then yellow, hardly any stain.
    "veil": dyes are whole; a matt surface, silvering or flare lies over a slight stain. "stain":
    the paper alone. "all": all of it at once.
    """
    amount = float(random.uniform(0.35, 1.0))
    loss, stain, veil = np.zeros(3), 0.0, 0.0
    if kind in ("dark", "all"):
        loss += amount * np.array([0.50, 0.22, 0.32]) * random.uniform(0.75, 1.2, 3)
        stain += amount * random.uniform(0.5, 1.0)
    if kind in ("light", "all"):
        part = amount * (0.5 if kind == "all" else 1.0)
        loss += part * np.array([0.24, 0.48, 0.36]) * random.uniform(0.75, 1.2, 3)
        stain += 0.2 * part * random.uniform(0.0, 1.0)
    if kind in ("veil", "all"):
        veil += amount * random.uniform(0.02, 0.05)
        stain += 0.5 * amount * random.uniform(0.0, 1.0)
    if kind == "stain":
        stain += 0.5 + 0.5 * amount
    yellow = stain * np.array([0.02, 0.06, 0.20]) * random.uniform(0.75, 1.25, 3)
    return Fading(_three(1.0 - np.minimum(loss, 0.7)), _three(yellow), veil)


@dataclass(frozen=True)
class SilverAgeing:
    """How far a black and white print has aged; the defaults leave it fresh.

    Args:
        silver: share of the density that is left, 0..1.
        yellow: density that the paper gained in blue light; green gains a third, red a tenth.
        mirror: strength of the bluish sheen of silver that came to the surface, 0..1: it shows
            where there is most silver, and more towards the edges of the print.
    """

    silver: float = 1.0
    yellow: float = 0.0
    mirror: float = 0.0


def silver_aged(picture: Image, ageing: SilverAgeing) -> Image:
    """A black and white (or toned) print as it looks after ageing; see `faded` for the arrays.

    The sheen is light that the surface sends back before it reaches the image (silver mirroring,
    Hendriks 1991), so it is added to the light and grows with the density below it.
    """
    density = density_of(picture)
    share = density.mean(axis=2, keepdims=True) / PAPER_BLACK
    stain = ageing.yellow * np.array([0.1, 0.33, 1.0])
    light = 10.0 ** -(density * ageing.silver + stain)
    rows, columns = np.mgrid[-1 : 1 : picture.shape[0] * 1j, -1 : 1 : picture.shape[1] * 1j]
    edge = np.maximum(np.abs(rows), np.abs(columns))[..., None] ** 3
    sheen = 0.16 * ageing.mirror * share**2 * (0.35 + 0.65 * edge)
    return encoded(light + sheen * np.array([0.92, 0.98, 1.08]))


TONERS: dict[str, Triple] = {
    "sepia": (0.80, 1.00, 1.22),
    "brown": (0.86, 1.00, 1.10),
    "selenium": (1.00, 1.06, 0.97),
    "gold": (1.06, 1.00, 0.92),
    "cyanotype": (1.45, 0.95, 0.62),
}
"""Density in red, green and blue light for one of silver, by the bath a print was toned in."""


def toned(picture: Image, toner: str, cream: float = 0.0) -> Image:
    """A grey picture printed and toned: every density has one colour (see `TONERS`).

    Args:
        picture: float32 (h, w, 3) in 0..1, grey.
        toner: a name in `TONERS`.
        cream: 0..1, how far the paper is cream and not white.
    """
    grey = density_of(picture).mean(axis=2, keepdims=True)
    paper = cream * np.array([0.01, 0.03, 0.09])
    return encoded(10.0 ** -(grey * np.array(TONERS[toner]) + paper))


def hand_tinted(picture: Image, random: np.random.Generator, patches: int = 6) -> Image:
    """A grey or toned print painted over with transparent colours, softly and in a few places.

    Args:
        picture: float32 (h, w, 3) in 0..1.
        random: places and colours.
        patches: how many places are painted.
    """
    paints = ((0.0, 0.22, 0.16), (0.0, 0.12, 0.10), (0.25, 0.06, 0.0), (0.22, 0.02, 0.24))
    height, width = picture.shape[:2]
    paint = np.zeros((height, width, 3))
    for number in range(patches):
        cover: Image = np.zeros((height, width), np.float32)
        x, y = (random.random(2) * (width, height)).astype(int).tolist()
        across, down = (random.uniform(0.08, 0.28, 2) * (width, height)).astype(int).tolist()
        turn = float(random.uniform(0, 180))
        cv2.ellipse(cover, (x, y), (across, down), turn, 0, 360, 1.0, -1)
        cover = cv2.GaussianBlur(cover, (0, 0), 0.02 * min(height, width))
        colour = np.array(paints[number % len(paints)]) * random.uniform(0.8, 1.8)
        paint += cover[..., None] * colour
    return encoded(10.0 ** -(density_of(picture) + paint))


def density_of(picture: Image) -> NDArray[np.float64]:
    """Density in red, green and blue light of sRGB pixels, at most `PAPER_BLACK`."""
    return np.asarray(-np.log10(np.maximum(linear(picture), 10.0**-PAPER_BLACK)))


def linear(picture: Image) -> NDArray[np.float64]:
    """Light, 0..1, of sRGB values (IEC 61966-2-1)."""
    value = np.asarray(picture, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def encoded(light: NDArray[np.float64]) -> Image:
    """sRGB values of light, cut to 0..1."""
    light = np.clip(light, 0.0, 1.0)
    low = light * 12.92
    return np.where(light <= 0.0031308, low, 1.055 * light ** (1 / 2.4) - 0.055).astype(np.float32)


def _matrix(dyes: Triple) -> NDArray[np.float64]:
    """Densities after fading from densities before it."""
    absorption = ABSORPTION / ABSORPTION.sum(axis=1, keepdims=True)
    return np.asarray(absorption @ np.diag(dyes) @ np.linalg.inv(absorption))


def _three(values: NDArray[np.floating]) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])
