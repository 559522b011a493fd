"""The guard of identity: a restored face must still be this person, and still agree with the scan.

Two witnesses are asked about every strength that is tried. The data check asks the scan: whether
the result repeats it as far as it resolves. The embedding asks a face-recognition network: whether
it still sees the same person, when both faces are as soft as the scan. When one objects the
strength is lowered step by step, and when not even a little is tolerated the face stays as it was.
What is far below a floor is no doubtful restoration but another face: less of it would be that
face's ghost, so none of it is used, however little was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.models.provider import FaceEmbedder
from pipeline.stages.face_alignment import SIDE
from pipeline.stages.face_data_check import DataMisfit, data_misfit, real_px
from pipeline.stages.fidelity import coarse

Embedding = NDArray[np.float32]

_STEP = 0.75
"""By what the strength is multiplied when a witness objects."""

_SOFT_BEFORE = 0.6
_SOFT_AFTER = 0.73
"""Sigma, real px, of the blur the network sees either face through.

The restored face gets that of the scan besides (0.42), so that it is not the restored sharpness
and the removed noise that tell them apart. Compared as they are, an honestly restored face may lie
further from what it was than one with somebody else's eyes.
"""

_WELL_RESOLVED_PX = 96.0
"""Real px across the aligned face from which on less misfit is tolerated, in inverse proportion."""


@dataclass(frozen=True)
class Floors:
    """What is tolerated; how the defaults were found is told in docs/face-guard.md.

    Args:
        similarity: least similarity of the embeddings before and after; 1 is the same picture.
        misfit: most misfit over the whole face, as `face_data_check` measures it, on a face of up
            to 96 real px across; less on a larger one (`on`).
        worst_misfit: the same for the window that fits least.
        least_detail_px: real px across the aligned face below which an embedding says nothing.
        least_strength: strength below which redrawing is not worth it.
        gross: how many times as far as tolerated a face may be off and still be used gently; from
            the scan at full strength, whatever was asked for.
        strictest: least share of the misfits that is tolerated on a large face.
    """

    similarity: float = 0.72
    misfit: float = 0.28
    worst_misfit: float = 0.42
    least_detail_px: float = 32.0
    least_strength: float = 0.25
    gross: float = 1.25
    strictest: float = 0.5

    def on(self, detail_px: float) -> Floors:
        """What is tolerated on a face of so many real px across.

        The better a scan resolves a face, the less of what a restoration does to it is left to
        noise and blocks: honest ones then measure half as much, and so do wrong ones, of which
        only what is finer than the scan reaches the print.
        """
        share = float(np.clip(_WELL_RESOLVED_PX / max(detail_px, 1.0), self.strictest, 1.0))
        return replace(self, misfit=share * self.misfit, worst_misfit=share * self.worst_misfit)


STANDARD = Floors()
"""The floors for faces in the print's own tones (`face_colour.proposal`), where a wrong one is but
a ghost of fine detail."""

WHOLE_PRINT = Floors(0.68, 0.4, 0.65, gross=1.5, strictest=1.0)
"""The floors for faces as a network drew them along with the whole print, tones and all: honest
ones depart further, and wrong ones much further."""


@dataclass(frozen=True)
class Attempt:
    """One strength that was tried.

    Args:
        strength: 0..1.
        similarity: of the embeddings before and after, or None when none was asked: of what the
            scan refuses, the first attempt alone is shown to it.
        misfit: of the data check.
        objection: what spoke against it, in words; empty when nothing did.
    """

    strength: float
    similarity: float | None
    misfit: DataMisfit
    objection: str

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "strength": round(self.strength, 4),
            "similarity": None if self.similarity is None else round(self.similarity, 4),
            "misfit": round(self.misfit.overall, 3),
            "worst_misfit": round(self.misfit.worst, 3),
            "objection": self.objection,
        }


@dataclass(frozen=True)
class Guarded:
    """What the guard lets through.

    Args:
        asked_strength: 0..1.
        strength: what may be used, 0..1; 0 when the face stays as it was.
        outcome: "restored", "restored gently" or "reverted".
        guarded_by: which witnesses were asked, in words.
        tried: every strength that was tried, the first one first.
    """

    asked_strength: float
    strength: float
    outcome: str
    guarded_by: str
    tried: tuple[Attempt, ...]

    @property
    def last(self) -> Attempt:
        """The attempt that was let through, or the last one that was not."""
        return self.tried[-1]

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON; of a face that was reverted, those that spoke against it."""
        last = self.last
        return {
            "asked_strength": round(self.asked_strength, 4),
            "strength": round(self.strength, 4),
            "similarity": None if last.similarity is None else round(last.similarity, 4),
            "data_misfit": last.misfit.as_measures(),
            "outcome": self.outcome,
            "guarded_by": self.guarded_by,
            "tried": [attempt.as_measures() for attempt in self.tried],
        }


