"""Lens, camera, scanner optics, its sharpening, its resolution, and JPEG: each with known strength.

Kernels are sums of many points within a pixel each, so a disc's radius and a motion's length may be
any fraction of a px. Light adds up in the scene, but what is blurred here is the encoded picture:
the restoration sees no difference in where the zeros of a kernel's spectrum lie.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Kernel = NDArray[np.float32]

_FINE = 8
"""Points a px, each way, of which a kernel is made."""


def disc(radius: float) -> Kernel:
    """The spot of a point out of focus: an evenly lit disc (geometrical optics).

    Args:
        radius: px, 0.3 or more.

    Returns:
        float32 (n, n), n odd, whose sum is 1.
    """
    reach = int(np.ceil(radius + 0.5))
    side = 2 * reach + 1
    place = (np.arange(side * _FINE) + 0.5) / _FINE - side / 2
    inside = (place[:, None] ** 2 + place[None, :] ** 2 <= radius**2).astype(np.float64)
    return _normed(inside.reshape(side, _FINE, side, _FINE).mean(axis=(1, 3)))


def line(length: float, angle: float) -> Kernel:
    """The path of a point while the camera moves evenly along a line.

    Args:
        length: px of the path.
        angle: degrees from the x axis towards the y axis, which points down.

    Returns:
        float32 (n, n), n odd, whose sum is 1.
    """
    return path(length, angle, 0.0)


def path(length: float, angle: float, bend: float, pace: float = 0.0) -> Kernel:
    """The path of a point while a hand-held camera shakes: a shallow arc, at an uneven pace.

    Args:
        length: px between the two ends.
        angle: degrees of the line between them, from x towards y (down).
        bend: height of the arc over its length, 0 for a straight line; shake within a short
            exposure is nearly straight (Levin et al. 2009, doi:10.1109/CVPR.2009.5206815).
        pace: 0..1, how much slower than the middle the ends are gone through.
    """
    t = np.linspace(-0.5, 0.5, max(64, int(64 * length)))
    turn = np.radians(angle)
    arc = bend * length * (0.5 - 4 * t**2 + 1 / 6)
    x = np.cos(turn) * t * length - np.sin(turn) * arc
    y = np.sin(turn) * t * length + np.cos(turn) * arc
    return _drawn(x, y, 1.0 + pace * (np.abs(2 * t) - 0.5))


def blurred(picture: Image, kernel: Kernel) -> Image:
    """A picture (h, w, 3) blurred by a kernel; beyond the border it is mirrored."""
    turned = np.ascontiguousarray(kernel[::-1, ::-1])
    soft = cv2.filter2D(picture, cv2.CV_32F, turned, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.clip(soft, 0, 1), np.float32)


def defocused(picture: Image, radius: float) -> Image:
    """Out of focus by a disc of `radius` px."""
    return blurred(picture, disc(radius))


def moved(picture: Image, length: float, angle: float) -> Image:
    """Blurred by an even motion of `length` px at `angle` degrees (see `line`)."""
    return blurred(picture, line(length, angle))


def shaken(picture: Image, length: float, angle: float, random: np.random.Generator) -> Image:
    """Blurred by a slightly curved shake of uneven pace, about `length` px at `angle` degrees."""
    bend, pace = float(random.uniform(-0.08, 0.08)), float(random.uniform(0.0, 0.5))
    return blurred(picture, path(length, angle, bend, pace))


def scanned_softly(picture: Image, sigma: float) -> Image:
    """Blurred by a scanner's optics, a Gaussian of `sigma` px: 0.3 to 0.6 on a good flatbed."""
    if sigma <= 0:
        return picture
    soft = cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(soft, np.float32)


def sharpened(picture: Image, radius: float, amount: float) -> Image:
    """Sharpened by the scanner's driver: an unsharp mask.

    Args:
        picture: float32 (h, w, 3) in 0..1.
        radius: sigma of the Gaussian that is taken away, px.
        amount: how much of the difference is added.
    """
    soft = cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(np.clip(picture + np.float32(amount) * (picture - soft), 0, 1), np.float32)


def saved_as_jpeg(picture: Image, quality: int, *, halved_colour: bool = True) -> Image:
    """Saved as JPEG by libjpeg and opened again, in steps of 1/255.

    Args:
        picture: float32 (h, w, 3) in 0..1.
        quality: 1..100 on the scale of the Independent JPEG Group.
        halved_colour: colour at half the resolution (4:2:0), else whole (4:4:4).
    """
    bgr = np.rint(np.clip(picture[..., ::-1], 0, 1) * 255).astype(np.uint8)
    way = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420 if halved_colour else 0x111111
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, way]
    _, coded = cv2.imencode(".jpg", bgr, options)
    opened = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return np.ascontiguousarray(opened[..., ::-1].astype(np.float32) / np.float32(255))


def oversampled(picture: Image, factor: float) -> Image:
    """Scanned with `factor` times as many px each way as the picture has detail for.

    By a linear kernel: light adds up, so a scanner's spot has no negative lobes, and unlike cubic
    interpolation it leaves no haloes.
    """
    if factor == 1:
        return picture
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.float32)


def with_noise(
    picture: Image, sigma: float, random: np.random.Generator, *, grey: bool = False
) -> Image:
    """Film grain or a sensor's noise: independent at each px, standard deviation 0..1."""
    shape = (*picture.shape[:2], 1) if grey else picture.shape
    noise = random.standard_normal(shape, dtype=np.float32) * np.float32(sigma)
    return np.asarray(np.clip(picture + noise, 0, 1), np.float32)


def _drawn(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> Kernel:
    """Points laid onto px, shared between the four nearest ones; centred on their mean."""
    x, y = x - np.average(x, weights=weight), y - np.average(y, weights=weight)
    reach = int(np.ceil(max(np.abs(x).max(), np.abs(y).max()))) + 1
    side = 2 * reach + 1
    kernel = np.zeros((side, side))
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - left, y - top
    for row, column, share in (
        (top, left, (1 - down) * (1 - right)),
        (top, left + 1, (1 - down) * right),
        (top + 1, left, down * (1 - right)),
        (top + 1, left + 1, down * right),
    ):
        np.add.at(kernel, (row + reach, column + reach), share * weight)
    return _normed(kernel)


def _normed(kernel: NDArray[np.float64]) -> Kernel:
    return np.asarray(kernel / kernel.sum(), np.float32)
