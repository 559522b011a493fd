"""Whole runs simulated on a clock of their own: is the time left right?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from pipeline.config.recipe import load_recipe
from pipeline.models.catalog import load_catalog
from pipeline.models.weights import resolve
from pipeline.plan.cost import BUILT_IN, STEP_SECONDS, CostModel, Part, is_network
from pipeline.plan.forecast import Forecast
from pipeline.plan.parts import Findings, Sheet, print_parts, prints_of_scan, scan_parts
from pipeline.plan.plan import Plan, make_plan, wanted_models

WRONG_BY = 4.0
"""The built-in rates are off by up to this factor, each on its own, in the runs below."""

NOISY = 0.02
"""Share of the sharp prints that are redrawn nevertheless, which nothing foretells."""

LATE = 5.0
"""How much longer the first of four bands of rows takes to come out of a network."""

LOADING = 0.2
"""What the first use of a network takes more, as so many megapixels."""

AT_ONCE = 0.3
"""Megapixels, or faces, that a network is done with at once."""

Announced = Callable[[float], list[tuple[float, str]]]
"""Tells how a network announces so many megapixels: total and unit of each go."""

Prints = dict[tuple[int, int], tuple[Sheet, Findings]]


def plan_of(name: str) -> Plan:
    recipe = load_recipe(name)
    return make_plan(recipe, resolve(load_catalog(), wanted_models(recipe, derivatives=True), []))


def in_one_go(megapixels: float) -> list[tuple[float, str]]:
    return [(1.4e6 * megapixels, "px")]  # with margins, as a stage counts them


def in_blocks(megapixels: float) -> list[tuple[float, str]]:
    count = int(np.ceil(megapixels))
    return [(megapixels / count, "megapixel")] * count


def in_tiles(megapixels: float) -> list[tuple[float, str]]:
    return [(np.ceil(megapixels / AT_ONCE), "tile")]


class SimulatedRun:
    """A box of scans with one to three prints each, on a machine whose speeds are drawn by lot.

    Each part of a step takes its true rate times its work, give or take a tenth; a print is
    redrawn when the stage itself finds it soft, and now and then for another reason. `shown`
    holds (time, time left) pairs.
    """

    def __init__(
        self,
        seed: int,
        recipe: str,
        scans: int,
        *,
        measured: bool = False,
        announced: Announced = in_one_go,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.announced = announced
        self.is_loaded = False
        self.looked_ahead = scans if measured else 1
        self.plan = plan_of(recipe)
        off = np.log(WRONG_BY)
        pace = self.rng.uniform(-off / 2, off / 2)  # a slow or a quick machine, and on top of it
        self.rates = {
            kind: rate * float(np.exp(pace + self.rng.uniform(-off / 2, off / 2)))
            for kind, rate in BUILT_IN.items()
        }
        self.now = 0.0
        known = {kind: rate * 1.15 for kind, rate in self.rates.items()} if measured else {}
        self.forecast = Forecast(CostModel(known), lambda: self.now)
        self.shown: list[tuple[float, float]] = []
        self.run(scans)

    def run(self, scans: int) -> None:
        steps, forecast = self.plan.print_steps, self.forecast
        sheets = {scan: self.sheet() for scan in range(scans)}
        for scan, sheet in sheets.items():
            forecast.expect(("ingest", scan), scan_parts(sheet))
            forecast.expect(("split", scan), (Part("split", sheet.megapixels),))
            forecast.expect(("prints", scan), prints_of_scan(steps, sheet, files=1))
        prints: Prints = {}
        begun, draws = False, any(step.name == "artifacts" for step in steps)
        for scan, sheet in sheets.items():
            self.job(("ingest", scan), [("ingest", sheet.megapixels)])
            self.job(("split", scan), [("split", sheet.megapixels)])
            prints |= {(scan, number): it for number, it in enumerate(self.prints_on(sheet))}
            self.look(scan, {name: it for name, it in prints.items() if name[0] == scan})
            if not begun and scan + 1 >= self.looked_ahead:  # as a run does
                first = min(prints)[0]
                self.restore({name: prints.pop(name) for name in list(prints) if name[0] == first})
                begun = not draws or "artifacts:network" in forecast.model.known
        self.restore(prints)

    def look(self, scan: int, found: Prints) -> None:
        sizes = {
            (name, step): parts
            for name, (size, _) in found.items()
            for step, parts in self.expected(size, None).items()
        }
        self.forecast.settle(("prints", scan), sizes)
        for name, (size, findings) in found.items():
            self.job((name, "diagnose"), [("diagnose", size.megapixels)])
            for step, parts in self.expected(size, findings).items():
                if step != "diagnose":
                    self.forecast.settle((name, step), {(name, step): parts})

    def restore(self, prints: Prints) -> None:
        for name, (size, findings) in prints.items():
            for step in self.plan.print_steps[1:]:
                self.job((name, step.name), self.true_parts(step.name, size, findings))
            self.job((name, "write"), [("write", size.megapixels)])

    def expected(self, size: Sheet, found: Findings | None) -> dict[str, tuple[Part, ...]]:
        parts = print_parts(self.plan.print_steps, size, found)
        return {**parts, "write": (Part("write", size.megapixels),)}

    def sheet(self) -> Sheet:
        dpi = float(self.rng.choice([300, 600, 600, 1200]))
        return Sheet(round(self.rng.uniform(4, 9) * dpi), round(self.rng.uniform(3, 7) * dpi), dpi)

    def prints_on(self, sheet: Sheet) -> list[tuple[Sheet, Findings]]:
        made = []
        count = int(self.rng.choice([1, 1, 2, 3]))
        for _ in range(count):
            side = (self.rng.uniform(0.6, 0.95) / count) ** 0.5
            size = Sheet(round(sheet.width * side), round(sheet.height * side), sheet.dpi)
            real = self.rng.uniform(120, 280) if self.rng.random() < 0.8 else 300.0
            fraction = min(1.0, real / (sheet.dpi or 300.0))
            faces = int(self.rng.choice([0, 0, 1, 2, 4]))
            made.append((size, Findings(fraction, fraction * (sheet.dpi or 300.0), faces)))
        return made

    def true_parts(self, step: str, size: Sheet, found: Findings) -> list[tuple[str, float]]:
        parts = [(step, size.megapixels)]
        assert found.fraction is not None and found.real_dpi is not None
        off = self.rng.normal(1.0, 0.01)  # the stage measures the restored print, not the crop
        soft = found.fraction * off < 0.6 and found.real_dpi * off < 250
        if step == "artifacts" and (soft or self.rng.random() < NOISY):
            parts.append(("artifacts:network", size.megapixels * found.fraction**2))
        if step == "faces" and found.faces:
            parts.append(("faces:network", float(found.faces)))
        return parts

    def job(self, key: object, parts: list[tuple[str, float]]) -> None:
        self.forecast.start(key)
        self.passes(STEP_SECONDS * self.rng.uniform(0.5, 2.0))
        for kind, work in parts:
            seconds = self.rates[kind] * work * self.rng.uniform(0.9, 1.1)
            if is_network(kind):
                self.network(kind, work, seconds)
            else:
                self.passes(seconds)
        self.forecast.finish()

    def network(self, kind: str, work: float, seconds: float) -> None:
        goes = [(work, "face")] if kind.startswith("faces") else self.announced(work)
        units = max(1, round(work / len(goes) / AT_ONCE))
        extra = 0.0 if self.is_loaded else LOADING * self.rates["artifacts:network"]
        self.is_loaded = True
        for total, unit in goes:
            self.forecast.begin("network", total, unit)
            slow = np.where(np.arange(units) % 4, 1.0, LATE)
            for part in slow / slow.sum() / len(goes):
                self.passes(extra + seconds * part)
                extra = 0.0
                self.forecast.advance(total / units)

    def passes(self, seconds: float) -> None:
        for _ in range(2):
            self.now += seconds / 2
            self.shown.append((self.now, self.forecast.seconds_left()))

    def moments(self) -> Iterator[tuple[float, float]]:
        """(truth, shown) at even moments from a tenth of the run to its last hundredth."""
        times, left = (np.array(values) for values in zip(*self.shown, strict=True))
        for moment in np.linspace(0.1, 0.99, 400) * self.now:
            yield self.now - moment, float(np.interp(moment, times, left))

    @property
    def right(self) -> float:
        """The share of these moments at which the shown time is within 25 % of the truth."""
        return float(np.mean([abs(told - true) <= 0.25 * true for true, told in self.moments()]))


@pytest.mark.parametrize(
    ("recipe", "announced"),
    [
        ("archive", in_one_go),
        ("archive", in_blocks),
        ("archive", in_tiles),
        ("faithful", in_one_go),
    ],
)
def test_after_a_tenth_the_time_left_is_right_though_the_built_in_rates_are_not(
    recipe: str, announced: Announced
) -> None:
    runs = [SimulatedRun(seed, recipe, 30, announced=announced).right for seed in range(8)]
    assert np.median(runs) >= 0.9
    assert np.mean(runs) >= 0.85


def test_with_measured_rates_even_a_small_box_is_foretold() -> None:
    runs = [SimulatedRun(seed, "archive", 6, measured=True).right for seed in range(40)]
    assert np.mean(runs) >= 0.85
