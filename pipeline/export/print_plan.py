"""The print planner: what a print will be, told before anything is made.

It reckons with the functions the enlarge stage works with, so what it promises is what is made.
"Real" dots are those the scan resolved, before any network drew between them. How far away a print
is sharp follows from the eye: 20/20 vision resolves one minute of arc, so N dots per inch look
continuous from 3438 / N inches on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.core.errors import SizeRefused
from pipeline.core.photo import Dpi
from pipeline.stages.crop_window import LEAST_SCORE, Placing, placed, removes
from pipeline.stages.enlarge import Options
from pipeline.stages.print_quality import (
    ARC_MINUTE,
    FINE_UP_TO,
    PrintQuality,
    quality_of,
    refuses,
    told_dpi,
    too_far,
)
from pipeline.stages.resample import Box

Verdict = Literal["fine", "model", "warning", "refused"]

NETWORK = "Real-ESRGAN"

_SAME = 1.05
"""Enlargement below which a print counts as not enlarged."""

_CM = 2.54
_NEAR_CM, _READING_CM, _ARM_CM = 30.0, 40.0, 75.0


@dataclass(frozen=True)
class MasterFacts:
    """What is known of a restored print.

    Args:
        width, height: px.
        dpi: samples per inch of the original paper (x, y), or None when unknown.
        real_fraction: how much of its size the scan really resolved, 0..1; None when not measured.
        redrawn: a network drew the whole print anew, so that it resolves more than the scan did.
        master_fraction: how much the master resolves, 0..1, when that was measured.
        faces: boxes (left, top, right, bottom) as shares of width and height.
        monochrome: it is grey.
    """

    width: int
    height: int
    dpi: Dpi | None = None
    real_fraction: float | None = None
    redrawn: bool = False
    master_fraction: float | None = None
    faces: tuple[Box, ...] = ()
    monochrome: bool = False

    @classmethod
    def of(
        cls,
        size: tuple[int, int],
        dpi: Dpi | None,
        diagnosis: Mapping[str, Any] | None = None,
        faces: Mapping[str, Any] | None = None,
        *,
        redrawn: bool = False,
        master_fraction: float | None = None,
        monochrome: bool = False,
    ) -> MasterFacts:
        """The facts as the ledger recorded them.

        Args:
            size: (width, height) of the master, px.
            dpi: its resolution, (x, y).
            diagnosis: measures of the print's `diagnose` step, if it was run.
            faces: measures of its `faces` step, which looked more closely, if it was run.
            redrawn: its `artifacts` step was applied.
            master_fraction: of `real_resolution(master)`, when somebody measured it.
            monochrome: the master is grey.
        """
        diagnosis = diagnosis or {}
        fraction = (diagnosis.get("resolution") or {}).get("fraction_of_nyquist")
        if faces is not None and "faces" in faces:
            found = [face for face in faces["faces"] or [] if not face.get("doubt")]
        else:
            found = diagnosis.get("faces") or []
        boxes = [face["box_px"] for face in found if face.get("score", 1.0) >= LEAST_SCORE]
        width, height = size
        shares = tuple(_scaled(box, 1 / width, 1 / height) for box in boxes)
        return cls(
            width, height, dpi, fraction, redrawn, master_fraction, shares, monochrome=monochrome
        )

    @property
    def drawn_fraction(self) -> float | None:
        """How much of the master a network would be given, 0..1; None when that is not known."""
        if self.master_fraction is not None:
            return self.master_fraction
        return None if self.redrawn else self.real_fraction


@dataclass(frozen=True)
class PrintPlan:
    """One print as it would be made.

    Args:
        placing: where the picture lies on the sheet, and which faces the edge cuts.
        quality: the enlargement and what the print will really show.
        verdict: `fine` up to 2 times, `model` up to 4 times (what stands between the px of the
            master is made), `warning` over 4 times or under 100 real dots per inch, `refused`
            over the limit.
        options: those it was planned with.
        draws: whether a network has a share in it.
        split_known: whether it is known how much of the enlargement the network does.
        size: what people call the size, "10x15cm" or "A4"; inches are told when empty.
    """

    placing: Placing
    quality: PrintQuality
    verdict: Verdict
    options: Options
    draws: bool
    split_known: bool = True
    size: str = ""

    @property
    def trim_inches(self) -> tuple[float, float]:
        """(width, height) of the print once it is cut, inches."""
        width, height = self.placing.layout.trim
        return width / self.options.target_dpi, height / self.options.target_dpi

    @property
    def sentence(self) -> str:
        """The plan for a person, in one sentence."""
        across, down = self.trim_inches
        size = self.size or f"{across:.3g} x {down:.3g} in"
        said = f"{size} at {self.options.target_dpi:g} dpi: {self._enlarged()}; {self._shows()}"
        if self.placing.cut:
            faces = "face" if len(self.placing.faces) == 1 else "faces"
            said += f"; cuts {len(self.placing.cut)} of {len(self.placing.faces)} {faces}"
        if self.verdict == "refused":
            said += f"; {too_far(self.placing.layout, *self._limits)}"
        return said

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, a sentence each."""
        return (*self.quality.warnings, *self.placing.warnings)

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON."""
        layout = self.placing.layout
        across, down = self.trim_inches
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "notes": list(self.notes),
            "sheet_px": list(layout.sheet),
            "trim_px": list(layout.trim),
            "trim_mm": [round(across * 25.4, 2), round(down * 25.4, 2)],
            "bleed_px": layout.bleed,
            "content_px": list(layout.content),
            "origin_px": list(layout.origin),
            "source_box_px": [round(value, 2) for value in layout.source],
            "dpi": self.options.target_dpi,
            **self._factors(),
            "print_real_dpi": round(self.quality.real_dpi, 1) if self.quality.measured else None,
            "sharp_from_cm": round(_sharp_from_cm(self.quality.shown_dpi)),
            "faces": len(self.placing.faces),
            "faces_cut": len(self.placing.cut),
        }

    def _factors(self) -> dict[str, float | None]:
        told: dict[str, float | None] = self.quality.as_measures()
        if self.split_known:
            return told
        return {**told, "enlarged_by_network": None, "enlarged_by_lanczos": None}

    @property
    def _limits(self) -> tuple[float, float]:
        return self.options.max_enlargement, self.options.target_dpi

    def _enlarged(self) -> str:
        times = self.quality.enlargement
        if times < 1 / _SAME:
            return f"reduced to {times:.0%} of the restored print's px"
        if times < _SAME:
            return "not enlarged"
        return f"enlarged {times:.1f} times{self._drawn_by()}"

    def _drawn_by(self) -> str:
        network = self.quality.by_network
        if not self.draws:
            return ""
        if not self.split_known:
            return f" with {NETWORK}"
        if self.quality.by_lanczos <= 1.0:
            return f" by {NETWORK}"
        if network < _SAME:
            return f", its detail drawn by {NETWORK}"
        return f", {network:.1f} of it by {NETWORK}"

    def _shows(self) -> str:
        shown = self.quality.shown_dpi
        if not self.quality.measured:
            return f"shows at most {told_dpi(shown)} real dots per inch"
        return f"shows about {told_dpi(shown)} real dots per inch: {seen_from(shown)}"


def plan_print(
    facts: MasterFacts, options: Options, *, size: str = "", network_scale: int = 4
) -> PrintPlan:
    """What a print made with these options will be.

    Args:
        facts: of the master.
        options: of the enlarge stage, with a size.
        size: what people call the size.
        network_scale: the factor of the network it would be drawn by.

    Raises:
        SizeRefused: no size is given, or border and bleed leave no room for the picture.
    """
    picture = facts.width, facts.height
    layout = options.layout_of(picture, facts.dpi)
    if layout is None:
        raise SizeRefused("no print size is given")
    boxes = [_scaled(box, *picture) for box in facts.faces]
    placing = Placing(layout, tuple(boxes))
    if removes(layout, picture):
        placing = placed(layout, picture, boxes)
    draws = options.draws(layout)
    quality = quality_of(
        placing.layout,
        picture,
        facts.real_fraction,
        options.target_dpi,
        network_scale=network_scale if draws else None,
        drawn_fraction=facts.drawn_fraction,
    )
    split_known = not draws or facts.drawn_fraction is not None
    verdict = _verdict(quality, refused=refuses(layout, options.max_enlargement))
    return PrintPlan(placing, quality, verdict, options, draws, split_known, size)


def _scaled(box: Sequence[float], across: float, down: float) -> Box:
    return box[0] * across, box[1] * down, box[2] * across, box[3] * down


def seen_from(dpi: float) -> str:
    """How a print of so many real dots per inch looks, from near and from afar."""
    cm = _sharp_from_cm(dpi)
    if cm <= _NEAR_CM:
        return "sharp even from near"
    if cm <= _READING_CM:
        return "sharp at reading distance"
    if cm <= _ARM_CM:
        return "good at arm's length, soft from near"
    return f"good on a wall from {cm / 100:.1f} m on, soft in the hand"


def _sharp_from_cm(dpi: float) -> float:
    return ARC_MINUTE / dpi * _CM


def _verdict(quality: PrintQuality, *, refused: bool) -> Verdict:
    if refused:
        return "refused"
    if quality.warnings:
        return "warning"
    return "fine" if quality.enlargement <= FINE_UP_TO else "model"
