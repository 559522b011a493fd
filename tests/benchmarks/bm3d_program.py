"""Runs BM3D as a program of its own: `python bm3d_program.py IN.npz OUT.npz`.

IN holds pictures "0", "1", ... (float32 (h, w, 3) or (h, w) in 0..1) and "sigmas" (float64, 0..1,
one for each); OUT gets the results under the same names. The package bm3d (Makinen, Azzari, Foi
2020, doi:10.1109/TIP.2020.3014721) is free for non-commercial use only: nothing of Shoebox imports
it, and it is scored only where whoever runs the benchmark has installed it.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray


def main(given: str, wanted: str) -> None:
    """Denoise every picture of one file into another."""
    from bm3d import bm3d, bm3d_rgb

    held = np.load(given)
    made: dict[str, NDArray[np.float32]] = {}
    for number, sigma in enumerate(held["sigmas"]):
        picture = held[str(number)].astype(np.float64)
        result = bm3d_rgb(picture, sigma) if picture.ndim == 3 else bm3d(picture, sigma)
        made[str(number)] = np.clip(result, 0, 1).reshape(picture.shape).astype(np.float32)
    np.savez(wanted, **made)


if __name__ == "__main__":
    main(*sys.argv[1:3])
