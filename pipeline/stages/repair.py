"""Repair: fill dust, hairs, scratches and cracks from their surroundings; touch nothing else.

Every pixel outside the mask stays bit for bit what it was. Both the looking and the filling go
piece by piece, so that memory does not grow with the scan; see `find_damage` and `filled`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.filling import filled
from pipeline.stages.measure.damage import find_damage


class Options(StageOptions):
    """How sure the stage must be, and when it should leave a print to a person."""

    caution: float = Field(
        default=1.5,
        ge=-2.0,
        le=8.0,
        description="log-odds from which a speck or line counts as damage; higher repairs less",
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
        tools: only the progress listener is used, one unit per piece that holds damage.

    Returns:
        The photo with the damage filled, and the mask as side image "damage"; or the very photo
        ("skipped") when there is none, or so much that it must be the picture itself.
    """
    per_mm = None if photo.dpi is None else max(photo.dpi) / 25.4
    damage = find_damage(photo.samples, per_mm, options.caution)
    measures: dict[str, Any] = {
        "specks": damage.specks,
        "lines": damage.lines,
        "damaged_share": round(damage.share, 6),
        "widest_px": damage.widest,
    }
    if np.count_nonzero(damage.mask) < options.least_px:
        return skipped(photo, "no dust or scratches found", **measures)
    if damage.share > options.most_share:
        reason = (
            f"what looks like damage covers {damage.share:.1%} of the print, more than the "
            f"{options.most_share:.0%} that is believed; left for a person to judge"
        )
        return Outcome((photo,), "skipped", reason, measures, _images(damage.mask), notes=(reason,))
    result = filled(photo, damage.mask, options.radius_px, options.grain, tools.progress)
    reason = (
        f"{damage.specks} specks and {damage.lines} scratches or hairs filled, "
        f"{damage.share:.2%} of the print"
    )
    return Outcome((result,), "applied", reason, measures, _images(damage.mask))


def _images(mask: NDArray[np.bool_]) -> dict[str, NDArray[np.uint8]]:
    return {"damage": mask.view(np.uint8) * np.uint8(255)}


STAGE = Stage(name="repair", version=2, options=Options, run=repair)
