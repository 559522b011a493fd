from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.config.recipe import (
    bundled_recipes,
    load_recipe,
    parse_recipe,
    recipe_from_document,
)
from pipeline.core.errors import RecipeRefused
from pipeline.stages.registry import STAGES, stages_by_name

SMALLEST = 'name = "mine"\ndescription = "d"\nstages = ["split", "denoise"]\n'


@pytest.mark.parametrize("name", ["archive", "fast", "faithful", "portrait"])
def test_the_bundled_recipes_are_valid_and_named_as_their_files(name: str) -> None:
    assert load_recipe(name).name == name


def test_those_four_recipes_are_all_there_are() -> None:
    assert set(bundled_recipes()) == {"archive", "fast", "faithful", "portrait"}


def test_faithful_has_nothing_generative_in_it() -> None:
    recipe = load_recipe("faithful")
    for configured in recipe.stages:
        # A stage that can draw does so only with a network that its options name.
        networks = configured.stage.models(configured.options)
        assert not (configured.stage.generative and networks), configured.stage.name
    assert recipe.enlarge["use_model"] is False


def test_a_recipe_file_may_stand_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SMALLEST + "[denoise]\nstrength = 0.5\n")
    recipe = load_recipe(str(path))
    assert recipe.stage_names() == ["split", "denoise"]
    assert recipe.document["denoise"]["strength"] == 0.5


def test_the_document_kept_in_the_ledger_gives_the_same_recipe_back() -> None:
    recipe = load_recipe("archive")
    again = recipe_from_document(recipe.document, "ledger")
    assert again.document == recipe.document
    assert again.stages == recipe.stages


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (SMALLEST + "[denoise]\nstrenght = 0.5\n", "did you mean 'strength'"),
        (SMALLEST + "[denois]\nstrength = 0.5\n", "did you mean 'denoise'"),
        (SMALLEST.replace("denoise", "denoize"), "did you mean 'denoise'"),
        (SMALLEST + "[denoise]\nstrength = 99\n", "denoise.strength = 99"),
        (SMALLEST + "[denoise]\nstrength = 'much'\n", "denoise.strength = 'much'"),
        (SMALLEST + "[repair]\n", "'repair' is not in `stages`"),
        (SMALLEST + "denoise = 3\n", "not a table"),
        (SMALLEST.replace('"split", ', ""), "first stage must be 'split'"),
        (SMALLEST.replace(', "denoise"', ""), "at least one stage"),
        (SMALLEST.replace('"denoise"', '"denoise", "denoise"'), "listed twice"),
        (SMALLEST.replace('"denoise"', '"denoise", "enlarge"'), "when a size is asked for"),
        (SMALLEST.replace('"mine"', '"../mine"'), "may only hold"),
        (SMALLEST.replace('description = "d"\n', ""), "`description` is missing"),
        (SMALLEST + "= 3", "not valid TOML"),
        ("stages = 3\nname = 'x'\n", "must be a list"),
    ],
)
def test_a_wrong_recipe_is_refused_with_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(RecipeRefused, match=r"mine\.toml") as refused:
        parse_recipe(text, "mine.toml")
    assert named in str(refused.value)


def test_an_unknown_recipe_name_gets_the_nearest_one_named() -> None:
    with pytest.raises(RecipeRefused, match="did you mean 'archive'"):
        load_recipe("archiv")


def test_a_missing_recipe_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeRefused, match=r"gone\.toml"):
        load_recipe(str(tmp_path / "gone.toml"))


def test_two_stages_with_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="two stages are called"):
        stages_by_name((*STAGES, STAGES[1]))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_every_option_has_a_default_and_says_what_it_means(stage) -> None:
    defaults = stage.options()
    assert defaults == stage.options.model_validate(defaults.model_dump(mode="json"))
    for name, field in stage.options.model_fields.items():
        assert field.description, f"{stage.name}.{name} has no description"
