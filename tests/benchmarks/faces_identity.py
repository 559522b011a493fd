"""The guard of identity: does it let honest restorations through, and does it catch forged ones.

    python -m tests.benchmarks.faces_identity --half held_out --cases 30
    python -m tests.benchmarks.faces_identity --pictures FOLDER

Portraits are shrunk, aged and redrawn by x4plus. What it drew is tampered with (`face_forgery`) and
then goes the way of every network's face: into the print's tones (`face_colour.proposal`) and, at
strength 1, onto the print. Both witnesses, the data check and dlib's embedding, judge the result.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.provider import FaceEmbedder, Inference
from pipeline.models.weights import resolve
from pipeline.stages.face_alignment import SIDE
from pipeline.stages.face_blend import at_strength
from pipeline.stages.face_colour import proposal
from pipeline.stages.face_data_check import real_px
from pipeline.stages.face_identity import STANDARD, Floors, guard, references
from pipeline.stages.face_shape import mask_of
from tests.benchmarks.face_ageing import AGEINGS
from tests.benchmarks.face_forgery import FORGERIES, GRAVE, invented
from tests.benchmarks.face_portraits import (
    AgedFace,
    Portrait,
    aged_face,
    free_portraits,
    portraits_in,
    stranger_to,
)
from tests.benchmarks.faces_identity_told import Guarding, Trial, report
from tests.benchmarks.pictures import Half, Image, seeds
from tests.benchmarks.restoration_report import Part

WIDTHS = (26, 36, 50, 64, 80, 100, 130, 180, 240, 300)
"""px of the print; no face is enlarged."""

_LARGEST_GROWTH = 1.05

_OPEN = Floors(similarity=-1.0, misfit=np.inf, worst_misfit=np.inf, least_detail_px=0.0)
"""Floors that let everything through, so that both witnesses are heard."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """An aged face, what x4plus makes of it, and what else there is to judge it by.

    Args:
        face: the aged face.
        made: float32 (512, 512, 3), x4plus's face.
        mask: float32 (512, 512), where it would be put.
        stranger: float32 (512, 512, 3), another person's aligned face.
    """

    face: AgedFace
    made: Image
    mask: Image
    stranger: Image

    def on_print(self, made: Image) -> Callable[[float], Image]:
        """A network's face as it would be on the print at any strength."""
        face = self.face
        noise = face.condition.noise
        proposed = proposal(face.before, made, SIDE * face.fraction, noise=noise)
        return lambda strength: at_strength(face.before, proposed, self.mask, strength)

    def honest(self) -> Iterator[tuple[str, Image]]:
        """What x4plus made, and what a restorer would that knows the truth."""
        yield "x4plus", self.made
        yield "the truth", self.face.portrait.aligned()

    def forged(self) -> Iterator[tuple[str, Image]]:
        """Every forgery of what x4plus made."""
        for kind, forge in FORGERIES.items():
            yield kind, forge(self.made, self.stranger)
        scan_px = real_px(self.face.fraction)
        yield "fine detail of another", invented(self.made, self.stranger, scan_px)


def models() -> ModelSet:
    """The networks that packages ship, on the CPU."""
    wanted = {
        "faces": ["RealESRGAN_x4plus-ncnn"],
        "face_detector": ["CenterFace"],
        "face_embedding": ["dlib-face-recognition"],
    }
    return ModelSet(resolve(load_catalog(), wanted, []), "cpu")


