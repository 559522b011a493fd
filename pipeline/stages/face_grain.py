"""Grain for a face that a network drew smooth, like the grain around it.

What the print has around the face is measured in its smoothest parts, frequency by frequency
(`measure/noise`); white noise is given the same spectrum and laid over the face, as far as the
network took the print's own grain away and as far as it is too fine to be mistaken for features.
Nothing is added to a clean print.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.face_alignment import Alignment, footprint
from pipeline.stages.measure.dct import BLOCK
from pipeline.stages.measure.noise import Noise, frequency, noise_in
from pipeline.stages.measure.sampling import luma_of
from pipeline.stages.resample import resample

Plane = NDArray[np.float32]

TILE = 512
"""px of the square of grain that is laid side by side; it goes on from edge to edge."""

_LEAST = 0.0015
"""Standard deviation, 0..1, below which there is no grain worth matching."""


_MOST_PX = 768
"""px along each side of a part that is looked at."""

_OCTAVES = 4
"""Looked at, from the finest px of the print on."""

_CYCLES = np.hypot(np.arange(BLOCK)[:, None], np.arange(BLOCK)[None, :]) / (2 * BLOCK)
"""Cycles per px of the DCT coefficients of a block."""

_BANDS = ((0.25, 0.35), (0.35, 0.5), (0.5, 0.7))
"""Cycles per px of the bands that a block tells of; the last is in its corner."""

_FINER = 1.4
"""Grain is put back that is so many times finer than the tones that the print keeps. On a portrait
aged eight ways, grain of all sizes undid the likeness that was gained (0.012 in embedding distance
without grain, -0.020 with all, 0.008 with this)."""

_UNBIASED = 5
"""Order of a coefficient (u + v) from which smooth blocks were not chosen by it."""


@dataclass(frozen=True)
class Grain:
    """Grain to be laid on a face.

    Args:
        tile: float32 (512, 512), of mean 0 and the strength of the print's grain, px of the print;
            periodic.
        tones: float64 (T,) ascending lightness where `curve` was measured.
        curve: float64 (T,) grain at these tones as a multiple of the tile's.
        sigma: its standard deviation, 0..1.
    """

    tile: Plane
    tones: NDArray[np.float64]
    curve: NDArray[np.float64]
    sigma: float

    def at(self, rows: slice, columns: slice, lightness: Plane) -> Plane:
        """Grain for a part of the print, float32 (h, w).

        Args:
            rows, columns: px of the print, with a start and a stop.
            lightness: float32 (h, w) of that part, 0..1.
        """
        down, across = (np.arange(part.start, part.stop) % TILE for part in (rows, columns))
        strength = np.interp(lightness, self.tones, self.curve).astype(np.float32)
        laid: Plane = self.tile[np.ix_(down, across)] * strength
        return laid


def grain_around(photo: Photo, alignment: Alignment, kept_px: float) -> Grain | None:
    """The grain that a face needs to sit in its print, or None where the print is clean.

    At no frequency more than the face itself has now: what lies around may be gravel or lace.

    Args:
        photo: the print as the faces stage got it.
        alignment: where the face lies.
        kept_px: blur, standard deviation in px of the template, above which the face keeps the
            print's tones and with them the print's grain (`face_colour.kept_px`).
    """
    rows, columns = footprint(alignment, photo.samples.shape)
    around = _spectrum(_around(photo, rows, columns))
    if around is None:
        return None
    own = _spectrum([luma_of(photo, _middle(rows, columns))])
    amplitude = _amplitude(around if own is None else _no_more_than(around, own))
    amplitude *= _lost(alignment, kept_px)
    sigma = float(np.sqrt(np.mean(amplitude**2)))
    if sigma < _LEAST:
        return None
    place = f"{rows.start},{rows.stop},{columns.start},{columns.stop}"
    tile = _tile(amplitude, crc32(place.encode()))
    return Grain(tile, around.noise.tones, around.noise.curve, sigma)


@dataclass(frozen=True)
class _Spectrum:
    """Grain by frequency.

    Args:
        cycles: float64 (n,) ascending, cycles per px of the print.
        power: float64 (n,) variance of a px if all frequencies had as much.
        noise: as measured at the print's own px.
    """

    cycles: NDArray[np.float64]
    power: NDArray[np.float64]
    noise: Noise

    def at(self, cycles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power at other frequencies; beyond those that were measured, that of the last."""
        return np.asarray(np.interp(np.log(cycles), np.log(self.cycles), self.power))


