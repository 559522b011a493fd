"""Who hears how a run moves on: phases, items, how far it all is, units in a step."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol

from pipeline.core.progress import Progress, Silent

Tell = Callable[[], tuple[float, float]]
"""Gives the share of the whole run that is done, 0..1, and the seconds it still takes."""


class RunProgress(Progress, Protocol):
    """A listener for a whole run; `begin` and `advance` report the work inside one step."""

    def phase(self, label: str) -> None:
        """A phase starts; its name."""

    def item(self, label: str) -> None:
        """The next item of the phase starts."""

    def follow(self, tell: Tell) -> None:
        """From now on `tell` can be asked how far the whole run is."""


class SilentRun(Silent):
    """A RunProgress that tells nobody."""

    def phase(self, label: str) -> None:
        """Do nothing."""

    def item(self, label: str) -> None:
        """Do nothing."""

    def follow(self, tell: Tell) -> None:
        """Do nothing."""


_listener: ContextVar[RunProgress | None] = ContextVar("run_progress", default=None)


def listen(progress: RunProgress) -> None:
    """From now on, runs started in this context report to `progress`."""
    _listener.set(progress)


def listener() -> RunProgress:
    """Who listens; a silent one when nobody does."""
    return _listener.get() or SilentRun()
