"""A print scanned finer than it is: does the artifacts pass take longer, and is the result as good?

    python -m tests.benchmarks.oversampled --json

Pictures that are sharp to the pixel are given grain and JPEG blocks: prints of known truth. Each is
scanned twice: at its real resolution, and oversampled four times with fine scanner noise. The
artifacts stage runs on both with the real network. Both results are brought to the real size and
compared with the truth.

A third run shows what is gained: the network on every px of the oversampled scan (`--naive`, slow).
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.base import Tools
from pipeline.stages.measure.luma import luma
from pipeline.stages.resample import resample

PICTURES = ("coffee", "chelsea", "astronaut")
SIZE = (300, 200)
"""Real px of a print, (width, height)."""

TIMES = 4
REAL_DPI = 150.0
MOST_TIME = 1.5
"""Time on the oversampled scan over time on the scan at real resolution."""

EQUAL_SSIM = 0.005
EQUAL_SHARPNESS = 0.02
"""Differences that count as none; that of sharpness as a share."""


def truth_of(name: str) -> NDArray[np.float32]:
    """A public-domain picture, sharp to the pixel: float32 (200, 300, 3) in 0..1."""
    from skimage import data

    picture = getattr(data, name)()
    height = round(picture.shape[1] * SIZE[1] / SIZE[0])
    cut = picture[: min(height, picture.shape[0])]
    small = resample(cut.astype(np.float32) / 255, *SIZE)
    return np.clip(small, 0.0, 1.0)


def print_of(truth: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same with grain and JPEG blocks."""
    grain = np.random.default_rng(7).normal(0.0, 0.02, truth.shape)
    rough = np.clip((truth + grain) * 255, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", rough[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60])
    poor = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(poor, dtype=np.float32) / np.float32(255)


def oversampled(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """A scan four times as fine as the print, with the scanner's own noise at its own px."""
    fine = cv2.resize(picture, None, fx=TIMES, fy=TIMES, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(8).normal(0.0, 0.006, fine.shape)
    return np.clip(fine + noise, 0.0, 1.0).astype(np.float32)


def compare(pictures: tuple[str, ...] = PICTURES, *, naive: bool = False) -> dict[str, Any]:
    """Run the stage on both scans of every picture.

    Returns:
        For each picture and over all: seconds and their ratio, the ratio of px the network was
        given (free of the machine's other work), SSIM to the truth, sharpness (mean squared
        gradient over that of the truth), and whether that is enough.
    """
    tools = _tools()
    _redrawn(Photo.of(print_of(truth_of(pictures[0]))[:64, :64]), tools, 1.0)  # loads the network
    rows = [_one(name, tools, naive=naive) for name in pictures]
    time_ratio = sum(row["oversampled"]["seconds"] for row in rows) / sum(
        row["at_real_resolution"]["seconds"] for row in rows
    )
    given = [
        [np.prod(row[scan]["network_input_px"]) for row in rows]
        for scan in ("oversampled", "at_real_resolution")
    ]
    gain = {
        key: float(
            np.mean([row["oversampled"][key] - row["at_real_resolution"][key] for row in rows])
        )
        for key in ("ssim", "sharpness")
    }
    return {
        "pictures": rows,
        "time_ratio": round(time_ratio, 3),
        "network_px_ratio": round(float(sum(given[0]) / sum(given[1])), 3),
        "ssim_gain": round(gain["ssim"], 4),
        "sharpness_gain": round(gain["sharpness"], 4),
        "enough": time_ratio <= MOST_TIME
        and gain["ssim"] >= -EQUAL_SSIM
        and gain["sharpness"] >= -EQUAL_SHARPNESS,
    }


def _tools() -> Tools:
    from pipeline.models.catalog import load_catalog
    from pipeline.models.model_set import ModelSet
    from pipeline.models.weights import resolve
    from pipeline.stages import artifacts

    wanted = artifacts.STAGE.models(artifacts.Options())
    return Tools(ModelSet(resolve(load_catalog(), wanted, []), "cpu"))


def _one(name: str, tools: Tools, *, naive: bool) -> dict[str, Any]:
    truth = truth_of(name)
    real = print_of(truth)
    scans = {"at_real_resolution": Photo.of(real, dpi=(REAL_DPI, REAL_DPI))}
    scans["oversampled"] = Photo.of(oversampled(real), dpi=(REAL_DPI * TIMES, REAL_DPI * TIMES))
    found: dict[str, Any] = {"picture": name, "print": _judged(real, truth)}
    for scan, photo in scans.items():
        found[scan] = _timed(photo, tools, truth)
    if naive:
        found["naive"] = _timed(scans["oversampled"], tools, truth, fraction=1.0)
    found["time_ratio"] = round(
        found["oversampled"]["seconds"] / found["at_real_resolution"]["seconds"], 3
    )
    return found


def _timed(
    photo: Photo, tools: Tools, truth: NDArray[np.float32], fraction: float | None = None
) -> dict[str, Any]:
    begun = time.perf_counter()
    made, used = _redrawn(photo, tools, fraction)
    seconds = time.perf_counter() - begun
    return {
        "seconds": round(seconds, 2),
        "network_input_px": used,
        **_judged(resample(made.pixels, *SIZE), truth),
    }


def _redrawn(photo: Photo, tools: Tools, fraction: float | None) -> tuple[Photo, list[int]]:
    """The stage's result at full strength; with a fraction, the bare network at that fraction."""
    from pipeline.stages import artifacts
    from pipeline.stages.redraw import redraw

    if fraction is None:
        options = artifacts.Options(only_when_needed=False, strength=1.0)
        outcome = artifacts.run(photo, options, tools)
        return outcome.photo, outcome.measures["inference"]["network_input_px"]
    into = np.empty_like(photo.samples)
    network = tools.models.upscaler(artifacts.ROLE)
    facts = redraw(photo, into, fraction, network, tools.progress, single_tone=False)
    return photo.with_samples(into), facts["network_input_px"]


def _judged(made: NDArray[np.float32], truth: NDArray[np.float32]) -> dict[str, float]:
    from skimage.metrics import structural_similarity

    ssim = structural_similarity(truth, np.clip(made, 0, 1), channel_axis=2, data_range=1.0)
    return {
        "ssim": round(float(ssim), 4),
        "sharpness": round(_sharpness(made) / _sharpness(truth), 4),
    }


def _sharpness(picture: NDArray[np.float32]) -> float:
    down, across = np.gradient(luma(picture))
    return float((down**2 + across**2).mean())


def main() -> int:
    """Print the comparison; 1 when it is not enough."""
    parser = argparse.ArgumentParser(description="The artifacts pass on oversampled scans.")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--naive", action="store_true", help="also the network on all scan px")
    options = parser.parse_args()
    found = compare(naive=options.naive)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0 if found["enough"] else 1
    print(f"{'picture':10} {'scan':20} {'seconds':>8} {'network px':>12} {'SSIM':>7} sharpness")
    for row in found["pictures"]:
        for scan in ("print", "at_real_resolution", "oversampled", "naive"):
            if scan in row:
                cell = row[scan]
                size = "x".join(map(str, cell.get("network_input_px", [])))
                print(
                    f"{row['picture']:10} {scan:20} {cell.get('seconds', ''):>8} {size:>12} "
                    f"{cell['ssim']:7.4f} {cell['sharpness']:9.3f}"
                )
    print(
        f"time {found['time_ratio']} times (network px {found['network_px_ratio']}), "
        f"SSIM {found['ssim_gain']:+.4f}, sharpness {found['sharpness_gain']:+.4f}: "
        + ("enough" if found["enough"] else "not enough")
    )
    return 0 if found["enough"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
