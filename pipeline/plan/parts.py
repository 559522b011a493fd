"""What the steps of a scan or a print consist of, as far as it is known before they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config.recipe import DERIVATIVE
from pipeline.plan.cost import NETWORK, Part
from pipeline.plan.plan import PlannedStep

_REAL_DPI = 200.0
"""What a paper print really resolves, as a rule; a guess until it was looked at."""

_REAL_FRACTION = 0.6
"""The same as a share of the pixels, when the scan's resolution is unknown."""

_SOFT_BELOW = 0.6
_SHARP_FROM_DPI = 250.0
_BLOCKY_FROM = 0.16
"""What the stages call soft, sharp and blocky unless a recipe says otherwise."""

_CLOSE = 1.02
"""Up to this factor from such a limit, the stage's own measurement may fall on its other side."""

COVERED = 0.8
"""How much of a scan its prints cover, as a rule."""

_FACES = 1.0


@dataclass(frozen=True)
class Sheet:
    """The size of a scan or a print.

    Args:
        width, height: px.
        dpi: samples per inch, or None.
    """

    width: int
    height: int
    dpi: float | None = None

    @property
    def megapixels(self) -> float:
        """Millions of px."""
        return self.width * self.height / 1e6


@dataclass(frozen=True)
class Findings:
    """What `diagnose` found out that decides how long a print takes.

    Args:
        fraction: real detail as a share of the px along one side, 0..1; None: not measured.
        real_dpi: the same in samples per inch, or None.
        faces: how many, or None when they were not counted.
        blocks: strength of JPEG blocks, as the stages measure it.
    """

    fraction: float | None
    real_dpi: float | None
    faces: int | None
    blocks: float = 0.0

    @classmethod
    def of(cls, measures: Mapping[str, Any]) -> Findings:
        """From the measures of a `diagnose` step; what is missing there is None."""
        resolution = measures.get("resolution") or {}
        faces = measures.get("faces")
        return cls(
            resolution.get("fraction_of_nyquist"),
            resolution.get("real_dpi"),
            None if faces is None else len(faces),
            float(measures.get("jpeg_blocks") or 0.0),
        )


def scan_parts(sheet: Sheet, *, known: bool = False) -> tuple[Part, ...]:
    """Taking a scan in, or recognising one that is in the library already."""
    return (Part("recognise" if known else "ingest", sheet.megapixels),)


def print_parts(
    steps: Sequence[PlannedStep], sheet: Sheet, found: Findings | None
) -> dict[str, tuple[Part, ...]]:
    """The parts of each step of one print, by the step's name.

    Args:
        steps: the recipe's steps, sizes included.
        sheet: the size of the print.
        found: what diagnose found; None before it ran.
    """
    return {step.name: step_parts(step, sheet, found) for step in steps}


def prints_of_scan(steps: Sequence[PlannedStep], scan: Sheet, files: int) -> tuple[Part, ...]:
    """All steps and files of the prints on a scan that was not split yet: a guess from its size."""
    side = COVERED**0.5
    sheet = Sheet(round(scan.width * side), round(scan.height * side), scan.dpi)
    parts = [part for own in print_parts(steps, sheet, None).values() for part in own]
    parts += [Part("write", sheet.megapixels)] * files
    return tuple(Part(part.kind, part.work, part.chance, guess=2) for part in parts)


def step_parts(step: PlannedStep, sheet: Sheet, found: Findings | None) -> tuple[Part, ...]:
    """The parts of one step; see `print_parts`."""
    options = step.options
    if step.name == DERIVATIVE:
        return _enlarging(step, sheet, found)
    plain = Part(step.name, sheet.megapixels)
    if not step.models or not step.configured.stage.generative or options.get("strength") == 0:
        return (plain,)
    if step.name == "faces":
        return plain, _faces(found)
    always = not options.get("only_when_needed", True)
    network = Part(
        step.name + NETWORK,
        _real_megapixels(sheet, found),
        "" if always else _need(found),
        guess=0 if found is not None and found.fraction is not None else 1,
    )
    return plain, network


def _faces(found: Findings | None) -> Part:
    kind = "faces" + NETWORK
    if found is None or found.faces is None:
        return Part(kind, _FACES, "face", guess=1)
    return Part(kind, float(found.faces), "face")


def _enlarging(step: PlannedStep, sheet: Sheet, found: Findings | None) -> tuple[Part, ...]:
    options = step.options
    width, height = options.get("width_px") or 0, options.get("height_px") or 0
    plain = Part(step.name, width * height / 1e6)
    grows = (width * height / max(1, sheet.width * sheet.height)) ** 0.5
    if not step.models or not options.get("use_model") or grows <= options["plain_up_to"]:
        return (plain,)
    guess = 0 if found is not None and found.fraction is not None else 1
    return plain, Part(step.name + NETWORK, _real_megapixels(sheet, found), guess=guess)


def _real_megapixels(sheet: Sheet, found: Findings | None) -> float:
    if found is not None and found.fraction is not None:
        return sheet.megapixels * found.fraction**2
    fraction = min(1.0, _REAL_DPI / sheet.dpi) if sheet.dpi else _REAL_FRACTION
    return sheet.megapixels * fraction**2


def _need(found: Findings | None) -> str:
    if found is None or found.fraction is None:
        return "unknown"
    if found.blocks >= _BLOCKY_FROM:
        return "soft"
    # Above 1 for what is soft: how far it is from being called sharp by either limit.
    softness = _SOFT_BELOW / max(found.fraction, 1e-9)
    if found.real_dpi:
        softness = min(softness, _SHARP_FROM_DPI / found.real_dpi)
    if 1 / _CLOSE < softness < _CLOSE:
        return "close"
    return "soft" if softness > 1 else "sharp"
