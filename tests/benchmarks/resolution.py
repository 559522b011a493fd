"""Real resolution as estimated, against prints whose resolution is known.

    python -m tests.benchmarks.resolution --json

What "content of X dpi in a scan of Y dpi" means here: a picture sharp to the pixel (a photograph
reduced by area, so that its finest detail is a px wide) is taken to be X px an inch, and brought to
Y px an inch by a cubic, a Lanczos or a linear kernel; or the sharp scene at Y px an inch is blurred
by a Gaussian whose contrast at X/2 cycles an inch is 0.41, a spot one px of X dpi wide at half
height. Film grain is added at X dpi, the scanner's noise at Y dpi, and JPEG comes last.

The estimator's constants were chosen on the pictures of `TUNED` (and on old photographs outside
this repository); those of `HELD_OUT` had no part in it, and its figure is the one that counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.resolution import detail_limit, luminance

Plane = NDArray[np.float32]

TUNED: dict[str, tuple[int, ...]] = {
    "astronaut": (2, 1, 3),
    "coffee": (2, 1),
    "rocket": (2, 3),
    "gravel": (2,),
}
"""Pictures of scikit-image, with the reductions that leave them sharp to the pixel."""

HELD_OUT: dict[str, tuple[int, ...]] = {
    "camera": (2, 1, 3),
    "chelsea": (2, 1),
    "coins": (2,),
    "grass": (2,),
    "hubble_deep_field": (3,),
    "motorcycle": (2, 1, 3),
}

DPI = tuple((c, s) for s in (600, 1200) for c in (100, 150, 200, 300, 400, 600))
"""Dpi of the content, dpi of the scan."""

KERNELS = {
    "cubic": cv2.INTER_CUBIC,
    "lanczos": cv2.INTER_LANCZOS4,
    "linear": cv2.INTER_LINEAR,
    "gaussian": None,
}

_SPOT_CONTRAST = 0.41
_MOST_PX = 6_000_000
LOWEST, HIGHEST = 0.8, 1.2


@dataclass(frozen=True)
class Wear:
    """What comes on top of the content: standard deviations in 0..1, JPEG quality or None."""

    scanner: float = 0.0
    grain: float = 0.0
    jpeg: int | None = None

    def __str__(self) -> str:
        coded = "" if self.jpeg is None else f" jpeg {self.jpeg}"
        return f"noise {self.scanner:g} grain {self.grain:g}{coded}"


WEARS = (
    Wear(),
    Wear(scanner=0.01),
    Wear(scanner=0.03),
    Wear(scanner=0.01, grain=0.03),
    Wear(scanner=0.005, jpeg=95),
    Wear(scanner=0.02, grain=0.01, jpeg=85),
    Wear(scanner=0.005, jpeg=75),
)


@dataclass(frozen=True)
class Case:
    """One print of known resolution.

    Args:
        picture: a key of `TUNED` or `HELD_OUT`.
        reduction: by which the picture is made sharp to the pixel.
        content, scan: dpi.
        kernel: a key of `KERNELS`; of no account when content and scan are alike.
        wear: noise, grain, JPEG.
    """

    picture: str
    reduction: int
    content: int
    scan: int
    kernel: str
    wear: Wear

    @property
    def truth(self) -> float:
        """Share of the Nyquist frequency that holds detail."""
        return self.content / self.scan


def cases(pictures: dict[str, tuple[int, ...]], *, every_wear: bool = False) -> Iterator[Case]:
    """Each picture at each dpi by each kernel; the wears (all, or one each in turn)."""
    for p, (picture, reductions) in enumerate(pictures.items()):
        for d, (content, scan) in enumerate(DPI):
            kernels = list(KERNELS) if content < scan else ["cubic"]
            for k, kernel in enumerate(kernels):
                turn = p + d + 2 * k
                # A spot blurs a scene that is sharper than the content; reductions give one.
                fit = [r for r in reductions if kernel != "gaussian" or r > 1]
                reduction = fit[(d + k) % len(fit)]
                wears = WEARS if every_wear else (WEARS[turn % len(WEARS)],)
                for wear in wears:
                    yield Case(picture, reduction, content, scan, kernel, wear)


def scan_of(case: Case, most_px: int = _MOST_PX) -> Plane:
    """The scan, float32 (H, W) in 0..1 in steps of 1/255; a crop where it would be too large."""
    # zlib, not hash(): the same crop and noise in every process.
    rng = np.random.default_rng(zlib.crc32(repr(case).encode()))
    scene = _scene(case.picture)
    height, width = (side // case.reduction for side in scene.shape)
    keep = min(1.0, (most_px / (height * width)) ** 0.5 * case.truth)
    rows, columns = int(height * keep), int(width * keep)
    top = int(rng.integers(height - rows + 1)) * case.reduction
    left = int(rng.integers(width - columns + 1)) * case.reduction
    scene = scene[top : top + rows * case.reduction, left : left + columns * case.reduction]
    size = (round(columns / case.truth), round(rows / case.truth))
    grain = rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(case.wear.grain)
    if case.kernel == "gaussian":
        sigma = (-np.log(_SPOT_CONTRAST) / 2) ** 0.5 / (np.pi * 0.5 * case.truth)
        larger = size[0] >= scene.shape[1]
        way = cv2.INTER_CUBIC if larger else cv2.INTER_AREA
        picture = cv2.GaussianBlur(cv2.resize(scene, size, interpolation=way), (0, 0), sigma)
        picture = picture + cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC)
    else:
        sharp = cv2.resize(scene, (columns, rows), interpolation=cv2.INTER_AREA) + grain
        kernel = KERNELS[case.kernel]
        assert kernel is not None
        picture = cv2.resize(sharp, size, interpolation=kernel) if case.truth < 1 else sharp
    noise = rng.standard_normal(picture.shape, dtype=np.float32) * np.float32(case.wear.scanner)
    stored = np.rint(np.clip(np.clip(picture, 0, 1) + noise, 0, 1) * 255).astype(np.uint8)
    if case.wear.jpeg is not None:
        _, coded = cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, case.wear.jpeg])
        stored = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return np.asarray(stored / np.float32(255), dtype=np.float32)


def ratio_of(case: Case, most_px: int = _MOST_PX) -> float:
    """What is estimated over what is true."""
    return detail_limit(scan_of(case, most_px))[0] / case.truth


def _scene(name: str) -> Plane:
    from skimage import data

    raw = data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()
    picture = raw.astype(np.float32) / np.float32(255)
    return picture if picture.ndim == 2 else luminance(picture[..., :3])


def summary(ratios: list[float]) -> dict[str, float]:
    """Number, share within 20 %, median, lowest and highest of some ratios."""
    found = np.array(ratios)
    return {
        "cases": len(ratios),
        "within_20_percent": round(float(np.mean((found >= LOWEST) & (found <= HIGHEST))), 3),
        "below_0.8": round(float(np.mean(found < LOWEST)), 3),
        "median": round(float(np.median(found)), 3),
        "lowest": round(float(found.min()), 3),
        "highest": round(float(found.max()), 3),
    }


FACTORS: dict[str, Callable[[Case], object]] = {
    "content and scan dpi": lambda case: f"{case.content} in {case.scan}",
    "kernel": lambda case: case.kernel if case.truth < 1 else "none",
    "wear": lambda case: case.wear,
    "picture": lambda case: f"{case.picture} / {case.reduction}",
}


def measure(*, every_wear: bool = False) -> dict[str, Any]:
    """The whole grid: overall, for tuned and held-out pictures, and by each factor."""
    begun = time.perf_counter()
    ratios: list[tuple[str, Case, float]] = []
    estimating = 0.0
    for group, pictures in (("tuned", TUNED), ("held out", HELD_OUT)):
        for case in cases(pictures, every_wear=every_wear):
            plane = scan_of(case)
            start = time.perf_counter()
            found = detail_limit(plane)[0]
            estimating += time.perf_counter() - start
            ratios.append((group, case, found / case.truth))
    table: dict[str, Any] = {
        "all": summary([ratio for _, _, ratio in ratios]),
        "seconds": round(time.perf_counter() - begun, 1),
        "seconds_per_estimate": round(estimating / len(ratios), 3),
    }
    for group, its in itertools.groupby(ratios, key=lambda entry: entry[0]):
        table[group] = summary([ratio for _, _, ratio in its])
    for factor, value in FACTORS.items():
        parts: dict[str, list[float]] = defaultdict(list)
        for group, case, ratio in ratios:
            if group == "held out":
                parts[str(value(case))].append(ratio)
        table[f"held out by {factor}"] = {part: summary(r) for part, r in parts.items()}
    return table


def _lines(table: dict[str, Any]) -> Iterator[str]:
    head = f"{'':34}{'cases':>6}{'within':>8}{'< 0.8':>7}{'median':>8}{'lowest':>8}{'highest':>8}"
    yield head
    for key, value in table.items():
        if not isinstance(value, dict):
            continue
        rows = {key: value} if "cases" in value else value
        if rows is value:
            yield f"\n{key}"
        for name, row in rows.items():
            yield (
                f"{name:34}{row['cases']:6.0f}{row['within_20_percent']:8.1%}"
                f"{row['below_0.8']:7.1%}{row['median']:8.2f}{row['lowest']:8.2f}"
                f"{row['highest']:8.2f}"
            )
    yield f"\n{table['seconds']} s, {table['seconds_per_estimate']} s an estimate"


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--full", action="store_true", help="every wear in every case: 7 x longer")
    arguments = parser.parse_args()
    table = measure(every_wear=arguments.full)
    print(json.dumps(table, indent=2) if arguments.json else "\n".join(_lines(table)))
    return 0 if table["held out"]["within_20_percent"] >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
