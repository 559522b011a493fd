"""How soft a picture's sharpest edges are.

An edge blurred once more changes little when it was soft already: from the ratio of its
gradients after two known blurs follows the edge's own width (Zhuo, Sim 2011,
doi:10.1016/j.patcog.2011.03.009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.noise import noise_in

Plane = NDArray[np.float32]

_FINE = (0.0, 1.0)
_COARSE = (1.0, 3.0)
_TRUSTED_FINE = 1.2  # px; softer edges are told apart better by the coarse pair
_SOBEL = 0.5  # variance the gradient filter itself adds along its direction, px^2
_WIDEST = 8.0
_FEWEST = 20


@dataclass(frozen=True)
class Sharpness:
    """Blur of the strong edges of a plane.

    Args:
        blur_px: typical (median) Gaussian sigma of the strong edges, px; None when the picture
            has no edge that stands clear of the noise. A sharp picture has 0 to 0.5.
        sharpest_px: the same for the sharpest tenth: what the lens and the scan could do.
        edges: how many edge px were measured.
    """

    blur_px: float | None
    sharpest_px: float | None
    edges: int


def sharpness_of(plane: NDArray[np.float32]) -> Sharpness:
    """Measure the blur of strong edges.

    Args:
        plane: float32 (H, W), 0..1.
    """
    return sharpness_in([plane])


def sharpness_in(planes: Sequence[Plane], noise: float | None = None) -> Sharpness:
    """Measure the blur of strong edges in several planes at once: the tiles of one picture.

    Args:
        planes: float32 (H, W), 0..1 each.
        noise: their noise where it is known already, 0..1.
    """
    noise = noise_in(planes).sigma if noise is None else noise
    fine = _edge_widths(planes, _FINE, 6.0 * noise)
    coarse = _edge_widths(planes, _COARSE, 2.0 * noise)
    if len(fine) < _FEWEST and len(coarse) < _FEWEST:
        return Sharpness(None, None, len(fine))
    chosen = fine
    if len(fine) < _FEWEST or float(np.median(fine)) > _TRUSTED_FINE:
        # Noise counts as sharp, so the coarse pair is only believed where it says softer.
        softer = len(fine) < _FEWEST or np.median(coarse) > np.median(fine)
        chosen = coarse if len(coarse) >= _FEWEST and softer else fine
    middle, best = np.quantile(chosen, (0.5, 0.1))
    return Sharpness(float(middle), float(best), len(chosen))


def _edge_widths(
    planes: Sequence[Plane], pair: tuple[float, float], least: float
) -> NDArray[np.float64]:
    """Gaussian sigma (px) of every strong edge px, from a pair of known blurs."""
    firsts, seconds = ([_gradient(_blurred(plane, s)) for plane in planes] for s in pair)
    steep = np.concatenate([first.ravel() for first in firsts])
    limit = max(0.02, least, float(np.quantile(steep, 0.97)))
    ratios = [_crest_ratio(*both, limit) for both in zip(firsts, seconds, strict=True)]
    ratio = np.maximum(np.concatenate(ratios) ** 2, 1.0 + 1e-3)
    near, far = (sigma**2 + _SOBEL for sigma in pair)
    return np.asarray(np.sqrt(np.clip((far - ratio * near) / (ratio - 1.0), 0.0, _WIDEST**2)))


def _crest_ratio(first: Plane, second: Plane, limit: float) -> NDArray[np.float64]:
    """The sharper gradient over the softer one along the crests of strong edges."""
    thick = cv2.dilate(first, np.ones((3, 3), np.uint8))
    crest = (first >= limit) & (first >= thick) & (second > 1e-4)
    crest[:3], crest[-3:], crest[:, :3], crest[:, -3:] = False, False, False, False
    return np.asarray(first[crest] / second[crest], np.float64)


def _blurred(plane: Plane, sigma: float) -> Plane:
    if sigma <= 0:
        return plane
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def _gradient(plane: Plane) -> Plane:
    # Over two px, so that the finest noise does not outweigh the edges.
    across = cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    down = cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    return np.asarray(cv2.magnitude(across, down), np.float32)
