"""A recipe from the ledger is understood although its stages have moved on."""

from __future__ import annotations

import pytest

from pipeline.config.recipe import load_recipe
from pipeline.config.recorded_recipe import recorded_recipe
from pipeline.core.errors import RecipeRefused


def test_a_recipe_of_today_comes_back_as_it_was() -> None:
    recipe = load_recipe("archive")
    assert recorded_recipe(recipe.document, 1) == recipe


def test_an_option_that_is_gone_is_passed_over_and_the_others_count() -> None:
    document = dict(load_recipe("archive").document)
    document["faces"] = {**document["faces"], "strength": 0.3, "gone_since": 7}
    recipe = recorded_recipe(document, 1)
    assert recipe.document["faces"] == {**load_recipe("archive").document["faces"], "strength": 0.3}


def test_an_option_that_came_since_has_its_default() -> None:
    document = dict(load_recipe("archive").document)
    document["faces"] = {
        name: value for name, value in document["faces"].items() if name != "max_px"
    }
    assert recorded_recipe(document, 1).document["faces"]["max_px"] is None


def test_a_stage_that_is_gone_is_refused_with_the_run_named() -> None:
    document = {**load_recipe("archive").document, "stages": ["split", "colourise"]}
    with pytest.raises(RecipeRefused, match="recipe of run 12"):
        recorded_recipe(document, 12)
