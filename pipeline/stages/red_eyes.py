"""Red eyes: pupils that shine red from a flash are made dark again.

Found by the eye landmarks of the face detector, judged and corrected without a model: see
`measure.red_pupil`, `eye_decision` and `eye_correction`. Nothing is drawn: light is taken away.

The shining eyes of animals are left as they are. The face detector does not know animals, and a
search for pairs of shining discs in fur was tried and dropped: made as strict as it could be, it
took collars and lamps for eyes in 4 of 43 pictures while it found three in ten of simulated ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo, rounded
from pipeline.models.provider import Face
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.eye_correction import Corrected, corrected
from pipeline.stages.eye_decision import red_pupil
from pipeline.stages.eye_patch import EyePatch, eye_distance, eye_patches
from pipeline.stages.face_finding import find_faces
from pipeline.stages.fidelity import has_single_tone
from pipeline.stages.measure.red_pupil import UNIT, RedDisc, red_discs

DETECTOR_ROLE = "face_detector"


class Options(StageOptions):
    """Options of the red_eyes stage."""

    min_score: float = Field(
        0.6, ge=0.0, le=1.0, description="certainty of the detector from which a face counts"
    )
    min_eye_distance: float = Field(
        28.0,
        ge=15.0,
        le=500.0,
        description="distance between the eyes, px of the print, below which a face is left",
    )


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Make pupils that shine red dark again.

    Args:
        photo: any photo; prints of a single tone are left at once.
        options: see `Options`.
        tools: the face detector is used.

    Returns:
        The corrected photo, or the very same one ("skipped"). Measures: `eyes`, one entry each:
        face (1 is furthest left), side as seen in the picture, place and radius in px of the
        print, redness before and after (0 is what the skin explains), why it was left.
        Image `corrected`: each px's share of the correction, 0..255.
    """
    if has_single_tone(photo):
        return skipped(photo, "a print of a single tone shows no red eyes")
    detector = tools.models.face_detector()
    faces = find_faces(photo, detector)
    eyes: list[dict[str, Any]] = []
    changes: list[Corrected] = []
    for number, face in enumerate(faces, start=1):
        for entry, change in _looked_at(photo, face, options):
            eyes.append({"face": number, **entry})
            changes += [change] if change is not None else []
    measures = {"eyes": eyes, "corrected": len(changes)}
    if not changes:
        reason = "no eye is red" if faces else "no face was found"
        return Outcome((photo,), "skipped", reason, measures, models=(detector.name,))
    result, mask = _put_on(photo, changes)
    reason = f"{len(changes)} red eye{'s' if len(changes) > 1 else ''} made dark"
    return Outcome(
        (result,),
        "applied",
        reason,
        measures,
        images={"corrected": mask},
        models=(detector.name,),
    )


def _looked_at(
    photo: Photo, face: Face, options: Options
) -> list[tuple[dict[str, Any], Corrected | None]]:
    """What is to be said of each eye of a face, and its correction if it is red."""
    left = _why_left(face, options)
    if left:
        return [({"side": side, "left_because": left}, None) for side in ("left", "right")]
    patches = list(eye_patches(photo, face))
    discs = [red_discs(patch.pixels) for patch in patches]
    judged = [red_pupil(found, seconded=False) for found in discs]
    if any(pupil is not None for pupil, _ in judged):
        judged = [
            found if found[0] is not None else red_pupil(of_eye, seconded=True)
            for found, of_eye in zip(judged, discs, strict=True)
        ]
    return [
        _entry(photo, patch, pupil, why)
        for patch, (pupil, why) in zip(patches, judged, strict=True)
    ]


def _why_left(face: Face, options: Options) -> str:
    if face.score < options.min_score:
        return f"uncertain find (score {face.score:.2f})"
    if eye_distance(face.landmarks) < options.min_eye_distance:
        return "too small for its pupils to be seen"
    return ""


def _entry(
    photo: Photo, patch: EyePatch, pupil: RedDisc | None, why: str
) -> tuple[dict[str, Any], Corrected | None]:
    if pupil is None:
        return {"side": patch.side, "left_because": why}, None
    change = corrected(photo, patch, pupil)
    x, y = patch.in_print(pupil.x, pupil.y)
    entry = {
        "side": patch.side,
        "place_px": [round(x, 1), round(y, 1)],
        "radius_px": round(pupil.radius * patch.step, 1),
        "radius_in_eye_distances": round(pupil.radius / UNIT, 3),
        "redness_before": round(pupil.redness, 3),
    }
    if change is None:
        return entry | {"left_because": "its red px cannot be told from those around it"}, None
    entry["redness_before"] = round(change.before, 3)
    return entry | {"redness_after": round(change.after, 3), "left_because": ""}, change


def _put_on(photo: Photo, changes: list[Corrected]) -> tuple[Photo, NDArray[np.uint8]]:
    """The print with its pupils changed, and each px's share of the correction, 0..255."""
    samples = photo.samples.copy()
    mask = np.zeros((photo.height, photo.width), np.uint8)
    for change in changes:
        place = change.rows, change.columns
        touched = change.mask > 0
        samples[place] = np.where(touched[..., None], rounded(change.pixels), samples[place])
        share = np.rint(change.mask * 255).astype(np.uint8)
        mask[place] = np.maximum(mask[place], np.maximum(share, touched.astype(np.uint8)))
    return photo.with_samples(samples), mask


STAGE = Stage(
    name="red_eyes",
    version=1,
    options=Options,
    run=run,
    models=lambda options: {DETECTOR_ROLE: ("CenterFace",)},
)
