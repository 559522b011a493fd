"""Deblurring: nearer to the sharp truth than the blurred scan, and never further from it.

Defocus and camera motion of known size are put on sharp pictures; the stage has to find out which
and how much by itself. Scored as well: the same deconvolution told the true kernel (what a perfect
measurement would give), scikit-image's unsupervised Wiener (Orieux et al. 2010,
doi:10.1364/JOSAA.27.001593) and Richardson-Lucy filters told the true kernel, and Pillow's unsharp
mask, which is what people use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.deblur import Options, deblur
from pipeline.stages.deconvolution import deconvolved
from pipeline.stages.measure.luma import luma
from tests.benchmarks import ageing_optics as optics
from tests.benchmarks.pictures import Half, colour_picture, grey_picture, seeds
from tests.benchmarks.restoration_report import Part, Target
from tests.benchmarks.similarity import psnr, ssim

Image = NDArray[np.float32]
Plane = NDArray[np.float32]
Kernel = NDArray[np.floating]

_SIDE = 448
_DPI = 300.0
_FRAME = 48
_WORSE = 0.2
"""dB by which a result must fall short of the scan to count as harm."""


@dataclass(frozen=True, eq=False)
class Case:
    """A blurred scan, its sharp truth and what blurred it."""

    kind: str
    scan: Photo
    truth: Image
    kernel: Kernel


def cases(half: Half, count: int) -> Iterator[Case]:
    """Defocus and motion in turn; every fourth is grey."""
    for number, seed in enumerate(seeds(half, count)):
        random = np.random.default_rng([seed, 21])
        grey = number % 4 == 3
        truth = (grey_picture if grey else colour_picture)(seed, _SIDE)
        if number % 2 == 0:
            kind, kernel = "defocus", optics.disc(float(random.uniform(1.5, 4.0)))
        else:
            length, angle = float(random.uniform(5, 15)), float(random.uniform(0, 180))
            kind, kernel = "motion", optics.line(length, angle)
        scan = optics.blurred(truth, kernel)
        scan = optics.with_noise(scan, float(random.uniform(0.5, 3)) / 255, random, grey=grey)
        photo = Photo.of(np.clip(scan, 0, 1), (_DPI, _DPI), monochrome=grey)
        yield Case(kind, photo, truth, kernel)


def run(half: Half, count: int) -> Part:
    """Score the stage and its rivals on `count` blurred scans."""
    ways: dict[str, Callable[[Case], Image]] = {
        "as scanned": lambda case: case.scan.pixels,
        "stage": _by_stage,
        "true kernel": _told_the_kernel,
        "unsupervised Wiener, true kernel": _by_wiener,
        "Richardson-Lucy, true kernel": _by_richardson_lucy,
        "unsharp mask": _by_unsharp_mask,
    }
    gains: dict[str, list[float]] = {name: [] for name in ways}
    alike: dict[str, list[float]] = {name: [] for name in ways}
    kinds: list[str] = []
    for case in cases(half, count):
        kinds.append(case.kind)
        start = psnr(case.scan.pixels, case.truth)
        for name, way in ways.items():
            made = way(case)
            gains[name].append(psnr(made, case.truth) - start)
            alike[name].append(ssim(made, case.truth))
    ours = np.array(gains["stage"])
    acted = float((np.abs(ours) > 1e-6).mean())
    wiener = float(np.mean(gains["unsupervised Wiener, true kernel"]))
    return Part(
        "deblur",
        count,
        (
            Target("mean gain of the stage, dB", float(ours.mean()), 1.0, ">="),
            Target("share made worse by 0.2 dB or more", float((ours < -_WORSE).mean()), 0.0, "<="),
            Target("gain over unsupervised Wiener, dB", float(ours.mean()) - wiener, 0.0, ">="),
        ),
        {
            "share_acted_on": round(acted, 3),
            "gain_db": {name: _by_kind(values, kinds) for name, values in gains.items()},
            "ssim": {name: round(float(np.mean(values)), 4) for name, values in alike.items()},
        },
    )


def _by_kind(values: list[float], kinds: list[str]) -> dict[str, float]:
    """Mean of each kind, and of all."""
    named = {
        kind: round(float(np.mean([v for v, k in zip(values, kinds, strict=True) if k == kind])), 2)
        for kind in sorted(set(kinds))
    }
    return {**named, "all": round(float(np.mean(values)), 2)}


def _by_stage(case: Case) -> Image:
    return deblur(case.scan, Options(), Tools(ModelSet({}, "cpu"))).photo.pixels


def _told_the_kernel(case: Case) -> Image:
    kernel = np.asarray(case.kernel, np.float32)
    before = luma(case.scan.pixels)
    return _with_lightness(case, deconvolved(before, kernel, Options().fidelity) - before)


def _by_wiener(case: Case) -> Image:
    from skimage.restoration import unsupervised_wiener

    before = luma(case.scan.pixels)
    made, _ = unsupervised_wiener(_framed(before), case.kernel, rng=0, clip=False)
    return _with_lightness(case, _unframed(made) - before)


def _by_richardson_lucy(case: Case) -> Image:
    from skimage.restoration import richardson_lucy

    before = luma(case.scan.pixels)
    made = richardson_lucy(_framed(before), case.kernel, num_iter=15, filter_epsilon=1e-3)
    return _with_lightness(case, _unframed(made) - before)


def _framed(plane: Plane) -> Plane:
    """Mirrored at the edges, which the rivals would otherwise take for black or joined."""
    return np.pad(plane, _FRAME, mode="reflect")


def _unframed(plane: NDArray[np.floating]) -> NDArray[np.floating]:
    return plane[_FRAME:-_FRAME, _FRAME:-_FRAME]


def _by_unsharp_mask(case: Case) -> Image:
    from PIL import Image as PillowImage
    from PIL.ImageFilter import UnsharpMask

    eight_bit = PillowImage.fromarray(np.rint(case.scan.pixels * 255).astype(np.uint8))
    made = np.asarray(eight_bit.filter(UnsharpMask()), np.float32)
    return np.asarray(made / np.float32(255), np.float32)


def _with_lightness(case: Case, change: NDArray[np.floating]) -> Image:
    return np.clip(case.scan.pixels + change[..., None].astype(np.float32), 0, 1)
