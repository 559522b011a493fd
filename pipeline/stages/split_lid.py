"""What of a flatbed scan is the lid: its colour, and the mask of all that is not lid.

A lid is near neutral, flat but for a slow change of light, and reaches the edge of the scan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]

LidKind = Literal["white", "grey", "black", "sheet"]

RING_SHARE = 0.012
"""Width of the ring along the scan's edge in which the lid is looked for, of the long side."""
BIN = 1 / 128
"""Width of the brightness bins in which the most frequent level is looked for."""
MAX_CHROMA = 0.06
"""Largest difference between two channels of a lid: calibrated scanners show it near neutral."""
FIBRE_PX = 2.5
"""The grain of an album's sheet is smoothed by so much (sigma) where its tone is looked for."""
SHEET_CHROMA = 0.3
SHEET_RING_SHARE = 0.5
"""A tinted or grainy ground is an album's sheet when it covers at least this share of the ring."""
MIN_RING_SHARE = 0.12
"""A lid covers at least this share of the ring; a print pushed into a corner still leaves it."""
MAX_SPREAD = 0.02
"""Largest spread (robust sigma) of a lid at working scale; walls and skies vary more."""
FAINTEST = 0.011
"""Smallest difference from the lid that counts as print, 0..1 (about 3 of 255)."""


@dataclass(frozen=True, eq=False)
class Lid:
    """The lid behind the prints.

    Args:
        kind: white, grey or black; "sheet" for the paper of an album's page.
        level: its colour (R, G, B) in 0..1 at the middle of the scan.
        spread: robust sigma of its noise at working scale, 0..1.
        ring_share: share of the scan's edge ring that is lid, 0..1.
        surface: float32 (H, W, 3), its colour everywhere on the working image.
    """

    kind: LidKind
    level: tuple[float, float, float]
    spread: float
    ring_share: float
    surface: Image

    @property
    def threshold(self) -> float:
        """The smallest difference from the lid that is taken for print, 0..1."""
        return max(FAINTEST, 4.5 * self.spread)

    def facts(self) -> dict[str, Any]:
        """The lid as JSON measures."""
        return {
            "kind": self.kind,
            "level": [round(v, 4) for v in self.level],
            "spread": round(self.spread, 5),
            "ring_share": round(self.ring_share, 3),
        }


def find_lid(image: Image) -> Lid | None:
    """Find the lid of a scan, or None when the picture reaches the edges.

    Args:
        image: float32 (H, W, 3) in 0..1, the scan reduced to working scale and lightly smoothed.

    Returns:
        The most frequent neutral level along the edges, followed over the whole scan by a
        quadratic surface (the lamp is weaker at its ends), or None when there is no such level
        or it is not flat.
    """
    lid = _behind(image, image, MAX_CHROMA, MIN_RING_SHARE)
    if lid is not None and lid.ring_share >= SHEET_RING_SHARE:
        return lid
    # a ground that covers most of the edge is a sheet, of any tint and with the grain of its
    # fibres; beside it the lid may show
    smooth = cv2.GaussianBlur(image, (0, 0), FIBRE_PX)
    sheet = _behind(image, smooth, SHEET_CHROMA, SHEET_RING_SHARE)
    return lid if sheet is None else replace(sheet, kind="sheet")


def _behind(image: Image, smooth: Image, most_chroma: float, least_share: float) -> Lid | None:
    """The most frequent level of an image's edge as a lid; `smooth` says where it is flat."""
    ring = _ring(image.shape[:2])
    level = _most_frequent_level(smooth[ring], most_chroma)
    if level is None:
        return None
    near = np.abs(smooth - level).max(axis=2) < 0.05
    near &= _local_range(smooth) < 0.03
    surface = _fit_surface(smooth, _reaching_the_edge(near))
    if surface is None:
        return None
    distance = np.abs(smooth - surface).max(axis=2)
    lid = _reaching_the_edge((distance < 0.03) & near)
    if not lid.any():
        return None
    residual = (image - surface)[lid]
    spread = float(1.4826 * np.median(np.abs(residual)))
    ring_share = float(lid[ring].mean())
    if ring_share < least_share or spread > MAX_SPREAD:
        return None
    middle = image.shape[0] // 2, image.shape[1] // 2
    red, green, blue = (float(v) for v in np.clip(surface[middle], 0, 1))
    return Lid(_kind(green), (red, green, blue), spread, ring_share, surface)


