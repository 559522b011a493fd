"""How much real detail a scan holds, told from its spectrum.

A scanner writes as many pixels as it is asked for; the print often holds far fewer. "Detail of
X dpi" means here: as much as a picture that is sharp to the pixel at X px an inch, brought to the
scan's dpi by an interpolation kernel (cubic, Lanczos, linear), or blurred by a lens whose Gaussian
spot is about as wide at half height as one such px. At X/2 cycles an inch the contrast of the
scene is then down to 0.4 to 0.5.

Tiles spread over the picture are looked at, 8 MP in all at most. Those with the most detail show
the spectrum of detail and noise, those with the least that of noise; `detail_end` fits the
end of detail to both. No chart is needed, as in slanted-edge measurement (ISO 12233), because only
the end of the spectrum is sought.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.measure.detail_end import detail_end
from pipeline.stages.measure.spectrum import Curve, Cut, bands, tile_powers

_SMALLEST_TILE = 32

_MOST_TILES = {_SMALLEST_TILE: 400, 64: 400, 128: 180, 256: 76}
"""Tiles of each size at most; the two largest together are 8 MP."""

_LEAST_CYCLES = 8.0
"""Cycles of the finest detail across a tile, below which a tile is too small to tell its end."""

_ENOUGH = {64: 64, 128: 384, 256: 1000}
"""px of the picture's shorter side from which tiles of each size are enough."""

_DETAILED = 0.25
"""Share of the tiles, those with most detail, in which detail is sought."""

_QUIET = 6
"""One tile in so many, those with least detail, tells of noise."""

_UPWARDS = 1.03
"""What is found is raised by so much: detail thought away is lost, detail imagined costs time."""

_PLAIN = 1e-7
"""Power in every band below which a picture has nothing to measure."""


@dataclass(frozen=True)
class RealResolution:
    """What a picture really resolves.

    Args:
        fraction: highest frequency with detail over the Nyquist frequency, 0..1; reducing the
            picture by this factor loses nothing a person could see. 1.0 when nothing could be
            measured.
        width: real width, px: the picture's own width times the fraction.
        height: real height, px.
        dpi: real resolution in samples per inch of paper, or None when the scan's is unknown.
    """

    fraction: float
    width: int
    height: int
    dpi: float | None

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "fraction_of_nyquist": round(self.fraction, 4),
            "real_size_px": [self.width, self.height],
            "real_dpi": None if self.dpi is None else round(self.dpi, 1),
        }


def real_resolution(photo: Photo) -> RealResolution:
    """How much detail a photo really holds, against the pixels it was scanned with.

    Within 20 % of the truth for nine prints in ten, as `tests/benchmarks/resolution.py` measures
    it; time and memory are bounded whatever the size of the photo.
    """

    def cut(rows: slice, columns: slice) -> NDArray[np.float32]:
        return luminance(photo.part(rows, columns))

    return resolution_at(photo, detail_limit_in(cut, photo.height, photo.width)[0])


def resolution_at(photo: Photo, fraction: float) -> RealResolution:
    """The same from a fraction of the Nyquist frequency that is known already."""
    return RealResolution(
        fraction=fraction,
        width=max(1, round(photo.width * fraction)),
        height=max(1, round(photo.height * fraction)),
        dpi=None if photo.dpi is None else float(min(photo.dpi)) * fraction,
    )


def luminance(pixels: Pixels) -> NDArray[np.float32]:
    """Luma (H, W) of float32 (H, W, 3), with the weights of Rec. 601, in the pixels' encoding."""
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return np.asarray(pixels @ weights, dtype=np.float32)


def detail_limit(plane: NDArray[np.float32]) -> tuple[float, int]:
    """Where detail ends in the spectrum of one plane.

    Args:
        plane: float32 (H, W) in 0..1.

    Returns:
        fraction of the Nyquist frequency 0..1, and the number of tiles measured; (1.0, 0) when
        the plane is too small or too plain.
    """

    def cut(rows: slice, columns: slice) -> NDArray[np.float32]:
        return plane[rows, columns]

    return detail_limit_in(cut, *plane.shape)


def detail_limit_in(cut: Cut, height: int, width: int) -> tuple[float, int]:
    """The same from pieces of lightness, cut when they are wanted.

    Args:
        cut: gives pieces of at most 256 x 256 px.
        height, width: px of the whole picture.
    """
    shorter = min(height, width)
    first = _first_size(shorter)
    if first == 0:
        return 1.0, 0
    fraction, tiles = _look(cut, height, width, first)
    if tiles == 0:
        return 1.0, 0
    fractions = []
    for size in _sizes(shorter, first, fraction):
        found, seen = (fraction, 0) if size == first else _look(cut, height, width, size)
        if size == first or seen:
            fractions.append(found)
        tiles += seen
    # Each size of tile errs in its own way; their mean errs less than any.
    return min(1.0, _UPWARDS * float(np.exp(np.mean(np.log(fractions))))), tiles


def _first_size(shorter: int) -> int:
    for tile, needed in ((256, 1400), (128, 384), (64, 64), (_SMALLEST_TILE, _SMALLEST_TILE)):
        if shorter >= needed:
            return tile
    return 0


def _sizes(shorter: int, first: int, fraction: float) -> list[int]:
    """Sizes of tile that suit a picture in which detail ends about here.

    Large tiles need a large picture to be many, unless detail is too coarse for smaller ones.
    """
    fitting = [size for size in (64, 128, 256) if size <= shorter]
    telling = [size for size in fitting if fraction * size / 2 >= _LEAST_CYCLES]
    suited = [
        size
        for size in telling
        if (shorter >= _ENOUGH[size] or size == telling[0]) and (size > 64 or shorter < 1536)
    ]
    return suited or fitting[-1:] or [first]


def _look(cut: Cut, height: int, width: int, tile: int) -> tuple[float, int]:
    """Where detail ends by tiles of one size, and their number; 0 when there is no detail."""
    powers = tile_powers(cut, height, width, tile, _MOST_TILES[tile])
    if powers.mean(axis=0).max() < _PLAIN:
        return 1.0, 0
    fraction = bands(tile).fraction
    # First all but the finest half counts as detail; then what the first fit found to be detail.
    limit = 0.45
    for _ in range(2):
        detailed, quiet, samples = _sorted_out(powers, tile, max(limit, float(fraction[4])))
        found = detail_end(detailed, quiet, fraction, samples)
        limit = 0.9 * found
    return found, len(powers)


def _sorted_out(powers: Curve, tile: int, limit: float) -> tuple[Curve, Curve, Curve]:
    """Power of detailed tiles, of quiet tiles, and the independent readings in the former."""
    of = bands(tile)
    detail = of.fraction <= limit
    # Weighted towards fine detail: a soft gradient has much power and says nothing.
    busyness = (powers * of.fraction**3)[:, detail].mean(axis=1)
    order = np.argsort(busyness, kind="stable")
    count = max(2, int(len(order) * _DETAILED))
    detailed = powers[order[-count:]].mean(axis=0)
    quiet = np.zeros_like(detailed)
    if len(order) >= 4:
        quiet = np.median(powers[order[: max(2, len(order) // _QUIET)]], axis=0)
    return detailed, quiet, of.samples * (count / 2)  # tiles overlap, so two of them are one
