"""How noisy a plane is, at which frequencies and at which tones.

The smoothest 8x8 blocks of a picture hold little but noise. Their DCT coefficients give its
amplitude per frequency, so that white sensor noise and coarse film grain are told apart. The
choice of blocks follows their coarse frequencies only, which leaves the fine ones unbiased; it
is the idea of weak-texture patches (Liu, Tanaka, Okutomi 2013, doi:10.1109/TIP.2013.2283400)
in a cheaper basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from pipeline.stages.measure.dct import BLOCK, of_blocks

_TONES = 6
_SMOOTHEST = 0.1
_FEWEST = 24
_ENOUGH = 40_000
_SURE = 200.0
_COMPARED = tuple(range(5, 15))
_TEXTURE_FALL = 3.0
_NOISIEST = 1.8
_STEEP = 1.8
_UNLIKE = 0.45
_SCENE = 0.6
_NOISE_OF_TEXTURE = 0.25
_MAD = 0.67448975


@dataclass(frozen=True)
class Noise:
    """The noise of one plane.

    Args:
        sigma: standard deviation, in the plane's units (0..1), of the finer half of the
            frequencies, over all tones.
        coarse: the same for the coarser half; well above `sigma` when the noise is grain that
            spans several px (or when the picture has no smooth part).
        tones: float64 (T,) ascending block means where `curve` was measured.
        curve: float64 (T,) noise at these tones as a multiple of the overall noise.
        spectrum: float64 (8, 8) standard deviation per DCT frequency (orthonormal DCT-II).
        blocks: how many blocks were smooth enough to measure on; 0 means nothing is known.
        textured: a texture all over may be in it; only what is white of it was counted.
    """

    sigma: float
    coarse: float
    tones: NDArray[np.float64]
    curve: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    blocks: int
    textured: bool = False


def frequency() -> NDArray[np.int64]:
    """int (8, 8): u + v of every DCT coefficient."""
    k = np.arange(BLOCK)
    return k[:, None] + k[None, :]


def noise_of(plane: NDArray[np.float32]) -> Noise:
    """Measure the noise of a plane.

    Args:
        plane: float32 (H, W); any range, but values within 0.002 of 0 or 1 count as clipped and
            blocks with such values are left out. At least 16x16 px, else nothing is known.

    Returns:
        The noise; all zero with `blocks == 0` when the plane is too small or wholly clipped.
    """
    return noise_in([plane])


def noise_in(planes: Sequence[NDArray[np.float32]], *, texture: bool = True) -> Noise:
    """Measure the noise that several planes share: the tiles of one picture.

    Args:
        planes: float32 (H, W) each, as for `noise_of`.
        texture: whether a texture all over is thought of; colour differences hold none.
    """
    coefficients, means = _block_spectra(planes)
    if len(means) < _FEWEST:
        return _nothing_known()
    order = frequency()
    coarse_energy = (coefficients[:, (order > 0) & (order <= 4)] ** 2).sum(axis=1)
    smooth, tones, curve = _smoothest_by_tone(coefficients, means, coarse_energy, order)
    spectrum = np.median(np.abs(coefficients[smooth]), axis=0) / _MAD
    spectrum = _evened(_fill_coarsest(spectrum.astype(np.float64), order), len(smooth))
    factor = np.interp(means[smooth], tones, curve)
    textured = (
        texture
        and _all_alike(coefficients, coarse_energy)
        and _may_be_texture(coefficients[smooth], factor, spectrum)
    )
    if textured:
        # The rest may be grass, gravel or cloth all over; of what is white, some is noise.
        white = _NOISE_OF_TEXTURE * float(spectrum[order >= 12].min())
        spectrum = np.where(order > 0, np.minimum(spectrum, white), 0.0)
    fine = order >= BLOCK
    sigma = float(np.sqrt(np.mean(spectrum[fine] ** 2)))
    coarse = float(np.sqrt(np.mean(spectrum[~fine & (order > 0)] ** 2)))
    return Noise(sigma, coarse, tones, curve, spectrum, len(smooth), textured)


def _may_be_texture(
    smooth: NDArray[np.float32], factor: NDArray[np.float64], spectrum: NDArray[np.float64]
) -> bool:
    """Whether what the smoothest blocks hold may as well be a texture that is everywhere.

    Noise is alike in all blocks, so its energy differs from one to the next by no more than chance
    lets it (0.24 for the logarithm of 36 squares; a little more as tones differ). A texture's
    differs more, and falls off towards fine frequencies.
    """
    fine = (frequency() >= BLOCK) & (spectrum > 0)
    if not fine.any():
        return False
    middle = float(np.median(spectrum[(frequency() >= 3) & (frequency() <= 5)]))
    if middle < _STEEP * float(np.median(spectrum[fine])):
        return False
    share = (smooth[:, fine] / spectrum[fine] / np.maximum(factor, 1e-3)[:, None]) ** 2
    return float(np.std(np.log(share.mean(axis=1) + 1e-12))) > _UNLIKE


def _all_alike(coefficients: NDArray[np.float32], coarse_energy: NDArray[np.float32]) -> bool:
    """Whether fine detail comes and goes without coarse detail.

    A scene has smooth parts and edges, which hold much of both; grass and gravel have neither.
    """
    fine = (coefficients[:, frequency() >= BLOCK] ** 2).mean(axis=1)
    one, other = np.log(coarse_energy + 1e-12), np.log(fine + 1e-12)
    if min(np.ptp(one), np.ptp(other)) < 1e-3:
        return False  # nothing comes and goes: a flat picture
    return bool(np.corrcoef(one, other)[0, 1] < _SCENE)


def _nothing_known() -> Noise:
    return Noise(0.0, 0.0, np.zeros(1), np.ones(1), np.zeros((BLOCK, BLOCK)), 0)


def _block_spectra(
    planes: Sequence[NDArray[np.float32]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coefficients (N, 8, 8) and means (N,) of unclipped blocks off the JPEG grid."""
    blocks = np.concatenate([_blocks(plane) for plane in planes])
    if len(blocks) > _ENOUGH:
        blocks = blocks[:: len(blocks) // _ENOUGH]
    clipped = ((blocks < 0.002) | (blocks > 0.998)).any(axis=(1, 2))
    blocks = blocks[~clipped]
    return of_blocks(blocks), blocks.mean(axis=(1, 2))


def _blocks(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 8, 8): the whole blocks of a plane, off the JPEG grid."""
    offset = 4  # straddles the 8 px grid of JPEG, whose quantisation would hide the noise
    rows = (plane.shape[0] - offset) // BLOCK
    columns = (plane.shape[1] - offset) // BLOCK
    if rows < 1 or columns < 1:
        return np.zeros((0, BLOCK, BLOCK), np.float32)
    inner = plane[offset : offset + rows * BLOCK, offset : offset + columns * BLOCK]
    return inner.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _smoothest_by_tone(
    coefficients: NDArray[np.float32],
    means: NDArray[np.float32],
    energy: NDArray[np.float32],
    order: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Indices of the smoothest blocks, and how the noise varies with tone."""
    keep = max(_FEWEST, int(len(means) * _SMOOTHEST))
    smooth = np.argsort(energy, kind="stable")[:keep]
    overall = _powers(coefficients[smooth], order)
    edges = np.quantile(means, np.linspace(0, 1, _TONES + 1))
    tones: list[float] = []
    curve: list[float] = []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((means >= low) & (means <= high))
        if len(inside) < _FEWEST or not overall.all():
            continue
        calm = inside[np.argsort(energy[inside], kind="stable")]
        calm = calm[: max(_FEWEST, int(len(inside) * _SMOOTHEST))]
        here = _without_texture(_powers(coefficients[calm], order), overall)
        tone = float(means[calm].mean())
        if not tones or tone > tones[-1]:
            tones.append(tone)
            # A tone without any smooth part would read fine texture as noise: held in bounds.
            curve.append(float(np.clip(here, 0.3, _NOISIEST)))
    if not tones:
        return smooth, np.zeros(1), np.ones(1)
    return smooth, np.array(tones), _smoothed(np.array(curve), len(smooth))


def _powers(coefficients: NDArray[np.float32], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Power at each of the orders that tones are compared in, float64 (10,)."""
    found = [np.median(np.abs(coefficients[:, order == o])) / _MAD for o in _COMPARED]
    return np.array(found, dtype=np.float64) ** 2


def _without_texture(here: NDArray[np.float64], overall: NDArray[np.float64]) -> float:
    """How much noisier a tone is than the whole, when some of its power may be texture.

    Texture's power falls with about the cube of frequency, whatever the noise does: what of the
    ratio follows that is not noise.
    """
    ratio = here / overall
    orders = np.array(_COMPARED, dtype=np.float64)
    texture = (orders / orders[0]) ** -_TEXTURE_FALL * overall[0] / overall
    # Few coefficients have the finest orders, and a ratio's error is a share of it.
    weight = np.sqrt(2.0 * BLOCK - 1.0 - orders) / np.maximum(ratio, 1e-9)
    if np.ptp(texture) < 0.2 * texture.mean():
        return float(np.sqrt(np.median(ratio)))  # grain so coarse that it falls off as texture does
    both = np.stack([np.ones_like(ratio), texture], axis=1) * weight[:, None]
    shares, _ = nnls(both, ratio * weight)
    return float(np.sqrt(shares[0]))


def _smoothed(curve: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
    """A curve evened over neighbouring tones where few blocks made it; it varies slowly."""
    if len(curve) < 3:
        return curve
    around = np.convolve(np.pad(curve, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    share = _few(blocks)
    return np.asarray((1 - share) * curve + share * around)


def _evened(spectrum: NDArray[np.float64], blocks: int) -> NDArray[np.float64]:
    """A spectrum evened over neighbouring frequencies where few blocks made it."""
    if not spectrum.any():
        return spectrum
    filled = spectrum.copy()
    filled[0, 0] = (spectrum[0, 1] + spectrum[1, 0]) / 2
    padded = np.pad(filled, 1, mode="symmetric")
    weights = np.outer([1, 2, 1], [1, 2, 1]) / 16
    around = sum(
        weights[v, u] * padded[v : v + BLOCK, u : u + BLOCK] for v in range(3) for u in range(3)
    )
    share = _few(blocks)
    even = np.asarray((1 - share) * spectrum + share * around, dtype=np.float64)
    even[0, 0] = 0.0
    return even


def _few(blocks: int) -> float:
    """0..1: how much a value from so many blocks is left to chance."""
    return 1.0 / (1.0 + blocks / _SURE)


def _fill_coarsest(spectrum: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Coefficients the blocks were chosen by are biased: filled from the next finer ones.

    Grain is white noise blurred by a spot, so the logarithm of its amplitude falls with the square
    of frequency: where it does, the coarsest lie as much higher.
    """
    filled = spectrum.copy()
    filled[0, 0] = 0.0
    near = float(np.median(spectrum[(order == 5) | (order == 6)]))
    if near <= 0:
        return filled
    k = np.arange(BLOCK)
    square = (k[:, None] ** 2 + k[None, :] ** 2).astype(np.float64)
    shape = (order >= 5) & (order <= 10) & (spectrum > 0)
    slope = min(0.0, float(np.polyfit(square[shape], np.log(spectrum[shape]), 1)[0]))
    middle = float(np.median(square[(order == 5) | (order == 6)]))
    expected = near * np.exp(slope * (square - middle))
    coarsest = (order > 0) & (order <= 4)
    filled[coarsest] = np.maximum(filled[coarsest], np.minimum(expected[coarsest], 2 * near))
    return filled
