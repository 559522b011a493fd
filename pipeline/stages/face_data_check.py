"""Whether a restored face, seen through the scan's own blur, still repeats the scan.

What a scan does not resolve cannot be held against it, so both faces are looked at in bands of
detail from the finest that the scan resolves to that of a mouth's width. Removing noise, JPEG
blocks and blur leaves the scan reproduced, but for its noise; a mouth that smiles now, or another
person's eyes, do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.stages.face_alignment import SIDE, TEMPLATE
from pipeline.stages.measure.resolution import luminance

Plane = NDArray[np.float32]

_SPOT = 0.42
"""Sigma of the scan's blur in real px: a Gaussian as wide at half height as one such px."""

_LEAST_FRACTION = 0.08
"""Least share of the template that counts as real. JPEG makes a scan seem to resolve less than it
does; where it is indeed less, the blurs that are tried make up for it."""

_BLURS = (0.0, 0.7, 1.0, 1.4, 2.0)
"""Multiples of it that are tried: how much softer the scan is than the result is not known."""

_FINEST = 0.6
"""Sigma, real px, of the blur both are seen through, so that noise and blocks weigh little."""

_COARSEST = 24.0
"""Sigma, px of the aligned face, above which tones are the print's own whatever a network drew."""

_WINDOW = 56.0
"""Side, px of the aligned face, of the window agreement is judged in: an eye, half a mouth."""

_TOLERANCE = 0.30
"""Share of the detail in a window that may be drawn differently: edges that stand where they were,
but steeper or cleaner."""

_GAIN = (0.6, 1.6)
"""By how much contrast may have been raised or lowered before it counts as misfit."""

_LEAST_NOISE = 0.004
"""Standard deviation, 0..1, that every scan has at least: half steps of 8 bits and JPEG."""

_QUIET = 0.2
"""Share of the face, its quietest, whose detail counts as noise: JPEG hides noise from the measure
of noise, but not from this."""

_WITHIN = 0.5
"""Share of redrawing from which a px is looked at: the rest is mostly what it was."""

_PLACES = ("left eye", "right eye", "nose", "mouth", "mouth")
"""What is at each of the template's landmarks."""

_REGIONS = ("left eye", "right eye", "nose", "mouth", "elsewhere")

_REACH = 62.0
"""px of the aligned face around a landmark that bear its name, unless another one is nearer."""


@dataclass(frozen=True)
class DataMisfit:
    """How far a face departs from the scan, in units of what noise and cleaning may explain.

    What may be explained is reckoned amply, so that an honest restoration measures well below 1.

    Args:
        overall: over the whole face, 0 for the very same; 0.02 to 0.2 for a face that was cleaned.
        worst: in the window that fits least; 0.05 to 0.4 for a face that was cleaned.
        where: "left eye", "right eye", "nose", "mouth" or "elsewhere": where that is.
        regions: the worst window of each of these.
    """

    overall: float
    worst: float
    where: str
    regions: dict[str, float]

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "overall": round(self.overall, 3),
            "worst": round(self.worst, 3),
            "where": self.where,
            "regions": {name: round(value, 3) for name, value in self.regions.items()},
        }


def data_misfit(
    before: Pixels, after: Pixels, mask: Plane, fraction: float, noise: float
) -> DataMisfit:
    """Compare a face before and after, as far as the scan can tell.

    Args:
        before: aligned, float32 (512, 512, 3) in 0..1, as it was.
        after: the same, as it would be.
        mask: float32 (512, 512) in 0..1: where it was redrawn; only there is compared.
        fraction: real px across the aligned face over 512, 0..1.
        noise: standard deviation of the scan's noise at its real resolution, 0..1.
    """
    view = _View.of(real_px(fraction))
    old, new = view.seen(before), view.seen(after)
    inside = view.reduced(mask)
    if not (inside > _WITHIN).any():
        return DataMisfit(0.0, 0.0, "elsewhere", dict.fromkeys(_REGIONS, 0.0))
    scan = _seen_by_band(old, inside > _WITHIN, view, max(noise, _LEAST_NOISE))
    allowed = _sum(band.allowed() for band in scan)
    residual = min(
        (_residual(scan, view.blurred(new, blur), view) for blur in view.blurs()),
        key=lambda found: float((found * inside).sum()),
    )
    ratio = np.sqrt(residual / allowed) * (inside > _WITHIN)
    overall = np.sqrt((residual * inside).sum() / max(float((allowed * inside).sum()), 1e-12))
    regions = view.by_region(ratio)
    where = max(regions, key=lambda name: regions[name])
    return DataMisfit(float(overall), regions[where], where, regions)


