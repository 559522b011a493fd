"""What the benchmark of the guard of identity found, in shares and quantiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pipeline.stages.face_data_check import DataMisfit
from pipeline.stages.face_identity import STANDARD
from tests.benchmarks.face_forgery import GRAVE
from tests.benchmarks.restoration_report import Part, Target

_BINS = (0.0, 32.0, 64.0, 128.0, 513.0)
"""Real px across the aligned face."""


@dataclass(frozen=True)
class Trial:
    """One version of a face, and what the witnesses say about it at strength 1.

    Args:
        kind: "x4plus", "the truth" or a forgery.
        honest: whether it is no forgery.
        width: of the face, px of the print.
        detail_px: real px across the aligned face.
        misfit: of the data check.
        similarity: of the embeddings.
    """

    kind: str
    honest: bool
    width: int
    detail_px: float
    misfit: DataMisfit
    similarity: float

    @property
    def data_objects(self) -> bool:
        """Whether the data check says no."""
        found, floors = self.misfit, STANDARD.on(self.detail_px)
        return found.overall > floors.misfit or found.worst > floors.worst_misfit

    @property
    def likeness_objects(self) -> bool:
        """Whether the embedding says no, where it is asked."""
        asked = self.detail_px >= STANDARD.least_detail_px
        return asked and self.similarity < STANDARD.similarity


@dataclass(frozen=True)
class Guarding:
    """What the guard did with one face: whether it was honest, the outcome, strength, seconds."""

    honest: bool
    outcome: str
    strength: float
    seconds: float


def report(
    trials: Sequence[Trial],
    guardings: Sequence[Guarding],
    likeness: Mapping[str, Sequence[float]],
    cases: int,
) -> Part:
    """Targets and figures of all trials."""
    honest = [one for one in trials if one.honest]
    grave = [one for one in trials if one.kind in GRAVE]
    kept = [one for one in guardings if one.honest]
    return Part(
        "identity",
        cases,
        (
            Target("honest restorations objected to", objected(honest)["both"], 0.1, "<="),
            Target("grave forgeries let through", 1 - objected(grave)["both"], 0.1, "<="),
            Target(
                "mean strength that honest restorations keep",
                _mean([one.strength for one in kept]),
                0.95,
                ">=",
            ),
            Target(
                "seconds of one core a face, median",
                float(np.median([g.seconds for g in kept])),
                0.3,
                "<=",
            ),
        ),
        {
            "floors": {
                "similarity": STANDARD.similarity,
                "misfit": STANDARD.misfit,
                "worst_misfit": STANDARD.worst_misfit,
            },
            "objected_to": {kind: objected(_of(trials, kind)) for kind in _kinds(trials)},
            "objected_to_by_detail_px": by_detail(trials),
            "similarity": {
                kind: quantiles(one.similarity for one in _of(trials, kind) if _asked(one))
                for kind in _kinds(trials)
            },
            "misfit": {
                kind: quantiles(one.misfit.overall for one in _of(trials, kind))
                for kind in _kinds(trials)
            },
            "worst_misfit": {
                kind: quantiles(one.misfit.worst for one in _of(trials, kind))
                for kind in _kinds(trials)
            },
            "similarity_of_good_photographs": {k: quantiles(v) for k, v in likeness.items()},
            "outcomes": {
                name: _outcomes([one for one in guardings if one.honest is value])
                for name, value in (("honest", True), ("forged", False))
            },
        },
    )


def objected(trials: Sequence[Trial]) -> dict[str, float]:
    """The share that the data check, the embedding, or one of both objects to."""
    return {
        "data": round(_mean([one.data_objects for one in trials]), 3),
        "embedding": round(_mean([one.likeness_objects for one in trials]), 3),
        "both": round(_mean([one.data_objects or one.likeness_objects for one in trials]), 3),
    }


def by_detail(trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Shares objected to, by real px across the aligned face."""
    told = {}
    for low, high in pairwise(_BINS):
        some = [one for one in trials if low <= one.detail_px < high]
        if some:
            told[f"{low:.0f} to {min(high, 512):.0f}"] = {
                "honest": objected([one for one in some if one.honest]),
                "grave": objected([one for one in some if one.kind in GRAVE]),
                "faces": sum(one.kind == "x4plus" for one in some),
            }
    return told


def quantiles(values: Iterable[float]) -> dict[str, float]:
    """Least, 5 %, median, 95 % and greatest; nothing of nothing."""
    numbers = np.array(list(values), np.float64)
    if not len(numbers):
        return {}
    found = np.quantile(numbers, [0.0, 0.05, 0.5, 0.95, 1.0])
    names = ("least", "5 %", "median", "95 %", "greatest")
    return {name: round(float(value), 3) for name, value in zip(names, found, strict=True)}


def _outcomes(guardings: Sequence[Guarding]) -> dict[str, Any]:
    words = sorted({one.outcome for one in guardings})
    return {
        "mean_strength": round(_mean([one.strength for one in guardings]), 3),
        **{word: sum(one.outcome == word for one in guardings) for word in words},
    }


def _kinds(trials: Sequence[Trial]) -> list[str]:
    return list(dict.fromkeys(one.kind for one in trials))


def _of(trials: Sequence[Trial], kind: str) -> list[Trial]:
    return [one for one in trials if one.kind == kind]


def _asked(one: Trial) -> bool:
    return one.detail_px >= STANDARD.least_detail_px


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