def references(
    embedder: FaceEmbedder | None,
    faces: Sequence[Pixels],
    fractions: Sequence[float] | None = None,
) -> list[Embedding | None]:
    """What the faces of a print look like to the embedder before anything is done, in one batch.

    Args:
        embedder: None when none is installed; then there are no numbers.
        faces: aligned, float32 (512, 512, 3) in 0..1.
        fractions: real px across each over 512, 0..1; without them nothing is embedded yet, and
            `guard` does it.
    """
    if embedder is None or not faces or fractions is None:
        return [None] * len(faces)
    pairs = zip(faces, fractions, strict=True)
    return list(embedder.embed([_softly(face, share, _SOFT_BEFORE) for face, share in pairs]))


def guard(
    before: Pixels,
    after_at: Callable[[float], Pixels],
    mask: NDArray[np.float32],
    strength: float,
    *,
    fraction: float,
    noise: float,
    embedder: FaceEmbedder | None = None,
    reference: Embedding | None = None,
    floors: Floors = STANDARD,
) -> Guarded:
    """Find the most of a restoration that both witnesses let through.

    Args:
        before: aligned, float32 (512, 512, 3) in 0..1, as the face was before this stage.
        after_at: gives the face as it would be at a strength 0..1, of the same shape.
        mask: float32 (512, 512) in 0..1: where it is redrawn.
        strength: asked for, 0..1, above 0.
        fraction: real px across the aligned face over 512, 0..1.
        noise: standard deviation of the scan's noise, 0..1.
        embedder: the second witness, or None when none is installed.
        reference: its numbers for `before` out of `references`, when they are known already.
        floors: what is tolerated on a face of up to 96 real px (`Floors.on`).

    Returns:
        The strength that may be used, 0 when none may, and all that was tried.

    Raises:
        BadOutput: the embedder gave no numbers.
    """
    floors = floors.on(fraction * SIDE)
    asked = embedder if fraction * SIDE >= floors.least_detail_px else None
    if asked is not None and reference is None:
        reference = references(asked, [before], [fraction])[0]
    drawn = data_misfit(before, after_at(1.0), mask, fraction, noise)
    tried: list[Attempt] = []
    for level in _levels(strength, floors.least_strength):
        after = after_at(level)
        misfit = drawn if level == 1.0 else data_misfit(before, after, mask, fraction, noise)
        objections = _objections_of_data(misfit, drawn, floors)
        similarity = None
        if asked is not None and reference is not None and not (objections and tried):
            # The network costs ten times the data check: what that refuses is shown to it only
            # once, so that the record has both figures.
            seen = asked.embed([_softly(after, fraction, _SOFT_AFTER)])[0]
            similarity = similarity_of(reference, seen)
            objections += _objections_of_likeness(similarity, floors)
        tried.append(Attempt(level, similarity, misfit, ", ".join(objections)))
        if not objections or _is_gross(drawn, similarity, floors):
            break
    if tried[-1].objection:
        allowed, outcome = 0.0, "reverted"
    else:
        allowed = tried[-1].strength
        outcome = "restored" if len(tried) == 1 else "restored gently"
    return Guarded(strength, allowed, outcome, _guarded_by(embedder, asked), tuple(tried))


def similarity_of(one: Embedding, other: Embedding) -> float:
    """How alike two embeddings are: 1 less their distance, 1 for the same picture, at least -1.

    The network was trained so that two photographs of one person lie less than 0.6 apart.
    """
    return max(-1.0, 1.0 - float(np.linalg.norm(one - other)))


def _softly(face: Pixels, fraction: float, times: float) -> Pixels:
    return coarse(face, times * real_px(fraction))


def _levels(strength: float, least: float) -> Iterator[float]:
    """The strength asked for, however little that is, and smaller ones."""
    yield strength
    while (strength := strength * _STEP) >= least:
        yield strength


def _objections_of_data(misfit: DataMisfit, drawn: DataMisfit, floors: Floors) -> list[str]:
    """What the scan says to a face, and to the same at full strength."""
    if misfit.worst > floors.worst_misfit:
        return [f"departs from the scan {_named(misfit.where)} ({misfit.worst:.2f})"]
    if misfit.overall > floors.misfit:
        return [f"departs from the scan ({misfit.overall:.2f})"]
    if _is_gross(drawn, None, floors):
        return [f"as drawn departs from the scan {_named(drawn.where)} ({drawn.worst:.2f})"]
    return []


def _objections_of_likeness(similarity: float, floors: Floors) -> list[str]:
    if similarity < floors.similarity:
        return [f"looks like somebody else ({similarity:.2f})"]
    return []


def _named(where: str) -> str:
    return "beside eyes, nose and mouth" if where == "elsewhere" else f"at the {where}"


def _is_gross(drawn: DataMisfit, similarity: float | None, floors: Floors) -> bool:
    """Whether a face is so far off that a mixture with it would still show somebody else."""
    unlike = 0.0 if similarity is None else 1.0 - similarity
    return (
        drawn.worst > floors.gross * floors.worst_misfit
        or drawn.overall > floors.gross * floors.misfit
        or unlike > floors.gross * (1.0 - floors.similarity)
    )


def _guarded_by(embedder: FaceEmbedder | None, asked: FaceEmbedder | None) -> str:
    if asked is not None:
        return f"the data check and {asked.name}"
    if embedder is None:
        return "the data check alone: no face embedding is installed"
    return "the data check alone: too little of the face is real for an embedding"
