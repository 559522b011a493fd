"""Our engine, RealESRGANer and the matrix product that shows the machine's peak, ready to time."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.progress import Silent
from pipeline.models.load import Network
from tests.benchmarks.engine_timing import Missing, Way
from tests.benchmarks.upstream import upstream_engine, upstream_missing

Picture = NDArray[np.float32]

WARM_PX = 64


def photograph(width: int, height: int, name: str = "coffee") -> Picture:
    """A public-domain picture with a little noise, the same every time: float32 (H, W, 3) in 0..1.

    It is enlarged where it is too small: how fast a network is does not depend on what it sees.
    """
    import cv2
    from skimage import data

    picture = getattr(data, name)()
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    smaller = width < picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    sized = cv2.resize(picture[..., :3], (width, height), interpolation=way)
    noise = np.random.default_rng(2021).normal(0.0, 6.0, sized.shape)
    noisy: Picture = (np.clip(sized + noise, 0, 255) / 255).astype(np.float32)
    return noisy


def ours(network: Network, device: str, dtype: Any, picture: Picture) -> Way:
    """A whole picture as the stages have it done, from float32 to float32."""
    from pipeline.models.engine import NetworkUpscaler

    engine = NetworkUpscaler(network, device, dtype=dtype)
    told: dict[str, Any] = {}

    def work() -> None:
        told.update(engine.run(picture, Silent()).facts)

    def warm() -> None:
        engine.run(picture[:WARM_PX, :WARM_PX].copy(), Silent())
        if device != "cpu":
            work()

    def facts() -> dict[str, Any]:
        return {**told, "network_px_ratio": network_px_ratio(told, picture, network.scale)}

    size = (picture.shape[1], picture.shape[0])
    name = engine_name("ours", size, dtype)
    return Way(name, "ours", work, dtype_word(dtype), size, warm, facts=facts)


def engine_name(engine: str, size: tuple[int, int], dtype: Any) -> str:
    """What an engine on a picture of that (width, height) is called."""
    return f"{engine} {size[0]}x{size[1]} {dtype_word(dtype)}"


def network_px_ratio(facts: dict[str, Any], picture: Picture, scale: int) -> float | None:
    """px the network worked on over px of the picture: what overlap and borders cost.

    Args:
        facts: of an `Inference`; `network_px` if it is there, else the tiles are laid out again.
        picture: what was enlarged.
        scale: output px per input px.
    """
    from pipeline.core.errors import ShoeboxError
    from pipeline.models.tiling import grid

    height, width = picture.shape[:2]
    given = facts.get("network_px")
    if given is None:
        tile, overlap = facts.get("tile_px"), facts.get("overlap_px")
        if tile is None or overlap is None:
            return None
        if not tile and not overlap:
            return 1.0  # undivided
        try:
            tiles = list(grid(height, width, int(tile), int(overlap), scale))
        except (ShoeboxError, TypeError):
            return None
        if len(tiles) != facts.get("tiles", len(tiles)):
            return None  # The engine cuts in another way by now.
        given = sum(rows.source.size * columns.source.size for rows, columns in tiles)
    ratio: float = round(float(given) / (height * width), 3)
    return ratio


def theirs(weights: Path, device: str, tile: int, picture: Picture, dtype: Any) -> Way | Missing:
    """RealESRGANer on a whole picture, 8-bit in and out, as it wants it.

    Args:
        weights: a `.pth` with the key `params_ema`.
        device: as torch writes it.
        tile: px, 0 for the whole picture at once; 10 px of context around each.
        picture: float32 (H, W, 3) in 0..1.
        dtype: torch.float32 or torch.float16.
    """
    import torch

    size = (picture.shape[1], picture.shape[0])
    name = engine_name(f"RealESRGANer tile {tile}", size, dtype)
    missing = upstream_missing()
    if missing:
        return Missing(name, "RealESRGANer", missing)
    engine = upstream_engine(weights, tile, device, half=dtype == torch.float16)
    given = np.round(picture[..., ::-1] * 255).astype(np.uint8)

    def enlarge(cut: NDArray[np.uint8]) -> None:
        said = io.StringIO()
        # It prints every tile, and what went wrong with one.
        with contextlib.redirect_stdout(said):
            engine.enhance(cut, outscale=4)
        if "Error" in said.getvalue():
            raise RuntimeError(said.getvalue())

    def warm() -> None:
        enlarge(given[:WARM_PX, :WARM_PX].copy())
        if device != "cpu":
            enlarge(given)

    return Way(name, "RealESRGANer", lambda: enlarge(given), dtype_word(dtype), size, warm)


def peak(device: str, dtype: Any, repeats: int = 5) -> Way:
    """A large square matrix product: the most operations torch gets out of this machine."""
    import torch

    side = 2048 if device == "cpu" else 8192
    seeded = torch.Generator().manual_seed(7)
    one, other = (torch.randn(side, side, generator=seeded).to(device, dtype) for _ in range(2))

    def work() -> None:
        for _ in range(repeats):
            torch.matmul(one, other)
        settle(device)

    word = dtype_word(dtype)
    operations = 2.0 * side**3 * repeats
    return Way(f"matrix product {side} {word}", "peak", work, word, operations=operations)


def settle(device: str) -> None:
    """Wait until the device has done all it was given."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def dtype_word(dtype: Any) -> str:
    """Such as "bfloat16"."""
    return str(dtype).removeprefix("torch.")


def pth_of(weights: Path, folder: Path) -> Path:
    """The ncnn weights written as the `.pth` that RealESRGANer reads."""
    import torch

    from pipeline.models.ncnn import read_ncnn_rrdbnet

    path = folder / "weights.pth"
    torch.save({"params_ema": read_ncnn_rrdbnet(weights)}, path)
    return path
