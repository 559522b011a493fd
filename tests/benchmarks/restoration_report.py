"""What one part of the restoration benchmark reports: targets reached or missed, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Target:
    """One number that was set to be reached.

    Args:
        name: what is measured, with its unit.
        value: as measured.
        limit: what was to be reached.
        sense: ">=" when larger is better, "<=" when smaller is.
    """

    name: str
    value: float
    limit: float
    sense: Literal[">=", "<="]

    @property
    def reached(self) -> bool:
        """Whether the number is on the right side of its limit."""
        return self.value >= self.limit if self.sense == ">=" else self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        """The target as JSON, with the verdict."""
        return {
            "name": self.name,
            "value": round(self.value, 5),
            "limit": self.limit,
            "sense": self.sense,
            "reached": self.reached,
        }


@dataclass(frozen=True)
class Part:
    """What one part found on one half of the seeds.

    Args:
        name: "split", "diagnosis", "colour", "noise", "damage", "deblur" or "harm".
        cases: how many pictures were judged.
        targets: what was to be reached.
        figures: anything else worth reading: rivals, medians, per kind of damage (JSON).
    """

    name: str
    cases: int
    targets: tuple[Target, ...]
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The part as JSON."""
        return {
            "part": self.name,
            "cases": self.cases,
            "targets": [target.as_json() for target in self.targets],
            "figures": dict(self.figures),
        }
