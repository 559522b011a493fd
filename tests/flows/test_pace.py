"""What a run's pace tells its listener, on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from flows.listening import SilentRun, Tell
from flows.pace import WRITE, Pace
from pipeline.config.recipe import load_recipe
from pipeline.core.stage_names import INGEST, SPLIT
from pipeline.models.catalog import load_catalog
from pipeline.models.weights import resolve
from pipeline.plan.parts import Findings, Sheet
from pipeline.plan.plan import PlannedStep, make_plan, wanted_models

SCAN = Sheet(2000, 1500, 300.0)
PRINT = Sheet(1800, 1200, 300.0)
SOFT = Findings(0.5, 150.0, 0)


class Listener(SilentRun):
    def follow(self, tell: Tell) -> None:
        self.tell = tell


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def steps_of(name: str) -> tuple[PlannedStep, ...]:
    recipe = load_recipe(name)
    return make_plan(
        recipe, resolve(load_catalog(), wanted_models(recipe, derivatives=False), [])
    ).print_steps


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace_of(clock: Clock) -> Callable[..., tuple[Pace, Listener]]:
    def made(recipe: str, rates: Mapping[str, float]) -> tuple[Pace, Listener]:
        heard = Listener()
        return Pace(rates, heard, steps_of(recipe), clock=clock), heard

    return made


def do(pace: Pace, clock: Clock, key: object, name: str, seconds: float) -> None:
    with pace.job(key, name):
        clock.now += seconds


def test_a_run_that_did_all_it_foretold_is_done(pace_of: Callable, clock: Clock) -> None:
    pace, heard = pace_of("faithful", {})
    pace.scan_ahead("a", SCAN, taken_in=False, split=False)
    assert heard.tell()[0] == 0.0
    assert heard.tell()[1] > 0.0
    do(pace, clock, "a", INGEST, 1.0)
    do(pace, clock, "a", SPLIT, 1.0)
    pace.prints_found("a", {7: (PRINT, None, 0)})
    for step in pace.steps:
        do(pace, clock, 7, step.name, 1.0)
    assert 0.5 < heard.tell()[0] < 1.0
    do(pace, clock, 7, WRITE, 1.0)
    pace.gone(7)
    clock.now += 1e-3
    assert pace._forecast._estimate() == pytest.approx(0.0, abs=1e-6)


def test_a_scan_that_is_refused_is_no_more_waited_for(pace_of: Callable, clock: Clock) -> None:
    pace, heard = pace_of("archive", {})
    pace.scan_ahead("good", SCAN, taken_in=False, split=False)
    alone = heard.tell()[1]
    other, told = pace_of("archive", {})
    other.scan_ahead("good", SCAN, taken_in=False, split=False)
    other.scan_ahead("bad", SCAN, taken_in=False, split=False)
    other.gone("bad")
    assert told.tell()[1] == pytest.approx(alone)


def test_a_print_found_soft_takes_longer_than_one_found_sharp(
    pace_of: Callable, clock: Clock
) -> None:
    left = {}
    for name, found in (("soft", SOFT), ("sharp", Findings(1.0, 300.0, 0))):
        pace, heard = pace_of("archive", {"artifacts:network": 30.0})
        pace.scan_ahead("a", SCAN, taken_in=True, split=True)
        pace.prints_found("a", {7: (PRINT, None, 0)})
        pace.looked(7, found)
        left[name] = heard.tell()[1]
    assert left["soft"] > 2 * left["sharp"]


def test_a_print_that_is_done_is_only_checked(pace_of: Callable) -> None:
    left = []
    for done in (0, len(steps_of("archive"))):
        pace, heard = pace_of("archive", {})
        pace.prints_found("a", {7: (PRINT, SOFT, done)})
        left.append(heard.tell()[1])
    assert left[1] < 0.02 * left[0]


def test_a_machine_is_known_once_its_network_was_at_work(pace_of: Callable, clock: Clock) -> None:
    pace, _ = pace_of("archive", {})
    pace.prints_found("a", {7: (PRINT, SOFT, 0)})
    do(pace, clock, 7, "repair", 1.0)
    assert not pace.is_informed
    with pace.job(7, "artifacts"):
        pace.begin("a network", 1e6, "px")
        clock.now += 10.0
        pace.advance(1e6)
    assert pace.is_informed


@pytest.mark.parametrize(
    ("recipe", "rates", "informed"),
    [
        ("archive", {}, False),
        ("archive", {"split": 0.2}, False),
        ("archive", {"artifacts:network": 30.0}, True),
        ("faithful", {"split": 0.2}, True),
        ("faithful", {}, False),
    ],
)
def test_a_machine_is_known_when_its_slowest_work_was_measured(
    pace_of: Callable, recipe: str, rates: dict[str, float], informed: bool
) -> None:
    assert pace_of(recipe, rates)[0].is_informed is informed
