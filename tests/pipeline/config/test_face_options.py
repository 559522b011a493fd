"""What is asked for faces changes the faces stage alone; sizes are on record, decisions apart."""

from __future__ import annotations

import pytest

from pipeline.config.face_options import FACES, with_face_choices, with_face_sizes
from pipeline.config.recipe import load_recipe, parse_recipe, recipe_from_document
from pipeline.core.errors import RecipeRefused
from pipeline.stages.face_choice import FaceChoice

WITHOUT = 'name = "small"\ndescription = "d"\nstages = ["split", "repair"]\n'
LEAVE = FaceChoice(box=(0.1, 0.1, 0.2, 0.2), leave=True)


def options_of(recipe, name: str) -> dict:
    return next(c.options.model_dump() for c in recipe.stages if c.stage.name == name)


def test_sizes_overrule_the_recipe_and_stand_in_its_document() -> None:
    before = load_recipe("portrait")
    after = with_face_sizes(before, 40, 900)
    assert options_of(after, FACES) == {**options_of(before, FACES), "min_px": 40, "max_px": 900}
    assert after.document[FACES]["min_px"] == 40
    assert recipe_from_document(after.document, "ledger").document == after.document
    assert {k: v for k, v in after.document.items() if k != FACES} == {
        k: v for k, v in before.document.items() if k != FACES
    }


def test_without_sizes_the_recipe_is_the_very_same() -> None:
    recipe = parse_recipe(WITHOUT, "test")
    assert with_face_sizes(recipe) is recipe
    assert with_face_choices(recipe, []) is recipe


@pytest.mark.parametrize(
    ("sizes", "words"), [((4, None), "min_px"), ((60, 50), "at least 60 and at most 50")]
)
def test_sizes_that_make_no_sense_are_refused(sizes: tuple, words: str) -> None:
    with pytest.raises(RecipeRefused, match=words):
        with_face_sizes(load_recipe("archive"), *sizes)


def test_sizes_mean_nothing_to_a_recipe_without_faces() -> None:
    with pytest.raises(RecipeRefused, match="no faces stage"):
        with_face_sizes(parse_recipe(WITHOUT, "test"), 40)


def test_decisions_reach_the_stage_but_not_the_recipes_document() -> None:
    before = load_recipe("archive")
    after = with_face_choices(before, [LEAVE])
    assert options_of(after, FACES)["choices"] == (LEAVE.model_dump(),)
    assert after.document == before.document
    others = [name for name in before.stage_names() if name != FACES]
    assert all(options_of(after, name) == options_of(before, name) for name in others)


def test_decisions_change_nothing_where_no_faces_are_restored() -> None:
    recipe = parse_recipe(WITHOUT, "test")
    assert with_face_choices(recipe, [LEAVE]).stages == recipe.stages
