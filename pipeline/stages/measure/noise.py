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

from pipeline.stages.measure.dct import BLOCK, of_blocks

_TONES = 6
_SMOOTHEST = 0.1
_FEWEST = 24
_ENOUGH = 40_000
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
    """

    sigma: float
    coarse: float
    tones: NDArray[np.float64]
    curve: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    blocks: int


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


def noise_in(planes: Sequence[NDArray[np.float32]]) -> Noise:
    """Measure the noise that several planes share: the tiles of one picture.

    Args:
        planes: float32 (H, W) each, as for `noise_of`.
    """
    coefficients, means = _block_spectra(planes)
    if len(means) < _FEWEST:
        return _nothing_known()
    order = frequency()
    coarse_energy = (coefficients[:, (order > 0) & (order <= 4)] ** 2).sum(axis=1)
    smooth, tones, curve = _smoothest_by_tone(coefficients, means, coarse_energy, order)
    spectrum = np.median(np.abs(coefficients[smooth]), axis=0) / _MAD
    spectrum = _fill_coarsest(spectrum.astype(np.float64), order)
    fine = order >= BLOCK
    sigma = float(np.sqrt(np.mean(spectrum[fine] ** 2)))
    coarse = float(np.sqrt(np.mean(spectrum[~fine & (order > 0)] ** 2)))
    return Noise(sigma, coarse, tones, curve, spectrum, len(smooth))


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
    fine = order >= 6
    overall = float(np.median(np.abs(coefficients[smooth][:, fine]))) / _MAD
    edges = np.quantile(means, np.linspace(0, 1, _TONES + 1))
    tones: list[float] = []
    curve: list[float] = []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((means >= low) & (means <= high))
        if len(inside) < _FEWEST or overall <= 0.0:
            continue
        calm = inside[np.argsort(energy[inside], kind="stable")]
        calm = calm[: max(_FEWEST, int(len(inside) * _SMOOTHEST))]
        here = float(np.median(np.abs(coefficients[calm][:, fine]))) / _MAD
        tone = float(means[calm].mean())
        if not tones or tone > tones[-1]:
            tones.append(tone)
            # A tone without any smooth part would read its texture as noise: held in bounds.
            curve.append(float(np.clip(here / overall, 0.3, 1.8)))
    if not tones:
        return smooth, np.zeros(1), np.ones(1)
    return smooth, np.array(tones), np.array(curve)


def _fill_coarsest(spectrum: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Coefficients the blocks were chosen by are biased: no lower than the next finer ones."""
    filled = spectrum.copy()
    filled[0, 0] = 0.0
    near = float(np.median(spectrum[(order == 4) | (order == 5)]))
    coarsest = (order > 0) & (order <= 3)
    filled[coarsest] = np.maximum(filled[coarsest], near)
    return filled
