"""Recipes as the ledger kept them, also those of earlier versions of the stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.config.recipe import Recipe, recipe_from_document
from pipeline.stages.registry import stages_by_name


def recorded_recipe(document: Mapping[str, Any], run_id: int) -> Recipe:
    """The recipe of an earlier run, without options that its stages no longer have.

    A stage that lost an option has a new version, so it runs again anyway; refusing the whole
    recipe would keep a person from everything else in the library.

    Args:
        document: as `Recipe.document`, with every default of its time filled in.
        run_id: the run, for errors.

    Raises:
        RecipeRefused: it names a stage that is gone, or a value that is out of range today.
    """
    stages = stages_by_name()
    known = {
        name: _of_today(value, stages[name].options.model_fields) if name in stages else value
        for name, value in document.items()
    }
    return recipe_from_document(known, f"recipe of run {run_id}")


def _of_today(options: Any, fields: Mapping[str, Any]) -> Any:
    if not isinstance(options, Mapping):
        return options
    return {name: value for name, value in options.items() if name in fields}
