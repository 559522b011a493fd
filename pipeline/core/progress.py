"""How long work reports that it moves on, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener for one piece of work measured in units (tiles, px, bytes)."""

    def begin(self, label: str, total: float, unit: str) -> None:
        """A new piece of work starts: its name, how many units it has and what they are."""

    def advance(self, units: float = 1.0) -> None:
        """So many more units are done."""


class Silent:
    """A Progress that tells nobody."""

    def begin(self, label: str, total: float, unit: str) -> None:
        """Do nothing."""

    def advance(self, units: float = 1.0) -> None:
        """Do nothing."""
