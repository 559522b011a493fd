"""Split: find the prints on a flatbed scan, cut them out and straighten them.

The lid, or the album's sheet, is found first (`split_lid`), then what lies on it
(`split_outline`). Sides that no single row of px shows are looked for in many rows at once, white
borders on a white lid among them (`split_evidence`); prints that were pushed together are taken
apart (`split_touching`); then each print is cut (`split_cut`). All or nothing: when one outline is
in doubt, or something else lies on the glass, the whole scan is kept as one print, so no picture
is ever lost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.split_cut import Cut, cut_print, plan_cut, reading_order
from pipeline.stages.split_edge import Look, look_at
from pipeline.stages.split_evidence import confirmed, covered_by, with_border
from pipeline.stages.split_lid import Lid, Mask, find_lid
from pipeline.stages.split_outline import (
    MOST_PARTS,
    Rectangle,
    fit_rectangle,
    join_overlapping,
    long_side,
    short_side,
    solid_parts,
)
from pipeline.stages.split_rest import is_strip_of_lid, is_writing
from pipeline.stages.split_touching import take_apart

WORKING_SIDE = 1200
"""Long side of the reduced scan on which prints are looked for, px."""
UNKNOWN_DPI_BED_INCHES = 11.7
"""When the resolution is unknown the scan's long side is taken for a bed of this length."""
NO_MARGIN_COVERAGE = 0.85
"""One print covering more of the scan than this is cut only when all of its sides are certain."""
SURE_SCORE = 0.75
"""Certainty asked of a print that reaches the edge of the scan, or lies on a tinted ground."""
PLAIN_SCORE = 0.85
"""A rectangle this certain is not tried for being two prints side by side."""
LEAST_FILL = 0.97
MOST_FILL = 1.12
"""An outline that fills less or more of its rectangle may be more than one print, or none."""
OWN_BORDER_SHARE = 0.11
"""An even frame narrower than this share of the side is the print's own white border."""


class Options(StageOptions):
    """What counts as a print and how it is cut."""

    min_side_mm: float = Field(
        15.0, ge=5.0, le=100.0, description="Shortest side of a print, mm of paper."
    )
    margin_mm: float = Field(
        0.1, ge=0.0, le=5.0, description="Kept around each print so that no edge is lost, mm."
    )
    min_score: float = Field(
        0.6,
        ge=0.3,
        le=1.0,
        description="Certainty (share of straight sides and of filled area) below which the "
        "whole scan is kept, 0..1.",
    )
    max_skew_degrees: float = Field(
        30.0,
        ge=0.0,
        le=44.0,
        description="Prints turned further than this are left to the person: the whole scan is "
        "kept, degrees.",
    )


@dataclass(frozen=True)
class Working:
    """The scan reduced for looking at it.

    Args:
        image: float32 (h, w, 3), square pixels.
        scale: (x, y) working px per scan px.
        per_mm: working px per mm of paper.
    """

    image: NDArray[np.float32]
    scale: tuple[float, float]
    per_mm: float


