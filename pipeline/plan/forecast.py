"""How far a run has come and how long it still takes, told from planned jobs and their costs.

The caller says what is expected (`expect`), what has become known (`settle`), what begins and
what is over; stages tell of their networks' work through `Progress`, in whatever unit and in one
go or several. The clock is handed in, so a whole run can be simulated in a test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.plan.cost import CostModel, Part, is_network

_PIXELS: Mapping[str, float] = {"px": 1e-6, "megapixel": 1.0}
"""Units that tell how much work a go is, in megapixels; any other says nothing of its size."""

_OWN_WORK = "piece"
"""Unit of the work that a stage does beside its network; too short to be counted."""

_ALL = 0.7
"""A go of this share of the work expected, or more, is taken for all of it."""

_LEARNT_AT_ONCE = 0.5
"""Units of work, megapixels or faces, from which a network's pace is learnt before its go is
over. Within less of it nothing is even: rows of a picture come out of a network late, then fast.
"""

_TAIL = 0.15
"""Share of a stage's own time that is left when its network is done."""

_OVERDUE = 0.2
"""Share of the time it has taken that a step is given still, when it takes longer than told."""

_SMOOTH = 0.03
"""The time over which a shown value follows a new estimate, as a share of the whole run."""


@dataclass
class _Running:
    """The job at work.

    Args:
        parts: what it consists of.
        began: the clock when the job before it was over.
        goes: how many goes of network work were announced.
        announced: the share of the work expected that they make up, 0..1.
        share: the same of the newest go.
        total, done: units of the newest go.
        go_began, newest: the clock at its begin and at its newest unit.
        learnt, learnt_at: the units of it that were learnt from, and the clock then.
        drawn: seconds spent in the goes before it.
        loaded: it was the first of the run to use a network.
    """

    key: Hashable
    parts: tuple[Part, ...]
    began: float
    goes: int = 0
    announced: float = 0.0
    share: float = 0.0
    total: float = 0.0
    done: float = 0.0
    go_began: float = 0.0
    newest: float = 0.0
    learnt: float = 0.0
    learnt_at: float = 0.0
    drawn: float = 0.0
    loaded: bool = False

    @property
    def drawing(self) -> bool:
        """Whether a go is at work; its units may add up to a little less than their sum."""
        return self.done < self.total * (1.0 - 1e-6)

    @property
    def network(self) -> Part | None:
        return next((part for part in self.parts if is_network(part.kind)), None)

    @property
    def plain(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if not is_network(part.kind))


