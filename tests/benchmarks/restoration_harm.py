"""Do no harm: clean pictures through whole recipes come out as they went in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.io.colour import srgb_profile
from pipeline.stages.base import Outcome
from tests.benchmarks.pictures import Half, colour_picture, grey_picture, seeds
from tests.benchmarks.recipe_runs import Bench, bench
from tests.benchmarks.restoration_report import Part, Target
from tests.benchmarks.similarity import ssim

Image = NDArray[np.float32]

LEAST: dict[str, float] = {"archive": 0.95, "faithful": 0.985}
"""SSIM to the input that every clean picture must keep, by recipe."""

_SIDE = 320
_DPI = 300.0


def run(half: Half, count: int) -> Part:
    """Put `count` clean pictures, colour and grey in turn, through each recipe."""
    targets: list[Target] = []
    figures: dict[str, Any] = {}
    for recipe, least in LEAST.items():
        scores, changed, coloured = _judged(bench(recipe), half, count)
        targets.append(Target(f"{recipe}: least SSIM of a clean picture", min(scores), least, ">="))
        targets.append(Target(f"{recipe}: grey pictures that gained colour", coloured, 0, "<="))
        figures[recipe] = {
            "ssim_mean": round(float(np.mean(scores)), 4),
            "ssim_each": [round(score, 4) for score in scores],
            "stages_that_acted": changed,
        }
    return Part("harm", count, tuple(targets), figures)


def clean_photos(half: Half, count: int) -> Iterator[tuple[int, Photo]]:
    """Clean pictures by their seed; every third is grey."""
    for number, seed in enumerate(seeds(half, count)):
        grey = number % 3 == 2
        picture = grey_picture(seed, _SIDE) if grey else colour_picture(seed, _SIDE)
        yield seed, Photo.of(picture, (_DPI, _DPI), srgb_profile(), bit_depth=8, monochrome=grey)


def _judged(ready: Bench, half: Half, count: int) -> tuple[list[float], dict[str, int], int]:
    """SSIM of each picture, how often each stage acted, how many grey pictures gained colour."""
    scores: list[float] = []
    acted: dict[str, int] = {}
    coloured = 0
    for _, photo in clean_photos(half, count):
        result, outcomes = ready.restored(photo)
        scores.append(ssim(photo.pixels, result.pixels))
        for name in _acting(outcomes):
            acted[name] = acted.get(name, 0) + 1
        coloured += photo.monochrome and not _is_grey(result.pixels)
    return scores, acted, coloured


def _acting(outcomes: dict[str, Outcome]) -> list[str]:
    return [name for name, outcome in outcomes.items() if outcome.decision == "applied"]


def _is_grey(pixels: Image) -> bool:
    return bool(
        (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all()
    )
