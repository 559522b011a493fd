"""Which order of the stages comes nearest to the truth, on whole aged prints.

The order that ships is that of the design. Others are tried on the same prints, and what they would
change is reported.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.config.recipe import recipe_from_document
from pipeline.core.photo import Photo
from pipeline.io.colour import srgb_profile, to_lab
from tests.benchmarks.ageing import Aged, aged
from tests.benchmarks.pictures import Half, seeds
from tests.benchmarks.recipe_runs import Bench, bench_of
from tests.benchmarks.restoration_report import Part, Target
from tests.benchmarks.similarity import ssim

SHIPPED = ("repair", "denoise", "deblur", "deyellow")

ORDERS: dict[str, tuple[str, ...]] = {
    "as shipped": SHIPPED,
    "denoise first": ("denoise", "repair", "deblur", "deyellow"),
    "deblur before denoise": ("repair", "deblur", "denoise", "deyellow"),
    "deyellow before denoise": ("repair", "deyellow", "denoise", "deblur"),
    "deyellow first": ("deyellow", "repair", "denoise", "deblur"),
}

_WITHIN = 0.01
"""SSIM by which another order must be better to be called so."""


def run(half: Half, count: int) -> Part:
    """Put `count` aged prints through the classical stages in each order."""
    prints = [aged(seed, 384) for seed in seeds(half, count)]
    found = {name: _scores(order, prints) for name, order in ORDERS.items()}
    alike = {name: scores["ssim"] for name, scores in found.items()}
    best = max(alike, key=lambda name: alike[name])
    lost = alike[best] - alike["as shipped"]
    scanned = _means([_distance(one.picture, one) for one in prints])
    return Part(
        "order",
        count,
        (Target("SSIM that the best order gains on the shipped one", lost, _WITHIN, "<="),),
        {"best": best, "as scanned": scanned, **found},
    )


def _scores(order: tuple[str, ...], prints: list[Aged]) -> dict[str, float]:
    document = {"name": "order", "description": "an order", "stages": ["split", *order]}
    ready = bench_of(recipe_from_document(document, "order"))
    return _means([_restored(ready, one) for one in prints])


def _restored(ready: Bench, one: Aged) -> tuple[float, float]:
    photo = Photo.of(one.picture, (one.dpi, one.dpi), srgb_profile(), bit_depth=8)
    result, _ = ready.restored(photo)
    return _distance(result.pixels, one)


def _distance(picture: Any, one: Aged) -> tuple[float, float]:
    """SSIM and mean CIEDE2000 to the truth."""
    from skimage.color import deltaE_ciede2000

    profile = srgb_profile()
    apart = deltaE_ciede2000(to_lab(picture, profile), to_lab(one.truth, profile))
    return ssim(np.asarray(picture, np.float32), one.truth), float(apart.mean())


def _means(scores: list[tuple[float, float]]) -> dict[str, float]:
    alike, apart = np.mean(scores, axis=0)
    return {"ssim": round(float(alike), 4), "ciede2000": round(float(apart), 3)}
