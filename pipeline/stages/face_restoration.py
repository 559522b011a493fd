"""Redrawing the faces that were decided on: all in one batch, each guarded, each accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.core.errors import BadOutput, ShoeboxError
from pipeline.core.photo import Photo, Pixels
from pipeline.models.provider import FaceEmbedder, FaceRestorer, Inference
from pipeline.stages.base import Tools
from pipeline.stages.face_alignment import SIDE, Alignment, cut_out
from pipeline.stages.face_blend import Redrawn, at_strength, redrawn
from pipeline.stages.face_colour import kept_px, proposal
from pipeline.stages.face_decision import Decision
from pipeline.stages.face_finding import MeasuredFace
from pipeline.stages.face_grain import grain_around
from pipeline.stages.face_identity import Embedding, Floors, Guarded, guard, references
from pipeline.stages.face_shape import mask_of
from pipeline.stages.measure.resolution import luminance

_AT_ONCE = 4
"""Faces between two signs of progress."""

_ROOM = 1.25
"""A face may hold this much more detail than the network works at before it is left alone."""


@dataclass(frozen=True)
class FaceTask:
    """A face that is to be redrawn, and how."""

    candidate: MeasuredFace
    alignment: Alignment
    decision: Decision


@dataclass(frozen=True)
class FaceResult:
    """What became of a face.

    Args:
        number: of the face.
        facts: JSON for its report; `outcome` is "restored", "restored gently", "as chosen",
            "reverted", "left" or "failed".
        redrawn: what is to be put on the print, or None.
        error: why it failed, or None.
    """

    number: int
    facts: dict[str, Any]
    redrawn: Redrawn | None = None
    error: ShoeboxError | None = None


def restore_faces(
    photo: Photo, tasks: Sequence[FaceTask], tools: Tools, floors: Floors | None
) -> list[FaceResult]:
    """Redraw faces; those of one network go together.

    Args:
        photo: the print.
        tasks: what to do.
        tools: the networks and who listens.
        floors: what the guard tolerates; None asks no guard.

    Raises:
        OutOfMemory, WeightsError: a network cannot be used at all.
    """
    tools.progress.begin("faces", len(tasks), "face")
    embedder = tools.models.face_embedder() if floors else None
    results: list[FaceResult] = []
    for model in dict.fromkeys(task.decision.model for task in tasks):
        restorer = tools.models.face_restorer(model)
        own = [task for task in tasks if task.decision.model == model]
        for first in range(0, len(own), _AT_ONCE):
            some = own[first : first + _AT_ONCE]
            results += _restored(photo, some, restorer, embedder, floors)
            tools.progress.advance(len(some))
    return sorted(results, key=lambda result: result.number)


def _restored(
    photo: Photo,
    tasks: Sequence[FaceTask],
    restorer: FaceRestorer,
    embedder: FaceEmbedder | None,
    floors: Floors | None,
) -> Iterator[FaceResult]:
    aligned = [cut_out(photo.samples, task.alignment) for task in tasks]
    made = restorer.restore(aligned, [task.candidate.real_px for task in tasks])
    known = references(embedder, aligned, [task.candidate.real_px / SIDE for task in tasks])
    for task, before, drawn, reference in zip(tasks, aligned, made, known, strict=True):
        yield _one(photo, task, before, drawn, floors, (embedder, reference))


def _one(
    photo: Photo,
    task: FaceTask,
    before: Pixels,
    drawn: Inference | ShoeboxError,
    floors: Floors | None,
    witness: tuple[FaceEmbedder | None, Embedding | None],
) -> FaceResult:
    face, decision = task.candidate, task.decision
    if isinstance(drawn, ShoeboxError):
        return _failed(face, drawn)
    unusable = _unusable(drawn, before)
    if unusable is not None:
        return _failed(face, unusable)
    named = {"model": drawn.model, "device": drawn.device, "dtype": drawn.dtype}
    own_px = float(drawn.facts.get("reduced_to_px", SIDE))
    if face.real_px > _ROOM * own_px and not decision.chosen:
        why = (
            f"it holds more detail ({face.real_px:.0f} px across) than {drawn.model} "
            f"works at ({own_px:.0f} px)"
        )
        return FaceResult(face.number, {"outcome": "left", "left_because": why})
    proposed = proposal(
        before, drawn.pixels, face.real_px, noise=face.condition.noise, grey=photo.monochrome
    )
    mask = mask_of(face.face.landmarks, task.alignment, photo.samples.shape)
    guarded = _guarded(face, decision, before, proposed, mask, floors, witness)
    facts: dict[str, Any] = {**named, **_told(guarded, decision)}
    if facts["strength"] == 0.0:
        return FaceResult(face.number, facts)
    grain = grain_around(photo, task.alignment, kept_px(face.real_px))
    moved = np.abs(luminance(at_strength(before, proposed, mask, facts["strength"]) - before))
    facts["mean_change"] = round(float(moved.sum() / max(mask.sum(), 1.0)), 4)
    facts["grain"] = None if grain is None else round(grain.sigma, 5)
    made = redrawn(before, proposed, mask, task.alignment, facts["strength"], grain)
    return FaceResult(face.number, facts, made)


def _guarded(
    face: MeasuredFace,
    decision: Decision,
    before: Pixels,
    proposed: Pixels,
    mask: Pixels,
    floors: Floors | None,
    witness: tuple[FaceEmbedder | None, Embedding | None],
) -> Guarded | None:
    if floors is None:
        return None
    return guard(
        before,
        lambda strength: at_strength(before, proposed, mask, strength),
        mask,
        decision.strength,
        fraction=face.real_px / SIDE,
        noise=face.condition.noise,
        embedder=witness[0],
        reference=witness[1],
        floors=floors,
    )


def _told(guarded: Guarded | None, decision: Decision) -> dict[str, Any]:
    """What the guard found, or that nobody asked it. A person's choice is measured, not changed."""
    if guarded is None:
        return {
            "asked_strength": decision.strength,
            "strength": decision.strength,
            "outcome": "restored",
            "guarded_by": "nothing: the guard is switched off",
        }
    facts = guarded.as_measures()
    if decision.chosen:
        facts |= {**guarded.tried[0].as_measures(), "outcome": "as chosen"}
    elif guarded.strength == 0.0:
        facts["left_because"] = f"given back: {guarded.last.objection}"
    elif decision.remark:
        facts["outcome"] = "restored gently"
    return facts


def _failed(face: MeasuredFace, problem: ShoeboxError) -> FaceResult:
    error = type(problem)(f"{face.name}: {problem.detail}", remedy=problem.advice)
    return FaceResult(face.number, {"outcome": "failed", "error": error.line()}, error=error)


def _unusable(drawn: Inference, before: Pixels) -> BadOutput | None:
    """Why what a network made is no face, or None."""
    made = drawn.pixels
    if made.shape != (SIDE, SIDE, 3):
        return BadOutput(f"{drawn.model} gave {made.shape}")
    if not np.isfinite(made).all():
        return BadOutput(f"{drawn.model} gave NaN or infinity")
    if float(np.ptp(made)) < 1e-5 < float(np.ptp(before)):
        return BadOutput(f"{drawn.model} gave one flat colour")
    return None
