"""Who hears how a run moves on: phases of weighted items, and units inside one item."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol

from pipeline.core.progress import Progress, Silent


class RunProgress(Progress, Protocol):
    """A listener for a whole run; `begin` and `advance` report the work inside one item."""

    def phase(self, label: str, total: float) -> None:
        """A phase starts: its name and the summed weight of its items."""

    def item(self, label: str) -> None:
        """The next item of the phase starts."""

    def item_done(self, weight: float) -> None:
        """The item is over, well or badly; this was its weight."""


class SilentRun(Silent):
    """A RunProgress that tells nobody."""

    def phase(self, label: str, total: float) -> None:
        """Do nothing."""

    def item(self, label: str) -> None:
        """Do nothing."""

    def item_done(self, weight: float) -> None:
        """Do nothing."""


_listener: ContextVar[RunProgress | None] = ContextVar("run_progress", default=None)


def listen(progress: RunProgress) -> None:
    """From now on, runs started in this context report to `progress`."""
    _listener.set(progress)


def listener() -> RunProgress:
    """Who listens; a silent one when nobody does."""
    return _listener.get() or SilentRun()
