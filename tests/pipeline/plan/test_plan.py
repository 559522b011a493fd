from __future__ import annotations

import pytest

from pipeline.config.recipe import load_recipe, parse_recipe
from pipeline.core.errors import RecipeRefused
from pipeline.models.catalog import load_catalog
from pipeline.models.weights import resolve
from pipeline.plan.plan import Plan, make_plan, step_key, wanted_models

BASE = {
    "stage": "denoise",
    "version": 1,
    "options": {"a": 1, "b": 2},
    "inputs": ["11"],
    "weights": {"artifacts": "22"},
}


def test_equal_values_give_equal_keys_whatever_their_order() -> None:
    turned = {**BASE, "options": {"b": 2, "a": 1}}
    assert step_key(**BASE) == step_key(**turned)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "repair"},
        {"version": 2},
        {"options": {"a": 1, "b": 3}},
        {"inputs": ["12"]},
        {"inputs": ["11", "11"]},
        {"weights": {"artifacts": "23"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_gives_another_key(change: dict) -> None:
    assert step_key(**BASE) != step_key(**{**BASE, **change})


def plan_of(text: str) -> Plan:
    recipe = parse_recipe(text, "test")
    return make_plan(recipe, resolve(load_catalog(), wanted_models(recipe, derivatives=True), []))


RECIPE = 'name = "t"\ndescription = "d"\nstages = ["split", "repair", "denoise", "artifacts"]\n'


def test_one_changed_option_changes_only_its_own_steps_key() -> None:
    before = plan_of(RECIPE)
    after = plan_of(RECIPE + "[denoise]\nstrength = 0.5\n")
    changed = [
        b.name
        for b, a in zip(before.print_steps, after.print_steps, strict=True)
        if b.key(["x"]) != a.key(["x"])
    ]
    assert changed == ["denoise"]


def test_a_step_carries_the_digest_of_the_weights_it_runs_with() -> None:
    artifacts = plan_of(RECIPE).print_steps[-1]
    assert [use.role for use in artifacts.models] == ["artifacts", "face_detector"]
    assert artifacts.models[0].sha256 == load_catalog().card(artifacts.models[0].name).sha256


def test_a_recipe_without_networks_wants_no_models() -> None:
    assert wanted_models(load_recipe("faithful"), masters=False, derivatives=True) == {}


def test_a_derivative_is_checked_like_any_other_options() -> None:
    with pytest.raises(RecipeRefused, match="width_px"):
        plan_of(RECIPE).derivative({"width_px": 0, "height_px": 10})
