"""Split and straighten, measured on generated flatbed pages with true outlines.

A print counts as found when the cut that overlaps it best does so by an intersection over union of
at least 0.85 (0.50 is reported as well). Pages kept whole count all their prints as missed. What a
print loses is the share of its paper outside the cut that holds most of it, on pages that are cut.
The rival is the recipe found in most tutorials: Otsu's threshold against the lid, contours,
smallest turned rectangles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Tools
from pipeline.stages.split import Options, split
from tests.benchmarks.ageing_pages import Page, page
from tests.benchmarks.pictures import Half, seeds
from tests.benchmarks.restoration_report import Part, Target

Points = NDArray[np.float64]

STRICT, LOOSE = 0.85, 0.50
"""Overlaps (intersection over union) from which on a print counts as found."""
STRAIGHT_DEGREES = 0.2
"""A found print's angle may be off by so much."""
HARMLESS_LOSS = 0.01
"""Share of a print's paper whose loss no one sees: 0.3 mm all around a 9 x 13 cm print."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """What was cut out of one page: quads (4, 2) in scan px, angles in degrees, and why."""

    quads: tuple[Points, ...]
    angles: tuple[float, ...]
    reason: str = ""


@dataclass(frozen=True)
class Tally:
    """How one page came out.

    Args:
        kind, lid: of the page.
        prints: how many it holds.
        cuts: how many were made.
        found: overlap of each print with its cut, 0 where none.
        off: error of each found print's angle, degrees.
        lost: share of each print outside its cut, on pages that were cut.
        reason: what the stage said.
    """

    seed: int
    kind: str
    lid: str
    prints: int
    cuts: int
    found: tuple[float, ...]
    off: tuple[float, ...]
    lost: tuple[float, ...]
    reason: str


def cuts_of_stage(shown: Page) -> Cuts:
    """What the stage cuts."""
    photo = Photo.of(shown.pixels, (shown.dpi, shown.dpi))
    outcome = split(photo, Options(), Tools(ModelSet({}, "cpu")))
    if outcome.decision == "skipped":
        return Cuts((), (), outcome.reason)
    prints = outcome.measures["prints"]
    return Cuts(
        tuple(np.array(p["cut"]["quad"], dtype=np.float64) for p in prints),
        tuple(float(p["angle_degrees"]) for p in prints),
        outcome.reason,
    )


def cuts_of_rival(shown: Page) -> Cuts:
    """Otsu's threshold on the difference from the edge's median colour, then `minAreaRect`."""
    pixels = (shown.pixels * 255).astype(np.uint8)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    lid = np.median(edge, axis=0)
    far = np.abs(pixels.astype(np.float32) - lid).max(axis=2).astype(np.uint8)
    _, mask = cv2.threshold(cv2.GaussianBlur(far, (5, 5), 0), 0, 255, cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    quads, angles = [], []
    for contour in contours:
        _, (width, height), angle = frame = cv2.minAreaRect(contour)
        if width * height < 0.01 * mask.size:
            continue
        quads.append(cv2.boxPoints(frame).astype(np.float64))
        angles.append(float((angle + 45) % 90 - 45))
    if len(quads) == 1 and cv2.contourArea(quads[0].astype(np.float32)) > 0.95 * mask.size:
        return Cuts((), (), "one contour fills the scan")
    return Cuts(tuple(quads), tuple(angles), "contours")


def tally(seed: int, shown: Page, cuts: Cuts) -> Tally:
    """Compare what was cut with the truth."""
    truth = shown.quads
    overlaps = np.array([[_overlap(t, c) for c in cuts.quads] for t in truth])
    overlaps = overlaps.reshape(len(truth), len(cuts.quads))
    found = np.zeros(len(truth))
    off: list[float] = []
    rows, columns = linear_sum_assignment(-overlaps)
    for row, column in zip(rows, columns, strict=True):
        found[row] = overlaps[row, column]
        if found[row] >= LOOSE:
            off.append(abs(cuts.angles[column] - shown.angles[row]))
    lost = [1 - max(_shared(t, c) for c in cuts.quads) / _area(t) for t in truth if cuts.quads]
    return Tally(
        seed, shown.kind, shown.lid, len(truth), len(cuts.quads),
        tuple(found.tolist()), tuple(off), tuple(lost), cuts.reason,
    )  # fmt: skip


def _area(quad: Points) -> float:
    return float(cv2.contourArea(quad.astype(np.float32)))


def _shared(first: Points, second: Points) -> float:
    return float(cv2.intersectConvexConvex(first.astype(np.float32), second.astype(np.float32))[0])


def _overlap(first: Points, second: Points) -> float:
    shared = _shared(first, second)
    return shared / (_area(first) + _area(second) - shared)


def score(tallies: Sequence[Tally], at: float) -> float:
    """F1 over all prints of all pages at an overlap of at least `at`."""
    right = sum(value >= at for one in tallies for value in one.found)
    made = sum(one.cuts for one in tallies)
    there = sum(one.prints for one in tallies)
    return 2 * right / max(1, made + there)


def run(half: Half, count: int) -> Part:
    """Judge the stage and the rival on `count` pages of a half.

    Args:
        half: "tuning" or "held_out".
        count: pages; a tenth of them are single pictures without a margin.
    """
    ours: list[Tally] = []
    rival: list[Tally] = []
    for seed in seeds(half, count):
        shown = page(seed)
        ours.append(tally(seed, shown, cuts_of_stage(shown)))
        rival.append(tally(seed, shown, cuts_of_rival(shown)))
    off = np.array([v for one in ours for v in one.off] or [90.0])
    lost = np.array([v for one in ours for v in one.lost] or [0.0])
    alone = [one.cuts == 0 for one in ours if one.kind == "no_margin"]
    targets = (
        Target("F1 at IoU 0.85", score(ours, STRICT), 0.95, ">="),
        Target(
            "share of found prints within 0.2 degrees",
            float((off <= STRAIGHT_DEGREES).mean()), 0.95, ">=",
        ),
        Target(
            "share of single pictures without margin left alone",
            float(np.mean(alone)) if alone else 1.0, 1.0, ">=",
        ),
        Target("largest share of a print outside its cut", float(lost.max()), 0.02, "<="),
        Target(
            "share of a print outside its cut, 99 % quantile",
            float(np.quantile(lost, 0.99)), HARMLESS_LOSS, "<=",
        ),
    )  # fmt: skip
    return Part("split", count, targets, _figures(ours, rival, off))


def _figures(ours: list[Tally], rival: list[Tally], off: NDArray[np.float64]) -> dict[str, Any]:
    there = [one for one in ours if one.prints]
    whole = [one for one in there if not one.cuts]
    kinds = sorted({one.kind for one in there})
    return {
        "f1_at_iou_0.50": round(score(ours, LOOSE), 4),
        "rival_threshold_and_contours": {
            "f1_at_iou_0.85": round(score(rival, STRICT), 4),
            "f1_at_iou_0.50": round(score(rival, LOOSE), 4),
        },
        "rival_as_published": {"f1_at_iou_0.85": 0.74, "f1_at_iou_0.50": 0.98},
        "prints": sum(one.prints for one in ours),
        "pages_with_prints": len(there),
        "pages_kept_whole": len(whole),
        "angle_error_median_degrees": round(float(np.median(off)), 4),
        "by_kind": {
            kind: {
                "pages": sum(one.kind == kind for one in there),
                "kept_whole": sum(one.kind == kind for one in whole),
                "f1_at_iou_0.85": round(score([o for o in there if o.kind == kind], STRICT), 4),
            }
            for kind in kinds
        },
    }
