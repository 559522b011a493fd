"""Known damage on known pictures: the truth the classical stages are measured against."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
_FINE = 4


def clean(name: str) -> Pixels:
    """A photograph that scikit-image ships, float32 (H, W, 3) in 0..1."""
    from skimage import data

    picture = np.asarray(getattr(data, name)())
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    return np.ascontiguousarray(picture[..., :3].astype(np.float32) / 255)


def noisy(picture: Pixels, sigma_255: float, seed: int = 1, grain_px: float = 0.0) -> Pixels:
    """Gaussian noise of a standard deviation in 255ths; `grain_px` > 0 makes it coarse."""
    noise = np.random.default_rng(seed).normal(0, 1, picture.shape).astype(np.float32)
    if grain_px > 0:
        noise = cv2.GaussianBlur(noise, (0, 0), grain_px)
        noise /= noise.std()
    return np.clip(picture + noise * np.float32(sigma_255 / 255), 0, 1)


def faded(
    picture: Pixels,
    dyes: tuple[float, ...] = (0.6, 0.75, 0.7),
    stain: tuple[float, ...] = (0.03, 0.06, 0.2),
) -> Pixels:
    """Every dye's density times a factor, plus a stain's density, in linear light."""
    linear = np.clip((picture + 0.055) / 1.055, 1e-3, 1) ** 2.4
    density = -np.log10(np.maximum(linear, 2e-3)) * np.array(dyes) + np.array(stain)
    return np.clip(1.055 * (10.0**-density) ** (1 / 2.4) - 0.055, 0, 1).astype(np.float32)


def scratched(picture: Pixels, seed: int) -> tuple[Pixels, NDArray[np.bool_]]:
    """White scratches, dust of both kinds and dark hairs; and where they are."""
    draw = np.random.default_rng(seed)
    height, width = picture.shape[:2]
    result, truth = picture.copy(), np.zeros((height, width), bool)

    def paint(shape: NDArray[np.uint8], tone: float) -> None:
        cover = cv2.resize(shape, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)
        result[:] += cover[..., None] * (np.float32(tone) - result)
        truth[cover > 0.3] = True

    def canvas() -> NDArray[np.uint8]:
        return np.zeros((height * _FINE, width * _FINE), np.uint8)

    for _ in range(4):
        start, angle = draw.random(2) * [width, height], draw.uniform(0, np.pi)
        along = np.array([np.cos(angle), np.sin(angle)]) * draw.uniform(0.15, 0.6) * width
        points = start + np.linspace(0, 1, 8)[:, None] * along + draw.normal(0, 1, (8, 2))
        line = canvas()
        cv2.polylines(line, [np.int32(points * _FINE)], False, 255, int(draw.uniform(5, 9)))
        paint(line, draw.uniform(0.85, 0.98))
    for number in range(25):
        middle, axes = draw.random(2) * [width, height] * _FINE, draw.uniform(4, 9, 2)
        speck = canvas()
        cv2.ellipse(speck, np.int32(middle).tolist(), np.int32(axes).tolist(), 0, 0, 360, 255, -1)
        paint(speck, draw.uniform(0.9, 0.98) if number % 2 else draw.uniform(0.02, 0.1))
    return result, truth
