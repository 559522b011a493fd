"""Restoring one picture file without a library: the same stages, nothing kept but the result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.listening import listener
from flows.machine_rates import measured_rates
from flows.pace import Pace
from flows.preflight import resolve_models
from pipeline.config.face_options import FACES, with_face_choices, with_face_sizes
from pipeline.config.recipe import Recipe, load_recipe
from pipeline.core.errors import RecipeRefused, ScanUnreadable, TargetExists, UsageError
from pipeline.core.heap import return_large_blocks
from pipeline.execute.stage_run import run_stage
from pipeline.export.derivatives import write_photo_file
from pipeline.export.disclosure import Drawing, disclosure, drawing, generated_by, source_type
from pipeline.export.export_story import software_name
from pipeline.io.derivative import DerivativeFormat
from pipeline.io.iptc_read import scan_iptc
from pipeline.io.read import Scan, read_scan
from pipeline.io.said import Said
from pipeline.io.xmp_read import scan_xmp
from pipeline.models.gpu_lock import hold_device
from pipeline.models.model_set import ModelSet
from pipeline.plan.parts import Findings, Sheet
from pipeline.plan.plan import PlannedStep, make_plan
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.generated_mask import NAME as GENERATED

_ONLY = 1
"""The number of the only print there is."""


def restore_photo(
    source: Path,
    target: Path,
    form: DerivativeFormat,
    *,
    recipe: str,
    device: str,
    overwrite: bool,
    min_face: int | None = None,
    max_face: int | None = None,
    leave_faces: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Run a recipe's print stages on one picture; it is taken as one print and never cut.

    Args:
        source: TIFF, PNG or JPEG.
        target: the file to write.
        form: its format.
        recipe: name or file.
        device: auto, cpu, cuda or mps.
        overwrite: replace an existing target.
        min_face, max_face: faces narrower or wider than this are left, px; None keeps the
            recipe's limits.
        leave_faces: numbers of faces to leave as they are, 1 the furthest left.

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
    chosen = _adapted(load_recipe(recipe), min_face, max_face, leave_faces)
    resolved = resolve_models(chosen, None, derivatives=False)
    return_large_blocks()
    scan = _read(source)
    photo = scan.photo
    report: list[dict[str, Any]] = []
    drawings: list[Drawing] = []
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
            report[-1]["notes"] += _faces_missed(planned, outcome, leave_faces)
            drawings += _drawings(planned, outcome)
    changed = [entry["stage"] for entry in report if entry["decision"] == "applied"]
    words = ", ".join(changed) or "nothing had to be changed"
    generated = generated_by(drawings)
    told = f"Restored with Shoebox ({words}).{disclosure(generated)}"
    said = Said(
        description=told,
        software=software_name(),
        source_type=source_type(bool(changed), generated),
        models=generated.models,
        exif=scan.metadata.exif,
        xmp=scan_xmp(source),
        iptc=scan_iptc(source),
    )
    write_photo_file(photo, target, form, said)
    return report


def _adapted(
    recipe: Recipe, min_face: int | None, max_face: int | None, leave_faces: Sequence[int]
) -> Recipe:
    """The recipe with what was asked for faces.

    Raises:
        RecipeRefused: it has no stage for faces, or a value is out of range.
    """
    if leave_faces and FACES not in recipe.stage_names():
        raise RecipeRefused(
            f"recipe {recipe.name} restores no faces", remedy="Leave out --leave-face."
        )
    choices = [FaceChoice(face=number, leave=True) for number in sorted(set(leave_faces))]
    return with_face_choices(with_face_sizes(recipe, min_face, max_face), choices)


def _read(source: Path) -> Scan:
    try:
        return read_scan(source)
    except OSError as error:
        raise ScanUnreadable(f"{source}: {error.strerror}") from error


def _drawings(planned: PlannedStep, outcome: Outcome) -> list[Drawing]:
    if outcome.decision == "skipped" or not planned.configured.stage.generative:
        return []
    used = [(use.name, use.role) for use in planned.models if use.name in outcome.models]
    return [drawing(used, outcome.images.get(GENERATED))]


def _faces_missed(planned: PlannedStep, outcome: Outcome, leave_faces: Sequence[int]) -> list[str]:
    """A sentence for every face that was to be left but is not there."""
    if planned.name != FACES:
        return []
    found = len(outcome.measures.get("faces", ()))
    return [f"there is no face {number} to leave" for number in leave_faces if number > found]


def _entry(planned: PlannedStep, outcome: Outcome) -> dict[str, Any]:
    return {
        "stage": planned.name,
        "decision": outcome.decision,
        "reason": outcome.reason,
        "measures": dict(outcome.measures),
        "models": list(outcome.models),
        "notes": list(outcome.notes),
    }
