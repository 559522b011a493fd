"""Recipes: which stages run, in which order, with which options."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.core.errors import RecipeRefused
from pipeline.core.stage_names import ENLARGE, SPLIT
from pipeline.stages.base import Stage, StageOptions
from pipeline.stages.registry import stage_named, stages_by_name, suggestion

FIRST = SPLIT
"""Every recipe begins by cutting the scan into prints."""

DERIVATIVE = ENLARGE
"""Runs after the master, once for each print size, so it is never listed among the stages."""

_TOP_LEVEL = ("name", "description", "stages")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True)
class ConfiguredStage:
    """A stage and its validated options."""

    stage: Stage[Any]
    options: StageOptions


@dataclass(frozen=True)
class Recipe:
    """The ordered stages that make a master, and the options of the enlargement.

    Args:
        name: short name, as in `--recipe archive`.
        description: one sentence for people.
        stages: the stages in order; the first is always `split`.
        enlarge: options of the enlargement except for the size, which the command gives.
        document: the validated recipe as JSON, every default filled in; what the ledger keeps.
    """

    name: str
    description: str
    stages: tuple[ConfiguredStage, ...]
    enlarge: Mapping[str, Any]
    document: Mapping[str, Any]

    def stage_names(self) -> list[str]:
        """Names of the stages in order."""
        return [configured.stage.name for configured in self.stages]


def bundled_recipes() -> dict[str, str]:
    """The text of every recipe that ships with Shoebox, by name."""
    folder = files("configs")
    return {
        entry.name.removesuffix(".toml"): entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml") and entry.name != "models.toml"
    }


def load_recipe(name_or_path: str) -> Recipe:
    """A bundled recipe by name, or a recipe file by path.

    Raises:
        RecipeRefused: no such recipe, not TOML, an unknown stage or key, a value out of range.
    """
    bundled = bundled_recipes()
    if name_or_path in bundled:
        return parse_recipe(bundled[name_or_path], f"recipe {name_or_path}")
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise RecipeRefused(
            f"no recipe is called {name_or_path!r}{suggestion(name_or_path, list(bundled))}"
        )
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeRefused(f"{path} cannot be read: {error}") from error
    return parse_recipe(text, str(path))


def parse_recipe(text: str, origin: str) -> Recipe:
    """A recipe from TOML text; `origin` names it in errors.

    Raises:
        RecipeRefused: as for `load_recipe`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeRefused(f"{origin} is not valid TOML: {error}") from error
    return recipe_from_document(document, origin)


def recipe_from_document(document: Mapping[str, Any], origin: str) -> Recipe:
    """A recipe from its parsed document, such as the one the ledger kept of an earlier run.

    Raises:
        RecipeRefused: as for `load_recipe`.
    """
    tables = stages_by_name()
    _refuse_unknown_keys(document, [*_TOP_LEVEL, *tables], origin)
    name = _required_text(document, "name", origin)
    if not _NAME.fullmatch(name):
        raise RecipeRefused(f"{origin}: name {name!r} may only hold a-z, 0-9 and hyphens")
    names = _stage_names(document.get("stages"), origin)
    configured = tuple(
        ConfiguredStage(stage, _options(stage, document.get(stage.name, {}), origin))
        for stage in map(stage_named, names)
    )
    enlarge_stage = stage_named(DERIVATIVE)
    given = document.get(DERIVATIVE, {})
    enlarge = _options(enlarge_stage, given, origin).model_dump(mode="json")
    unused = [key for key in document if key in tables and key not in (*names, DERIVATIVE)]
    if unused:
        raise RecipeRefused(
            f"{origin}: [{unused[0]}] is configured but {unused[0]!r} is not in `stages`"
        )
    description = _required_text(document, "description", origin)
    full = {
        "name": name,
        "description": description,
        "stages": names,
        **{c.stage.name: c.options.model_dump(mode="json") for c in configured},
        DERIVATIVE: enlarge,
    }
    return Recipe(name, description, configured, enlarge, full)


def validated_options(stage: Stage[Any], values: Mapping[str, Any], origin: str) -> StageOptions:
    """One stage's options, checked.

    Raises:
        RecipeRefused: an unknown key (the nearest is named) or a value out of range.
    """
    return _options(stage, values, origin)


def _options(stage: Stage[Any], values: Any, origin: str) -> StageOptions:
    if not isinstance(values, Mapping):
        raise RecipeRefused(f"{origin}: [{stage.name}] is not a table of options")
    known = list(stage.options.model_fields)
    _refuse_unknown_keys(values, known, f"{origin}: [{stage.name}]")
    try:
        options: StageOptions = stage.options.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in (stage.name, *first["loc"]))
        message = f"{origin}: {where} = {first['input']!r}: {first['msg']}"
        raise RecipeRefused(message) from error
    return options


def _stage_names(value: Any, origin: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise RecipeRefused(f"{origin}: `stages` must be a list of stage names")
    names: list[str] = value
    for name in names:
        if name not in stages_by_name():
            raise RecipeRefused(f"{origin}: no stage is called {name!r}{_nearest(name)}")
        if names.count(name) > 1:
            raise RecipeRefused(f"{origin}: stage {name!r} is listed twice")
    if not names or names[0] != FIRST:
        raise RecipeRefused(f"{origin}: the first stage must be {FIRST!r}")
    if len(names) == 1:
        raise RecipeRefused(f"{origin}: at least one stage must follow {FIRST!r}")
    if DERIVATIVE in names:
        raise RecipeRefused(
            f"{origin}: {DERIVATIVE!r} is not listed in `stages`; it runs when a size is asked for"
        )
    return names


def _nearest(name: str) -> str:
    return suggestion(name, list(stages_by_name()))


def _refuse_unknown_keys(given: Mapping[str, Any], known: Sequence[str], origin: str) -> None:
    for key in given:
        if key not in known:
            raise RecipeRefused(f"{origin}: unknown key {key!r}{suggestion(key, list(known))}")


def _required_text(document: Mapping[str, Any], key: str, origin: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value.strip():
        raise RecipeRefused(f"{origin}: `{key}` is missing or not text")
    return value
