"""Restoring one picture file without a library: the same stages, nothing kept but the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.listening import listener
from flows.machine_rates import measured_rates
from flows.pace import Pace
from flows.preflight import resolve_models
from pipeline.config.recipe import load_recipe
from pipeline.core.errors import ScanUnreadable, TargetExists, UsageError
from pipeline.execute.stage_run import run_stage
from pipeline.export.derivatives import disclosure, write_photo_file
from pipeline.io.derivative import DerivativeFormat
from pipeline.io.read import Scan, read_scan
from pipeline.models.gpu_lock import hold_device
from pipeline.models.model_set import ModelSet
from pipeline.plan.parts import Findings, Sheet
from pipeline.plan.plan import PlannedStep, make_plan
from pipeline.stages.base import Outcome, Tools

_ONLY = 1
"""The number of the only print there is."""


def restore_photo(
    source: Path, target: Path, form: DerivativeFormat, *, recipe: str, device: str, overwrite: bool
) -> list[dict[str, Any]]:
    """Run a recipe's print stages on one picture; it is taken as one print and never cut.

    Args:
        source: TIFF, PNG or JPEG.
        target: the file to write.
        form: its format.
        recipe: name or file.
        device: auto, cpu, cuda or mps.
        overwrite: replace an existing target.

    Returns:
        One JSON object for each stage: stage, decision, reason, measures, models, notes.

    Raises:
        UsageError: the target's folder is not there.
        TargetExists: the target is there and may not be replaced, or is the source itself.
        ShoeboxError: the picture, the recipe, the weights or a stage.
    """
    if not target.absolute().parent.is_dir():
        raise UsageError(f"{target.parent} is no folder", remedy="Make the folder first.")
    if target.exists() and (target.samefile(source) or not overwrite):
        raise TargetExists(str(target), remedy="Choose another file, or add --overwrite.")
    chosen = load_recipe(recipe)
    resolved = resolve_models(chosen, None, derivatives=False)
    scan = _read(source)
    photo = scan.photo
    report: list[dict[str, Any]] = []
    generative: list[str] = []
    with hold_device(device) as held:
        models = ModelSet(resolved, device=held.name)
        steps = make_plan(chosen, resolved).print_steps
        moving = Pace(measured_rates(models.device), listener(), steps)
        tools = Tools(models, moving)
        sheet = Sheet(photo.width, photo.height, min(photo.dpi) if photo.dpi else None)
        moving.prints_found(source, {_ONLY: (sheet, None, 0)})
        moving.phase(held.note or "Restoring")
        for planned in steps:
            moving.item(planned.name)
            with moving.job(_ONLY, planned.name):
                outcome = run_stage(planned, photo, tools)
            if planned.name == "diagnose":
                moving.looked(_ONLY, Findings.of(outcome.measures))
            photo = outcome.photo
            report.append(_entry(planned, outcome))
            generative += _generative_models(planned, outcome)
    changed = [entry["stage"] for entry in report if entry["decision"] == "applied"]
    words = ", ".join(changed) or "nothing had to be changed"
    told = f"Restored with Shoebox ({words}).{disclosure(list(dict.fromkeys(generative)))}"
    write_photo_file(photo, target, form, told, scan.metadata.exif)
    return report


def _read(source: Path) -> Scan:
    try:
        return read_scan(source)
    except OSError as error:
        raise ScanUnreadable(f"{source}: {error.strerror}") from error


def _generative_models(planned: PlannedStep, outcome: Outcome) -> list[str]:
    if outcome.decision == "skipped" or not planned.configured.stage.generative:
        return []
    drawing = [use.name for use in planned.models if use.role != "face_detector"]
    return [name for name in outcome.models if name in drawing]


def _entry(planned: PlannedStep, outcome: Outcome) -> dict[str, Any]:
    return {
        "stage": planned.name,
        "decision": outcome.decision,
        "reason": outcome.reason,
        "measures": dict(outcome.measures),
        "models": list(outcome.models),
        "notes": list(outcome.notes),
    }
