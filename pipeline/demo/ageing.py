"""Age a photograph as decades in a shoebox do, each damage of known strength and seeded."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Ageing:
    """How strongly each damage is done; the defaults leave the picture as it is.

    Args:
        fade: 0..1, how far contrast is lost towards a milky grey: blacks rise the most.
        yellow: 0..1, how far the blue and green layers' dyes are gone.
        blur: sigma of the softness, px of the print before scanning.
        jpeg_quality: 1..100 compresses the print once (an early digital copy); None does not.
        noise: sigma of the film's grain, 0..1, grains as large as a px of the print.
        scratches: how many scratches run over the paper.
        dust: how many white specks and fibres stick to it.
    """

    fade: float = 0.0
    yellow: float = 0.0
    blur: float = 0.0
    jpeg_quality: int | None = None
    noise: float = 0.0
    scratches: int = 0
    dust: int = 0


def age(pixels: Image, ageing: Ageing, *, oversampling: int = 1, seed: int = 0) -> Image:
    """Age a picture and show it as a scanner finer than the picture sees it.

    Args:
        pixels: float32 (H, W, 3) in 0..1.
        ageing: how strongly each damage is done.
        oversampling: scan px per px of the picture; scratches and dust are as fine as the scan.
        seed: of everything that falls at random.

    Returns:
        float32 (H * oversampling, W * oversampling, 3) in 0..1; a grey picture that is not
        yellowed stays grey.
    """
    random = np.random.default_rng(seed)
    print_ = blurred(pixels, ageing.blur)
    print_ = compressed(print_, ageing.jpeg_quality)
    print_ = grained(print_, ageing.noise, random)
    print_ = yellowed(faded(print_, ageing.fade), ageing.yellow)
    size = (print_.shape[1] * oversampling, print_.shape[0] * oversampling)
    scan = np.clip(cv2.resize(print_, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    scan = scratched(scan, ageing.scratches, random)
    return dusty(scan, ageing.dust, random)


def faded(pixels: Image, amount: float) -> Image:
    """Lose contrast: blacks rise to a fifth, whites sink by a tenth at amount 1."""
    low, high = 0.22 * amount, 1.0 - 0.1 * amount
    return (low + (high - low) * pixels).astype(np.float32)


def yellowed(pixels: Image, amount: float) -> Image:
    """Turn the paper and the picture yellow, light tones the most."""
    tint = np.array([0.0, 0.055, 0.24], dtype=np.float32) * np.float32(amount)
    return (pixels * (1 - tint)).astype(np.float32)


def blurred(pixels: Image, sigma: float) -> Image:
    """Soften by a Gaussian of `sigma` px."""
    if sigma <= 0:
        return pixels
    soft: Image = cv2.GaussianBlur(pixels, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return soft


def compressed(pixels: Image, quality: int | None) -> Image:
    """Compress and open as a JPEG of this quality, or leave alone for None."""
    if quality is None:
        return pixels
    bgr = np.round(pixels[..., ::-1] * 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    opened: NDArray[np.uint8] = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.ascontiguousarray(opened[..., ::-1]).astype(np.float32) / np.float32(255)


def grained(pixels: Image, sigma: float, random: np.random.Generator) -> Image:
    """Add grain, mostly of brightness, a little of colour where the picture has colour."""
    if sigma <= 0:
        return pixels
    grain = random.standard_normal(pixels.shape[:2]).astype(np.float32)[..., None]
    if not np.array_equal(pixels[..., 0], pixels[..., 2]):
        grain = 0.85 * grain + 0.5 * random.standard_normal(pixels.shape).astype(np.float32)
    return np.clip(pixels + np.float32(sigma) * grain, 0, 1)


def scratched(pixels: Image, count: int, random: np.random.Generator) -> Image:
    """Draw long, thin, slightly bent scratches, most of them light."""
    scan = pixels.copy()
    height, width = scan.shape[:2]
    for _ in range(count):
        start = random.uniform(0, 1, 2) * (width, height)
        turn = random.uniform(0, np.pi)
        length = random.uniform(0.25, 0.8) * min(width, height)
        bend = random.uniform(-0.05, 0.05) * length
        t = np.linspace(-0.5, 0.5, 60)
        along = np.stack([np.cos(turn) * t, np.sin(turn) * t], axis=1) * length
        across = np.array([-np.sin(turn), np.cos(turn)]) * bend
        path = start + along + across * (t**2)[:, None] * 4
        cover = np.zeros((height, width), np.float32)
        thickness = int(random.integers(1, max(2, min(width, height) // 450) + 1))
        points = np.round(path * 16).astype(np.int32)
        cv2.polylines(cover, [points], False, 1.0, thickness, cv2.LINE_8, 4)
        cover = cv2.GaussianBlur(cover, (0, 0), 0.6)
        shade = np.float32(random.uniform(0.82, 0.93) if random.random() < 0.9 else 0.12)
        strength = np.float32(random.uniform(0.6, 0.95))
        scan += (strength * cover)[..., None] * (shade - scan)
    return np.clip(scan, 0, 1)


def dusty(pixels: Image, count: int, random: np.random.Generator) -> Image:
    """Sprinkle light specks, and one curled fibre for every eight of them."""
    height, width = pixels.shape[:2]
    cover: Image = np.zeros((height, width), np.float32)
    largest = max(2, min(width, height) // 300)
    for number in range(count):
        x, y = int(random.integers(width)), int(random.integers(height))
        if number % 8 == 7:
            across = int(random.integers(4, 6 * largest + 5))
            down = int(random.integers(4, 6 * largest + 5))
            start = float(random.uniform(0, 360))
            sweep = start + float(random.uniform(60, 200))
            cv2.ellipse(cover, (x, y), (across, down), start, start, sweep, 0.8, 1, cv2.LINE_8)
        else:
            radius = int(random.integers(1, largest + 1))
            cv2.circle(cover, (x, y), radius, float(random.uniform(0.6, 1)), -1, cv2.LINE_8)
    cover = cv2.GaussianBlur(cover, (0, 0), 0.7)[..., None]
    dusted: Image = np.clip(pixels + cover * (np.float32(0.94) - pixels), 0, 1)
    return dusted
