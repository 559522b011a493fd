"""Faces: found, set upright, redrawn by a face network, guarded, and blended back softly.

Network: GFPGAN (Wang, Li, Zhang, Shan 2021, doi:10.1109/CVPR46437.2021.00905), or a
super-resolution network in its place. A restored face is plausible, not proof: the stage is
generative, and its mask says which pixels it made. Where the result no longer agrees with the scan,
or looks like somebody else, less of it is taken, or nothing (docs/faces.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, Tools, skipped
from pipeline.stages.face_blend import put_on
from pipeline.stages.face_choice import FaceChoice, matched
from pipeline.stages.face_cover import MOSTLY
from pipeline.stages.face_decision import Bounds, Decision, decide
from pipeline.stages.face_finding import MeasuredFace, measured_faces, surroundings
from pipeline.stages.face_identity import Floors
from pipeline.stages.face_restoration import FaceResult, FaceTask, restore_faces
from pipeline.stages.generated_mask import NAME
from pipeline.stages.measure.blur import blur_of
from pipeline.stages.when_needed import WhenNeededOptions

ROLE = "faces"
DETECTOR_ROLE = "face_detector"
SECOND_DETECTOR_ROLE = "second_face_detector"
EMBEDDING_ROLE = "face_embedding"

FOUND_FROM_PX = 20
"""Width of the smallest face that is looked for, px of the print."""


class Options(WhenNeededOptions):
    """Options of the faces stage."""

    strength: float = Field(
        0.7, ge=0.0, le=1.0, description="share of the network's face in the result, 0 to 1"
    )
    models: tuple[str, ...] = Field(
        ("GFPGANv1.4", "RealESRGAN_x4plus-ncnn", "RealESRGAN_x4plus"),
        min_length=1,
        description="networks that will do, best first",
    )
    min_px: int = Field(
        32, ge=8, le=4096, description="width of a face, px of the print, below which it is left"
    )
    max_px: int | None = Field(
        None, ge=8, description="width of a face, px of the print, above which it is left"
    )
    gentle_below_px: int = Field(
        50,
        ge=0,
        le=512,
        description="real px of a face's width below which it is redrawn more gently",
    )
    max_misfit: float = Field(
        0.25,
        ge=0.0,
        description="distance of the landmarks from a frontal face, in eye distances, above "
        "which a face is left (profiles)",
    )
    max_covered: float = Field(
        MOSTLY,
        ge=0.0,
        le=1.0,
        description="share of a face that may be covered or cut off, 0 to 1",
    )
    max_motion: float = Field(
        0.1,
        ge=0.0,
        description="how far a face may have moved, as a share of its width, before it is left",
    )
    guard: bool = Field(
        True, description="compare every face before and after, and take back what is not this face"
    )
    least_similarity: float = Field(
        Floors().similarity,
        ge=-1.0,
        le=1.0,
        description="similarity of the embeddings before and after below which strength is lowered",
    )
    most_misfit: float = Field(
        Floors().misfit,
        ge=0.0,
        description="misfit with the scan over the whole face above which strength is lowered, "
        "for a face of up to 96 real px; less on larger ones",
    )
    most_local_misfit: float = Field(
        Floors().worst_misfit, ge=0.0, description="the same for the window that fits least"
    )
    choices: tuple[FaceChoice, ...] = Field(
        (), description="what a person decided about single faces of this print"
    )

    @property
    def bounds(self) -> Bounds:
        """From where on a face is left alone."""
        return Bounds(
            self.min_px,
            self.max_px,
            self.max_misfit,
            self.max_covered,
            self.max_motion,
            self.gentle_below_px,
            self.only_when_needed,
        )

    @property
    def floors(self) -> Floors | None:
        """What the guard tolerates; None when it is switched off."""
        if not self.guard:
            return None
        return Floors(self.least_similarity, self.most_misfit, self.most_local_misfit)


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Redraw the faces of a print that need it and that the network can better.

    Raises:
        OutOfMemory: not even one face fits.
        BadOutput: every face that was to be redrawn failed; the print stays as it was.
    """
    if options.strength == 0.0 and not options.choices:
        return skipped(photo, "the strength is 0")
    detector, second = tools.models.face_detector(), tools.models.second_face_detector()
    found = measured_faces(photo, detector, options.limits, second=second, min_px=FOUND_FROM_PX)
    choices = matched(options.choices, [one.face.box for one in found], photo.width, photo.height)
    reports = [one.report() for one in found]
    tasks = _tasks(photo, found, choices, options, reports)
    results = restore_faces(photo, tasks, tools, options.floors) if tasks else []
    for result in results:
        reports[result.number - 1] |= result.facts
    failed = [result.error for result in results if result.error is not None]
    if failed and len(failed) == len(results):
        raise failed[0]
    looked_with = (detector.name, *([second.name] if second else []))
    models = (*looked_with, *_drawn_by(results, tools, options))
    measures = {"faces": reports, "restored": sum(r.redrawn is not None for r in results)}
    notes = tuple(f"a face was left as it was: {error.line()}" for error in failed)
    drawn = [result.redrawn for result in results if result.redrawn is not None]
    if not drawn:
        reason = _in_words(reports) if found else "no face was found"
        return Outcome((photo,), "skipped", reason, measures, models=models, notes=notes)
    made, generated = put_on(photo, drawn)
    return Outcome(
        (made,),
        "applied",
        _in_words(reports),
        measures | {"strength": options.strength},
        images={NAME: generated},
        models=models,
        notes=notes,
    )