def _spectrum(planes: list[Plane]) -> _Spectrum | None:
    """The grain of planes, half an octave at a time, or None when they are too small to tell.

    A block of 8 px shows the finest octave only; the planes are halved for each coarser one.
    """
    first: Noise | None = None
    cycles: list[float] = []
    power: list[float] = []
    for level in range(_OCTAVES):
        noise = noise_in(planes, texture=False)
        if not noise.blocks:
            break
        first = first or noise
        for low, high in _BANDS if level == 0 else _BANDS[:-1]:
            inside = (low <= _CYCLES) & (high > _CYCLES) & (frequency() >= _UNBIASED)
            cycles.append(float(np.sqrt(low * high)) / 2**level)
            power.append(float(np.mean(noise.spectrum[inside] ** 2)) * 4**level)
        planes = [
            resample(plane, max(1, plane.shape[1] // 2), max(1, plane.shape[0] // 2))
            for plane in planes
        ]
    if first is None:
        return None
    order = np.argsort(cycles)
    return _Spectrum(np.array(cycles)[order], np.array(power)[order], first)


def _no_more_than(around: _Spectrum, own: _Spectrum) -> _Spectrum:
    """One spectrum held below another, which may not reach to frequencies as coarse."""
    told = np.maximum(around.cycles, own.cycles[0])
    share = np.minimum(1.0, own.at(told) / np.maximum(around.at(told), 1e-15))
    return _Spectrum(around.cycles, around.power * share, around.noise)


def _around(photo: Photo, rows: slice, columns: slice) -> list[Plane]:
    """Lightness of four bands around a face's footprint, half as wide as it, and of its corners."""
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    reach = max(24, min(high, wide) // 3)
    outer_rows = slice(max(0, rows.start - reach), min(photo.height, rows.stop + reach))
    outer = slice(max(0, columns.start - reach), min(photo.width, columns.stop + reach))
    inset_r, inset_c = high // 8, wide // 8
    inner_rows = slice(rows.start + inset_r, rows.stop - inset_r)
    inner = slice(columns.start + inset_c, columns.stop - inset_c)
    bands = (
        (slice(outer_rows.start, inner_rows.start), outer),
        (slice(inner_rows.stop, outer_rows.stop), outer),
        (inner_rows, slice(outer.start, inner.start)),
        (inner_rows, slice(inner.stop, outer.stop)),
    )
    return [
        luma_of(photo, (_bounded(band[0]), _bounded(band[1])))
        for band in bands
        if all(part.stop - part.start >= 2 * BLOCK for part in band)
    ]


def _middle(rows: slice, columns: slice) -> tuple[slice, slice]:
    """The middle of a footprint, where the face is."""
    inset = (rows.stop - rows.start) // 5, (columns.stop - columns.start) // 5
    return (
        _bounded(slice(rows.start + inset[0], rows.stop - inset[0])),
        _bounded(slice(columns.start + inset[1], columns.stop - inset[1])),
    )


def _bounded(part: slice) -> slice:
    """The middle of a stretch of px that is longer than need be looked at."""
    spare = max(0, part.stop - part.start - _MOST_PX)
    return slice(part.start + spare // 2, part.stop - (spare - spare // 2))


def _lost(alignment: Alignment, kept_px: float) -> NDArray[np.float64]:
    """Share of the print's grain that is put back on a face, float64 (512, 512) by frequency.

    What is finer than the template's px was never taken from the print, nor were coarse tones;
    and grain nearly as coarse as those would pass for wrinkles and change who it seems to be.
    """
    cycles = _radius()
    fine = 1 - np.exp(-2 * (np.pi * kept_px / _FINER / alignment.scale * cycles) ** 2)
    if alignment.scale < 1.0:
        fine *= np.exp(-np.log(2) * (cycles / (0.5 * alignment.scale)) ** 4)
    return np.asarray(fine)


def _amplitude(spectrum: _Spectrum) -> NDArray[np.float64]:
    """Standard deviation by frequency, float64 (512, 512) as `numpy.fft` orders them."""
    held = np.clip(_radius(), spectrum.cycles[0], spectrum.cycles[-1])
    return np.sqrt(spectrum.at(held))


def _radius() -> NDArray[np.float64]:
    """Cycles per px of each place of a (512, 512) transform."""
    along = np.fft.fftfreq(TILE)
    return np.asarray(np.hypot(along[:, None], along[None, :]))


def _tile(amplitude: NDArray[np.float64], seed: int) -> Plane:
    """A periodic square of noise with a given standard deviation by frequency."""
    white = np.random.default_rng(seed).standard_normal((TILE, TILE))
    shaped = np.fft.fft2(white) * amplitude
    shaped[0, 0] = 0.0
    return np.asarray(np.fft.ifft2(shaped).real, dtype=np.float32)
