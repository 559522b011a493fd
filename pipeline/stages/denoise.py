"""Denoise: lower grain and sensor noise where it was measured, leave texture and edges.

Sliding 8x8 DCT denoising (Yu, Sapiro 2011, doi:10.5201/ipol.2011.ys-dct) in two passes: a hard
threshold makes a pilot picture, an empirical Wiener gain from the pilot makes the result. The
threshold follows the noise as measured, per frequency and per tone, so coarse film grain is
treated as what it is. Works in float on lightness and colour difference planes, in strips.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.fft import dctn, idctn

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.measure.noise import BLOCK, Noise, noise_of

Plane = NDArray[np.float32]

_STRIP_ROWS = 256
_MARGIN = 16
_PILOT_THRESHOLD = 2.5
_GRAIN_SURVIVES = 0.8
_COARSE_CARE = 0.7  # coarse grain and fine texture look alike: rather leave some of it


class Options(StageOptions):
    """How much noise is taken away, and when the picture counts as clean."""

    strength: float = Field(
        default=1.0, ge=0.0, le=2.0, description="noise assumed, as a multiple of that measured"
    )
    colour_strength: float = Field(
        default=1.2, ge=0.0, le=3.0, description="the same for colour noise"
    )
    keep_grain: float = Field(
        default=0.8,
        ge=0.0,
        le=10.0,
        description="grain left so that surfaces do not turn to wax, in 255ths of full scale",
    )
    least_sigma: float = Field(
        default=1.5,
        ge=0.0,
        le=20.0,
        description="lightness noise below which the print is left alone, in 255ths of full scale",
    )
    least_colour_sigma: float = Field(
        default=1.0, ge=0.0, le=20.0, description="the same for colour noise, in 255ths"
    )
    octaves: int = Field(
        default=2, ge=1, le=4, description="how many octaves of grain size are treated"
    )


def denoise(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Denoise a print.

    Args:
        photo: any photo; a monochrome one stays exactly grey.
        options: see `Options`.
        tools: only the progress listener is used, one unit per plane.

    Returns:
        The photo untouched ("skipped") when its noise is below the options' limits. Measures:
        noise before and after in 255ths of full scale, for lightness and colour.
    """
    planes = _planes(photo)
    noises = [_strongest(plane, options.octaves) for plane in planes]
    measures = {"noise_255": _noise_255(noises)}
    limits = [options.least_sigma, options.least_colour_sigma, options.least_colour_sigma]
    strengths = [options.strength, options.colour_strength, options.colour_strength]
    due = [
        n * 255 >= limit and s > 0 for n, limit, s in zip(noises, limits, strengths, strict=False)
    ]
    if not any(due):
        return skipped(photo, f"no noise worth removing ({_told(noises)})", **measures)
    tools.progress.begin("denoise", len(planes), "planes")
    results = []
    for plane, noise, wanted, strength in zip(planes, noises, due, strengths, strict=False):
        clean = denoise_plane(plane, strength, options.octaves) if wanted else plane
        if wanted:
            clean = clean + np.float32(_kept_share(options.keep_grain / 255, noise)) * (
                plane - clean
            )
        results.append(clean)
        tools.progress.advance()
    after = [_strongest(plane, options.octaves) for plane in results]
    measures["noise_after_255"] = _noise_255(after)
    reason = f"noise {_told(noises)} lowered to {_told(after)}"
    return applied(photo.with_pixels(_picture(results)), reason, **measures)


def denoise_plane(plane: Plane, strength: float, octaves: int = 1) -> Plane:
    """Denoise one plane, coarse grain first.

    Args:
        plane: float32 (H, W).
        strength: multiple of the measured noise that is assumed.
        octaves: 1 treats noise of up to about 8 px; every further octave doubles that by
            cleaning the plane's half-size average first.

    Returns:
        float32 (H, W); the plane itself when nothing could be measured.
    """
    noise = noise_of(plane)
    if octaves > 1 and min(plane.shape) >= 8 * BLOCK:
        half = _halved(plane)
        # Averaging halves white noise. Only grain of several px survives it.
        if noise_of(half).sigma > _GRAIN_SURVIVES * noise.sigma:
            change = denoise_plane(half, strength * _COARSE_CARE, octaves - 1) - half
            plane = plane + _resized(change, plane.shape)
            noise = noise_of(plane)
    if noise.blocks == 0 or not noise.spectrum.any():
        return plane
    out = np.empty_like(plane)
    for top in range(0, plane.shape[0], _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, plane.shape[0])
        out[top:bottom] = _strip(plane, top, bottom, noise, strength)
    return out


