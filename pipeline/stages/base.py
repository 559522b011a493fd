"""The contract every stage keeps: a pure function over photos that measures first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from pipeline.core.errors import StageContractBroken
from pipeline.core.photo import Photo
from pipeline.core.progress import Progress, Silent
from pipeline.models.provider import ModelSource

Decision = Literal["applied", "skipped"]
Scope = Literal["scan", "print"]


class StageOptions(BaseModel):
    """Frozen, validated options; every field is ranged and says its unit in its description."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Tools:
    """What a stage is given besides the photo: loaded models and a progress listener."""

    models: ModelSource
    progress: Progress = field(default_factory=Silent)


@dataclass(frozen=True)
class Outcome:
    """What a stage made of a photo.

    Args:
        photos: the results; exactly one, except for `split`, which gives one per print. When
            the stage changed nothing it returns the very object it was given.
        decision: whether pixels were changed.
        reason: in plain words, why; required when skipped.
        measures: JSON numbers, strings, lists and objects a person can judge the step by.
        images: named side images: uint8 or bool (H, W) masks.
        models: names of the catalogue models that were really used, in order of use.
        notes: sentences the end-of-run summary should repeat (a fallback, a warning).
    """

    photos: tuple[Photo, ...]
    decision: Decision
    reason: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)
    images: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def photo(self) -> Photo:
        """The only photo.

        Raises:
            StageContractBroken: there is none, or more than one.
        """
        if len(self.photos) != 1:
            raise StageContractBroken(f"{len(self.photos)} photos where one was expected")
        return self.photos[0]


def skipped(photo: Photo, reason: str, **measures: Any) -> Outcome:
    """The outcome of a stage that leaves the photo as it is."""
    return Outcome((photo,), "skipped", reason, measures)


def applied(photo: Photo, reason: str = "", **measures: Any) -> Outcome:
    """The outcome of a stage that changed the photo."""
    return Outcome((photo,), "applied", reason, measures)


OptionsT = TypeVar("OptionsT", bound=StageOptions)


@dataclass(frozen=True)
class Stage(Generic[OptionsT]):
    """One registered stage.

    Args:
        name: the word used in recipes, the ledger and messages.
        version: bumped whenever pixels would change for the same input and options.
        options: the pydantic model of its options.
        run: the pure function.
        scope: `scan` for split, `print` for all others.
        models: given options, the model names acceptable for each role, best first; the first
            whose weights are present is used. Empty for stages without a network.
        extra_models: given options, roles that may stay empty, each with the models that will do;
            those whose weights are present are used.
        generative: it can invent detail, so derivatives must disclose it when applied.
    """

    name: str
    version: int
    options: type[OptionsT]
    run: Callable[[Photo, OptionsT, Tools], Outcome]
    scope: Scope = "print"
    models: Callable[[OptionsT], Mapping[str, Sequence[str]]] = lambda options: {}
    extra_models: Callable[[OptionsT], Mapping[str, Sequence[str]]] = lambda options: {}
    generative: bool = False
