"""How long steps take: the work in a step, the seconds a unit of it costs, and learning from both.

A step is a handful of `Part`s, each of one kind: "denoise" by the megapixel of the print,
"artifacts:network" by the megapixel it really holds. The seconds a unit costs come from what was
measured before (`pipeline.plan.rates`), else from the built-in relations below; what a run itself
measures corrects both as it goes on. Nothing here knows a clock, Prefect or a terminal.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NETWORK = ":network"
"""Ending of the kinds whose time goes into a network; they share one correction."""

STEP_SECONDS = 0.04
"""What any step takes beside its pixels: its task, its row in the ledger, its files."""

BUILT_IN: Mapping[str, float] = {
    "recognise": 0.02,
    "ingest": 0.15,
    "split": 0.25,
    "diagnose": 0.12,
    "repair": 0.25,
    "denoise": 1.2,
    "deblur": 0.08,
    "deyellow": 0.12,
    "red_eyes": 0.05,
    "artifacts": 0.30,
    "artifacts:network": 60.0,
    "faces": 0.15,
    "faces:network": 1.3,
    "enlarge": 0.30,
    "enlarge:network": 60.0,
    "check": 0.02,
    "write": 0.15,
}
"""Seconds for a megapixel (for a face: "faces:network") on two plain cores; only their relations
matter, because a run finds out how quick its machine is."""

_UNKNOWN_KIND = 0.2

CHANCES: Mapping[str, float] = {
    "": 1.0,
    "soft": 0.99,
    "close": 0.5,
    "sharp": 0.02,
    "unknown": 0.6,
    "face": 0.5,
}
"""How likely a part is needed at all, by what is known of the print, before anything was seen."""

_CHANCE_TRUST = 1.5
"""Decisions seen that count as much as the built-in chance."""

_GUESS_TRUST = 1.0
"""Guesses that were settled that count as much as the assumption that they are right."""

_KEEP = 0.85
"""How much of the older measurements counts at each new one: a machine's pace drifts."""

_BUILT_IN_TRUST = 0.25
_MEASURED_TRUST = 0.5
"""Steps measured in this run that count as much as the rate known before it."""

_GROUP_TRUST = 0.5

_WARM_UP_TRUST = 0.5
"""What the first measurement of a kind in a run counts, until there is a better one."""


@dataclass(frozen=True)
class Part:
    """One kind of work within a step.

    Args:
        kind: what it is; see `BUILT_IN`.
        work: megapixels, or faces.
        chance: a key of `CHANCES`: what is known about whether it is needed.
        guess: how many findings are still to come before the work is known: 0 measured, 1 told
            from the print's size, 2 told from the size of the scan it lies on.
    """

    kind: str
    work: float
    chance: str = ""
    guess: int = 0


@dataclass
class _Tally:
    """Seconds measured against seconds foretold; older ones fade."""

    actual: float = 0.0
    told: float = 0.0
    count: float = 0.0

    def add(self, actual: float, told: float, count: float) -> None:
        keep = _KEEP**count
        self.actual = self.actual * keep + actual
        self.told = self.told * keep + told
        self.count = self.count * keep + count

    def with_share_of(self, other: _Tally, share: float) -> _Tally:
        return _Tally(
            self.actual + share * other.actual,
            self.told + share * other.told,
            self.count + share * other.count,
        )

    @property
    def log_ratio(self) -> float:
        if self.actual <= 0 or self.told <= 0:
            return 0.0
        return math.log(self.actual / self.told)


