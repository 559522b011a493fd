"""Finding the faces of a print and measuring how they fare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pipeline.core.photo import Photo
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_alignment import SIDE, Alignment, align, cut_out
from pipeline.stages.face_cover import covered_share
from pipeline.stages.face_scales import look_at_whole
from pipeline.stages.face_search import Find, search
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.condition import Condition, Limits, condition_of_photo, faults
from pipeline.stages.measure.resolution import real_resolution
from pipeline.stages.measure.sampling import luma_tiles

_AT_A_GLANCE = 0.5
"""Score from which a find counts when nothing looks at it again."""


@dataclass(frozen=True)
class MeasuredFace:
    """A face of the print and what speaks for redrawing it.

    Args:
        number: 1 for the face furthest to the left.
        face: where it is, px of the print; its landmarks are in the order of the upright face.
        alignment: how it is set upright, or None when its landmarks are unusable.
        condition: what was measured on and around it.
        faults: what is wrong with it, in words.
        upright_width: of its box in its own upright frame, px of the print; the box's own when 0.
        tilt_degrees: how far it is turned clockwise on the print, in (-180, 180].
        covered: share of the face that is behind something or beyond the print's edge, 0..1.
        doubt: why it may be no face, in words; empty when it is certain.
        found_by: the detector whose landmarks these are.
        second_score: what the second detector says of it, 0..1; None when there is none.
        spread: how far the landmarks moved from look to look, in distances between the eyes.
    """

    number: int
    face: Face
    alignment: Alignment | None
    condition: Condition
    faults: tuple[str, ...]
    upright_width: float = 0.0
    tilt_degrees: float = 0.0
    covered: float = 0.0
    doubt: str = ""
    found_by: str = ""
    second_score: float | None = None
    spread: float = 0.0

    @property
    def name(self) -> str:
        """What messages call it."""
        left, top, right, bottom = (round(value) for value in self.face.box)
        return f"face {self.number} at x {left}..{right}, y {top}..{bottom}"

    @property
    def width(self) -> float:
        """Width of the face in its own upright frame, px of the print."""
        return self.upright_width or self.face.box[2] - self.face.box[0]

    @property
    def trusted(self) -> bool:
        """Whether it is certainly a face."""
        return not self.doubt

    @property
    def real_px(self) -> float:
        """Real px of the print across the aligned face, hair and neck included."""
        if self.alignment is None:
            return 0.0
        return SIDE / self.alignment.scale * self.condition.fraction

    def report(self) -> dict[str, Any]:
        """The numbers as JSON."""
        second = {} if self.second_score is None else {"second_score": round(self.second_score, 3)}
        return {
            "face": self.number,
            "score": round(self.face.score, 3),
            **second,
            "found_by": self.found_by,
            "doubt": self.doubt,
            "box_px": [round(value, 1) for value in self.face.box],
            "landmarks_px": [[round(float(v), 1) for v in point] for point in self.face.landmarks],
            "landmark_spread": round(self.spread, 3),
            "width_px": round(self.width, 1),
            "tilt_degrees": round(self.tilt_degrees, 1),
            "covered": round(self.covered, 2),
            "real_px_across": round(self.real_px, 1),
            "misfit": None if self.alignment is None else round(self.alignment.misfit, 3),
            **self.condition.as_measures(),
            "faults": list(self.faults),
        }


def find_faces(photo: Photo, detector: FaceDetector) -> list[Face]:
    """What the detector sees at a glance: upright faces in the print reduced to 1280 px.

    For stages that want to know roughly and quickly; `measured_faces` looks closely.

    Returns:
        Faces in px of the print, from left to right.
    """
    seen = (one.face for one in look_at_whole(photo, detector))
    return _from_the_left([face for face in seen if face.score >= _AT_A_GLANCE])


def measured_faces(
    photo: Photo,
    detector: FaceDetector,
    limits: Limits,
    *,
    second: FaceDetector | None = None,
    min_px: float = 20,
    max_px: float | None = None,
) -> list[MeasuredFace]:
    """Every face of a print, from left to right, with its condition against the limits.

    Args:
        photo: the print.
        detector: finds faces.
        limits: from where on a face needs redrawing.
        second: another detector that is asked as well; `face_search` says how they agree.
        min_px, max_px: width of the faces wanted, px of the print. The smaller `min_px`, the finer
            it looks; finds of other widths are dropped.
    """
    finds = search(
        photo,
        detector,
        second=second,
        fraction=real_resolution(photo).fraction,
        min_px=min_px,
        max_px=max_px,
    )
    finds.sort(key=lambda find: find.seen.face.box[:2])
    # A face alone is too small to show the JPEG grid: that is measured on the whole print.
    blocks = blockiness_in(luma_tiles(photo)) if finds else 0.0
    return [
        _measured(photo, number, find, limits, blocks) for number, find in enumerate(finds, start=1)
    ]


def _measured(photo: Photo, number: int, find: Find, limits: Limits, blocks: float) -> MeasuredFace:
    face = find.seen.face
    condition = replace(condition_of_photo(surroundings(photo, face)), blockiness=blocks)
    alignment = align(face.landmarks)
    return MeasuredFace(
        number,
        face,
        alignment,
        condition,
        tuple(faults(condition, limits)),
        upright_width=find.seen.width,
        tilt_degrees=find.seen.tilt,
        covered=_covered(photo, alignment),
        doubt=find.doubt,
        found_by=find.by,
        second_score=find.second_score,
        spread=find.seen.spread,
    )


def _covered(photo: Photo, alignment: Alignment | None) -> float:
    if alignment is None:
        return 0.0
    aligned = cut_out(photo.samples, alignment)
    return covered_share(aligned, alignment, photo.samples.shape)


def surroundings(photo: Photo, face: Face) -> Photo:
    """A square around a face, at least 96 px where the print is large enough."""
    left, top, right, bottom = face.box
    reach = max(0.8 * (right - left), 48.0)
    x, y = (left + right) / 2, (top + bottom) / 2
    rows = slice(max(0, int(y - reach)), max(1, int(y + reach)))
    columns = slice(max(0, int(x - reach)), max(1, int(x + reach)))
    return replace(photo, samples=photo.samples[rows, columns], infrared=None)


def _from_the_left(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: (face.box[0], face.box[1]))