def difference(image: Image, lid: Lid) -> NDArray[np.float32]:
    """How far each pixel is from the lid: float32 (H, W), largest channel difference, 0..1."""
    far: NDArray[np.float32] = np.abs(image - lid.surface).max(axis=2)
    return far


def _kind(level: float) -> LidKind:
    if level > 0.75:
        return "white"
    return "black" if level < 0.2 else "grey"


def _ring(shape: tuple[int, int]) -> Mask:
    width = max(2, round(RING_SHARE * max(shape)))
    ring = np.ones(shape, dtype=bool)
    ring[width:-width, width:-width] = False
    return ring


def _most_frequent_level(
    samples: NDArray[np.float32], most_chroma: float
) -> NDArray[np.float32] | None:
    """The densest brightness of the (N, 3) samples near neutral as (3,), or None without any."""
    neutral = samples[np.ptp(samples, axis=1) < most_chroma]
    if len(neutral) < MIN_RING_SHARE * len(samples):
        return None
    bins = np.minimum((neutral.mean(axis=1) / BIN).astype(int), int(1 / BIN))
    counts = np.bincount(bins, minlength=int(1 / BIN) + 3).astype(float)
    # three bins together, so that a level on the border between two bins is not split
    counts = np.convolve(counts, np.ones(3), mode="same")
    best = int(counts.argmax())
    chosen = neutral[np.abs(bins - best) <= 1]
    level: NDArray[np.float32] = np.median(chosen, axis=0)
    return level


def _local_range(image: Image) -> NDArray[np.float32]:
    """Largest minus smallest value within 5 x 5 px, over all channels."""
    kernel = np.ones((5, 5), np.uint8)
    spread: NDArray[np.float32] = (cv2.dilate(image, kernel) - cv2.erode(image, kernel)).max(axis=2)
    return spread


def _reaching_the_edge(mask: Mask) -> Mask:
    """The parts of a mask that reach the edge of the image."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    counts = np.bincount(edge)
    keep = counts > 0
    keep[0] = False
    known = np.zeros(int(labels.max()) + 1, dtype=bool)
    known[: len(keep)] = keep
    reaching: Mask = known[labels]
    return reaching


def _fit_surface(image: Image, mask: Mask) -> Image | None:
    """Quadratic surface through the masked pixels of each channel, or None for too few."""
    height, width = mask.shape
    if mask.sum() < 200:
        return None
    rows, columns = np.nonzero(mask)
    step = max(1, len(rows) // 40_000)
    rows, columns = rows[::step], columns[::step]
    terms = _terms(rows / height - 0.5, columns / width - 0.5)
    values = image[rows, columns].astype(np.float64)
    kept = np.ones(len(rows), dtype=bool)
    weights: NDArray[np.floating[Any]] = np.zeros((6, 3))
    for _ in range(3):
        weights, *_ = np.linalg.lstsq(terms[kept], values[kept], rcond=None)
        residual = np.abs(values - terms @ weights).max(axis=1)
        kept = residual <= max(3 * 1.4826 * float(np.median(residual)), 0.002)
    y, x = np.mgrid[0:height, 0:width]
    surface = _terms((y / height - 0.5).ravel(), (x / width - 0.5).ravel()) @ weights
    # The surface may not run off where no lid was seen: it stays near what was seen.
    low, high = values.min(axis=0), values.max(axis=0)
    return np.clip(surface, low, high).reshape(height, width, 3).astype(np.float32)


def _terms(y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(y), y, x, y * y, x * y, x * x], axis=1)