def split(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Find the prints on a scan and return one straightened photo per print, in reading order.

    Args:
        photo: a whole scan.
        options: see `Options`.
        tools: unused; the stage needs no network.

    Returns:
        `applied` with the prints, or `skipped` with the very photo when it has no margin or
        when in doubt. Measures: `prints` (quad in continuous scan px from the top left corner as
        the print reads, `angle_degrees` clockwise, `score` 0..1, `support` 0..1), `background`,
        `coverage` 0..1 and, when in doubt, `candidates` in place of prints.
    """
    working = _reduce(photo)
    lid = find_lid(working.image)
    if lid is None:
        return skipped(
            photo, "the picture reaches the edge of the scan: no lid to cut away", **_facts(None)
        )
    look = look_at(working.image, lid, working.per_mm)
    parts = _parts(look.contrast > lid.threshold, working)
    if len(parts) > MOST_PARTS:
        return _keep(photo, "the background is not a plain lid", lid, [], working)
    prints, doubt = _prints(parts, look, options, working)
    if not doubt:
        doubt = _doubt(prints, lid, options, working)
    if doubt:
        return _keep(photo, doubt, lid, prints, working)
    if len(prints) == 1:
        left_alone = _left_alone(prints[0], working)
        if left_alone:
            return skipped(photo, left_alone, **_facts(lid, prints, working))
    return _cut_all(photo, prints, lid, options, working)


STAGE = Stage(name="split", version=3, options=Options, run=split, scope="scan")


def _reduce(photo: Photo) -> Working:
    dpi = photo.dpi or (1.0, 1.0)
    # Unequal resolutions are evened out, so that angles are true.
    finest = max(dpi)
    width, height = photo.width * finest / dpi[0], photo.height * finest / dpi[1]
    factor = min(1.0, WORKING_SIDE / max(width, height))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    reduced = cv2.resize(photo.samples, size, interpolation=cv2.INTER_AREA)
    view = photo.with_samples(reduced.reshape(size[1], size[0], -1)).pixels
    image = cv2.GaussianBlur(view, (0, 0), 0.8, borderType=cv2.BORDER_REPLICATE)
    scale = size[0] / photo.width, size[1] / photo.height
    if photo.dpi is None:
        per_mm = max(size) / (UNKNOWN_DPI_BED_INCHES * 25.4)
    else:
        per_mm = photo.dpi[0] * scale[0] / 25.4
    return Working(image, scale, per_mm)


def _parts(mask: Mask, working: Working) -> list[Mask]:
    grain = 2 * round(0.6 * working.per_mm) + 1
    return solid_parts(mask, min(max(grain, 3), 15))


def _prints(
    parts: list[Mask], look: Look, options: Options, working: Working
) -> tuple[list[Rectangle], str]:
    """The rectangles of all prints, and what casts doubt on them (empty when nothing does)."""
    smallest = options.min_side_mm * working.per_mm
    solid: list[Mask] = []
    for part in join_overlapping(parts):
        short, long = short_side(part), long_side(part)
        if short < smallest and (is_writing(part, look) or is_strip_of_lid(part, look)):
            continue
        if short >= smallest:
            solid.append(part)
        elif long >= smallest / 2 and short >= smallest / 5:
            size = " x ".join(f"{side / working.per_mm:.0f}" for side in (long, short))
            return [], f"something of {size} mm that is no print lies on the glass"
    prints: list[Rectangle] = []
    everything = np.any(solid, axis=0) if solid else np.zeros(look.contrast.shape, dtype=bool)
    for part in solid:
        certain = all(found.score >= options.min_score for found in prints)
        group = _of_one_part(part, look, options) if certain else [fit_rectangle(part, look)]
        for number, found in enumerate(group):
            others = everything & ~part | covered_by(group[:number] + group[number + 1 :], look)
            prints.append(with_border(found, look, others) if certain else found)
    return prints, ""


def _of_one_part(part: Mask, look: Look, options: Options) -> list[Rectangle]:
    """The print that a part is, or the prints that were pushed together there."""
    one = fit_rectangle(part, look)
    filled = float(part.sum()) / (one.size[0] * one.size[1])
    if one.score >= max(options.min_score, PLAIN_SCORE) and filled > LEAST_FILL:
        return [one]
    one_would_do = filled > LEAST_FILL and one.fill < MOST_FILL
    several = take_apart(part, look, options.min_side_mm, one_would_do=one_would_do)
    if several:
        return several
    return [confirmed(one, look) if one_would_do else one]


def _doubt(prints: list[Rectangle], lid: Lid, options: Options, working: Working) -> str:
    # a picture's own ground may look like an album's sheet, so the prints on it must be the surer
    least = max(options.min_score, SURE_SCORE) if lid.kind == "sheet" else options.min_score
    if not prints:
        return "no print was found on the lid"
    for number, found in enumerate(prints, 1):
        if found.score < least:
            return f"outline {number} of {len(prints)} is no certain rectangle"
        if abs(found.angle) > options.max_skew_degrees:
            return f"outline {number} of {len(prints)} is turned by {found.angle:.0f} degrees"
        if _touches_edge(found, working):
            # The scan's own edge looks like a straight side, so the others must be the surer.
            if found.score < max(options.min_score, SURE_SCORE):
                return f"outline {number} of {len(prints)}, at the scan's edge, is uncertain"
            if abs(found.angle) > 1.0:
                return f"outline {number} of {len(prints)} runs off the scan"
    return ""


def _left_alone(found: Rectangle, working: Working) -> str:
    """Why a scan that holds this one print is not cut, or an empty string."""
    height, width = working.image.shape[:2]
    corners = found.corners
    low, high = corners.min(axis=0), corners.max(axis=0)
    margins = np.array([low[0] / width, (width - high[0]) / width])
    margins = np.append(margins, [low[1] / height, (height - high[1]) / height])
    coverage = found.size[0] * found.size[1] / (width * height)
    if coverage > NO_MARGIN_COVERAGE and found.score < 0.85:
        return "one print fills the scan, and its edges are not clear enough to cut"
    in_px = margins * np.array([width, width, height, height])
    even = np.ptp(in_px) <= max(3.0, 0.25 * in_px.mean())
    if abs(found.angle) < 0.4 and even and margins.max() < OWN_BORDER_SHARE:
        return "the even frame around the picture is taken for the print's own border"
    return ""


def _touches_edge(found: Rectangle, working: Working) -> bool:
    height, width = working.image.shape[:2]
    low, high = found.corners.min(axis=0), found.corners.max(axis=0)
    return bool((low < 1.5).any() or high[0] > width - 1.5 or high[1] > height - 1.5)


def _cut_all(
    photo: Photo, prints: list[Rectangle], lid: Lid, options: Options, working: Working
) -> Outcome:
    prints = [prints[i] for i in reading_order([p.corners for p in prints])]
    margin = options.margin_mm * working.per_mm
    cuts: list[Cut] = []
    for found in prints:
        grown = replace(found, size=(found.size[0] + 2 * margin, found.size[1] + 2 * margin))
        quad = grown.corners / np.array(working.scale)
        edge = _touches_edge(grown, working)
        size = (grown.size[0] / working.scale[0], grown.size[1] / working.scale[1])
        cuts.append(plan_cut(quad, size, found.angle, (photo.width, photo.height), edge))
    count = len(prints)
    ground = "an album's sheet" if lid.kind == "sheet" else f"a {lid.kind} lid"
    reason = f"{count} print{'s' if count > 1 else ''} found on {ground}"
    facts = _facts(lid, prints, working)
    for entry, cut in zip(facts["prints"], cuts, strict=True):
        entry["cut"] = {"quad": np.round(cut.quad, 2).tolist(), "resampled": cut.resampled}
    photos = tuple(cut_print(photo, cut) for cut in cuts)
    return Outcome(photos, "applied", reason, facts)


def _keep(photo: Photo, doubt: str, lid: Lid, prints: list[Rectangle], working: Working) -> Outcome:
    facts = _facts(lid, prints, working)
    facts["candidates"] = facts.pop("prints")
    facts["prints"] = []
    notes: tuple[str, ...] = ()
    if lid.ring_share > 0.6:
        notes = (f"the scan was kept whole: {doubt}",)
    return Outcome((photo,), "skipped", f"kept whole: {doubt}", facts, notes=notes)


def _facts(
    lid: Lid | None, prints: list[Rectangle] | None = None, working: Working | None = None
) -> dict[str, Any]:
    found = []
    coverage = 0.0
    if prints and working:
        area = working.image.shape[0] * working.image.shape[1]
        coverage = sum(p.size[0] * p.size[1] for p in prints) / area
        for p in prints:
            quad = p.corners / np.array(working.scale)
            found.append(
                {
                    "quad": np.round(quad, 2).tolist(),
                    "angle_degrees": round(p.angle, 3),
                    "score": round(p.score, 3),
                    "support": round(p.support, 3),
                }
            )
    background: Any = {"kind": "none"} if lid is None else lid.facts()
    return {"prints": found, "background": background, "coverage": round(coverage, 4)}
