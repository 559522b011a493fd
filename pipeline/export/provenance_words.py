"""Steps told in plain words, for somebody who never saw Shoebox."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.export.bag_layout import MASK
from pipeline.store.choices import FaceChoiceRow
from pipeline.store.rows import StepRow

_STAGES: Mapping[str, tuple[str, str]] = {
    "ingest": (
        "Taking the scan in",
        "Copies the scanner's file byte for byte; the copy is never changed.",
    ),
    "split": (
        "Finding the photographs",
        "Looks for photographs on the scan, cuts each one out and turns it straight.",
    ),
    "diagnose": (
        "Looking at the picture",
        "Measures sharpness, noise, fading and damage; changes nothing.",
    ),
    "repair": (
        "Dust and scratches",
        "Looks for dust, scratches and hairs and fills them in from what is around them.",
    ),
    "denoise": ("Noise", "Takes out the noise of scanner and film and keeps the grain."),
    "deblur": ("Blur", "Measures the blur of the camera and undoes it where that is safe."),
    "deyellow": ("Fading", "Measures how far the print has yellowed and faded, and undoes it."),
    "red_eyes": ("Red eyes", "Looks for eyes made red by a flash and darkens them."),
    "artifacts": (
        "Lost detail",
        "Where compression or softness has taken detail, a neural network draws some anew.",
    ),
    "faces": (
        "Faces",
        "Where a face is damaged, a neural network redraws it; one that no longer resembles itself "
        "is given back as it was.",
    ),
    "enlarge": ("Print size", "Brings the finished picture to the size of a sheet of paper."),
}
"""By stage: a heading, and what the stage is for."""

_LOOKING = "diagnose"
"""The stage that only looks."""

_MASKS: Mapping[str, str] = {"damage": "damaged", "generated": "drawn by a network"}


def heading(stage: str) -> str:
    """A stage's name for people."""
    return _STAGES[stage][0] if stage in _STAGES else stage.replace("_", " ").capitalize()


def purpose(stage: str) -> str:
    """What a stage is for, in one sentence; empty for one that is not known."""
    return _STAGES[stage][1] if stage in _STAGES else ""


def outcome(step: StepRow) -> str:
    """What became of a step, with its reason, on one line."""
    if step.status == "failed":
        return f"Failed: {step.error_text}"
    if step.stage == _LOOKING:
        return f"Found: {step.reason}"
    done = "Nothing was changed" if step.decision == "skipped" else "Done"
    return f"{done}: {step.reason}" if step.reason else f"{done}."


def made(role: str, is_master: bool) -> str:
    """What a step made, by the role it has in the ledger."""
    if role.startswith(MASK):
        return f"mask of what was {_MASKS.get(role.removeprefix(MASK), role.removeprefix(MASK))}"
    if role == "scan":
        return "the original scan"
    picture = "the picture after this step" if role == "photo" else role.replace("-", " ")
    return f"{picture}, which is the master" if is_master else picture


def decision_of(row: FaceChoiceRow) -> str:
    """What a person decided about a face, in one sentence."""
    done = {
        "restore": "is to be restored",
        "leave": "is to be left as it is",
        "forget": "what was decided before no longer holds",
    }[row.action]
    with_model = f", with {row.model}" if row.model else ""
    at = f", strength {row.strength:g}" if row.strength is not None else ""
    return f"A person decided: face {row.face}, {done}{with_model}{at}."