def real_px(fraction: float) -> float:
    """px of the aligned face for each real px of the scan, 1 to 12.5.

    Args:
        fraction: real px across the aligned face over 512, 0..1.
    """
    return 1.0 / float(np.clip(fraction, _LEAST_FRACTION, 1.0))


@dataclass(frozen=True)
class _View:
    """The grid both faces are compared on.

    Args:
        side: its px.
        step: px of the aligned face for each of them.
        edges: sigmas, px of the grid, between which the bands of detail lie, ascending.
        real_px: px of the grid for each real px of the scan.
    """

    side: int
    step: float
    edges: tuple[float, ...]
    real_px: float

    @classmethod
    def of(cls, real: float) -> _View:
        """The grid for a scan whose real px are so many px of the aligned face."""
        side = SIDE // 4 if real >= 4.0 else SIDE // 2
        step = SIDE / side
        edges = [max(_FINEST * real, step) / step]
        while edges[-1] * 1.5 < _COARSEST / step:
            edges.append(edges[-1] * 2)
        if len(edges) == 1:
            edges.append(edges[0] * 2)
        return cls(side, step, tuple(edges), real / step)

    def reduced(self, plane: Plane) -> Plane:
        return _plane(cv2.resize(plane, (self.side, self.side), interpolation=cv2.INTER_AREA))

    def seen(self, face: Pixels) -> Plane:
        return self.reduced(luminance(face))

    def blurs(self) -> Iterator[float]:
        """Sigmas, px of the grid, that the scan's own blur may have."""
        for times in _BLURS:
            yield times * _SPOT * self.real_px

    @staticmethod
    def blurred(plane: Plane, sigma: float) -> Plane:
        return plane if sigma < 0.2 else _plane(cv2.GaussianBlur(plane, (0, 0), sigma))

    def bands(self, plane: Plane) -> Iterator[Plane]:
        levels = [_plane(cv2.GaussianBlur(plane, (0, 0), sigma)) for sigma in self.edges]
        for fine, soft in pairwise(levels):
            yield fine - soft

    def band_noise(self, noise: float) -> Iterator[float]:
        """Variance that white noise of the real px leaves in each band."""
        for fine, soft in pairwise(self.edges):
            spread = 1 / fine**2 + 1 / soft**2 - 4 / (fine**2 + soft**2)
            yield noise**2 * self.real_px**2 * spread / (4 * np.pi)

    def windowed(self, plane: Plane) -> Plane:
        """Means over the window around each px."""
        return _plane(cv2.GaussianBlur(plane, (0, 0), _WINDOW / self.step / np.sqrt(12)))

    def by_region(self, ratio: Plane) -> dict[str, float]:
        """The largest value around each landmark, and elsewhere."""
        place = (np.mgrid[0 : self.side, 0 : self.side] + 0.5) * self.step
        away = np.stack([np.hypot(place[1] - x, place[0] - y) for x, y in TEMPLATE])
        nearest = np.where(away.min(axis=0) <= _REACH, away.argmin(axis=0), len(_PLACES))
        found = dict.fromkeys(_REGIONS, 0.0)
        for number, name in enumerate([*_PLACES, "elsewhere"]):
            found[name] = max(found[name], float(ratio[nearest == number].max()))
        return found


@dataclass(frozen=True)
class _Band:
    """One band of the scan's detail.

    Args:
        detail: what it holds.
        energy: its mean square in the window around each px.
        noise: what of that noise explains.
    """

    detail: Plane
    energy: Plane
    noise: float

    def allowed(self) -> Plane:
        """Energy that noise and cleaning explain."""
        detail = np.maximum(self.energy - self.noise, 0.0)
        return _plane(self.noise + _TOLERANCE**2 * detail)


def _seen_by_band(old: Plane, face: NDArray[np.bool_], view: _View, noise: float) -> list[_Band]:
    bands = []
    for detail, modelled in zip(view.bands(old), view.band_noise(noise), strict=True):
        energy = view.windowed(detail * detail)
        quiet = float(np.quantile(energy[face], _QUIET))
        bands.append(_Band(detail, energy, max(modelled, quiet)))
    return bands


def _residual(scan: list[_Band], new: Plane, view: _View) -> Plane:
    """Energy around each px of what of the scan the result does not repeat."""
    parts = []
    for band, other in zip(scan, view.bands(new), strict=True):
        made, shared = view.windowed(other * other), view.windowed(band.detail * other)
        gain = np.clip(shared / np.maximum(made, 1e-9), 1 / _GAIN[1], 1 / _GAIN[0])
        parts.append(np.maximum(band.energy - 2 * gain * shared + gain * gain * made, 0.0))
    return _sum(parts)


def _sum(planes: Iterable[Plane]) -> Plane:
    return _plane(np.sum(list(planes), axis=0))


def _plane(value: object) -> Plane:
    return np.asarray(value, dtype=np.float32)
