"""Repair: fill dust, hairs, scratches and cracks from their surroundings; touch nothing else.

Every pixel outside the mask stays bit for bit what it was. Both the looking and the filling go
piece by piece, so that memory does not grow with the scan; see `find_damage`, `filled`, and
`calm`, which takes back a filling that would be worse than the damage.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.face_finding import find_faces
from pipeline.stages.filling import fillings
from pipeline.stages.filling_check import calm
from pipeline.stages.measure.damage import CAUTION, Damage, find_damage
from pipeline.stages.measure.damage_guard import sparing

Mask = NDArray[np.bool_]

DETECTOR_ROLE = "face_detector"

_LEAST_FACE_SCORE = 0.5
_NO_MODELS: tuple[str, ...] = ()


class Options(StageOptions):
    """How sure the stage must be, and when it should leave a print to a person."""

    caution: float = Field(
        default=CAUTION,
        ge=-2.0,
        le=8.0,
        description="log-odds from which a speck or line counts as damage; higher repairs less",
    )
    spare_faces: bool = Field(
        default=True,
        description="leave specks in eyes and mouths alone, unless infrared proves them",
    )
    use_infrared: bool = Field(
        default=True,
        description="let the scan's infrared plane say what is damage, where it has one",
    )
    most_share: float = Field(
        default=0.05,
        gt=0.0,
        le=0.5,
        description="share of the print (0..1) above which the finding is not believed",
    )
    least_px: int = Field(
        default=8, ge=1, le=10_000, description="damage of fewer px than this is left alone"
    )
    radius_px: float = Field(
        default=4.0, ge=1.0, le=30.0, description="how far around the filling looks, px"
    )
    grain: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="share of the neighbouring grain that wide fillings are given",
    )


def repair(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Find surface damage and fill it.

    Args:
        photo: any photo; a monochrome one stays exactly grey.
        options: see `Options`.
        tools: `models.face_detector()` is asked for faces where there is something to repair;
            the progress listener hears one unit per piece that holds damage.

    Returns:
        The photo with the damage filled, and the mask as side image "damage"; or the very photo
        ("skipped") when there is none, or so much that it must be the picture itself.
    """
    per_mm = None if photo.dpi is None else max(photo.dpi) / 25.4
    infrared = photo.infrared if options.use_infrared else None
    damage = find_damage(photo.samples, per_mm, options.caution, infrared)
    measures = _measures(damage)
    notes = (damage.infrared.reason,) if damage.infrared and damage.infrared.reason else ()
    if np.count_nonzero(damage.mask) < options.least_px:
        outcome = skipped(photo, "no dust or scratches found", **measures)
        return replace(outcome, notes=notes)
    if damage.share > options.most_share:
        reason = (
            f"what looks like damage covers {damage.share:.1%} of the print, more than the "
            f"{options.most_share:.0%} that is believed; left for a person to judge"
        )
        images = _images(damage.mask)
        return Outcome((photo,), "skipped", reason, measures, images, notes=(reason, *notes))
    wanted, models = damage.mask, _NO_MODELS
    if options.spare_faces and not (damage.infrared and damage.infrared.trusted):
        wanted, models = _sparing_faces(photo, damage.mask, tools)
    made = fillings(photo, wanted, options.radius_px, options.grain, tools.progress)
    mask = calm(photo.samples, made, wanted)
    measures["filled_share"] = round(float(np.count_nonzero(mask) / mask.size), 6)
    if not mask.any():
        outcome = skipped(photo, "filling what was found would not have helped", **measures)
        return replace(outcome, notes=notes, models=models)
    reason = (
        f"{damage.specks} specks and {damage.lines} scratches or hairs found, "
        f"{measures['filled_share']:.2%} of the print filled"
    )
    if damage.infrared and damage.infrared.trusted:
        reason += ", found with infrared"
    result = photo.with_samples(made)
    return Outcome((result,), "applied", reason, measures, _images(mask), models, notes)


def _sparing_faces(photo: Photo, mask: Mask, tools: Tools) -> tuple[Mask, tuple[str, ...]]:
    """The mask without eyes and mouths, and the detector that was asked."""
    detector = tools.models.face_detector()
    faces = [f.landmarks for f in find_faces(photo, detector) if f.score >= _LEAST_FACE_SCORE]
    return sparing(mask, faces), (detector.name,)


def _measures(damage: Damage) -> dict[str, Any]:
    measures: dict[str, Any] = {
        "specks": damage.specks,
        "lines": damage.lines,
        "damaged_share": round(damage.share, 6),
        "widest_px": damage.widest,
    }
    if damage.infrared is not None:
        measures["infrared"] = {
            "trusted": damage.infrared.trusted,
            "picture_left": round(damage.infrared.leak, 3),
            "noise": round(damage.infrared.noise, 4),
        }
    return measures


def _images(mask: Mask) -> dict[str, NDArray[np.uint8]]:
    return {"damage": np.multiply(mask.view(np.uint8), np.uint8(255))}


STAGE = Stage(
    name="repair",
    version=3,
    options=Options,
    run=repair,
    models=lambda options: {DETECTOR_ROLE: ("CenterFace",)} if options.spare_faces else {},
)