def _tasks(
    photo: Photo,
    found: Sequence[MeasuredFace],
    choices: Sequence[FaceChoice | None],
    options: Options,
    reports: Sequence[dict[str, Any]],
) -> list[FaceTask]:
    """The faces to be redrawn; why the others are left goes into their reports."""
    tasks = []
    for face, choice, report in zip(found, choices, reports, strict=True):
        blur = blur_of(surroundings(photo, face.face))
        decision = decide(face, blur, options.bounds, options.strength, choice)
        report |= {"blur": blur.as_measures(), **_noted(decision)}
        if not decision.leaves and face.alignment is not None:
            tasks.append(FaceTask(face, face.alignment, decision))
    return tasks


def _noted(decision: Decision) -> dict[str, Any]:
    noted: dict[str, Any] = {"left_because": decision.left_because, "chosen": decision.chosen}
    if decision.leaves:
        noted["outcome"] = "left"
    if decision.remark:
        noted["remark"] = decision.remark
    return noted


def _drawn_by(results: Sequence[FaceResult], tools: Tools, options: Options) -> list[str]:
    """Names of the networks that drew, and of the one that told the faces apart."""
    drawn = [result.facts["model"] for result in results if "model" in result.facts]
    embedder = tools.models.face_embedder() if options.guard and drawn else None
    return [*dict.fromkeys(drawn), *([embedder.name] if embedder else [])]


_TOLD = {
    "restored": "redrawn",
    "restored gently": "redrawn more gently",
    "as chosen": "redrawn as you chose",
    "reverted": "given back, because it no longer was the same face",
    "failed": "failed",
    "left": "left as it is",
}


def _in_words(reports: Sequence[dict[str, Any]]) -> str:
    """What became of the faces: "of 3 faces 1 redrawn, 2 left as it is (too small)"."""
    outcomes = [str(report.get("outcome", "left")) for report in reports]
    if len(outcomes) == 1:
        why = reports[0].get("left_because") if outcomes[0] == "left" else ""
        return f"the face was {_TOLD[outcomes[0]]}" + (f": {why}" if why else "")
    parts = [f"{outcomes.count(name)} {words}" for name, words in _TOLD.items() if name in outcomes]
    return f"of {len(outcomes)} faces {', '.join(parts)}"


def _models(options: Options) -> dict[str, tuple[str, ...]]:
    """What the stage cannot do without: also each network that a person chose for a face."""
    chosen = dict.fromkeys(choice.model for choice in options.choices if choice.model)
    return {
        ROLE: options.models,
        DETECTOR_ROLE: ("CenterFace",),
        **{f"{ROLE}:{name}": (name,) for name in chosen},
    }


def _extra_models(options: Options) -> dict[str, tuple[str, ...]]:
    guards = {EMBEDDING_ROLE: ("dlib-face-recognition",)} if options.guard else {}
    return {SECOND_DETECTOR_ROLE: ("YuNet",), **guards}


STAGE = Stage(
    name="faces",
    version=4,
    options=Options,
    run=run,
    models=_models,
    extra_models=_extra_models,
    generative=True,
)
