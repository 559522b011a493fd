"""What a unit of work cost on this machine, told from steps that stand in a ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.core.stage_names import ENLARGE, INGEST
from pipeline.plan.cost import BUILT_IN, NETWORK, STEP_SECONDS
from pipeline.plan.parts import Findings
from pipeline.stages.registry import stages_by_name
from pipeline.store.rows import StepRow

_RECENT = 25
"""Newest measurements of a kind that are looked at; their weighted median is the rate."""


@dataclass(frozen=True)
class _Sample:
    """One step: megapixels in, seconds, and the work its network did (None: it did none)."""

    size: float
    seconds: float
    drawn: float | None


def rates_of(
    steps: Sequence[StepRow], device: str, megapixels: Callable[[str], float | None]
) -> dict[str, float]:
    """Seconds for a unit of work by kind: the median of the recent steps.

    Only steps count that really ran, with the stage as it is now, on the same device and with
    the number format used last.

    Args:
        steps: finished steps, newest first.
        device: where networks will run, such as "cpu".
        megapixels: the size of an object by its SHA-256, or None when that cannot be told.
    """
    found = {
        step.print_id: Findings.of(step.measures) for step in steps if step.stage == "diagnose"
    }
    samples: dict[str, list[_Sample]] = {}
    formats: dict[str, str | None] = {}
    for step in steps:
        size = _size(step, megapixels) if _counts(step, device) else None
        if not size:
            continue
        drawn = _drawn(step, size, found.get(step.print_id))
        if drawn and formats.setdefault(step.stage, step.dtype) != step.dtype:
            continue
        samples.setdefault(step.stage, []).append(_Sample(size, step.seconds, drawn))
    rates: dict[str, float] = {}
    for kind, of_kind in samples.items():
        plain = [(s.size, s.seconds - STEP_SECONDS) for s in of_kind if not s.drawn]
        if plain:
            rates[kind] = _median(plain)
        base = rates.get(kind, BUILT_IN.get(kind, 0.0))
        drawn_by = [(s.drawn, s.seconds - base * s.size) for s in of_kind if s.drawn]
        if drawn_by:
            rates[kind + NETWORK] = _median(drawn_by)
    return {kind: rate for kind, rate in rates.items() if rate > 0}


def _counts(step: StepRow, device: str) -> bool:
    stage = stages_by_name().get(step.stage)
    if step.status != "done" or step.same_as is not None:
        return False
    if stage is not None and stage.version != step.stage_version:
        return False
    return not step.models or step.device == device


def _size(step: StepRow, megapixels: Callable[[str], float | None]) -> float | None:
    """Megapixels a step's cost goes by: of its input, of a scan's file, of the sheet it made."""
    measures = step.measures
    if step.stage == INGEST:
        return float(measures.get("width", 0)) * float(measures.get("height", 0)) / 1e6
    if step.stage == ENLARGE and "sheet_px" in measures:
        width, height = measures["sheet_px"]
        return float(width) * float(height) / 1e6
    return megapixels(step.inputs[0].sha256) if step.inputs else None


def _drawn(step: StepRow, size: float, found: Findings | None) -> float | None:
    """The work of a step's network in the unit of its kind, or None when it was not used."""
    measures = step.measures
    if step.stage == "faces":
        faces = measures.get("faces") or []
        return float(sum("model" in face for face in faces)) or None
    facts = measures.get("inference")
    if not facts:
        return None
    # The same measure that foretells the next prints, so that its errors cancel.
    if found is not None and found.fraction and step.stage != ENLARGE:
        return size * found.fraction**2
    width, height = facts.get("network_input_px", (0, 0))
    return float(width) * float(height) / 1e6


def _median(samples: Sequence[tuple[float, float]]) -> float:
    """The median of seconds for a unit of work, larger samples counting more."""
    recent = sorted((max(0.0, seconds) / work, work) for work, seconds in samples[:_RECENT])
    half = sum(work for _, work in recent) / 2
    for rate, work in recent:
        half -= work
        if half <= 0:
            return rate
    return recent[-1][0]
