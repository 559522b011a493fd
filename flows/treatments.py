"""Treating a photo with a model and a strength that a person wants to see; nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config.face_options import FACES
from pipeline.config.recipe import ConfiguredStage, Recipe, validated_options
from pipeline.core.errors import ShoeboxError, UsageError
from pipeline.core.photo import Photo
from pipeline.execute.stage_run import run_stage
from pipeline.export.faces_told import FaceEntry
from pipeline.models.catalog import Catalog
from pipeline.models.weights import ResolvedModel, resolve, resolve_present
from pipeline.plan.plan import PlannedStep
from pipeline.stages.artifacts import STAGE as ARTIFACTS_STAGE
from pipeline.stages.base import Tools
from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.registry import stage_named

ARTIFACTS = ARTIFACTS_STAGE.name

_MOST_VARIANTS = 12


@dataclass(frozen=True)
class Treatment:
    """A model with a strength; None leaves either to the recipe."""

    model: str | None
    strength: float | None

    @property
    def name(self) -> str:
        """At the top of its column."""
        if self.strength is None:
            return str(self.model)
        told = f"strength {self.strength:g}"
        return told if self.model is None else f"{self.model}, {told}"


@dataclass(frozen=True)
class Result:
    """What one treatment came to.

    Args:
        treatment: which.
        seconds: how long it took.
        error: what went wrong, or empty.
        decision, reason, measures: of the outcome, when nothing did.
    """

    treatment: Treatment
    seconds: float
    error: str = ""
    decision: str | None = None
    reason: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """What was decided, or what went wrong, in words."""
        if self.error:
            return self.error
        return f"{self.decision}: {self.reason}" if self.reason else str(self.decision)

    @property
    def faces(self) -> tuple[FaceEntry, ...]:
        """What it measured of each face."""
        return tuple(self.measures.get("faces", ()))

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "model": self.treatment.model,
            "strength": self.treatment.strength,
            "decision": self.decision,
            "reason": self.reason,
            "error": self.error or None,
            "seconds": round(self.seconds, 2),
            "measures": dict(self.measures),
        }


def treatments(models: Sequence[str], strengths: Sequence[float]) -> list[Treatment]:
    """Every model with every strength.

    Raises:
        UsageError: there is nothing to compare, too much, or a strength is out of range.
    """
    if not models and not strengths:
        raise UsageError(
            "there is nothing to compare", remedy="Name --models, --strengths, or both."
        )
    for strength in strengths:
        if not 0.0 <= strength <= 1.0:
            raise UsageError(f"the strength {strength:g} is not within 0 and 1")
    pairs = [
        Treatment(model, strength)
        for model in (dict.fromkeys(models) or (None,))
        for strength in (dict.fromkeys(strengths) or (None,))
    ]
    if len(pairs) > _MOST_VARIANTS:
        raise UsageError(f"{len(pairs)} variants are too many for one sheet ({_MOST_VARIANTS})")
    return pairs


def stage_for(catalog: Catalog, models: Sequence[str]) -> str:
    """The stage that all these models can serve: faces, if they can.

    Raises:
        UnknownModel: one is not in the catalogue.
        UsageError: no stage can use them all.
    """
    cards = [catalog.card(name) for name in models]
    for stage in (FACES, ARTIFACTS):
        if all(stage in card.roles for card in cards):
            return stage
    told = "; ".join(f"{card.name} serves {', '.join(card.roles)}" for card in cards)
    raise UsageError(
        f"these models cannot be compared: {told}",
        remedy=f"Name models that all serve {FACES}, or all {ARTIFACTS}.",
    )


def planned(
    recipe: Recipe | None, treatment: Treatment, stage: str, face: int | None
) -> PlannedStep:
    """The stage as the print's recipe has it, with this treatment.

    For faces it is what `shoebox choose` would record, for every face or for the one.
    """
    stages = recipe.stages if recipe else ()
    configured = next((c for c in stages if c.stage.name == stage), None)
    options: dict[str, Any] = dict(configured.options) if configured else {}
    if stage == FACES:
        own = FaceChoice(face=face, model=treatment.model, strength=treatment.strength)
        others = () if face is None else (FaceChoice(leave=True),)
        options["choices"] = (own, *others)
    else:
        options |= {"models": (treatment.model,)} if treatment.model else {}
        options |= {"strength": treatment.strength} if treatment.strength is not None else {}
        options["only_when_needed"] = False
    used = stage_named(stage)
    return PlannedStep(ConfiguredStage(used, validated_options(used, options, "compare")), ())


def models_of(
    step: PlannedStep, catalog: Catalog, folders: Sequence[Path]
) -> dict[str, ResolvedModel]:
    """The weights that one treatment needs, found and verified.

    Raises:
        UnknownModel, WeightsMissing, WeightsWrong: they cannot be used.
    """
    stage, options = step.configured.stage, step.configured.options
    extra = resolve_present(catalog, stage.extra_models(options), folders)
    return resolve(catalog, stage.models(options), folders) | extra


def treated(
    treatment: Treatment, step: PlannedStep, photo: Photo, tools: Tools
) -> tuple[Result, Photo | None]:
    """One treatment: what it came to, and the print so treated unless it failed."""
    began = time.perf_counter()
    try:
        outcome = run_stage(step, photo, tools)
    except ShoeboxError as failed:
        return Result(treatment, time.perf_counter() - began, failed.line()), None
    seconds = time.perf_counter() - began
    result = Result(
        treatment, seconds, "", outcome.decision, outcome.reason, dict(outcome.measures)
    )
    return result, outcome.photo
