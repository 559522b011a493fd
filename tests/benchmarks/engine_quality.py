"""How exact the engine is: the quick number format against float32, tiles against none."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.core.progress import Silent
from pipeline.models.load import Network
from tests.benchmarks.engine_ways import Picture, dtype_word, photograph

PICTURES = ("coffee", "chelsea", "astronaut", "camera", "rocket", "coins")
"""Those of scikit-image's own pictures that show something one might photograph."""


def precision(network: Network, device: str, dtype: Any, side: int = 112) -> dict[str, Any]:
    """PSNR of the quick number format against float32 on several pictures.

    Args:
        network: loaded weights.
        device: as torch writes it.
        dtype: the quick format.
        side: px of each picture.

    Returns:
        `dtype`, `psnr_db` by picture, and the lowest of them as `lowest_psnr_db`.
    """
    import torch

    from pipeline.models.engine import NetworkUpscaler

    exact = NetworkUpscaler(network, device, dtype=torch.float32)
    quick = NetworkUpscaler(network, device, dtype=dtype)
    found: dict[str, float] = {}
    for name in PICTURES:
        picture = photograph(side, side, name)
        truth = exact.run(picture, Silent()).pixels
        found[name] = round(_psnr(quick.run(picture, Silent()).pixels, truth), 2)
    return {
        "dtype": dtype_word(dtype),
        "psnr_db": found,
        "lowest_psnr_db": min(found.values()),
    }


def tiling(network: Network, device: str, width: int, height: int, tile: int) -> dict[str, Any]:
    """The largest difference between a picture in tiles and in one piece, in float32.

    Args:
        network: loaded weights.
        device: as torch writes it.
        width, height: px of the picture.
        tile: px of a tile, overlap included; the overlap is the engine's own.

    Returns:
        `worst_255ths` at any px and channel, `psnr_db`, and how many tiles each way took.
    """
    import torch

    from pipeline.models.engine import NetworkUpscaler

    picture = photograph(width, height)
    undivided = 2 * max(width, height)
    whole = NetworkUpscaler(network, device, dtype=torch.float32, tile=undivided)
    cut = NetworkUpscaler(network, device, dtype=torch.float32, tile=tile)
    one, other = whole.run(picture, Silent()), cut.run(picture, Silent())
    return {
        "size_px": [width, height],
        "tile_px": tile,
        "tiles": [one.facts.get("tiles"), other.facts.get("tiles")],
        "worst_255ths": round(float(np.abs(one.pixels - other.pixels).max()) * 255, 3),
        "psnr_db": round(_psnr(other.pixels, one.pixels), 2),
    }


def _psnr(made: Picture, truth: Picture) -> float:
    """dB for values in 0..1; 99 when they are equal."""
    error = float(np.mean((made.astype(np.float64) - truth) ** 2))
    return 99.0 if error == 0 else float(-10 * np.log10(error))
