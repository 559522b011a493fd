"""How many faces are found at every size and tilt, how well placed, and what is mistaken for one.

Scored beside the closer search: one look of the same detector at the whole print, which is what
the face stage did before, at the same certainty.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.core.photo import Photo
from pipeline.models.model_set import ModelSet
from pipeline.models.provider import Face, FaceDetector
from pipeline.stages.face_finding import find_faces
from pipeline.stages.face_search import search
from tests.benchmarks.face_scenes import (
    SIZES,
    TURNS,
    Truth,
    empty_scene_of,
    faded,
    scene_of,
    small_scene_of,
)
from tests.benchmarks.pictures import Half, Image, seeds
from tests.benchmarks.restoration_report import Part, Target

_NEAR = 0.5
"""A find is the face laid in when its middle is off by less than this share of the width."""

_OLD_SCORE = 0.7
"""Score from which the single look counted."""

WAYS = ("search", "search, certain", "one look")


@dataclass
class _Tally:
    """Faces that were there and found, by size and by tilt; how far landmarks were off."""

    there: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    off: list[float] = field(default_factory=list)
    overturned: int = 0
    others: int = 0
    megapixels: float = 0.0
    seconds: float = 0.0

    def off_at(self, share: float) -> float:
        """How far landmarks were off, a share of the faces less; 1 when none was found."""
        return float(np.quantile(self.off, share)) if self.off else 1.0

    def share(self, kind: str) -> float:
        """Share found of all faces of a kind."""
        keys = [key for key in self.there if key.startswith(f"{kind} ") and key.endswith("px")]
        return sum(self.found[key] for key in keys) / max(1, sum(self.there[key] for key in keys))

    def false(self) -> float:
        """Finds per megapixel that are no face that was laid in."""
        return self.others / max(self.megapixels, 1e-9)

    def recall(self) -> dict[str, float]:
        """Share found, by size and by tilt."""
        return {key: round(self.found[key] / count, 3) for key, count in self.there.items()}


def run(half: Half, count: int, detector: FaceDetector | None = None) -> Part:
    """Search `count` scenes with faces and as many without.

    Args:
        half: whose head and grounds.
        count: scenes of each kind; 10 show every tilt once.
        detector: CenterFace when None.
    """
    asked = detector or _centerface()
    there = {name: _Tally() for name in WAYS}
    empty = {name: _Tally() for name in WAYS}
    for number, seed in enumerate(seeds(half, count)):
        turn = TURNS[number % len(TURNS)]
        for kind, scene, truths in _scenes(seed, half, turn):
            _score(kind, scene, truths, asked, there)
        _score("", empty_scene_of(seed, half), [], asked, empty)
    certain, every = there["search, certain"], there["search"]
    return Part(
        "faces found",
        count,
        (
            Target("share of heads from 20 px found", every.share("head"), 0.97, ">="),
            Target("share of heads certain", certain.share("head"), 0.95, ">="),
            Target("share of heads found, faded and noisy", every.share("faded"), 0.9, ">="),
            Target("share of the subset's faces found", every.share("subset"), 0.7, ">="),
            Target("landmarks off, median in eye distances", every.off_at(0.5), 0.12, "<="),
            Target("false finds per MP, certain", empty["search, certain"].false(), 0.0, "<="),
            Target("false finds per MP, doubtful too", empty["search"].false(), 0.1, "<="),
            Target("faces set up the wrong way", float(every.overturned), 0, "<="),
        ),
        {
            name: {
                "recall": dict(sorted(tally.recall().items())),
                "landmarks_off_median": round(tally.off_at(0.5), 3),
                "landmarks_off_worst_tenth": round(tally.off_at(0.9), 3),
                "overturned": tally.overturned,
                "false_beside_faces_per_mp": round(tally.false(), 3),
                "false_without_faces_per_mp": round(empty[name].false(), 3),
                "seconds_per_mp": round(tally.seconds / tally.megapixels, 2),
                "seconds_per_mp_without_faces": round(
                    empty[name].seconds / empty[name].megapixels, 2
                ),
            }
            for name, tally in there.items()
        },
    )


def _centerface() -> FaceDetector:
    from pipeline.models.catalog import load_catalog
    from pipeline.models.weights import resolve

    found = resolve(load_catalog(), {"face_detector": ["CenterFace"]}, [])
    return ModelSet(found, "cpu").face_detector()


def _scenes(seed: int, half: Half, turn: float) -> list[tuple[str, Image, list[Truth]]]:
    scenes = [("subset", *small_scene_of(seed, half, turn, 15))]
    try:
        scenes.append(("head", *scene_of(seed, half, turn, SIZES)))
        scene, truths = scene_of(seed + 20, half, turn, SIZES[1:])
        scenes.append(("faded", faded(scene, seed), truths))
    except LookupError:
        pass  # Grace Hopper comes with matplotlib.
    return scenes


def _looked(photo: Photo, asked: FaceDetector) -> dict[str, tuple[list[Face], float]]:
    """What each way finds, and its seconds."""
    start = time.monotonic()
    finds = search(photo, asked)
    middle = time.monotonic()
    glimpsed = [face for face in find_faces(photo, asked) if face.score >= _OLD_SCORE]
    took = middle - start
    found = (
        ([find.seen.face for find in finds], took),
        ([find.seen.face for find in finds if not find.doubt], took),
        (glimpsed, time.monotonic() - middle),
    )
    return dict(zip(WAYS, found, strict=True))


def _score(
    kind: str,
    scene: Image,
    truths: Sequence[Truth],
    asked: FaceDetector,
    tallies: dict[str, _Tally],
) -> None:
    photo = Photo.of(scene, None)
    for name, (faces, seconds) in _looked(photo, asked).items():
        tally = tallies[name]
        tally.seconds += seconds
        tally.megapixels += photo.width * photo.height / 1e6
        for truth in truths:
            match = _matching(truth, faces)
            for key in (f"{kind} {truth.width:03.0f} px", f"{kind}, turned {truth.turn:+.0f}"):
                tally.there[key] += 1
                tally.found[key] += match is not None
            if match is not None:
                faces.remove(match)
                _place(match, truth, tally)
        tally.others += len(faces)


def _matching(truth: Truth, faces: Sequence[Face]) -> Face | None:
    for face in faces:
        middle = face.landmarks.mean(axis=0)
        if np.hypot(*(middle - truth.centre)) < _NEAR * truth.width:
            return face
    return None


def _place(face: Face, truth: Truth, tally: _Tally) -> None:
    eyes = face.landmarks[1] - face.landmarks[0]
    turn = np.degrees(np.arctan2(eyes[1], eyes[0]))
    tally.overturned += int(abs((turn - truth.turn + 180) % 360 - 180) > 45)
    if truth.landmarks is not None:
        apart = np.hypot(*(truth.landmarks[1] - truth.landmarks[0]))
        off = np.hypot(*(face.landmarks - truth.landmarks).T).mean() / apart
        tally.off.append(float(off))
