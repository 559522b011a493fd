"""How long a box will take and how much room it needs, told before anything is begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.core.stage_names import SPLIT
from pipeline.plan.cost import CostModel, Part
from pipeline.plan.parts import COVERED, Sheet, prints_of_scan, scan_parts
from pipeline.plan.plan import Plan

START_SECONDS = 5.0
"""From the command to its first step: mostly Prefect's private server."""

_BYTES_PER_PX = 6
"""Of a checkpoint or a master: 16 bits in three channels, not compressed."""

_CHANGES: Mapping[str, float] = {
    "diagnose": 0.0,
    "repair": 0.6,
    "denoise": 0.7,
    "deblur": 0.1,
    "deyellow": 0.8,
    "red_eyes": 0.02,
    "artifacts": 0.7,
    "faces": 0.4,
}
"""How often a stage changes a print, as a rule, and so keeps a picture of its own."""


def seconds_for(plan: Plan, scans: Sequence[Sheet], rates: Mapping[str, float]) -> float:
    """About how long a box takes, from the command to the last master.

    Args:
        plan: the recipe's plan; no print size.
        scans: the size of each scan; the prints on it are guessed from that.
        rates: seconds for a unit of work by kind, as measured.
    """
    model = CostModel(rates)
    each = (
        model.seconds(scan_parts(scan))
        + model.seconds([Part(SPLIT, scan.megapixels)])
        + model.seconds(prints_of_scan(plan.print_steps, scan, files=1))
        for scan in scans
    )
    return START_SECONDS + sum(each)


def bytes_for(plan: Plan, scans: Sequence[Sheet], file_bytes: int) -> int:
    """About how much room a library takes for a box: originals, checkpoints and masters.

    Args:
        plan: the recipe's plan.
        scans: the size of each scan.
        file_bytes: length of all scan files together.
    """
    kept = 2.0 + sum(_CHANGES.get(step.name, 1.0) for step in plan.print_steps)
    pixels = sum(scan.width * scan.height for scan in scans)
    return round(file_bytes + pixels * COVERED * _BYTES_PER_PX * kept)
