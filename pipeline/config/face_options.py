"""A recipe adapted to what a person asked for faces: by size for a run, one by one for a print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.config.recipe import (
    ConfiguredStage,
    Recipe,
    recipe_from_document,
    validated_options,
)
from pipeline.core.errors import RecipeRefused
from pipeline.stages.face_choice import FaceChoice

FACES = "faces"


def with_face_sizes(
    recipe: Recipe, least_px: int | None = None, most_px: int | None = None
) -> Recipe:
    """The recipe with other limits for the size of faces; its document tells them.

    Args:
        recipe: the recipe.
        least_px, most_px: widths of a face, px of the print, below and above which it is left;
            None keeps the recipe's own.

    Raises:
        RecipeRefused: the recipe has no faces stage, or a limit is out of range.
    """
    limits = {"min_px": least_px, "max_px": most_px}
    asked = {name: value for name, value in limits.items() if value is not None}
    if not asked:
        return recipe
    if FACES not in recipe.stage_names():
        raise RecipeRefused(
            f"recipe {recipe.name} has no {FACES} stage, so sizes of faces mean nothing to it",
            remedy="Leave out --min-face and --max-face, or choose another recipe.",
        )
    options = {**recipe.document[FACES], **asked}
    least, most = options.get("min_px"), options.get("max_px")
    if least is not None and most is not None and least > most:
        raise RecipeRefused(f"no face is at least {least} and at most {most} px wide")
    document = {**recipe.document, FACES: options}
    return recipe_from_document(document, f"recipe {recipe.name}")


def with_face_choices(recipe: Recipe, choices: Sequence[FaceChoice]) -> Recipe:
    """The recipe for one print whose faces somebody decided about.

    Only the stage that restores faces follows the decisions; the document stays as it is, for the
    decisions are the print's and no part of the recipe. A recipe without that stage is unchanged.
    """
    if not choices:
        return recipe
    return replace(recipe, stages=tuple(_following(c, choices) for c in recipe.stages))


def _following(configured: ConfiguredStage, choices: Sequence[FaceChoice]) -> ConfiguredStage:
    stage = configured.stage
    if stage.name != FACES:
        return configured
    values: dict[str, Any] = {**dict(configured.options), "choices": tuple(choices)}
    return ConfiguredStage(stage, validated_options(stage, values, "the decisions about faces"))
