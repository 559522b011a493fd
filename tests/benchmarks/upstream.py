"""Our tiled engine beside RealESRGANer on the same weights: how far apart, and how fast.

    python -m tests.benchmarks.upstream --json

For equality each takes a small picture in one piece. We mirror 8 px around every picture, so that
its border has something beside it; upstream leaves black there. The network looks far: bare, the
two differ by 36 dB over all and agree to 50 dB only from 16 px inwards. So upstream is given the
mirrored picture and the border is cut off again; the bare comparison is printed as well.

Needs the extra `[upstream]` (the packages realesrgan and basicsr, last released in 2022) and
Python below 3.13. They import `torchvision.transforms.functional_tensor`, which torchvision 0.17
took out; the one function they use from it lives on elsewhere, and a stand-in module hands it to
them. That is done only here, never in the engine.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
import types
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.progress import Silent
from pipeline.models.tiling import BORDER

MODEL = "RealESRGAN_x4plus-ncnn"
LOWEST_PSNR = 50.0
"""dB between the two results in float32, on pictures each takes in one piece."""


def upstream_missing() -> str | None:
    """Why the comparison cannot run, or None."""
    missing = [name for name in ("realesrgan", "basicsr") if not importlib.util.find_spec(name)]
    if missing:
        return f"{' and '.join(missing)} not installed; the extra [upstream] has it"
    return None


def stand_in() -> None:
    """Give `torchvision.transforms.functional_tensor` back to packages that still import it."""
    name = "torchvision.transforms.functional_tensor"
    if name in sys.modules:
        return
    from torchvision.transforms import functional

    module = types.ModuleType(name)
    module.rgb_to_grayscale = functional.rgb_to_grayscale  # type: ignore[attr-defined]
    sys.modules[name] = module


def test_picture(side: int) -> NDArray[np.uint8]:
    """A square public-domain portrait with a little noise, 8-bit RGB, the same every time."""
    import cv2
    from skimage import data

    small = cv2.resize(data.astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(2021).normal(0.0, 6.0, small.shape)
    return np.clip(small + noise, 0, 255).astype(np.uint8)


test_picture.__test__ = False  # type: ignore[attr-defined]


def upstream_engine(weights: Path, tile: int, device: str = "cpu", *, half: bool = False) -> Any:
    """RealESRGANer.

    Args:
        weights: a `.pth` with the key `params_ema`.
        tile: px, 0 for the whole picture at once.
        device: as torch writes it.
        half: in float16 instead of float32.
    """
    stand_in()
    from basicsr.archs.rrdbnet_arch import RRDBNet
    from realesrgan import RealESRGANer

    return RealESRGANer(
        scale=4,
        model_path=str(weights),
        model=RRDBNet(
            num_in_ch=3, num_out_ch=3, num_feat=64, num_block=23, num_grow_ch=32, scale=4
        ),
        tile=tile,
        tile_pad=10,
        pre_pad=0,
        half=half,
        device=device,
    )


def compare(side: int = 128, tiled_side: int = 256) -> dict[str, Any]:
    """Run both on the same picture and weights.

    Args:
        side: px of the picture for equality; neither engine cuts it.
        tiled_side: px of the picture for speed; both cut it, upstream as its own script advises.

    Returns:
        `psnr_db` in float32 and whether that is enough, `psnr_quick_db` of our quick number
        format against upstream's float32, `psnr_bare_db` when upstream is given no border, and
        thousands of input px per second for each.
    """
    import torch

    from pipeline.models.catalog import load_catalog
    from pipeline.models.devices import choose_dtype
    from pipeline.models.engine import NetworkUpscaler
    from pipeline.models.load import load_network
    from pipeline.models.ncnn import read_ncnn_rrdbnet
    from pipeline.models.weights import resolve

    resolved = resolve(load_catalog(), {"artifacts": [MODEL]}, [])["artifacts"]
    network = load_network(resolved)
    exact = NetworkUpscaler(network, dtype=torch.float32)
    quick = NetworkUpscaler(network, dtype=choose_dtype("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.pth"
        torch.save({"params_ema": read_ncnn_rrdbnet(resolved.path)}, weights)
        theirs_whole = upstream_engine(weights, 0)
        theirs_tiled = upstream_engine(weights, 192)
    small, large = test_picture(side), test_picture(tiled_side)
    reference = _with_border(theirs_whole, small)
    exactly = _ours(exact, small)
    psnr = _psnr(exactly, reference)
    return {
        "model": MODEL,
        "picture_px": side,
        "threads": torch.get_num_threads(),
        "psnr_db": round(psnr, 2),
        "psnr_enough": psnr > LOWEST_PSNR,
        "psnr_bare_db": round(_psnr(exactly, _theirs(theirs_whole, small)), 2),
        "psnr_quick_db": round(_psnr(_ours(quick, small), reference), 2),
        "quick_dtype": str(quick.dtype).removeprefix("torch."),
        "speed_picture_px": tiled_side,
        "upstream_kpx_s": _speed(lambda: _theirs(theirs_tiled, large), tiled_side),
        "ours_float32_kpx_s": _speed(lambda: _ours(exact, large), tiled_side),
        "ours_quick_kpx_s": _speed(lambda: _ours(quick, large), tiled_side),
    }


def _theirs(engine: Any, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Upstream takes and gives 8-bit BGR."""
    made, _ = engine.enhance(picture[..., ::-1].copy(), outscale=4)
    return made[..., ::-1].astype(np.float64) / 255


def _with_border(engine: Any, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Upstream on the picture with our border mirrored around it, which is cut off afterwards."""
    border = ((BORDER, BORDER), (BORDER, BORDER), (0, 0))
    made = _theirs(engine, np.pad(picture, border, mode="reflect"))
    return made[4 * BORDER : -4 * BORDER, 4 * BORDER : -4 * BORDER]


def _ours(engine: Any, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Rounded to 8 bit, as upstream gives no more."""
    made = engine.run(picture.astype(np.float32) / 255, Silent()).pixels
    return np.round(made * 255).astype(np.float64) / 255


def _psnr(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """dB, for values in 0..1; 99 when they are equal."""
    error = float(np.mean((one - other) ** 2))
    return 99.0 if error == 0 else float(-10 * np.log10(error))


def _speed(work: Any, side: int) -> float:
    begun = time.perf_counter()
    work()
    return round(side * side / (time.perf_counter() - begun) / 1000, 2)


def main() -> int:
    """Print the comparison; 1 when the results differ too much, 2 when it cannot run."""
    parser = argparse.ArgumentParser(description="Our engine beside RealESRGANer.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--side", type=int, default=128, help="px of the picture for equality")
    parser.add_argument("--tiled-side", type=int, default=256, help="px of the picture for speed")
    options = parser.parse_args()
    missing = upstream_missing()
    if missing:
        print(missing, file=sys.stderr)
        return 2
    found = compare(options.side, options.tiled_side)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for key, value in found.items():
            print(f"{key:20} {value}")
    return 0 if found["psnr_enough"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
