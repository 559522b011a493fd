"""The workbench: everything one run needs in hand while steps are executed."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from pipeline.config.face_options import with_face_choices
from pipeline.core.progress import Progress, Silent
from pipeline.models.provider import ModelSource
from pipeline.models.weights import ResolvedModel
from pipeline.plan.plan import Plan, PlannedStep, make_plan
from pipeline.stages.face_choice import FaceChoice
from pipeline.store.library import Library

_RECORDED_PACKAGES = (
    "shoebox-prints",
    "torch",
    "spandrel",
    "numpy",
    "opencv-python",
    "scikit-image",
    "tifffile",
    "imagecodecs",
    "dlib-bin",
)


@dataclass
class Workbench:
    """One run's library, plan and models.

    Args:
        library: open for writing, lock held.
        plan: what to do.
        resolved: the weights chosen for each role.
        models: loads networks on first use.
        run_id: the run's row in the ledger.
        progress: who listens to long steps.
        software: versions recorded with every step.
        device_note: why the device is not the one to be expected, or empty.
        intact: digests already re-hashed and found whole during this run.
        choices: what people decided about the faces of a print, by print id.
    """

    library: Library
    plan: Plan
    resolved: Mapping[str, ResolvedModel]
    models: ModelSource
    run_id: int
    progress: Progress = field(default_factory=Silent)
    software: Mapping[str, str] = field(default_factory=dict)
    device_note: str = ""
    intact: set[str] = field(default_factory=set)
    choices: Mapping[int, tuple[FaceChoice, ...]] = field(default_factory=dict)

    def steps_of(self, print_id: int | None) -> tuple[PlannedStep, ...]:
        """The plan's steps for one print, following what was decided about its faces."""
        choices = self.choices.get(print_id, ()) if print_id is not None else ()
        if not choices:
            return self.plan.print_steps
        return make_plan(with_face_choices(self.plan.recipe, choices), self.resolved).print_steps

    def is_intact(self, sha256: str) -> bool:
        """Whether a stored object is there and matches its digest; hashed once a run."""
        if sha256 not in self.intact and self.library.objects.is_intact(sha256):
            self.intact.add(sha256)
        return sha256 in self.intact


def software_versions() -> dict[str, str]:
    """Versions of Python and of the packages whose code decides pixels."""
    versions = {"python": platform.python_version()}
    for package in _RECORDED_PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return versions