@dataclass
class CostModel:
    """Turns parts into seconds, and learns while a run goes on.

    Args:
        measured: seconds per unit of work by kind, from the ledger or from `shoebox doctor`.
    """

    measured: Mapping[str, float] = field(default_factory=dict)
    _tallies: dict[str, _Tally] = field(default_factory=dict)
    _warm_ups: dict[str, _Tally] = field(default_factory=dict)
    _decisions: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    _guesses: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def seconds(self, parts: Iterable[Part]) -> float:
        """What a step of these parts is expected to take, its chances weighed in."""
        return sum(
            self.sum_seconds(part.kind, self.expected_work(part), self.chance(part))
            for part in parts
        )

    def sum_seconds(self, kind: str, work: float, count: float) -> float:
        """What `count` steps with `work` in all take of one kind."""
        return self._told(kind, work, count) * self.correction(kind)

    def expected_work(self, part: Part) -> float:
        """Its work times its chance, with guesses corrected by how earlier ones turned out."""
        return part.work * self.chance(part) * self.guess_factor(part.kind, part.guess)

    # --- what is learned ----------------------------------------------------------------

    def observe(
        self, kind: str, work: float, seconds: float, share: float = 1.0, *, first: bool = False
    ) -> None:
        """So much work of one kind took so long.

        Args:
            kind: of a part.
            work: in the kind's unit.
            seconds: measured.
            share: of a step, when it is not over.
            first: loading and first use are in it; it counts for little, and for nothing when
                the rate was known before or something better was seen since.
        """
        told = self._told(kind, work, share)
        if told > 0 and seconds > 0:
            tallies = self._warm_ups if first else self._tallies
            tallies.setdefault(kind, _Tally()).add(seconds, told, share)

    def decide(self, part: Part, needed: float) -> None:
        """A part turned out to be needed (1), not needed (0), or so much of it."""
        seen = self._decisions.setdefault((part.kind, part.chance), [0.0, 0.0])
        seen[0] += 1.0
        seen[1] += needed

    def settle(self, before: Iterable[Part], after: Iterable[Part]) -> None:
        """What was guessed is known better now: learn how far off the guess was."""
        told: dict[tuple[str, int], float] = {}
        found: dict[str, float] = {}
        for part in before:
            if part.guess:
                key = (part.kind, part.guess)
                told[key] = told.get(key, 0.0) + part.work * self.chance(part)
        for part in after:
            found[part.kind] = found.get(part.kind, 0.0) + part.work * self.chance(part)
        for (kind, guess), work in told.items():
            sums = self._guesses.setdefault((kind, guess), [0.0, 0.0, 0.0])
            sums[0] += work
            sums[1] += found.get(kind, 0.0)
            sums[2] += 1.0

    @property
    def known(self) -> set[str]:
        """Kinds that were measured, before or in this run."""
        return {*self.measured, *self._tallies, *self._warm_ups}

    # --- what follows from it -----------------------------------------------------------

    def chance(self, part: Part) -> float:
        """How likely a part is needed, 0..1."""
        first = CHANCES[part.chance]
        if part.chance == "":
            return first
        count, needed = self._decisions.get((part.kind, part.chance), (0.0, 0.0))
        return (_CHANCE_TRUST * first + needed) / (_CHANCE_TRUST + count)

    def guess_factor(self, kind: str, guess: int) -> float:
        """What guesses of this depth were off by so far."""
        factor = 1.0
        for depth in range(1, guess + 1):
            told, found, count = self._guesses.get((kind, depth), (0.0, 0.0, 0.0))
            if told > 0:
                trust = _GUESS_TRUST * told / count
                factor *= (trust + found) / (trust + told)
        return factor

    def correction(self, kind: str) -> float:
        """Seconds really taken for each second foretold, of one kind."""
        tally = self._tally(kind)
        known = kind in self.measured
        trust = _MEASURED_TRUST if known else _BUILT_IN_TRUST
        start = 0.0 if known else self._group(kind)
        told = (trust * start + tally.count * tally.log_ratio) / (trust + tally.count)
        return math.exp(told)

    def _tally(self, kind: str) -> _Tally:
        tally = self._tallies.get(kind, _Tally())
        if kind in self.measured or kind not in self._warm_ups:
            return tally
        trust = _WARM_UP_TRUST * max(0.0, 1.0 - tally.count)
        return tally.with_share_of(self._warm_ups[kind], trust)

    def _group(self, kind: str) -> float:
        """Log of the correction that kinds of the same sort, without a rate of their own, need."""
        weight = total = 0.0
        for other in self.known - self.measured.keys():
            if is_network(other) == is_network(kind):
                tally = self._tally(other)
                share = min(tally.count, 3.0)
                weight += share
                total += share * tally.log_ratio
        return total / (weight + _GROUP_TRUST)

    def _told(self, kind: str, work: float, count: float) -> float:
        rate = self.measured.get(kind, BUILT_IN.get(kind, _UNKNOWN_KIND))
        return rate * work + (0.0 if is_network(kind) else STEP_SECONDS * count)


def is_network(kind: str) -> bool:
    """Whether the time of a kind goes into a network."""
    return kind.endswith(NETWORK)
