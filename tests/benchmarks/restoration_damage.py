"""Repair measured on damage whose place is known, and on pictures that have none.

Precision is the share of the mask within 2 px of damage, recall the share of damaged px within
1 px of the mask; both of all px of all pictures together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.core.samples import to_integer
from pipeline.stages.filling import filled
from pipeline.stages.measure.damage import find_damage
from pipeline.stages.repair import Options
from tests.benchmarks import damage_rivals, pictures
from tests.benchmarks.ageing_damage import KINDS, Amounts, Damaged, damaged, silver_infrared
from tests.benchmarks.damage_scores import Counts, counted, near
from tests.benchmarks.mistaken_for_damage import SCENES, scene
from tests.benchmarks.pictures import Half
from tests.benchmarks.restoration_report import Part, Target
from tests.benchmarks.similarity import psnr

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SIDE = 448
_DPI = (200.0, 300.0, 400.0)
_CLEAN_DPI = 300.0
_TONE = np.array([0.95, 0.8, 0.6], np.float32)
_SCENES_EACH = 2


@dataclass(frozen=True, eq=False)
class Case:
    """One damaged print as it was scanned.

    Args:
        scan, truth: float32 (h, w, 3), with and without the damage; both blurred and noisy.
        damage: what was done.
        px_per_mm: resolution.
        kind: "colour", "grey" or "toned".
    """

    scan: Image
    truth: Image
    damage: Damaged
    px_per_mm: float
    kind: str


def case(seed: int) -> Case:
    """A damaged print, scanned: everything follows from the seed."""
    random = np.random.default_rng([seed, 5])
    kind = ("colour", "colour", "colour", "grey", "toned", "colour")[(seed // 2) % 6]
    colour = kind == "colour"
    picture = pictures.colour_picture(seed, _SIDE) if colour else pictures.grey_picture(seed, _SIDE)
    if kind == "toned":
        picture = picture * _TONE
    # No enlarger draws sharply to a px of the scan, as these digital pictures are.
    picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.2))
    per_mm = float(random.choice(_DPI)) / 25.4
    most = {"dust": 30, "hair": 4, "scratch": 4, "crease": 2, "tear": 2, "stain": 3}
    amounts = Amounts(**{name: int(random.integers(0, top)) for name, top in most.items()})
    damage = damaged(picture, amounts, per_mm, random)
    sigma, noise = random.uniform(0.45, 0.8), random.uniform(0.5, 3.0) / 255
    grain = random.normal(0, noise, (*picture.shape[:2], 3 if colour else 1))
    scan, truth = (_scanned(p, sigma, grain.astype(np.float32)) for p in (damage.picture, picture))
    return Case(scan, truth, damage, per_mm, kind)


def clean_pictures(half: Half) -> Iterator[tuple[str, Image]]:
    """Undamaged pictures by name: photographs of the half, toned ones, generated, hard scenes."""
    for name in pictures.COLOUR[half] + pictures.GREY[half]:
        seed = pictures.seeds(half, 1)[0]
        try:
            picture = pictures.named(name, seed)
        except LookupError:
            continue
        yield name, picture
        if name in pictures.GREY[half]:
            yield f"{name} toned", picture * _TONE
    for seed in pictures.seeds(half, _SCENES_EACH):
        for name in SCENES:
            yield f"scene {name} {seed}", scene(name, seed)


def run(half: Half, count: int) -> Part:
    """Score finding and filling on `count` damaged prints, and false alarms on undamaged ones."""
    totals: dict[str, Counts] = defaultdict(Counts)
    by_kind: dict[str, Counts] = defaultdict(Counts)
    gains: dict[str, list[float]] = defaultdict(list)
    given: dict[str, list[float]] = defaultdict(list)
    for seed in pictures.seeds(half, count):
        one = case(seed)
        masks = _masks(one, seed)
        for name, mask in masks.items():
            totals[name] += counted(mask, one.damage.mask, one.damage.ignored)
        totals[f"of {one.kind} prints"] += counted(
            masks["without infrared"], one.damage.mask, one.damage.ignored
        )
        for kind, recalled in _by_kind(masks["without infrared"], one.damage):
            by_kind[kind] += recalled
        for name, value in _gains(one, masks["without infrared"]).items():
            gains[name].append(value)
        for name, value in _gains(one, near(one.damage.mask, 1)).items():
            given[name].append(value)
    sound = dict(clean_pictures(half))
    alarms = {name: _alarm(picture, _CLEAN_DPI) for name, picture in sound.items()}
    unknown = {n: _alarm(p, None) for n, p in sound.items() if not n.startswith("scene")}
    photographs = [share for name, share in alarms.items() if not name.startswith("scene")]
    drawn = [share for name, share in alarms.items() if name.startswith("scene")]
    own, infrared = totals["without infrared"], totals["with infrared"]
    means = {name: float(np.mean(values)) for name, values in gains.items()}
    rivals = max(means[f"filled_{name}"] for name in damage_rivals.FILLINGS)
    targets = (
        Target("mask precision", own.precision, 0.9, ">="),
        Target("mask recall", own.recall, 0.9, ">="),
        Target("mask precision with infrared", infrared.precision, 0.9, ">="),
        Target("mask recall with infrared", infrared.recall, 0.9, ">="),
        Target(
            "false alarms on photographs, mean %", 100 * float(np.mean(photographs)), 0.05, "<="
        ),
        Target("false alarms on scenes, %", 100 * float(np.mean(drawn)), 0.05, "<="),
        Target("PSNR in the mask above the scan's, dB", means["filled"] - means["scan"], 0.0, ">="),
        Target("PSNR in the mask above the best rival, dB", means["filled"] - rivals, 0.0, ">="),
    )
    figures: dict[str, Any] = {
        "masks": {name: total.as_json() for name, total in totals.items()},
        "recall_by_kind": {kind: round(total.recall, 3) for kind, total in by_kind.items()},
        "psnr_in_mask_db": {name: round(value, 2) for name, value in means.items()},
        "psnr_where_all_damage_is_known_db": {
            name: round(float(np.mean(values)), 2) for name, values in given.items()
        },
        "false_alarm_percent": {name: round(100 * share, 4) for name, share in alarms.items()},
        "worst_false_alarm_percent": round(100 * max(alarms.values()), 4),
        "false_alarm_percent_at_unknown_dpi": {
            name: round(100 * share, 4) for name, share in unknown.items()
        },
    }
    return Part("damage", count, targets, figures)


def _masks(one: Case, seed: int) -> dict[str, Mask]:
    samples, caution = Photo.of(one.scan).samples, Options().caution
    silver = silver_infrared(one.truth, np.random.default_rng([seed, 6]))
    planes = {
        "without infrared": None,
        "with infrared": to_integer(one.damage.infrared, 16),
        "with infrared of silver": to_integer(silver, 16),
    }
    masks = {
        name: find_damage(samples, one.px_per_mm, caution, infrared=plane).mask
        for name, plane in planes.items()
    }
    masks |= {name: find(one.scan) for name, find in damage_rivals.DETECTORS.items()}
    return masks


def _by_kind(mask: Mask, damage: Damaged) -> Iterator[tuple[str, Counts]]:
    for kind in KINDS[:-1]:
        truth = damage.mask & (damage.covers[kind] >= 0.25)
        if truth.any():
            yield kind, counted(mask, truth, np.ones_like(truth))


def _gains(one: Case, mask: Mask) -> dict[str, float]:
    """PSNR in dB to the truth within a mask: of the scan, of our filling, of the rivals'."""
    if not mask.any():
        return {}
    options = Options()
    ours = filled(Photo.of(one.scan), mask, options.radius_px, options.grain).pixels
    results = {"scan": one.scan, "filled": ours}
    for name, method in damage_rivals.FILLINGS.items():
        results[f"filled_{name}"] = damage_rivals.inpainted(one.scan, mask, method)
    return {name: psnr(made[mask], one.truth[mask]) for name, made in results.items()}


def _alarm(picture: Image, dpi: float | None) -> float:
    """Share of an undamaged picture that is taken for damage."""
    grey = bool(np.array_equal(picture[..., 0], picture[..., 2]))
    samples = Photo.of(picture, monochrome=grey).samples
    return find_damage(samples, None if dpi is None else dpi / 25.4, Options().caution).share


def _scanned(picture: Image, sigma: float, grain: Image) -> Image:
    soft = cv2.GaussianBlur(picture, (0, 0), sigma)
    return np.clip(soft + grain, 0, 1).astype(np.float32)
