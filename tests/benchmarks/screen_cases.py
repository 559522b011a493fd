"""Screened and textured pictures, clean ones and periodic scenes: are screens found and removed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.denoise import Options, denoise
from pipeline.stages.measure.sampling import luma_tiles
from pipeline.stages.measure.screen import Screen, screen_in
from tests.benchmarks.ageing_surface import (
    Halftone,
    grained,
    halftoned,
    is_grey,
    noisy,
    silken,
    unscreened,
)
from tests.benchmarks.periodic_scenes import PERIODIC
from tests.benchmarks.pictures import Half, colour_picture, grey_picture, named, seeds
from tests.benchmarks.restoration_report import Target
from tests.benchmarks.similarity import psnr, ssim

Image = NDArray[np.float32]

_SIDE = 512
_LINES = (85.0, 100.0, 133.0, 150.0)
_DPI = (300.0, 400.0, 600.0)
_APERTURES = (0.6, 0.9, 1.2)


@dataclass(frozen=True)
class Screens:
    """What was found: targets and figures of the benchmark's part."""

    targets: tuple[Target, ...]
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class ScreenCase:
    """A picture under a screen, the same without, and what lies over it."""

    kind: str
    period_px: float
    truth: Image
    aged: Image


def screen_figures(half: Half, count: int) -> Screens:
    """Detection and removal on `count` screened pictures, detection on as many clean ones."""
    cases = [screen_case(half, number) for number in range(count)]
    found = [_screen(case.aged) for case in cases]
    right = [screen.kind == case.kind for case, screen in zip(cases, found, strict=True)]
    seen = [screen.kind != "none" for screen in found]
    false = {name: s.kind for name, s in _clean_screens(half, count).items() if s.kind != "none"}
    scores = {kind: _removal([c for c in cases if c.kind == kind]) for kind in _KINDS}
    targets = (
        Target("share of screens and textures found", float(np.mean(seen)), 0.9, ">="),
        Target("false screens on clean pictures and periodic scenes", len(false), 0, "<="),
    )
    figures = {"kind_right": float(np.mean(right)), "false": false, "removal": scores}
    return Screens(targets, figures)


_KINDS = ("halftone", "texture")


def screen_case(half: Half, number: int) -> ScreenCase:
    """The picture of a number: halftone and texture in turns, every third one grey."""
    seed = seeds(half, number + 1)[-1]
    random = np.random.default_rng(3000 + seed)
    clean = (grey_picture if number % 3 == 2 else colour_picture)(seed, _SIDE)
    if number % 2:
        period = float(random.uniform(4.0, 14.0))
        strength = float(random.uniform(0.012, 0.04))
        turn = float(random.uniform(-15, 15))
        aged = silken(
            clean, period, strength, random, turn=turn, honeycomb=bool(random.random() < 0.6)
        )
        return ScreenCase("texture", period, clean, noisy(aged, 0.006, random))
    screen = Halftone(
        float(random.choice(_LINES)),
        float(random.choice(_DPI)),
        float(random.choice(_APERTURES)),
        float(random.uniform(-4, 4)),
    )
    aged = noisy(halftoned(clean, screen), 0.006, random)
    return ScreenCase("halftone", screen.period_px, unscreened(clean, screen), aged)


def _clean_screens(half: Half, count: int) -> dict[str, Screen]:
    """What is found where there is nothing: clean, noisy and grainy pictures, periodic scenes."""
    found: dict[str, Screen] = {}
    for number in range(count):
        seed = seeds(half, number + 1)[-1]
        random = np.random.default_rng(4000 + seed)
        clean = (grey_picture if number % 3 == 2 else colour_picture)(seed, _SIDE)
        found[f"clean {seed}"] = _screen(clean)
        found[f"noisy {seed}"] = _screen(noisy(clean, 0.03, random))
        found[f"grainy {seed}"] = _screen(grained(clean, 0.04, 0.8, random))
        name, scene = list(PERIODIC.items())[number % len(PERIODIC)]
        found[f"{name} {seed}"] = _screen(scene(clean, random))
    wholes: dict[Half, tuple[str, ...]] = {
        "tuning": ("astronaut", "coffee", "camera", "gravel"),
        "held_out": ("chelsea", "rocket", "motorcycle", "brick", "grass", "text", "page", "coins"),
    }
    return found | {name: _screen(named(name)) for name in wholes[half]}


def _screen(picture: Image) -> Screen:
    return screen_in(luma_tiles(_photo(picture)))


def _photo(picture: Image) -> Photo:
    return Photo.of(picture, monochrome=is_grey(picture))


def _removal(cases: list[ScreenCase]) -> dict[str, float]:
    """Mean PSNR (dB) and SSIM to the unscreened picture before and after the stage."""
    tools = Tools(ModelSet({}, "cpu"))
    rows: list[dict[str, float]] = []
    for case in cases:
        after = denoise(_photo(case.aged), Options(), tools).photo.pixels
        row: dict[str, float] = {}
        for when, picture in (("before", case.aged), ("after", after)):
            row[f"psnr_{when}"] = psnr(picture, case.truth)
            row[f"ssim_{when}"] = ssim(picture, case.truth)
        rows.append(row)
    return {key: round(float(np.mean([r[key] for r in rows])), 4) for key in (rows or [{}])[0]}
