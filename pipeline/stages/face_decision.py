"""What shall be done with a face: redrawn, redrawn gently, or left, and why, in words."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.stages.face_choice import FaceChoice
from pipeline.stages.face_finding import MeasuredFace
from pipeline.stages.measure.blur import Blur

_GENTLEST = 0.4
"""Share of the strength that even the smallest face gets."""


@dataclass(frozen=True)
class Bounds:
    """From where on a face is left alone.

    Args:
        min_px: width of a face, px of the print, below which it is left.
        max_px: width above which it is left, or None.
        max_misfit: distance of the landmarks from a frontal face, in eye distances.
        max_covered: share of the face that may be covered, 0..1.
        max_motion: how far a face may have moved, as a share of its width.
        gentle_below_px: real px of a face's width below which it is redrawn with less strength.
        only_when_needed: leave what is neither noisy, blocky nor soft.
    """

    min_px: int
    max_px: int | None
    max_misfit: float
    max_covered: float
    max_motion: float
    gentle_below_px: int
    only_when_needed: bool


@dataclass(frozen=True)
class Decision:
    """What shall be done with one face.

    Args:
        strength: share of the network's face to try for, 0..1; 0 leaves the face.
        left_because: why it is left, in words; empty when it is to be redrawn.
        model: the network that a person chose for it, or None.
        remark: why it is treated gently; may be empty.
        chosen: a person decided, so nothing may overrule it.
    """

    strength: float
    left_because: str = ""
    model: str | None = None
    remark: str = ""
    chosen: bool = False

    @property
    def leaves(self) -> bool:
        """Whether the face stays as it is."""
        return bool(self.left_because)


def decide(
    candidate: MeasuredFace,
    blur: Blur,
    bounds: Bounds,
    strength: float,
    choice: FaceChoice | None = None,
) -> Decision:
    """Decide about a face by what was measured, or as a person chose.

    A person's choice overrules everything but an alignment that cannot be had.

    Args:
        candidate: the face and its condition.
        blur: of the face and what is around it.
        bounds: what is tolerated.
        strength: that of the recipe, 0..1.
        choice: a person's, or None.
    """
    if candidate.alignment is None:
        return Decision(0.0, "its eyes, nose and mouth were not found")
    if choice is not None:
        return _as_chosen(choice, strength)
    why = _why_left(candidate, blur, bounds)
    if why or strength == 0.0:
        return Decision(0.0, why or "the strength is 0")
    real = candidate.width * candidate.condition.fraction
    if real < bounds.gentle_below_px:
        share = max(real / bounds.gentle_below_px, _GENTLEST)
        return Decision(strength * share, remark=f"gently: only {real:.0f} px of it are real")
    return Decision(strength)


def _as_chosen(choice: FaceChoice, strength: float) -> Decision:
    if choice.leave:
        return Decision(0.0, "you chose to leave it")
    wanted = strength if choice.strength is None else choice.strength
    if wanted == 0.0:
        return Decision(0.0, "you chose strength 0")
    return Decision(wanted, model=choice.model, chosen=True)


def _why_left(candidate: MeasuredFace, blur: Blur, bounds: Bounds) -> str:
    """Why a face is left as it is, or an empty string."""
    width = candidate.width
    reasons = (
        (not candidate.trusted, candidate.doubt),
        (width < bounds.min_px, f"too small ({width:.0f} px, less than {bounds.min_px})"),
        (
            bounds.max_px is not None and width > bounds.max_px,
            f"larger than wanted ({width:.0f} px, more than {bounds.max_px})",
        ),
        (
            candidate.alignment is None or candidate.alignment.misfit > bounds.max_misfit,
            "not seen from the front",
        ),
        (
            candidate.covered > bounds.max_covered,
            f"mostly covered or cut off ({candidate.covered:.0%} of it)",
        ),
        (
            blur.kind == "motion" and blur.length_px > bounds.max_motion * width,
            f"it moved while the picture was taken ({blur.length_px:.0f} px); "
            "what is smeared cannot be told",
        ),
        (bounds.only_when_needed and not candidate.faults, "clean and sharp"),
    )
    return next((why for holds, why in reasons if holds), "")
