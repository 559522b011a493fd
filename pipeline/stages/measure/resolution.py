"""How much real detail a scan holds, told from its spectrum.

A scanner writes as many pixels as it is asked for; the print often holds far fewer. Edges have
an amplitude spectrum that falls as 1/f (power in two dimensions as 1/f^3), so the power of
detailed tiles, less the power of quiet tiles (grain, sensor noise), multiplied by f^3 is the
squared modulation transfer of everything between the subject and the file. Where it has fallen
to a tenth, detail ends. The idea of reading sharpness off natural edges is that of slanted-edge
measurement (ISO 12233); no chart is needed because only the *end* of the spectrum is sought.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels

_TRANSFER_END = 0.1
"""Squared modulation transfer at which detail is said to end (a transfer of about 0.3)."""

_ABOVE_NOISE = 1.6
"""Power of detailed tiles over power of quiet tiles, below which nothing but noise is left."""

_MOST_TILES = 400
_SMALLEST_TILE = 32


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

    Accurate to about a third in tests on known enlargements with noise and JPEG; it errs on the
    side of more detail.
    """
    return resolution_at(photo, detail_limit(luminance(photo.pixels))[0])


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
    tile = _tile_size(min(plane.shape))
    if tile < _SMALLEST_TILE:
        return 1.0, 0
    spectra = np.array([_radial_power(piece) for piece in _tiles(plane, tile)])
    frequency = np.arange(spectra.shape[1]) / tile
    low_half = (frequency >= 2 / tile) & (frequency <= 0.25)
    # Weighted towards fine detail: a soft gradient has much power and says nothing.
    busyness = (spectra * frequency**3)[:, low_half].sum(axis=1)
    order = np.argsort(busyness, kind="stable")
    detailed = spectra[order[-max(2, len(order) // 4) :]].mean(axis=0)
    quiet = np.median(spectra[order[: max(2, len(order) // 6)]], axis=0)
    if len(order) < 4:
        quiet = np.zeros_like(quiet)
    transfer = np.maximum(detailed - quiet, 0.0) * frequency**3
    transfer = np.convolve(transfer, np.ones(3) / 3, mode="same")
    first = 2
    plateau = np.sort(transfer[first : max(first + 4, int(0.12 * tile))])[-4:].mean()
    if detailed[first:].max() < 1e-7 or plateau <= 0:
        return 1.0, 0
    ends = (transfer < _TRANSFER_END * plateau) | (detailed < _ABOVE_NOISE * quiet)
    # Three frequencies in a row, so that one notch (an interpolation kernel's zero) is no end.
    run = np.convolve(ends[first:], np.ones(3), mode="valid") >= 3
    if not run.any():
        return 1.0, len(order)
    limit = first + int(np.argmax(run))
    return min(1.0, float(2 * frequency[limit])), len(order)


def _tile_size(shorter_side: int) -> int:
    for tile, needed in ((256, 1536), (128, 384), (64, 128), (_SMALLEST_TILE, _SMALLEST_TILE)):
        if shorter_side >= needed:
            return tile
    return 0


def _tiles(plane: NDArray[np.float32], tile: int) -> Iterator[NDArray[np.float32]]:
    """Tiles of a regular grid, at most _MOST_TILES, half again as dense as edge to edge."""
    height, width = plane.shape
    rows, columns = (max(1, int(np.ceil(side / tile * 1.5))) for side in (height, width))
    thin = max(1.0, float(np.sqrt(rows * columns / _MOST_TILES)))
    tops = np.linspace(0, height - tile, max(1, int(rows / thin))).astype(int)
    lefts = np.linspace(0, width - tile, max(1, int(columns / thin))).astype(int)
    for top in tops:
        for left in lefts:
            yield plane[top : top + tile, left : left + tile]


def _radial_power(piece: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean power at each whole frequency (cycles per tile), 0..tile/2, of a windowed square."""
    tile = piece.shape[0]
    slope = np.hanning(tile + 2)[1:-1]
    window = np.outer(slope, slope)
    window /= np.sqrt((window**2).mean())
    centred = piece.astype(np.float64) - float(piece.mean())
    power = np.abs(np.fft.fft2(centred * window)) ** 2 / tile**2
    axis = np.fft.fftfreq(tile) * tile
    radius = np.rint(np.hypot(axis[:, None], axis[None, :])).astype(int).ravel()
    bins = tile // 2 + 1
    total = np.bincount(radius, power.ravel())[:bins]
    return np.asarray(total / np.bincount(radius)[:bins], dtype=np.float64)
