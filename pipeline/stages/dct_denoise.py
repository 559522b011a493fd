"""Denoising of one plane by sliding 8x8 DCT, coarse grain first.

Two passes (Yu, Sapiro 2011, doi:10.5201/ipol.2011.ys-dct): a hard threshold makes a pilot picture,
an empirical Wiener gain from the pilot makes the result. The threshold follows the noise as
measured, per frequency and per tone, so coarse film grain is treated as what it is.

`pilot` is a single pass with more overlap, for another way to go on from (`similar_blocks`).

Blocks begin at the multiples of 4 px, those of `pilot` at multiples of 2. What becomes of a px
depends on nothing further away than `margin` says, so a picture may be cut into pieces at multiples
of 64 px.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.block_windows import divide, no_weight, windows
from pipeline.stages.measure.dct import BLOCK, forward, inverse
from pipeline.stages.measure.noise import Noise, noise_in

Plane = NDArray[np.float32]

_PILOT_THRESHOLD = 2.5
_GRAIN_SURVIVES = 0.8
_COARSE_CARE = 0.7  # coarse grain and fine texture look alike: rather leave some of it
_STEP = 4
_PILOT_STEP = 2
_SINGLE_THRESHOLD = 2.7
_REACH = 16  # 14 px: a block around the px, and a block around each px of that; to whole blocks
_TONES = 4095
_ONES = np.ones(BLOCK, np.float32)


@dataclass(frozen=True)
class Grain:
    """What is to be taken out of a plane.

    Args:
        noise: as measured after the coarser grain is gone.
        strength: multiple of it that is assumed.
        coarser: the grain to take out of the plane at half its size first, or None.
    """

    noise: Noise
    strength: float
    coarser: Grain | None = None

    @property
    def depth(self) -> int:
        """Octaves of grain size: 1, and 1 more for each half size."""
        return 1 if self.coarser is None else 1 + self.coarser.depth


def margin(depth: int) -> int:
    """px around a px that decide what becomes of it, as a multiple of the block at every octave."""
    if depth <= 1:
        return _REACH
    grid = BLOCK << (depth - 1)
    return -(-(_REACH + 2 * margin(depth - 1)) // grid) * grid


def octave_noises(tiles: Sequence[Plane], octaves: int, texture: bool = True) -> list[Noise]:
    """The noise of tiles of a plane, float32 (H, W) each, at full size, half size and so on.

    Of a picture that may be all texture, at full size only; `texture` says if that is thought of.
    """
    noises = [noise_in(tiles, texture=texture)]
    for _ in range(octaves - 1):
        if noises[0].textured:
            break  # at half its size a texture looks even more like grain
        tiles = [_halved(tile) for tile in tiles]
        noises.append(noise_in(tiles, texture=False))
    return noises


def grain_in(tiles: Sequence[Plane], noises: Sequence[Noise], strength: float) -> Grain:
    """Tell from tiles of a plane what is to be taken out of it.

    Args:
        tiles: float32 (H, W) each.
        noises: their noise at every octave that may be treated, as by `octave_noises`. One
            treats noise of up to about 8 px; every further one doubles that.
        strength: multiple of the measured noise that is assumed.
    """
    noise = noises[0]
    smallest = min(min(tile.shape) for tile in tiles)
    # Averaging halves white noise. Only grain of several px survives it.
    survives = len(noises) > 1 and noises[1].sigma > _GRAIN_SURVIVES * noise.sigma
    if not survives or smallest < 8 * BLOCK:
        return Grain(noise, strength)
    halves = [_halved(tile) for tile in tiles]
    coarser = grain_in(halves, noises[1:], strength * _COARSE_CARE)
    finer = noise_in([_without_coarse(tile, coarser) for tile in tiles], texture=False)
    return Grain(finer, strength, coarser)


def cleaned(plane: Plane, grain: Grain) -> Plane:
    """Take grain out of a plane.

    Args:
        plane: float32 (H, W).
        grain: as measured.

    Returns:
        float32 (H, W); the plane itself when nothing is known of its noise.
    """
    plane = without_coarse(plane, grain)
    return plane if _unknown(grain) else _worked(plane, grain, _two_passes, _STEP)


def pilot(plane: Plane, grain: Grain) -> Plane:
    """A first guess at a plane without its grain, from many overlapping blocks in one pass.

    Args:
        plane: float32 (H, W), as `without_coarse` gives it.
        grain: as measured; only its finest part counts.
    """
    return plane if _unknown(grain) else _worked(plane, grain, _one_pass, _PILOT_STEP)


def without_coarse(plane: Plane, grain: Grain) -> Plane:
    """A plane without what is coarser than the finest part of its grain."""
    return plane if grain.coarser is None else _without_coarse(plane, grain.coarser)


def _unknown(grain: Grain) -> bool:
    return grain.noise.blocks == 0 or not grain.noise.spectrum.any()


def _worked(
    plane: Plane, grain: Grain, passes: Callable[[Plane, Grain], Plane], step: int
) -> Plane:
    """What `passes` make of a plane with its surroundings, in blocks every `step` px."""
    height, width = plane.shape
    rows, columns = _whole_blocks(height, width)
    beyond = BLOCK - step
    padded = cv2.copyMakeBorder(
        plane,
        BLOCK,
        rows * BLOCK + beyond - BLOCK - height,
        BLOCK,
        columns * BLOCK + beyond - BLOCK - width,
        cv2.BORDER_REFLECT_101,
    )
    result = passes(np.asarray(padded, np.float32), grain)
    return result[BLOCK : BLOCK + height, BLOCK : BLOCK + width]


def _without_coarse(plane: Plane, coarser: Grain) -> Plane:
    half = _halved(plane)
    change = cleaned(half, coarser) - half
    size = (2 * change.shape[1], 2 * change.shape[0])
    doubled = np.asarray(cv2.resize(change, size, interpolation=cv2.INTER_CUBIC), np.float32)
    return plane + doubled[: plane.shape[0], : plane.shape[1]]


def _halved(plane: Plane) -> Plane:
    height, width = plane.shape
    if height % 2 or width % 2:
        # Even, so that px fall on the same places in a piece as in the whole.
        plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _whole_blocks(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of blocks, in each of the shifted grids, for a plane and its surroundings.

    The columns are even in number, for `forward`. All grids reach at least 14 px beyond the
    far edges, so that what happens there does not depend on where the plane begins.
    """
    beyond = BLOCK + 14
    return -(-(height + beyond) // BLOCK), 2 * -(-(width + beyond) // (2 * BLOCK))


def _one_pass(plane: Plane, grain: Grain) -> Plane:
    return _thresholded(plane, grain, _PILOT_STEP, _SINGLE_THRESHOLD)


def _two_passes(plane: Plane, grain: Grain) -> Plane:
    guess = _thresholded(plane, grain, _STEP, _PILOT_THRESHOLD)
    deviation, curve = _deviation(grain), _curve(grain)
    columns = (plane.shape[1] - BLOCK + _STEP) // BLOCK
    variance = np.tile(deviation**2 + 1e-12, columns).astype(np.float32)
    result, weight = np.zeros_like(plane), no_weight(plane, _STEP)
    for window in windows(plane.shape, _STEP):
        spectrum, guide = forward(window.of(plane)), forward(window.of(guess))
        trust = _wiener(spectrum, guide, variance, curve)
        window.deposit(result, weight, inverse(spectrum), trust)
    divide(result, weight, _STEP)
    return result


def _thresholded(plane: Plane, grain: Grain, step: int, threshold: float) -> Plane:
    columns = (plane.shape[1] - BLOCK + step) // BLOCK
    limit = np.tile(threshold * _deviation(grain), columns).astype(np.float32)
    curve = _curve(grain)
    made, weight = np.zeros_like(plane), no_weight(plane, step)
    for window in windows(plane.shape, step):
        spectrum = forward(window.of(plane))
        trust = _threshold(spectrum, limit, curve)
        window.deposit(made, weight, inverse(spectrum), trust)
    divide(made, weight, step)
    return made


def _deviation(grain: Grain) -> NDArray[np.float64]:
    return grain.noise.spectrum * grain.strength


def _curve(grain: Grain) -> Plane:
    tones = np.arange(_TONES + 1) / _TONES
    return np.interp(tones, grain.noise.tones, grain.noise.curve).astype(np.float32)


def _threshold(spectrum: Plane, limit: Plane, curve: Plane) -> Plane:
    """Weak coefficients set to 0, in place; the rest weighted with the trust that is returned."""
    least = _each_px(_tone_factor(spectrum, curve)) * limit
    keep = np.abs(spectrum) > least
    keep[:, 0, ::BLOCK] = True
    kept = np.add.reduce(keep, axis=1, dtype=np.uint8)
    trust = 1.0 / _block_sums(kept.astype(np.float32))
    spectrum *= keep
    spectrum *= _each_px(trust)
    return trust


def _wiener(spectrum: Plane, guide: Plane, variance: Plane, curve: Plane) -> Plane:
    """Coefficients times their Wiener gain, in place, weighted with the trust that is returned."""
    noisy = _each_px(_tone_factor(guide, curve) ** 2) * variance
    guide *= guide
    noisy += guide
    guide /= noisy
    guide[:, 0, ::BLOCK] = 1.0
    spectrum *= guide
    trust = 1.0 / _block_sums(np.einsum("rvx,rvx->rx", guide, guide))
    spectrum *= _each_px(trust)
    return trust


def _tone_factor(spectrum: Plane, curve: Plane) -> Plane:
    """(rows, columns): how much noisier a block of this mean is than the plane as a whole."""
    level = spectrum[:, 0, ::BLOCK] * np.float32(_TONES / BLOCK)
    return np.asarray(curve[np.rint(np.clip(level, 0, _TONES)).astype(np.intp)])


def _each_px(blocks: Plane) -> Plane:
    """(rows, columns) of blocks as (rows, 1, px)."""
    return np.repeat(blocks, BLOCK, axis=1)[:, None, :]


def _block_sums(sums: Plane) -> Plane:
    """(rows, columns) from (rows, px): sums over the 8 px of each block."""
    return np.asarray(np.matmul(sums.reshape(len(sums), -1, BLOCK), _ONES))
