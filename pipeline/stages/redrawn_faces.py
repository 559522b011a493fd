"""What redrawing a whole print did to the faces on it, and how much of that each face may keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.core.photo import Photo, Pixels, Samples
from pipeline.models.provider import Face, FaceEmbedder
from pipeline.stages.face_alignment import Alignment, align, cut_out, face_mask
from pipeline.stages.face_identity import WHOLE_PRINT, Guarded, guard, references
from pipeline.stages.face_shares import FaceShare, Shares
from pipeline.stages.measure.condition import Condition

_FACE_SCORE = 0.5
"""Certainty from which a find is looked after; being wrong here costs nothing."""


@dataclass(frozen=True)
class RedrawnFace:
    """One face of a print that was redrawn as a whole.

    Args:
        face: where it is, px of the print.
        alignment: how it is set upright.
        guarded: what the guard let through.
    """

    face: Face
    alignment: Alignment
    guarded: Guarded

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "score": round(self.face.score, 3),
            "box_px": [round(value, 1) for value in self.face.box],
            **self.guarded.as_measures(),
        }


def guarded_faces(
    photo: Photo,
    made: Samples,
    strength: float,
    found: Sequence[Face],
    condition: Condition,
    embedder: FaceEmbedder | None,
) -> list[RedrawnFace]:
    """How much of what was drawn each face may keep.

    Args:
        photo: the print as it was.
        made: uint16 of the same shape, as the network drew it.
        strength: share of what was drawn in the result, 0..1.
        found: the faces of the print, in its px.
        condition: of the print.
        embedder: tells one person from another, or None.
    """
    aligned = [(face, align(face.landmarks)) for face in found if face.score >= _FACE_SCORE]
    faces = [(face, placed) for face, placed in aligned if placed is not None]
    before = [cut_out(photo.samples, placed) for _, placed in faces]
    after = [cut_out(made, placed) for _, placed in faces]
    fractions = [condition.fraction / placed.scale for _, placed in faces]
    known = references(embedder, before, fractions)
    return [
        RedrawnFace(
            face,
            placed,
            guard(
                old,
                _Mixture(old, new).at,
                face_mask(),
                strength,
                fraction=fraction,
                noise=condition.noise,
                embedder=embedder,
                reference=reference,
                floors=WHOLE_PRINT,
            ),
        )
        for (face, placed), old, new, fraction, reference in zip(
            faces, before, after, fractions, known, strict=True
        )
    ]


@dataclass(frozen=True)
class _Mixture:
    """A face between what it was and what was drawn."""

    old: Pixels
    new: Pixels

    def at(self, strength: float) -> Pixels:
        return self.old + (self.new - self.old) * strength


def shares(strength: float, faces: Sequence[RedrawnFace]) -> Shares:
    """The share of what was drawn at each px of the print, less where a face may keep less."""
    held = [
        FaceShare(face.alignment, face.guarded.strength)
        for face in faces
        if face.guarded.strength < strength
    ]
    return Shares(strength, held)


def told(faces: Sequence[RedrawnFace]) -> str:
    """What became of the faces, for the reason of a step; nothing when all were kept as drawn."""
    back = sum(face.guarded.outcome == "reverted" for face in faces)
    less = sum(face.guarded.outcome == "restored gently" for face in faces)
    parts = [
        f"{count} of {len(faces)} {'face' if len(faces) == 1 else 'faces'} {words}"
        for count, words in ((back, "kept as the scan shows it"), (less, "redrawn more gently"))
        if count
    ]
    return ", ".join(parts)


def report(faces: Sequence[RedrawnFace]) -> list[Mapping[str, Any]]:
    """All faces as JSON, numbered from left to right."""
    return [{"face": number, **face.as_measures()} for number, face in enumerate(faces, start=1)]
