"""Plans: the steps a recipe means, and the key that says whether one was done before.

A key is the SHA-256 of everything that decides a step's pixels: the stage and its version, its
options, the digests of its inputs and the digests of its weights. Change one option, and only
that stage and what follows it get new keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config.recipe import (
    DERIVATIVE,
    ConfiguredStage,
    Recipe,
    validated_options,
)
from pipeline.core.errors import RecipeRefused
from pipeline.io.digest import sha256_json
from pipeline.models.weights import ResolvedModel
from pipeline.stages.registry import stage_named


@dataclass(frozen=True)
class ModelUse:
    """A model a step runs with: what it is for, its catalogue name, the digest of its weights.

    `fallback_for` names the model that was wanted first but whose weights are not there.
    """

    role: str
    name: str
    sha256: str
    fallback_for: str | None = None

    @property
    def fallback_note(self) -> str | None:
        """For people: what is missing, what stands in for it, how to get it."""
        if self.fallback_for is None:
            return None
        return (
            f"{self.fallback_for} is not installed, so {self.name} stands in for it "
            f"({self.role}); `shoebox models fetch {self.fallback_for}` gets it"
        )


@dataclass(frozen=True)
class PlannedStep:
    """One stage, ready to run on a photo."""

    configured: ConfiguredStage
    models: tuple[ModelUse, ...]

    @property
    def name(self) -> str:
        """The stage's name."""
        return self.configured.stage.name

    @property
    def options(self) -> dict[str, Any]:
        """The options as JSON."""
        return self.configured.options.model_dump(mode="json")

    def key(self, inputs: Sequence[str]) -> str:
        """The step's key for inputs given by their SHA-256."""
        stage = self.configured.stage
        weights = {use.role: use.sha256 for use in self.models}
        return step_key(stage.name, stage.version, self.options, inputs, weights)


@dataclass(frozen=True)
class Plan:
    """The steps of a recipe: one for the scan (split), the rest for every print."""

    recipe: Recipe
    scan_step: PlannedStep
    print_steps: tuple[PlannedStep, ...]
    derivative_models: tuple[ModelUse, ...]

    def fallback_notes(self) -> list[str]:
        """What people should know about models that are not there, each sentence once."""
        planned = [use for step in (self.scan_step, *self.print_steps) for use in step.models]
        notes = [use.fallback_note for use in (*planned, *self.derivative_models)]
        return list(dict.fromkeys(note for note in notes if note))

    def derivative(self, size: Mapping[str, Any]) -> PlannedStep:
        """The enlargement of a master to one print size; `size` holds width_px, height_px, ...

        Raises:
            RecipeRefused: a value is out of range.
        """
        stage = stage_named(DERIVATIVE)
        options = validated_options(stage, {**self.recipe.enlarge, **size}, "print size")
        roles = stage.models(options)
        uses = tuple(use for use in self.derivative_models if use.role in roles)
        return PlannedStep(ConfiguredStage(stage, options), uses)


def step_key(
    stage: str,
    version: int,
    options: Mapping[str, Any],
    inputs: Sequence[str],
    weights: Mapping[str, str],
) -> str:
    """Hex SHA-256 that names a step by all that decides its result.

    Args:
        stage: stage name.
        version: stage version.
        options: JSON options with every default filled in.
        inputs: hex SHA-256 of each input object, in order.
        weights: hex SHA-256 of the weights for each role.
    """
    return sha256_json(
        {
            "stage": stage,
            "version": version,
            "options": dict(options),
            "inputs": list(inputs),
            "weights": dict(weights),
        }
    )


def wanted_models(
    recipe: Recipe, *, masters: bool = True, derivatives: bool, crops: bool = False
) -> dict[str, tuple[str, ...]]:
    """For each role the recipe needs, the acceptable models, best first.

    Args:
        recipe: the recipe.
        masters: name what the stages up to the master need.
        derivatives: also name what the enlargement needs.
        crops: some print is cropped, whatever the recipe says: faces must be found then.

    Raises:
        RecipeRefused: two stages want different models for one role.
    """
    stages = list(recipe.stages) if masters else []
    if derivatives:
        stages.append(_derivative_stage(recipe, crops=crops))
    return _together(recipe, [configured.stage.models(configured.options) for configured in stages])


def extra_models(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """For each role that a recipe's masters can do without, the models that would do.

    Raises:
        RecipeRefused: two stages want different models for one role.
    """
    return _together(recipe, [c.stage.extra_models(c.options) for c in recipe.stages])


def _together(
    recipe: Recipe, asked: Sequence[Mapping[str, Sequence[str]]]
) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[str, ...]] = {}
    for roles in asked:
        for role, names in roles.items():
            if wanted.setdefault(role, tuple(names)) != tuple(names):
                raise RecipeRefused(f"{recipe.name}: two stages want different {role} models")
    return wanted


def make_plan(recipe: Recipe, resolved: Mapping[str, ResolvedModel]) -> Plan:
    """The plan of a recipe with the models that were found for its roles."""
    steps = [PlannedStep(c, _uses(c, resolved)) for c in recipe.stages]
    enlarge = _derivative_stage(recipe, crops=True)
    return Plan(recipe, steps[0], tuple(steps[1:]), _uses(enlarge, resolved))


def _derivative_stage(recipe: Recipe, *, crops: bool) -> ConfiguredStage:
    stage = stage_named(DERIVATIVE)
    size: dict[str, Any] = {"width_px": 1, "height_px": 1}
    if crops:
        size["fit"] = "crop"
    return ConfiguredStage(stage, validated_options(stage, {**recipe.enlarge, **size}, recipe.name))


def _uses(
    configured: ConfiguredStage, resolved: Mapping[str, ResolvedModel]
) -> tuple[ModelUse, ...]:
    stage, options = configured.stage, configured.options
    roles = {**stage.models(options), **stage.extra_models(options)}
    return tuple(
        ModelUse(role, found.card.name, found.card.sha256, found.fallback_for)
        for role, found in sorted(resolved.items())
        if role in roles
    )
