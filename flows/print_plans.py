"""What each print will be on each paper, told before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flows.finished_prints import FinishedPrint
from flows.requests import Paper
from pipeline.config.recipe import DERIVATIVE, validated_options
from pipeline.core.errors import EnlargementRefused
from pipeline.export.print_plan import MasterFacts, PrintPlan, plan_print
from pipeline.io.read import inspect_scan
from pipeline.stages.enlarge import Options
from pipeline.stages.registry import stage_named
from pipeline.store.library import Library
from pipeline.store.lineage import lineage

REDRAWING = "artifacts"
"""The stage after which a print resolves more than was diagnosed."""


@dataclass(frozen=True)
class PlannedPaper:
    """One print on one paper.

    Args:
        item: the print.
        paper: the size.
        plan: what comes of it.
    """

    item: FinishedPrint
    paper: Paper
    plan: PrintPlan

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON, with the names of the print and its scan."""
        work = self.item.work
        return {
            "print": work.print_row.name,
            "scan": work.scan.name,
            "size": self.paper.size.label,
            **self.plan.as_json(),
        }

    def refusal(self) -> EnlargementRefused | None:
        """Why it is not made, or None."""
        if self.plan.verdict != "refused":
            return None
        return EnlargementRefused(f"{self.item.work.label}: {self.plan.sentence}")


Plans = Mapping[tuple[int, Paper], PlannedPaper]
"""By the print's id and the paper."""


def planned_papers(
    library: Library, finished: Sequence[FinishedPrint], papers: Sequence[Paper]
) -> Plans:
    """Each finished print on each paper; prints that were not restored yet are left out.

    Raises:
        RecipeRefused: the options of the enlargement do not go together.
        ObjectMissing: a master is gone.
    """
    return {
        (item.work.print_row.id, paper): PlannedPaper(
            item, paper, plan_print(facts, _options(item, paper), size=paper.size.text)
        )
        for item in finished
        if papers and (facts := _facts(library, item)) is not None
        for paper in papers
    }


def _options(item: FinishedPrint, paper: Paper) -> Options:
    stage = stage_named(DERIVATIVE)
    given = {**item.recipe.enlarge, **paper.enlarge_options()}
    return cast(Options, validated_options(stage, given, "print size"))


def _facts(library: Library, item: FinishedPrint) -> MasterFacts | None:
    """What the ledger and the master's header tell; no pixel is read."""
    picture = item.master.output() if item.master else None
    if picture is None:
        return None
    seen = inspect_scan(library.objects.path(picture), max_megapixels=float("inf"))
    with library.ledger.read() as session:
        steps = lineage(session, item.work.print_row, picture)
    measures = {step.stage: step.measures for step in steps}
    return MasterFacts.of(
        (seen.width, seen.height),
        seen.dpi,
        measures.get("diagnose"),
        measures.get("faces"),
        redrawn=any(s.stage == REDRAWING and s.decision == "applied" for s in steps),
        monochrome=seen.channels == 1,
    )
