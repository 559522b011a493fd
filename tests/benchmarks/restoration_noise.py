"""Denoising on pictures with known truth: noise, film grain, screens, paper texture, clean ones.

BM3D is told the true standard deviation, and in a second run the one scikit-image estimates. PSNR
is of all channels, in dB, against the picture before ageing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.denoise import Options, denoise
from tests.benchmarks.ageing_surface import grained, is_grey, noisy
from tests.benchmarks.denoise_rivals import (
    bm3d_installed,
    by_bm3d,
    estimated_sigma,
    installed_rivals,
)
from tests.benchmarks.pictures import Half, colour_picture, grey_picture, named, seeds
from tests.benchmarks.restoration_report import Part, Target
from tests.benchmarks.screen_cases import screen_figures
from tests.benchmarks.similarity import psnr

Image = NDArray[np.float32]

_SIDE = 256
_SIGMAS = (5, 10, 20, 30)
_GRAINS = ((8, 0.5), (12, 0.8), (8, 1.2), (16, 0.8))
"""Film grain of the cases: standard deviation in 255ths, size in px."""

_HARD: dict[Half, tuple[str, ...]] = {
    "tuning": ("astronaut", "coffee", "camera", "gravel"),
    "held_out": ("chelsea", "rocket", "motorcycle", "brick", "grass", "text", "page", "moon"),
}
"""Clean pictures, some of them all texture, in which there is nothing to take away."""


@dataclass(frozen=True)
class _Case:
    """A picture, the same with noise, and of what kind the noise is ("white 10", "grain")."""

    kind: str
    truth: Image
    noisy: Image
    sigma: float


def run(half: Half, count: int) -> Part:
    """Score denoising on `count` pictures with white noise and as many with film grain."""
    cases = _white_cases(half, count) + _grain_cases(half, count)
    ours = {name: _scores(cases, options) for name, options in _WAYS.items()}
    rivals = _rival_scores(cases)
    clean = _clean_losses(half, count)
    screens = screen_figures(half, count)
    figures: dict[str, Any] = {
        "psnr_db": _by_kind(cases, {**ours, **rivals, "noisy": _noisy_scores(cases)}),
        "absent": [] if bm3d_installed() else ["bm3d"],
        "clean_loss_db": clean,
        "screens": screens.figures,
    }
    targets = [
        Target("largest loss of PSNR on a clean picture, dB", max(clean.values()), 0.0, "<="),
        *screens.targets,
    ]
    if "bm3d" in rivals:
        told = [k for k, case in enumerate(cases) if case.kind != "grain"]
        guessed = list(range(len(cases)))
        for name, way in ours.items():
            for rival, which in (("bm3d", told), ("bm3d_estimated", guessed)):
                gain = float(np.mean([way[k] - rivals[rival][k] for k in which]))
                targets.append(Target(f"{name}: PSNR less that of {rival}, dB", gain, -0.3, ">="))
    return Part("noise", len(cases), tuple(targets), figures)


_WAYS = {
    "shoebox": Options(),
    "shoebox_no_grain_kept": Options(keep_grain=0.0),
}


def restored(picture: Image, options: Options) -> Outcome:
    """The denoise stage on a picture of 0..1."""
    photo = Photo.of(picture, monochrome=is_grey(picture))
    return denoise(photo, options, Tools(ModelSet({}, "cpu")))


def _picture(half: Half, number: int) -> Image:
    """Two colour pictures, then a grey one."""
    seed = seeds(half, number + 1)[-1]
    return (grey_picture if number % 3 == 2 else colour_picture)(seed, _SIDE)


def _white_cases(half: Half, count: int) -> list[_Case]:
    cases = []
    for number in range(count):
        sigma = _SIGMAS[number % len(_SIGMAS)]
        truth = _picture(half, number)
        random = np.random.default_rng(1000 + seeds(half, number + 1)[-1])
        bad = noisy(truth, sigma / 255, random)
        cases.append(_Case(f"white {sigma}", truth, bad, sigma / 255))
    return cases


def _grain_cases(half: Half, count: int) -> list[_Case]:
    cases = []
    for number in range(count):
        sigma, size = _GRAINS[number % len(_GRAINS)]
        truth = _picture(half, number)
        random = np.random.default_rng(2000 + seeds(half, number + 1)[-1])
        bad = grained(truth, sigma / 255, size, random)
        cases.append(_Case("grain", truth, bad, float(np.std(bad - truth))))
    return cases


def _scores(cases: Sequence[_Case], options: Options) -> list[float]:
    return [psnr(case.truth, restored(case.noisy, options).photo.pixels) for case in cases]


def _noisy_scores(cases: Sequence[_Case]) -> list[float]:
    return [psnr(case.truth, case.noisy) for case in cases]


def _rival_scores(cases: Sequence[_Case]) -> dict[str, list[float]]:
    scores = {
        name: [psnr(case.truth, way(case.noisy)) for case in cases]
        for name, way in installed_rivals().items()
    }
    if not bm3d_installed():
        return scores
    told = by_bm3d([case.noisy for case in cases], [case.sigma for case in cases])
    guesses = [estimated_sigma(case.noisy) for case in cases]
    guessed = by_bm3d([case.noisy for case in cases], guesses)
    for name, made in (("bm3d", told), ("bm3d_estimated", guessed)):
        scores[name] = [psnr(case.truth, m) for case, m in zip(cases, made, strict=True)]
    return scores


def _by_kind(
    cases: Sequence[_Case], scores: Mapping[str, Sequence[float]]
) -> dict[str, dict[str, float]]:
    """Mean PSNR of every way for every kind of noise, colour and grey apart."""
    kinds: dict[str, list[int]] = {}
    for k, case in enumerate(cases):
        colour = "grey" if is_grey(case.truth) else "colour"
        kinds.setdefault(f"{case.kind} {colour}", []).append(k)
        kinds.setdefault(f"{case.kind}", []).append(k)
    return {
        kind: {
            name: round(float(np.mean([all_[k] for k in which])), 2)
            for name, all_ in scores.items()
        }
        for kind, which in sorted(kinds.items())
    }


def _clean_losses(half: Half, count: int) -> dict[str, float]:
    """How much PSNR to itself each clean picture loses: 100 dB less that of what came out."""
    pictures = {name: named(name)[:_SIDE, :_SIDE] for name in _HARD[half]}
    pictures |= {f"seed {seeds(half, n + 1)[-1]}": _picture(half, n) for n in range(count)}
    return {name: round(100 - _kept(picture), 2) for name, picture in pictures.items()}


def _kept(picture: Image) -> float:
    outcome = restored(picture, Options())
    return 100.0 if outcome.decision == "skipped" else psnr(picture, outcome.photo.pixels)
