"""Artifacts: grain, JPEG blocks and softness taken off by Real-ESRGAN, at the print's own size.

Network: Real-ESRGAN (Wang, Xie, Dong, Shan 2021, doi:10.1109/ICCVW54120.2021.00217). It runs at
the resolution the print really holds; the result comes back to the size of the scan, with the
print's own tones and colours. Faces are looked after: where one no longer agrees with the scan, or
looks like somebody else, it keeps less of what was drawn, or nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, Tools, skipped
from pipeline.stages.blending import blend
from pipeline.stages.face_finding import find_faces
from pipeline.stages.fidelity import has_single_tone
from pipeline.stages.generated_mask import NAME, generated_mask
from pipeline.stages.measure.condition import condition_of_photo, faults
from pipeline.stages.measure.resolution import resolution_at
from pipeline.stages.redraw import redraw
from pipeline.stages.redrawn_faces import guarded_faces, report, shares, told
from pipeline.stages.when_needed import WhenNeededOptions

ROLE = "artifacts"
DETECTOR_ROLE = "face_detector"
EMBEDDING_ROLE = "face_embedding"


class Options(WhenNeededOptions):
    """Options of the artifacts stage."""

    strength: float = Field(
        0.8, ge=0.0, le=1.0, description="share of the network's picture in the result, 0 to 1"
    )
    models: tuple[str, ...] = Field(
        ("RealESRGAN_x4plus-ncnn", "RealESRGAN_x4plus"),
        min_length=1,
        description="networks that will do, best first",
    )
    least_real_px: int = Field(
        32,
        ge=1,
        description="real px across the shorter side below which there is too little to work with",
    )
    sharp_from_dpi: float = Field(
        250.0, ge=1.0, description="real samples per inch from which a print is never called soft"
    )


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Redraw a print that needs it, at its own size.

    Raises:
        BadOutput: the network's picture is unusable.
        OutOfMemory: even the smallest tile did not fit.
    """
    condition = condition_of_photo(photo)
    found = resolution_at(photo, condition.fraction)
    measures: dict[str, Any] = {**found.as_measures(), **condition.as_measures()}
    if options.strength == 0.0:
        return skipped(photo, "the strength is 0", **measures)
    limits = options.limits
    sharp_paper = found.dpi is not None and found.dpi >= options.sharp_from_dpi
    needs = faults(condition, limits, may_be_soft=not sharp_paper)
    if options.only_when_needed and not needs:
        return skipped(photo, "the print is clean and sharp", **measures)
    across = min(photo.width, photo.height) * found.fraction
    if across < options.least_real_px:
        return skipped(photo, _too_little(across), **measures)
    single_tone = has_single_tone(photo)
    made = np.empty_like(photo.samples)
    facts = redraw(
        photo,
        made,
        found.fraction,
        tools.models.upscaler(ROLE),
        tools.progress,
        single_tone=single_tone,
    )
    detector = tools.models.face_detector()
    found_faces = find_faces(photo, detector)
    embedder = tools.models.face_embedder()
    faces = guarded_faces(photo, made, options.strength, found_faces, condition, embedder)
    share = shares(options.strength, faces)
    change = blend(made, photo.samples, share)
    measures |= {
        "single_tone": single_tone,
        "strength": options.strength,
        "mean_change": round(change, 5),
        "inference": facts,
        "faces": report(faces),
    }
    reason = "the print is " + " and ".join(needs) if needs else "asked for on every print"
    models = (facts["model"], detector.name, *([embedder.name] if embedder and faces else []))
    reasons = [reason, told(faces)]
    return Outcome(
        (photo.with_samples(made),),
        "applied",
        "; ".join(filter(None, reasons)),
        measures,
        images={NAME: generated_mask(share, photo.height, photo.width)},
        models=models,
    )


def _too_little(across: float) -> str:
    return f"only {across:.0f} px across are real: a network would have to invent the picture"


STAGE = Stage(
    name="artifacts",
    version=4,
    options=Options,
    run=run,
    models=lambda options: {ROLE: options.models, DETECTOR_ROLE: ("CenterFace",)},
    extra_models=lambda options: {EMBEDDING_ROLE: ("dlib-face-recognition",)},
    generative=True,
)
