"""A recipe written out of the ledger is TOML that says the same."""

from __future__ import annotations

import tomllib

import pytest

from pipeline.config.recipe import bundled_recipes, load_recipe, parse_recipe
from pipeline.export.recipe_text import recipe_toml
from tests.pipeline.export.bagged_library import RECIPE


@pytest.mark.parametrize("name", sorted(bundled_recipes()))
def test_a_recipe_of_the_ledger_is_taken_again_as_the_same(name: str) -> None:
    recipe = load_recipe(name)
    again = parse_recipe(recipe_toml(recipe.document), "the package")
    assert again.document == recipe.document


def test_letters_of_every_kind_come_back_and_what_is_not_set_is_a_comment() -> None:
    text = recipe_toml(RECIPE)
    assert "# top is not set" in text
    read = tomllib.loads(text)
    assert read["description"] == RECIPE["description"]
    assert read["repair"] == {"caution": 3.5, "use_infrared": True, "least_px": 8, "models": []}


def test_tables_inside_lists_come_back() -> None:
    document = {"faces": {"choices": [{"box": [0.1, 0.2], "a b": "x\ny", "model": None}]}}
    assert tomllib.loads(recipe_toml(document)) == {
        "faces": {"choices": [{"box": [0.1, 0.2], "a b": "x\ny"}]}
    }
