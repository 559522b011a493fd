"""Fresh pictures that look aged to a program: warm, cool, golden or hazy because the scene was.

Each is a clean picture lit or coloured anew. Light is changed in linear light, by the ratio of
two black bodies at the middles of the red, green and blue bands (Wien's law): what a film balanced
for one light shows under another. Nothing is done to the print itself, so a stage that mends
prints has nothing to mend.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ageing_colour import encoded, linear

Image = NDArray[np.float32]
Light = NDArray[np.float64]

_BANDS_M = np.array([610e-9, 545e-9, 465e-9])
_SECOND_RADIATION_CONSTANT = 0.014388


def band_gains(kelvin: float, balanced_for: float) -> Light:
    """Red, green and blue light of a black body, seen by a film balanced for another one.

    Args:
        kelvin: temperature of the light that is there.
        balanced_for: temperature of the light that would come out neutral.

    Returns:
        float64 (3,), the largest 1.
    """
    power = -_SECOND_RADIATION_CONSTANT / _BANDS_M * (1.0 / kelvin - 1.0 / balanced_for)
    gains = np.exp(power - power.max())
    return np.asarray(gains)


def relit(picture: Image, kelvin: float, balanced_for: float = 5500.0, dim: float = 1.0) -> Image:
    """A picture as if its scene had been lit otherwise; exposed so that as much is white.

    Args:
        picture: float32 (h, w, 3) in 0..1, sRGB.
        kelvin, balanced_for: see `band_gains`.
        dim: factor on the light, below 1 for dusk.
    """
    return encoded(dim * _exposed(linear(picture) * band_gains(kelvin, balanced_for)))


def sunset(picture: Image) -> Image:
    """The last sun, 2600 K on daylight film, and a sky that glows at one side."""
    light = linear(picture) * band_gains(2600.0, 5500.0)
    across = np.linspace(0, 1, picture.shape[1])[None, :, None]
    down = np.linspace(0, 1, picture.shape[0])[:, None, None]
    sun = np.exp(-((across - 0.7) ** 2 + (down - 0.3) ** 2) / 0.01)
    return encoded(_exposed(light) + sun * np.array([1.0, 0.8, 0.45]))


def candlelight(picture: Image) -> Image:
    """A candle, 1900 K on film for lamps (3400 K), near the middle: light falls off around it."""
    light = linear(picture) * band_gains(1900.0, 3400.0)
    rows, columns = np.mgrid[-1 : 1 : picture.shape[0] * 1j, -1 : 1 : picture.shape[1] * 1j]
    fall = 1.0 / (1.0 + 3.0 * (rows**2 + columns**2))
    return encoded(_exposed(light * fall[..., None]))


def tungsten_interior(picture: Image) -> Image:
    """A room lit by lamps, 2850 K, on daylight film."""
    return relit(picture, 2850.0)


def blue_hour(picture: Image) -> Image:
    """After sunset, 12000 K on daylight film, two thirds of a stop too dark."""
    return relit(picture, 12000.0, dim=0.63)


def yellow_dress(picture: Image) -> Image:
    """A large piece of yellow cloth in the middle: it sends back an eighth of the blue light."""
    cover: Image = np.zeros(picture.shape[:2], np.float32)
    height, width = cover.shape
    middle, axes = (width // 2, int(0.6 * height)), (int(0.3 * width), int(0.42 * height))
    cv2.ellipse(cover, middle, axes, 0, 0, 360, 1.0, -1)
    light = linear(picture)
    grey = light.mean(axis=2, keepdims=True)
    cloth = (0.25 + 0.75 * grey) * np.array([0.85, 0.62, 0.11])
    return encoded(light + cover[..., None] * (cloth - light))


def autumn_leaves(picture: Image) -> Image:
    """Every colour moved towards that of leaves in autumn (yellow, orange, rust)."""
    light = linear(picture)
    grey = light.mean(axis=2, keepdims=True)
    turn = np.clip((light[..., 1:2] - light[..., 0:1]) / np.maximum(grey, 1e-3) + 0.5, 0, 1)
    leaf = np.array([1.75, 1.05, 0.20]) * turn + np.array([1.95, 0.80, 0.25]) * (1 - turn)
    return encoded(_exposed(grey * (0.25 + 0.75 * leaf)))


def golden_cat(picture: Image) -> Image:
    """The tones of a picture in the colours of a ginger cat: dark brown, gold, cream."""
    tone = linear(picture).mean(axis=2)
    tones = np.array([0.0, 0.05, 0.2, 0.5, 1.0])
    fur = np.array(
        [
            [0.0, 0.0, 0.0],
            [0.075, 0.045, 0.022],
            [0.30, 0.185, 0.09],
            [0.66, 0.47, 0.29],
            [0.98, 0.90, 0.80],
        ]
    )
    planes = [np.interp(tone, tones, fur[:, c]) for c in range(3)]
    kept = 0.3 * (linear(picture) - tone[..., None]) * tone[..., None]
    return encoded(np.stack(planes, axis=2) + kept)


def fog(picture: Image) -> Image:
    """Fog over a scene that recedes upwards (Koschmieder's law; 0 to 3 extinctions away)."""
    light = linear(picture)
    depth = np.linspace(3.0, 0.05, picture.shape[0])[:, None, None]
    clear = np.exp(-depth)
    return encoded(light * clear + 0.75 * (1.0 - clear))


HARD_COLOURS: dict[str, Callable[[Image], Image]] = {
    "sunset": sunset,
    "candlelight": candlelight,
    "tungsten interior": tungsten_interior,
    "blue hour": blue_hour,
    "yellow dress": yellow_dress,
    "autumn leaves": autumn_leaves,
    "golden cat": golden_cat,
    "fog": fog,
}
"""Every hard case by its name: each turns a clean picture into a fresh one that looks aged."""


def _exposed(light: Light) -> Light:
    top = float(np.quantile(light.max(axis=2), 0.995))
    return np.asarray(light / max(top, 1e-3))
