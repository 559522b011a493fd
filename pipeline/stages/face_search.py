"""Every face of a print, told from everything else: searched, looked at again, judged.

1. The whole print is shown to the detector at up to 1280 px, and turned by 90, 180 and 270
   degrees at up to 720 px.
2. What may be a face is looked at again, upright and at a good size (`face_looks`).
3. Tiles at the finest scale that shows more are searched for small faces: in the directions in
   which sure faces were found, or else upright, and when nothing is found then, turned.
4. A face is certain when the first detector is (`CERTAIN`), when the first half is (`KEPT`) and the
   second agrees (`SECOND_AGREES`), or when the second is by itself (`SECOND_CERTAIN`). What the
   first half knows is told with its doubt; anything less, and anything less than certain whose
   landmarks lie as on no face, is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.photo import Photo
from pipeline.models.face_boxes import overlap
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_geometry import covers, impossible, tilt_of
from pipeline.stages.face_looks import Seen, look_closer
from pipeline.stages.face_scales import (
    MOST_PX,
    Candidate,
    finest_scale,
    look_at_tiles,
    look_at_whole,
)
from pipeline.stages.face_softening import softening_of

CERTAIN = 0.7
"""Mean score of the closer looks from which a face is certain. Measured: faces in photographs, old
ones too, 0.76 to 0.93 down to 16 px wide, faded and noisy ones less below 32 px. Of 8 MP of
pictures of things one find reached 0.62 (a headlamp), everything else stayed below 0.45."""

KEPT = 0.45
"""Score from which an uncertain find is reported at all."""

SECOND_AGREES = 0.6
"""Score of the second detector that makes a find of the first certain."""

SECOND_CERTAIN = 0.8
"""Score from which the second detector's find counts without the first."""

_MOST_TURNED = 12_000_000
"""px looked at at most on a print that shows no sure face upright, for the other three turns."""

_MOST = 150
"""Candidates looked at closer at each scale, best first: bounds the time on pages of patterns."""

_LEAST = 0.8
"""Share of the least width that a find may fall short of it: boxes differ so from one another."""

_SAME = 0.3
"""Intersection over union from which two finds are one face."""


@dataclass(frozen=True)
class Find:
    """A face, and how certain it is.

    Args:
        seen: where and how it was seen; the score is the detector's that knows it best.
        by: which detector the landmarks are from.
        second_score: mean score of the second detector's looks; None when there is none.
        doubt: why it is not certain, in words; empty when it is.
    """

    seen: Seen
    by: str
    second_score: float | None
    doubt: str


@dataclass(frozen=True)
class _Asked:
    """Who is asked about which print: the detectors, and how much it is softened for them."""

    photo: Photo
    first: FaceDetector
    second: FaceDetector | None
    soft: float

    def whole(self, turn: int) -> list[Candidate]:
        """What they see in the whole print."""
        return [c for d in self._all() for c in look_at_whole(self.photo, d, turn, self.soft)]

    def tiles(self, scale: float, turn: int) -> list[Candidate]:
        """What they see in tiles of it."""
        return [
            c for d in self._all() for c in look_at_tiles(self.photo, d, scale, turn, self.soft)
        ]

    def closer(self, detector: FaceDetector, face: Face, tilts: list[float]) -> Seen | None:
        """What one of them says at a closer look."""
        return look_closer(self.photo.samples, detector, face, tilts, self.soft)

    def _all(self) -> list[FaceDetector]:
        return [self.first] if self.second is None else [self.first, self.second]


def search(
    photo: Photo,
    detector: FaceDetector,
    *,
    second: FaceDetector | None = None,
    fraction: float = 1.0,
    min_px: float = 20,
    max_px: float | None = None,
) -> list[Find]:
    """Every face of the print at least `min_px` wide, certain ones and doubtful ones.

    Args:
        photo: the print.
        detector: finds faces.
        second: another that is asked as well.
        fraction: the print's real detail as a share of its px, 0..1.
        min_px, max_px: width of the faces wanted, px of the print; finds below four fifths of the
            one or above the other are dropped.

    Returns:
        Finds that overlap no other, best first.
    """
    asked = _Asked(photo, detector, second, softening_of(photo))
    whole = [one for turn in range(4) for one in asked.whole(turn)]
    found = _judged(asked, whole, [])
    for turns, most in ((_directions(found), MOST_PX), ((1, 2, 3), _MOST_TURNED)):
        scale = finest_scale(photo.height, photo.width, fraction, min_px, most // len(turns))
        for turn in turns:
            found = _judged(asked, asked.tiles(scale, turn), found)
        if any(not find.doubt for find in found):
            break
    widest = float("inf") if max_px is None else max_px
    return [find for find in found if _LEAST * min_px <= find.seen.width <= widest]


def _directions(found: list[Find]) -> list[int]:
    """Quarter turns in which small faces are worth looking for."""
    turns = {round(find.seen.tilt / 90) % 4 for find in found if not find.doubt}
    return sorted(turns) or [0]


def _judged(asked: _Asked, candidates: list[Candidate], known: list[Find]) -> list[Find]:
    """What is known already and what of the candidates is a face too, best first."""
    sure = [find.seen.face for find in known if not find.doubt]
    new = [one for one in candidates if not any(overlap(one.face.box, f.box) > _SAME for f in sure)]
    finds = list(known)
    for group in _groups(new)[:_MOST]:
        find = _looked_at(asked, group)
        if find is not None:
            finds.append(find)
    return _apart(finds)


def _groups(candidates: list[Candidate]) -> list[list[Candidate]]:
    """Candidates that may be one face together, best first."""
    groups: list[list[Candidate]] = []
    for one in sorted(candidates, key=lambda candidate: -candidate.face.score):
        for group in groups:
            if overlap(group[0].face.box, one.face.box) > _SAME:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def _looked_at(asked: _Asked, group: list[Candidate]) -> Find | None:
    """What the detectors say at a closer look, or None when it is no face."""
    face = group[0].face
    tilts = [tilt_of(one.face.landmarks) for one in group]
    second = asked.second
    by_first = asked.closer(asked.first, face, tilts)
    by_second = None if second is None else asked.closer(second, face, tilts)
    first_score = by_first.face.score if by_first else 0.0
    second_score = by_second.face.score if by_second else 0.0
    seen, by = by_first, asked.first.name
    if second is not None and first_score < CERTAIN and second_score >= SECOND_CERTAIN:
        seen, by = by_second, second.name
    if seen is None or seen.face.score < KEPT:
        return None
    certain = first_score >= CERTAIN or second_score >= SECOND_AGREES
    doubt = impossible(seen.face.landmarks, seen.width)
    if doubt and not certain:
        return None
    if not doubt and not certain:
        doubt = f"uncertain find (score {seen.face.score:.2f})"
    return Find(seen, by, None if second is None else round(second_score, 3), doubt)


def _apart(finds: list[Find]) -> list[Find]:
    """The best of finds that lie on each other, best first."""
    kept: list[Find] = []
    for find in sorted(finds, key=lambda one: (bool(one.doubt), -one.seen.face.score)):
        face = find.seen.face
        if not any(
            overlap(k.seen.face.box, face.box) > _SAME
            or (covers(k.seen.face, face) and find.seen.width < k.seen.width)
            or (covers(face, k.seen.face) and k.seen.width < find.seen.width)
            for k in kept
        ):
            kept.append(find)
    return kept