def _strip(plane: Plane, top: int, bottom: int, noise: Noise, strength: float) -> Plane:
    """Rows top..bottom denoised, seen with enough rows around to be the same as the whole."""
    # The strip begins on a multiple of the block so that every strip uses the same block grid.
    above = min(_MARGIN, top)
    below = min(_MARGIN, plane.shape[0] - bottom)
    part = plane[top - above : bottom + below]
    tall = -(-part.shape[0] // BLOCK) * BLOCK + BLOCK
    wide = -(-part.shape[1] // BLOCK) * BLOCK + BLOCK
    padded = (
        cv2.copyMakeBorder(
            part, BLOCK, tall - part.shape[0], BLOCK, wide - part.shape[1], cv2.BORDER_REFLECT_101
        )
        if min(part.shape) > BLOCK
        else cv2.copyMakeBorder(
            part, BLOCK, tall - part.shape[0], BLOCK, wide - part.shape[1], cv2.BORDER_REPLICATE
        )
    )
    result = _two_passes(np.asarray(padded, np.float32), noise, strength)
    return result[BLOCK + above : BLOCK + above + bottom - top, BLOCK : BLOCK + plane.shape[1]]


def _two_passes(plane: Plane, noise: Noise, strength: float) -> Plane:
    deviation = (noise.spectrum * strength).astype(np.float32)
    pilot = np.zeros_like(plane)
    weight = np.zeros_like(plane)
    for y, x in _SHIFTS:
        view = _blocks_at(plane, y, x)
        spectrum = _forward(view)
        limit = _tone_factor(spectrum, noise)[:, None, :, None] * deviation[None, :, None, :]
        keep = np.abs(spectrum) > _PILOT_THRESHOLD * limit
        keep[:, 0, :, 0] = True
        trust = 1.0 / np.maximum(keep.sum(axis=(1, 3), dtype=np.float32), 1.0)
        kept = np.asarray(spectrum * keep, np.float32)
        _deposit(pilot, weight, _inverse(kept), trust, y, x)
    pilot /= np.maximum(weight, 1e-12)
    pilot[weight == 0] = plane[weight == 0]
    result = np.zeros_like(plane)
    weight[:] = 0
    for y, x in _SHIFTS:
        spectrum = _forward(_blocks_at(plane, y, x))
        guide = _forward(_blocks_at(pilot, y, x))
        factor = _tone_factor(guide, noise)[:, None, :, None]
        variance = (factor * deviation[None, :, None, :]) ** 2
        power = guide * guide
        gain = np.asarray(power / (power + variance + np.float32(1e-12)), np.float32)
        gain[:, 0, :, 0] = 1.0
        trust = 1.0 / np.maximum((gain * gain).sum(axis=(1, 3)), 1.0)
        _deposit(result, weight, _inverse(np.asarray(spectrum * gain, np.float32)), trust, y, x)
    result /= np.maximum(weight, 1e-12)
    result[weight == 0] = plane[weight == 0]
    return result


_SHIFTS = tuple((y, x) for y in (0, 4) for x in (0, 4))


def _blocks_at(plane: Plane, y: int, x: int) -> Plane:
    """(rows, 8, columns, 8) view of the whole blocks of the grid that starts at (y, x)."""
    rows = (plane.shape[0] - y) // BLOCK
    columns = (plane.shape[1] - x) // BLOCK
    part = plane[y : y + rows * BLOCK, x : x + columns * BLOCK]
    return np.ascontiguousarray(part).reshape(rows, BLOCK, columns, BLOCK)


# scipy's transform runs on one thread and so gives the same bits on every machine load; products
# with an 8x8 matrix through a threaded BLAS were several times slower on a busy machine.
def _forward(blocks: Plane) -> Plane:
    return np.asarray(dctn(blocks, axes=(1, 3), norm="ortho"), np.float32)


def _inverse(spectrum: Plane) -> Plane:
    return np.asarray(idctn(spectrum, axes=(1, 3), norm="ortho"), np.float32)


def _tone_factor(spectrum: Plane, noise: Noise) -> Plane:
    """(rows, columns): how much noisier a block of this mean is than the plane as a whole."""
    means = spectrum[:, 0, :, 0] / BLOCK
    return np.interp(means, noise.tones, noise.curve).astype(np.float32)


def _deposit(total: Plane, weight: Plane, blocks: Plane, trust: Plane, y: int, x: int) -> None:
    rows, _, columns, _ = blocks.shape
    window = (slice(y, y + rows * BLOCK), slice(x, x + columns * BLOCK))
    shape = (rows * BLOCK, columns * BLOCK)
    spread = np.broadcast_to(trust[:, None, :, None], blocks.shape)
    total[window] += (blocks * spread).reshape(shape)
    weight[window] += spread.reshape(shape)


def _kept_share(grain: float, noise: float) -> float:
    """Share of what was taken away to put back, so that about `grain` of noise remains."""
    return min(0.5, grain / noise) if noise > 0 else 0.0


def _planes(photo: Photo) -> list[Plane]:
    if photo.monochrome:
        return [np.ascontiguousarray(photo.pixels[..., 1])]
    return [
        np.ascontiguousarray(p)
        for p in cv2.split(cv2.cvtColor(np.ascontiguousarray(photo.pixels), cv2.COLOR_RGB2YCrCb))
    ]


def _picture(planes: list[Plane]) -> NDArray[np.float32]:
    if len(planes) == 1:
        return np.repeat(planes[0][..., None], 3, axis=2)
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2RGB), np.float32)


def _halved(plane: Plane) -> Plane:
    return _resized(plane, ((plane.shape[0] + 1) // 2, (plane.shape[1] + 1) // 2), cv2.INTER_AREA)


def _resized(plane: Plane, shape: tuple[int, ...], how: int = cv2.INTER_CUBIC) -> Plane:
    return np.asarray(cv2.resize(plane, (shape[1], shape[0]), interpolation=how), np.float32)


def _strongest(plane: Plane, octaves: int) -> float:
    """The plane's noise, 0..1: the largest of the fine noise at each octave."""
    sigma = noise_of(plane).sigma
    for _ in range(octaves - 1):
        plane = _halved(plane)
        sigma = max(sigma, noise_of(plane).sigma)
    return sigma


def _noise_255(noises: list[float]) -> dict[str, float]:
    colour = max(noises[1:], default=0.0)
    return {"lightness": round(noises[0] * 255, 2), "colour": round(colour * 255, 2)}


def _told(noises: list[float]) -> str:
    colour = max(noises[1:], default=0.0) * 255
    return f"{noises[0] * 255:.1f}/255 in lightness, {colour:.1f} in colour"


STAGE = Stage(name="denoise", version=1, options=Options, run=denoise)