def run(half: Half, count: int, pictures: Path | None = None) -> Part:
    """Judge `count` aged faces, of free portraits or a folder's, restored and forged."""
    able = models()
    embedder = able.face_embedder()
    if embedder is None:
        raise LookupError("the extra `identity` is not installed")
    if pictures is None:
        portraits, others = free_portraits(half)
    else:
        portraits = others = portraits_in(pictures, able.face_detector())
    trials: list[Trial] = []
    guardings: list[Guarding] = []
    for face, seed in aged_faces(portraits, half, count):
        proposed = proposal_for(face, stranger_to(face.portrait, others, seed // 2), able)
        if proposed is not None:
            trials += judged(proposed, embedder)
            guardings += guarded(proposed, embedder, GRAVE[seed // 2 % len(GRAVE)])
    known = {id(one): one for one in [*portraits, *others]}.values()
    return report(trials, guardings, likeness(list(known), embedder), count)


def aged_faces(
    portraits: Sequence[Portrait], half: Half, count: int
) -> Iterator[tuple[AgedFace, int]]:
    """Portraits, widths and ageings in turn, each with its seed."""
    possible = [
        (portrait, width)
        for width in WIDTHS
        for portrait in portraits
        if width <= _LARGEST_GROWTH * portrait.width
    ]
    kinds = list(AGEINGS)
    for number, seed in enumerate(seeds(half, count)):
        lap, place = divmod(number, len(possible))
        portrait, width = possible[place]
        yield aged_face(portrait, width, kinds[(lap + place) % len(kinds)], seed), seed


def proposal_for(face: AgedFace, stranger: Portrait, able: ModelSet) -> Proposal | None:
    """What x4plus makes of a face; None when it failed."""
    detail_px = SIDE * face.fraction
    made = able.face_restorer().restore([face.before], [detail_px])[0]
    if not isinstance(made, Inference):
        return None
    mask = mask_of(face.landmarks, face.alignment, face.shape)
    return Proposal(face, made.pixels, mask, stranger.aligned())


def judged(proposed: Proposal, embedder: FaceEmbedder) -> Iterator[Trial]:
    """What both witnesses say about each version of a face at strength 1."""
    face = proposed.face
    known = references(embedder, [face.before], [face.fraction])[0]
    for honest, versions in ((True, proposed.honest()), (False, proposed.forged())):
        for kind, version in versions:
            found = guard(
                face.before,
                proposed.on_print(version),
                proposed.mask,
                1.0,
                fraction=face.fraction,
                noise=face.condition.noise,
                embedder=embedder,
                reference=known,
                floors=_OPEN,
            ).last
            similarity = -1.0 if found.similarity is None else found.similarity
            yield Trial(kind, honest, face.width, SIDE * face.fraction, found.misfit, similarity)


def guarded(proposed: Proposal, embedder: FaceEmbedder, forgery: str) -> Iterator[Guarding]:
    """What the guard makes of x4plus's face and of one forgery, and what it costs."""
    face = proposed.face
    forged = FORGERIES[forgery](proposed.made, proposed.stranger)
    for honest, version in ((True, proposed.made), (False, forged)):
        on_print = proposed.on_print(version)
        began = time.process_time()
        found = guard(
            face.before,
            on_print,
            proposed.mask,
            1.0,
            fraction=face.fraction,
            noise=face.condition.noise,
            embedder=embedder,
            floors=STANDARD,
        )
        yield Guarding(honest, found.outcome, found.strength, time.process_time() - began)


def likeness(portraits: Sequence[Portrait], embedder: FaceEmbedder) -> dict[str, list[float]]:
    """Similarities of all pairs of good photographs: of one person, and of two."""
    numbers = embedder.embed([portrait.aligned() for portrait in portraits])
    found: dict[str, list[float]] = {"one person": [], "two persons": []}
    for first, one in enumerate(portraits):
        for second in range(first):
            kind = "one person" if one.person == portraits[second].person else "two persons"
            found[kind].append(1.0 - float(np.linalg.norm(numbers[first] - numbers[second])))
    return found


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=["tuning", "held_out"], default="held_out")
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--pictures", type=Path, help="folder of portraits: PERSON-NUMBER.jpg")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    told: dict[str, Any] = run(asked.half, asked.cases, asked.pictures).as_json()
    print(json.dumps(told if asked.json else told["targets"], indent=2))


if __name__ == "__main__":
    main()
