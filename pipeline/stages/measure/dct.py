"""The 8x8 discrete cosine transform (orthonormal DCT-II) as products with small matrices.

Products are made in stacks, each below the size for which a BLAS starts threads of its own: that
was several times slower on a busy machine. It is five to ten times as fast as scipy's transform.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 8

Plane = NDArray[np.float32]


def matrix(size: int) -> NDArray[np.float64]:
    """The orthonormal DCT-II of `size` px, float64 (frequencies, px)."""
    k = np.arange(size)
    waves = np.cos(np.pi * (2 * k[None, :] + 1) * k[:, None] / (2 * size)) * np.sqrt(2 / size)
    waves[0] /= np.sqrt(2.0)
    return np.asarray(waves)


_DOWN = matrix(BLOCK).astype(np.float32)
_UP = np.ascontiguousarray(_DOWN.T)
# Two blocks side by side: products with 16 columns keep the vector units busy, 8 do not.
_ACROSS = np.kron(np.eye(2), matrix(BLOCK).T).astype(np.float32)
_BACK = np.ascontiguousarray(_ACROSS.T)
_WHOLE = np.ascontiguousarray(np.kron(matrix(BLOCK), matrix(BLOCK)).T.astype(np.float32))


def forward(part: Plane) -> Plane:
    """DCT of the blocks of a part of a plane, coefficients where px were.

    Args:
        part: float32 (8 rows, 16 n).

    Returns:
        float32 (rows, 8, 16 n): coefficient (v, u) of block (r, c) at [r, v, 8 c + u].
    """
    pairs = part.reshape(part.shape[0], -1, 2 * BLOCK)
    lines = np.matmul(pairs, _ACROSS).reshape(-1, BLOCK, part.shape[1])
    return np.asarray(np.matmul(_DOWN, lines))


def inverse(spectrum: Plane) -> Plane:
    """Blocks (rows, 8, 16 n) from their DCT, as `forward` gives it."""
    lines = np.matmul(_UP, spectrum)
    pairs = lines.reshape(spectrum.shape[0] * BLOCK, -1, 2 * BLOCK)
    return np.asarray(np.matmul(pairs, _BACK).reshape(spectrum.shape))


def of_blocks(blocks: Plane) -> Plane:
    """DCT of single blocks, float32 (N, 8, 8)."""
    size = BLOCK * BLOCK
    flat = np.ascontiguousarray(blocks).reshape(-1, size)
    stacked = len(flat) // size * size
    spectra = np.empty_like(flat)
    stacks = (part[:stacked].reshape(-1, size, size) for part in (flat, spectra))
    np.matmul(next(stacks), _WHOLE, out=next(stacks))
    np.matmul(flat[stacked:], _WHOLE, out=spectra[stacked:])
    return spectra.reshape(-1, BLOCK, BLOCK)
