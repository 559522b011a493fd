"""The stages in the order in which a photograph passes through them."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from pipeline.core.errors import RecipeRefused
from pipeline.stages import (
    artifacts,
    deblur,
    denoise,
    deyellow,
    diagnose,
    enlarge,
    faces,
    red_eyes,
    repair,
    split,
)
from pipeline.stages.base import Stage

STAGES: tuple[Stage[Any], ...] = (
    split.STAGE,
    diagnose.STAGE,
    repair.STAGE,
    denoise.STAGE,
    deblur.STAGE,
    deyellow.STAGE,
    red_eyes.STAGE,
    artifacts.STAGE,
    faces.STAGE,
    enlarge.STAGE,
)


def stages_by_name(stages: tuple[Stage[Any], ...] = STAGES) -> dict[str, Stage[Any]]:
    """The stages by name, in order.

    Raises:
        ValueError: two stages have one name.
    """
    named: dict[str, Stage[Any]] = {}
    for stage in stages:
        if stage.name in named:
            raise ValueError(f"two stages are called {stage.name!r}")
        named[stage.name] = stage
    return named


def stage_named(name: str) -> Stage[Any]:
    """One stage.

    Raises:
        RecipeRefused: there is none of that name; the nearest is suggested.
    """
    named = stages_by_name()
    if name not in named:
        raise RecipeRefused(f"no stage is called {name!r}{suggestion(name, list(named))}")
    return named[name]


def suggestion(word: str, known: list[str]) -> str:
    """`; did you mean 'x'?` for the nearest known word, else the list of known words."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
