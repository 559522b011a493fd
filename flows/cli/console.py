"""What a person sees in the terminal: progress with time left, tables, plain lines elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from flows.listening import RunProgress, Tell, listen

_TELLING_SHARE = 0.1
"""Below this much done, a guess at the time left would be noise."""

verbose: ContextVar[bool] = ContextVar("verbose", default=False)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """One line on standard output; markup in names is shown as it is."""
    out.print(text, markup=False)


def complain(text: str) -> None:
    """One line on standard error."""
    err.print(text, markup=False)


def say_json(value: Any) -> None:
    """A value as JSON on standard output, nothing else."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def showing_progress(quiet: bool = False) -> Iterator[None]:
    """Show how a run moves on, on standard error: bars in a terminal, else plain lines."""
    if quiet:
        yield
        return
    if not err.is_terminal:
        listen(_PlainLines())
        yield
        return
    with _RunBar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        console=err,
        transient=True,
    ) as bars:
        listen(_Bars(bars))
        yield


class _RunBar(Progress):
    """Asks the run how far it is whenever the screen is drawn anew."""

    tell: Tell | None = None
    run: TaskID | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        if self.tell is not None and self.run is not None:
            share, left = self.tell()
            told = f"about {duration(left)} left" if share >= _TELLING_SHARE else ""
            self.update(self.run, completed=share, left=told)
        return super().get_renderables()


class _Bars:
    """A RunProgress in a terminal: the run's bar above, the step's work below."""

    def __init__(self, bars: _RunBar) -> None:
        self._bars = bars
        self._run = bars.add_task("", total=1, visible=False, left="")
        self._work = bars.add_task("", total=1, visible=False, left="")
        self._label = ""

    def phase(self, label: str) -> None:
        self._bars.update(self._run, description=label, visible=True)
        self._bars.update(self._work, visible=False)

    def item(self, label: str) -> None:
        self._label = label
        self._bars.reset(self._work, total=None, description=f"  {label}", visible=True)

    def follow(self, tell: Tell) -> None:
        self._bars.run, self._bars.tell = self._run, tell

    def begin(self, label: str, total: float, unit: str) -> None:
        text = f"  {self._label}: {label} ({total:g} {unit})"
        self._bars.reset(self._work, total=max(total, 1e-9), description=text, visible=True)

    def advance(self, units: float = 1.0) -> None:
        self._bars.advance(self._work, units)


class _PlainLines:
    """A RunProgress where no terminal is: a line for each item, with the time left."""

    def __init__(self) -> None:
        self._tell: Tell = lambda: (0.0, 0.0)

    def follow(self, tell: Tell) -> None:
        self._tell = tell

    def phase(self, label: str) -> None:
        err.print(f"{label} ...", markup=False)

    def item(self, label: str) -> None:
        share, seconds = self._tell()
        left = f", about {duration(seconds)} left" if share >= _TELLING_SHARE else ""
        err.print(f"  [{share:4.0%}{left}] {label}", markup=False)

    def begin(self, label: str, total: float, unit: str) -> None:
        return

    def advance(self, units: float = 1.0) -> None:
        return


def duration(seconds: float) -> str:
    """A length of time for people: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


_check_bars: type[RunProgress] = _Bars
_check_lines: type[RunProgress] = _PlainLines
