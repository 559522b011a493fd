"""A flatbed scanner that can be trusted: prints laid on a lid, with their true outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]

LidKind = Literal["white", "grey", "black"]
LID_COLOURS: dict[LidKind, tuple[float, float, float]] = {
    "white": (0.955, 0.955, 0.945),
    "grey": (0.56, 0.56, 0.57),
    "black": (0.055, 0.055, 0.06),
}


@dataclass(frozen=True, eq=False)
class Laid:
    """One print laid on the glass.

    Args:
        pixels: float32 (h, w, 3) in 0..1, the paper with its border.
        centre: (x, y) of its middle in continuous px of the page.
        angle: degrees it is turned clockwise.
        cover: float32 (h, w) in 0..1, where there is paper; None for paper all over. Deckle
            edges and rounded corners are cut by it.
    """

    pixels: Image
    centre: tuple[float, float]
    angle: float = 0.0
    cover: Image | None = None

    @property
    def quad(self) -> NDArray[np.float64]:
        """float64 (4, 2): its corners on the page, from the top left clockwise as it reads."""
        height, width = self.pixels.shape[:2]
        turn = np.radians(self.angle)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        local = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, height]) / 2
        quad: NDArray[np.float64] = np.array(self.centre) + local @ axes
        return quad


def scan_page(
    size: tuple[int, int],
    prints: Sequence[Laid],
    *,
    lid: LidKind = "white",
    noise: float = 0.004,
    specks: int = 25,
    shadow: float = 0.0,
    seed: int = 0,
    ground: Image | None = None,
) -> Image:
    """Scan prints on a lid.

    Args:
        size: (width, height) of the page, px.
        prints: what lies on the glass, later ones on top.
        lid: its colour.
        noise: sigma of the sensor's noise, 0..1.
        specks: how many grains of dust lie on the glass.
        shadow: how much darker the lid is just right of and below each print, 0..1.
        seed: of the noise and the dust.
        ground: float32 (height, width, 3), what the prints lie on in place of an even lid.

    Returns:
        float32 (height, width, 3) in 0..1, with the lamp a little weaker towards one corner.
    """
    width, height = size
    random = np.random.default_rng(seed)
    page = np.empty((height, width, 3), np.float32)
    page[:] = LID_COLOURS[lid] if ground is None else ground
    thickness = max(2.0, 0.0015 * max(size))
    for laid in prints:
        if shadow > 0:
            page *= 1 - shadow * _shade(laid, size, thickness)[..., None]
    for laid in prints:
        _lay(page, laid)
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    page *= (1.0 - 0.012 * across - 0.015 * down * down)[..., None]
    for _ in range(specks):
        place = int(random.integers(width)), int(random.integers(height))
        radius = int(random.integers(1, max(2, round(0.0007 * max(size)) + 1)))
        shade = float(random.uniform(0.25, 0.75))
        cv2.circle(page, place, radius, (shade, shade, shade), -1, cv2.LINE_AA)
    if noise > 0:
        page += random.standard_normal(page.shape, dtype=np.float32) * np.float32(noise)
    return np.clip(page, 0.0, 1.0)


def covered(laid: Laid, size: tuple[int, int]) -> Image:
    """Where on a page of `size` (width, height) px a print lies, float32 (height, width), 0..1."""
    paper = np.ones(laid.pixels.shape[:2], np.float32) if laid.cover is None else laid.cover
    cover: Image = cv2.warpAffine(paper, _matrix(laid), size)
    return cover


def _matrix(laid: Laid) -> NDArray[np.float32]:
    height, width = laid.pixels.shape[:2]
    source = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32) - np.float32(0.5)
    target = (laid.quad[[0, 1, 3]] - 0.5).astype(np.float32)
    matrix: NDArray[np.float32] = cv2.getAffineTransform(source, target)
    return matrix


def _lay(page: Image, laid: Laid) -> None:
    size = (page.shape[1], page.shape[0])
    if laid.cover is None and laid.angle == 0 and all(float(v).is_integer() for v in laid.quad[0]):
        left, top = (int(v) for v in laid.quad[0])
        height, width = laid.pixels.shape[:2]
        rows, columns = slice(max(0, top), top + height), slice(max(0, left), left + width)
        shown = page[rows, columns]
        first = rows.start - top, columns.start - left
        shown[:] = laid.pixels[
            first[0] : first[0] + shown.shape[0], first[1] : first[1] + shown.shape[1]
        ]
        return
    matrix = _matrix(laid)
    cover = covered(laid, size)
    turned = cv2.warpAffine(
        laid.pixels, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    page += cover[..., None] * (np.clip(turned, 0, 1) - page)


def _shade(laid: Laid, size: tuple[int, int], thickness: float) -> Image:
    cover = covered(laid, size)
    moved = cv2.warpAffine(cover, np.array([[1, 0, thickness], [0, 1, thickness]]), size)
    soft: Image = cv2.GaussianBlur(moved, (0, 0), thickness)
    return soft
