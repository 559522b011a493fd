"""The pace of a run: what is planned, what is done, and what the listener is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flows.interrupts import stop_if_interrupted
from flows.listening import RunProgress
from pipeline.core.errors import ObjectMissing, ShoeboxError
from pipeline.core.stage_names import INGEST, SPLIT
from pipeline.io.read import inspect_scan
from pipeline.plan.cost import CostModel, Part, is_network
from pipeline.plan.forecast import Forecast
from pipeline.plan.parts import (
    Findings,
    Sheet,
    print_parts,
    prints_of_scan,
    scan_parts,
    step_parts,
)
from pipeline.plan.plan import PlannedStep
from pipeline.store.library import Library

WRITE = "write"
"""Stands for a stage where a file is written out."""

CHECK = "check"
"""Stands for the stages of a print that is done already."""


@dataclass
class Pace:
    """Implements `Progress` for the stages, and keeps the forecast of the whole run.

    Args:
        rates: seconds for a unit of work by kind, as measured before on this machine.
        heard_by: who is told.
        steps: what is done to every print, sizes included.
        files: how many files are written of every print.
        clock: seconds, never going back.
    """

    rates: Mapping[str, float]
    heard_by: RunProgress
    steps: Sequence[PlannedStep] = ()
    files: int = 1
    clock: Callable[[], float] = time.monotonic
    _sheets: dict[int, Sheet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._model = CostModel(self.rates)
        self._forecast = Forecast(self._model, self.clock)
        self.heard_by.follow(self.told)

    @property
    def is_informed(self) -> bool:
        """Whether it was measured, before or in this run, how fast what takes long goes here."""
        networks = {
            part.kind
            for planned in self.steps
            for part in step_parts(planned, Sheet(1, 1), None)
            if is_network(part.kind)
        }
        known = self._model.known
        return bool(networks & known if networks else known)

    # --- what is planned ----------------------------------------------------------------

    def scan_ahead(self, scan: Hashable, sheet: Sheet, *, taken_in: bool, split: bool) -> None:
        """A scan is still to come.

        Args:
            scan: the same key is given to all that follows about it.
            sheet: its size.
            taken_in: the library holds it already.
            split: its prints are known; `prints_found` tells of them.
        """
        self._forecast.expect((scan, INGEST), scan_parts(sheet, known=taken_in))
        if not split:
            self._forecast.expect((scan, SPLIT), (Part(SPLIT, sheet.megapixels),))
            self._forecast.expect((scan, ""), prints_of_scan(self.steps, sheet, self.files))

    def prints_found(
        self, scan: Hashable, prints: Mapping[int, tuple[Sheet, Findings | None, int]]
    ) -> None:
        """A scan's prints are known: by id their size, findings, and how many steps are done."""
        jobs: dict[Hashable, tuple[Part, ...]] = {}
        for number, (sheet, found, done) in prints.items():
            self._sheets[number] = sheet
            parts = print_parts(self.steps[done:], sheet, found)
            jobs |= {(number, name): own for name, own in parts.items()}
            jobs[number, CHECK] = (Part(CHECK, sheet.megapixels * (done > 0)),)
            writing = WRITE if done < len(self.steps) else CHECK
            jobs[number, WRITE] = (Part(writing, self.files * sheet.megapixels),)
        self._forecast.settle((scan, ""), jobs)

    def looked(self, number: int, found: Findings) -> None:
        """A print was diagnosed: what the steps still to come will cost is known better."""
        sheet = self._sheets.get(number)
        if sheet is not None:
            for name, own in print_parts(self.steps, sheet, found).items():
                if self._forecast.expects((number, name)):
                    self._forecast.settle((number, name), {(number, name): own})

    def gone(self, key: Hashable, names: Iterable[str] = ()) -> None:
        """Nothing more is to be done about a scan or a print; or not these steps of it."""
        every = (INGEST, SPLIT, "", CHECK, WRITE, *(step.name for step in self.steps))
        for name in names or every:
            self._forecast.drop((key, name))

    # --- what happens -------------------------------------------------------------------

    def phase(self, label: str) -> None:
        """A phase starts."""
        self.heard_by.phase(label)

    def item(self, label: str) -> None:
        """The next scan or print is taken up."""
        self.heard_by.item(label)

    @contextmanager
    def job(self, key: Hashable, name: str) -> Iterator[Callable[[bool], None]]:
        """One step of a scan or print is at work; call what is given with whether it really ran."""
        stop_if_interrupted()
        ran = [True]

        def over(did: bool) -> None:
            ran[0] = did

        self._forecast.start((key, name))
        try:
            yield over
        except BaseException:
            ran[0] = False
            raise
        finally:
            self._forecast.finish(ran[0])

    def begin(self, label: str, total: float, unit: str) -> None:
        """The stage at work announces units of work."""
        self._forecast.begin(label, total, unit)
        self.heard_by.begin(label, total, unit)

    def advance(self, units: float = 1.0) -> None:
        """Units of it are done."""
        self._forecast.advance(units)
        self.heard_by.advance(units)

    def told(self) -> tuple[float, float]:
        """The share of the whole run that is done, 0..1, and the seconds it still takes."""
        return self._forecast.share(), self._forecast.seconds_left()


def sheet_of(path: Path) -> Sheet | None:
    """The size of a picture file from its header, or None when it has none that can be read."""
    try:
        seen = inspect_scan(path, max_megapixels=float("inf"))
    except ShoeboxError:
        return None
    return Sheet(seen.width, seen.height, min(seen.dpi) if seen.dpi else None)


def sheet_of_object(library: Library, sha256: str) -> Sheet | None:
    """The size of a picture in a library, or None when it is not there or cannot be read."""
    try:
        return sheet_of(library.objects.path(sha256))
    except ObjectMissing:
        return None
