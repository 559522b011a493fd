"""Colour: how near aged prints come to what they were, and how little is done to all others.

Distances are mean CIEDE2000 to the fresh print; every rival (see `colour_rivals`) gets the same
scans.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.io.colour import to_lab
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.deyellow import Options, deyellow
from pipeline.stages.measure.tone_kind import tone_kind
from tests.benchmarks.ageing_colour import KINDS
from tests.benchmarks.colour_cases import (
    Case,
    aged_colour,
    fresh_colour,
    hard_colour,
    kinds_of_print,
    tinted_prints,
    toned_prints,
)
from tests.benchmarks.colour_rivals import absent_rivals, corrected_by_rivals
from tests.benchmarks.hard_colours import HARD_COLOURS
from tests.benchmarks.pictures import Half
from tests.benchmarks.restoration_report import Part, Target

Image = NDArray[np.float32]
Figures = dict[str, object]

_UNTOUCHED = 1.0


def run(half: Half, count: int) -> Part:
    """Score the stage `deyellow`, the kinds of print, and the rivals.

    Args:
        half: of the pictures and seeds.
        count: aged prints; there are about as many fresh ones, and half as many toned ones.
    """
    aged, about_aged = _score_aged(aged_colour(half, count))
    fresh = fresh_colour(half, max(5, count // 2))
    kinds, about_kinds = _score_kinds(kinds_of_print(half, 4 * count))
    hard, about_hard = _score_hard(hard_colour(half))
    moved, about_fresh = _score_fresh(fresh)
    toned = toned_prints(half, max(5, count // 4))
    tinted = tinted_prints(half, max(5, count // 4))
    about_tones = {"toned": _tone_lost(toned), "hand-tinted": _tone_lost(tinted)}
    neutral = max(_colour_left(case) for case in toned)
    targets = (
        Target("CIEDE2000 of aged prints, share of the best rival's", aged, 0.5, "<="),
        Target("CIEDE2000 that fresh prints move, mean", moved, 1.0, "<="),
        Target("CIEDE2000 that the worst hard case moves", hard, 1.0, "<="),
        Target(
            "tone lost of toned and tinted prints, worst, Lab", max(about_tones.values()), 2.0, "<="
        ),
        Target("colour left where neutral is asked for, worst, Lab", neutral, 1.0, "<="),
        Target("kind of print right, share", kinds, 0.99, ">="),
    )
    figures = {
        "aged": about_aged,
        "fresh": about_fresh,
        "hard": about_hard,
        "tone lost": about_tones,
        "kinds": about_kinds,
    }
    return Part("colour", count, targets, figures)


def mended(picture: Image, options: Options | None = None) -> Image:
    """What the stage makes of a picture."""
    tools = Tools(ModelSet({}, "cpu"))
    return deyellow(Photo.of(picture), options or Options(), tools).photo.pixels


def distance(one: Image, two: Image) -> float:
    """Mean CIEDE2000 of two sRGB pictures."""
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(to_lab(one, None), to_lab(two, None)).mean())


def _score_aged(cases: Sequence[Case]) -> tuple[float, Figures]:
    given = [case.given for case in cases]
    made = {"shoebox": [mended(one) for one in given], "nothing done": given}
    made.update(corrected_by_rivals(given))
    away = {
        name: [distance(one, case.truth) for one, case in zip(all_, cases, strict=True)]
        for name, all_ in made.items()
    }
    means = {name: float(np.mean(values)) for name, values in away.items()}
    ours = np.array(away["shoebox"])
    worse = ours > np.array(away["nothing done"]) + 0.3
    rivals = {n: v for n, v in means.items() if n not in ("shoebox", "nothing done")}
    best = min(rivals, key=lambda name: rivals[name])
    figures: Figures = {
        "mean": {name: round(value, 2) for name, value in sorted(means.items(), key=_second)},
        "best rival": best,
        "median": {n: round(float(np.median(away[n])), 2) for n in ("shoebox", best)},
        "by kind": {
            kind: {
                n: _mean_of_kind(away[n], cases, kind) for n in ("nothing done", best, "shoebox")
            }
            for kind in KINDS
        },
        "ended worse than begun": int(worse.sum()),
        "absent": absent_rivals(),
    }
    return means["shoebox"] / means[best], figures


def _second(pair: tuple[str, float]) -> float:
    return pair[1]


def _mean_of_kind(values: Sequence[float], cases: Sequence[Case], kind: str) -> float:
    chosen = [value for value, case in zip(values, cases, strict=True) if case.name == kind]
    return round(float(np.mean(chosen)), 2) if chosen else float("nan")


def _score_fresh(cases: Sequence[Case]) -> tuple[float, Figures]:
    moves = {case.name: distance(case.given, mended(case.given)) for case in cases}
    worst = max(moves, key=lambda name: moves[name])
    touched = float(np.mean([move > 0 for move in moves.values()]))
    mean = float(np.mean(list(moves.values())))
    return mean, {
        "mean": round(mean, 3),
        "worst": {worst: round(moves[worst], 2)},
        "touched": round(touched, 3),
        "moved by 1 or more": round(float(np.mean([m >= 1 for m in moves.values()])), 3),
    }


def _score_hard(cases: Sequence[Case]) -> tuple[float, Figures]:
    moves = {case.name: distance(case.given, mended(case.given)) for case in cases}
    figures: Figures = {}
    for name in HARD_COLOURS:
        own = {case: move for case, move in moves.items() if case.startswith(name)}
        figures[name] = {case.split(": ")[1]: round(move, 2) for case, move in own.items()}
    return max(moves.values()), figures


def _tone_lost(cases: Sequence[Case]) -> float:
    """Largest mean change of (a, b) over the middle tones, where tone shows."""
    lost = 0.0
    for case in cases:
        before, after = to_lab(case.given, None), to_lab(mended(case.given), None)
        middle = (before[..., 0] > 30) & (before[..., 0] < 80)
        if middle.any():
            moved = np.linalg.norm((after - before)[..., 1:], axis=2)[middle]
            lost = max(lost, float(moved.mean()))
    return round(lost, 3)


def _colour_left(case: Case) -> float:
    lab = to_lab(mended(case.given, Options(tone="neutral")), None)
    return float(np.median(np.hypot(lab[..., 1], lab[..., 2])))


def _score_kinds(cases: Sequence[Case]) -> tuple[float, Figures]:
    told = [tone_kind(case.given, None).kind for case in cases]
    right = [one == case.kind for one, case in zip(told, cases, strict=True)]
    wrong: dict[str, int] = {}
    for one, case in zip(told, cases, strict=True):
        if one != case.kind:
            name = f"{case.name} taken for {one}"
            wrong[name] = wrong.get(name, 0) + 1
    return float(np.mean(right)), {"cases": len(cases), "wrong": wrong}
