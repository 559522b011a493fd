"""The pictures that the colour benchmark judges: aged, fresh, toned, tinted, and hard to judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.tone_kind import ToneKind
from tests.benchmarks.ageing_colour import (
    KINDS,
    TONERS,
    SilverAgeing,
    drawn_fading,
    faded,
    hand_tinted,
    silver_aged,
    toned,
)
from tests.benchmarks.hard_colours import HARD_COLOURS
from tests.benchmarks.pictures import COLOUR, GREY, Half, colour_picture, grey_picture, named, seeds

Image = NDArray[np.float32]

_SIDE = 256
_GRAIN = 0.012
_SCANNER = 0.003


@dataclass(frozen=True)
class Case:
    """One picture to be judged.

    Args:
        name: what it is.
        given: float32 (h, w, 3) in 0..1, as it comes from the scanner, 8 bit.
        truth: the same print when it was fresh.
        kind: which kind of print it is.
    """

    name: str
    given: Image
    truth: Image
    kind: ToneKind = "colour"


def aged_colour(half: Half, count: int) -> list[Case]:
    """Aged colour prints, each kind of ageing in turn; film grain ages with the picture."""
    cases = []
    for number, seed in enumerate(seeds(half, count)):
        random = np.random.default_rng([seed, 1])
        truth = grained(colour_picture(seed, _SIDE), random)
        kind = KINDS[number % len(KINDS)]
        given = scanned(faded(truth, drawn_fading(kind, random)), random)
        cases.append(Case(kind, given, truth))
    return cases


def fresh_colour(half: Half, count: int) -> list[Case]:
    """Colour prints that have not aged: crops, and the half's photographs as a whole."""
    cases = []
    for seed in seeds(half, count):
        picture = colour_picture(seed, _SIDE)
        cases.append(Case(f"crop {seed}", scanned(picture, np.random.default_rng(seed)), picture))
    for name in _photographs(half):
        picture = named(name)
        cases.append(Case(name, picture, picture))
    return cases


def hard_colour(half: Half) -> list[Case]:
    """Every hard case made of every photograph of a half; none of them has aged."""
    cases = []
    for name, change in HARD_COLOURS.items():
        for number, source in enumerate(_photographs(half)):
            picture = change(named(source))
            given = scanned(picture, np.random.default_rng(number))
            cases.append(Case(f"{name}: {source}", given, picture))
    return cases


def toned_prints(half: Half, count: int) -> list[Case]:
    """Fresh toned prints on paper that is white to cream."""
    cases = []
    for number, seed in enumerate(seeds(half, count)):
        random = np.random.default_rng([seed, 2])
        picture = grained(grey_picture(seed, _SIDE), random, grey=True)
        toner = list(TONERS)[number % len(TONERS)]
        print_ = toned(picture, toner, cream=float(random.uniform(0, 1)))
        cases.append(Case(toner, scanned(print_, random), print_, "toned"))
    return cases


def tinted_prints(half: Half, count: int) -> list[Case]:
    """Fresh black and white or sepia prints that were painted over by hand."""
    cases = []
    for number, seed in enumerate(seeds(half, count)):
        random = np.random.default_rng([seed, 3])
        picture = grained(grey_picture(seed, _SIDE), random, grey=True)
        ground = toned(picture, "sepia" if number % 2 else "brown", cream=0.5)
        print_ = hand_tinted(ground, random)
        cases.append(Case("hand-tinted", scanned(print_, random), print_, "colour"))
    return cases


def kinds_of_print(half: Half, count: int) -> list[Case]:
    """Prints of every kind, fresh and aged, scanned in colour; as many of each kind."""
    share = -(-count // 6)
    cases = [*toned_prints(half, share), *tinted_prints(half, share // 2)]
    cases += aged_colour(half, share) + fresh_colour(half, share - share // 2)[: share // 2 + 1]
    for number, seed in enumerate(seeds(half, 2 * share)):
        random = np.random.default_rng([seed, 4])
        picture = grained(grey_picture(seed, _SIDE), random, grey=True)
        silver = float(random.uniform(0.6, 1.0))
        if number % 3:
            print_ = silver_aged(picture, SilverAgeing(silver))
            cases.append(Case("grey", scanned(print_, random), print_, "monochrome"))
        else:
            ageing = SilverAgeing(silver, float(random.uniform(0.12, 0.3)), float(random.random()))
            print_ = silver_aged(picture, ageing)
            cases.append(Case("yellowed grey", scanned(print_, random), print_, "toned"))
    return cases


def grained(picture: Image, random: np.random.Generator, grey: bool = False) -> Image:
    """With the grain of a film, which is part of the picture; `grey`: the same in all channels."""
    shape = (*picture.shape[:2], 1 if grey else 3)
    grain = random.normal(0.0, _GRAIN, shape).astype(np.float32)
    return np.clip(picture + grain, 0, 1).astype(np.float32)


def scanned(picture: Image, random: np.random.Generator) -> Image:
    """As a scanner of 8 bits with a little noise sees it."""
    noisy = picture + random.normal(0.0, _SCANNER, picture.shape)
    return (np.round(np.clip(noisy, 0, 1) * 255) / 255).astype(np.float32)


def _photographs(half: Half) -> list[str]:
    """Names of the half's photographs that are installed; generated ones are none."""
    there = []
    for name in COLOUR[half]:
        try:
            named(name)
        except LookupError:
            continue
        there += [name] if name != "leaves" else []
    return there


def grey_photographs(half: Half) -> list[str]:
    """Names of the half's grey photographs."""
    return list(GREY[half])
