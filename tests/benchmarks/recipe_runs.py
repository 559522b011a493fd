"""A whole recipe on one picture held in memory, as `shoebox restore` runs it on a file."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.config.recipe import Recipe, load_recipe
from pipeline.core.photo import Photo
from pipeline.execute.stage_run import run_stage
from pipeline.models.catalog import load_catalog
from pipeline.models.model_set import ModelSet
from pipeline.models.weights import resolve
from pipeline.plan.plan import PlannedStep, make_plan, wanted_models
from pipeline.stages.base import Outcome, Tools


@dataclass(frozen=True)
class Bench:
    """A recipe's print stages, ready to run.

    Args:
        steps: the stages after split.
        tools: with the models they need.
    """

    steps: tuple[PlannedStep, ...]
    tools: Tools

    def restored(self, photo: Photo) -> tuple[Photo, dict[str, Outcome]]:
        """The photo after all stages, and what each of them did."""
        outcomes: dict[str, Outcome] = {}
        for step in self.steps:
            outcomes[step.name] = run_stage(step, photo, self.tools)
            photo = outcomes[step.name].photo
        return photo, outcomes


def bench(recipe: str) -> Bench:
    """Load a recipe and the weights that come with packages.

    Args:
        recipe: name or TOML file.
    """
    return bench_of(load_recipe(recipe))


def bench_of(chosen: Recipe) -> Bench:
    """The same for a recipe that is loaded already."""
    resolved = resolve(load_catalog(), wanted_models(chosen, derivatives=False), [])
    return Bench(make_plan(chosen, resolved).print_steps, Tools(ModelSet(resolved, "cpu")))