@dataclass
class Forecast:
    """Implements `pipeline.core.progress.Progress` for the job at work.

    Args:
        model: what work costs; it learns from every job that is over.
        clock: seconds, never going back.
    """

    model: CostModel
    clock: Callable[[], float]
    _jobs: dict[Hashable, tuple[Part, ...]] = field(default_factory=dict)
    _sums: dict[tuple[str, str, int], list[float]] = field(default_factory=dict)
    _running: _Running | None = None
    _shown: float | None = None
    _share: float = 0.0
    _warm: bool = False
    _seen: set[str] = field(default_factory=set)
    _planned: bool = False

    def __post_init__(self) -> None:
        self._start = self._mark = self._told_at = self.clock()

    # --- what is planned ----------------------------------------------------------------

    def expect(self, key: Hashable, parts: Iterable[Part]) -> None:
        """A job is still to do; one of that key is replaced."""
        self.drop(key)
        self._planned = True
        self._jobs[key] = tuple(parts)
        self._add(self._jobs[key], 1)

    def settle(self, key: Hashable, found: Mapping[Hashable, tuple[Part, ...]]) -> None:
        """A job that was only guessed turns out to be these jobs."""
        before = self._jobs.get(key, ())
        self.model.settle(before, [part for parts in found.values() for part in parts])
        self.drop(key)
        for name, parts in found.items():
            self.expect(name, parts)

    def drop(self, key: Hashable) -> None:
        """A job is not to be done after all."""
        self._add(self._jobs.pop(key, ()), -1)

    def expects(self, key: Hashable) -> bool:
        """Whether a job of that key is still to do."""
        return key in self._jobs

    def _add(self, parts: Iterable[Part], sign: int) -> None:
        for part in parts:
            sums = self._sums.setdefault((part.kind, part.chance, part.guess), [0.0, 0.0])
            sums[0] += sign * part.work
            sums[1] += sign

    # --- what happens -------------------------------------------------------------------

    def start(self, key: Hashable) -> None:
        """A job begins; the time since the last one was over counts to it."""
        parts = self._jobs.get(key, ())
        self.drop(key)
        self._running = _Running(key, parts, self._mark)

    def finish(self, ran: bool = True) -> None:
        """The job is over.

        Args:
            ran: False when its result was known; then nothing is learned from it.
        """
        now, job = self.clock(), self._running
        self._running, self._mark = None, now
        if job is None or not ran:
            return
        seconds, network = now - job.began, job.network
        if network is not None:
            self._learn_need(job, network)
            if job.loaded:
                return  # Most of the rest was the loading of the network.
            if job.goes:
                seconds -= job.drawn + job.newest - job.go_began
        for part in job.plain:
            share = self.model.seconds([part]) / max(self.model.seconds(job.plain), 1e-9)
            work = self.model.expected_work(part)
            first = part.kind not in self._seen
            self.model.observe(part.kind, work, seconds * share, first=first)
            self._seen.add(part.kind)

    def _learn_need(self, job: _Running, network: Part) -> None:
        if network.chance == "face" and network.work > 0:
            self.model.decide(network, min(1.0, job.total / network.work))
        elif network.chance:
            self.model.decide(network, float(job.goes > 0))

    def begin(self, label: str, total: float, unit: str) -> None:
        """The stage at work announces a go of its network."""
        job = self._running
        if job is None or job.network is None or unit == _OWN_WORK or total <= 0:
            return
        if job.drawing:
            return  # What a go is made of, told once more from within.
        if job.goes:
            job.drawn += job.newest - job.go_began
        job.share = _share_of_go(job.network, total, unit, 1.0 - job.announced)
        job.announced += job.share
        job.goes, job.total, job.done, job.learnt = job.goes + 1, total, 0.0, 0.0
        job.go_began = job.newest = job.learnt_at = self.clock()

    def advance(self, units: float = 1.0) -> None:
        """Units of it are done."""
        job = self._running
        network = job.network if job else None
        if job is None or network is None or not job.drawing:
            return
        job.loaded, self._warm = job.loaded or not self._warm, True
        job.done, job.newest = job.done + units, self.clock()
        share = (job.done - job.learnt) / job.total * job.share
        work = share * _work_of(network, job)
        if job.drawing and work < _LEARNT_AT_ONCE:
            return
        seconds = job.newest - job.learnt_at
        self.model.observe(network.kind, work, seconds, share, first=job.loaded)
        job.learnt, job.learnt_at = job.done, job.newest

    # --- what is told -------------------------------------------------------------------

    def seconds_left(self) -> float:
        """How long the rest takes, smoothed, so that it runs down evenly where it can."""
        now, found = self.clock(), self._estimate()
        gone, self._told_at = now - self._told_at, now
        if self._shown is None:
            self._shown = found
            return found
        pace = max(0.5, _SMOOTH * (now - self._start + found))
        counted = self._shown - gone
        shown = counted + (1.0 - math.exp(-gone / pace)) * (found - counted)
        self._shown = max(0.0, shown)
        return self._shown

    def share(self) -> float:
        """How much of the whole run is done, 0..1; never goes back."""
        if not self._planned:
            return 0.0
        left = self.seconds_left()
        gone = self.clock() - self._start
        self._share = max(self._share, gone / max(gone + left, 1e-9))
        return self._share

    def _estimate(self) -> float:
        model = self.model
        left = 0.0
        for (kind, chance, guess), (work, count) in list(self._sums.items()):
            part = Part(kind, max(work, 0.0), chance, guess)
            left += model.sum_seconds(kind, model.expected_work(part), max(count, 0.0))
        return left + self._left_of_running()

    def _left_of_running(self) -> float:
        job = self._running
        if job is None:
            return 0.0
        now, network = self.clock(), job.network
        plain = self.model.seconds(job.plain)
        if network is None or not job.goes:
            return _rest(self.model.seconds(job.parts), now - job.began)
        done = job.announced - job.share * (1.0 - job.done / job.total)
        whole = self.model.sum_seconds(network.kind, _work_of(network, job), 1.0)
        if done > 0:  # its own pace tells the more, the more of it was seen
            found = (job.drawn + job.newest - job.go_began) / done
            whole += done * (found - whole)
        spent = job.drawn + (now if job.drawing else job.newest) - job.go_began
        over = not job.drawing and job.announced > 1.0 - 1e-6
        return (0.0 if over else _rest(whole, spent)) + _TAIL * plain


def _share_of_go(network: Part, total: float, unit: str, rest: float) -> float:
    """The share of a network's work that a go announces, 0..1; at most the rest of it."""
    if unit not in _PIXELS or network.work <= 0 or network.chance == "face":
        return rest
    share = total * _PIXELS[unit] / network.work
    return rest if share >= _ALL else min(share, rest)


def _work_of(network: Part, job: _Running) -> float:
    """The work of the job's network in the unit of its kind."""
    return job.total if network.chance == "face" else network.work


def _rest(expected: float, gone: float) -> float:
    """What is left of something that was to take so long; what is late will go on being late."""
    return max(expected - gone, _OVERDUE * gone)
