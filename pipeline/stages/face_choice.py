"""What a person decided about a face, and which of the faces found it is about.

A decision knows its face by the place it has on the print, in shares of the print's width and
height: numbers change with every other find, places do not.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.models.face_boxes import overlap

Box = tuple[float, float, float, float]
"""(left, top, right, bottom)."""

LEAST_OVERLAP = 0.3
"""Intersection over union from which two boxes are taken for one face."""

_DIGITS = 5
"""Digits kept of a share: a hundredth of a px on a print of 1000 px."""


class FaceChoice(BaseModel):
    """One decision: leave the face, or restore it with this model, or this strongly.

    It is about the face at `box`; without a box about the face of that number; with neither about
    every face that no other decision is about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    box: Box | None = Field(
        None, description="left, top, right, bottom as shares 0..1 of the print's width and height"
    )
    face: int | None = Field(None, ge=1, description="number of the face, 1 the furthest left")
    leave: bool = Field(False, description="leave the face as it is")
    model: str | None = Field(None, min_length=1, description="network to restore it with")
    strength: float | None = Field(
        None, ge=0.0, le=1.0, description="share of the network's face in the result, 0 to 1"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> FaceChoice:
        if self.leave == (self.model is not None or self.strength is not None):
            raise ValueError("a face is either left, or restored with a model or a strength")
        if self.box is not None and not (
            0.0 <= self.box[0] < self.box[2] <= 1.0 and 0.0 <= self.box[1] < self.box[3] <= 1.0
        ):
            raise ValueError(f"the box {self.box} is none within 0..1")
        return self

    def in_words(self) -> str:
        """What was decided: "leave it", "GFPGANv1.4 with strength 0.4"."""
        if self.leave:
            return "leave it"
        if self.strength is None:
            return f"with {self.model}"
        told = f"strength {self.strength:g}"
        return told if self.model is None else f"{self.model} with {told}"


def shares(box_px: Sequence[float], width: int, height: int) -> Box:
    """A box in px of a print as shares of its width and height, cut off at the print's edges."""
    left, top, right, bottom = (
        round(min(max(value / side, 0.0), 1.0), _DIGITS)
        for value, side in zip(box_px, (width, height, width, height), strict=True)
    )
    return left, top, right, bottom


def matched(
    choices: Sequence[FaceChoice],
    boxes_px: Sequence[Sequence[float]],
    width: int,
    height: int,
) -> list[FaceChoice | None]:
    """For each face found the decision about it, or None.

    Decisions with a box go to the face that overlaps most, best pair first, one to a face; then
    those with a number; what is left goes by the decision about every face, if there is one.

    Args:
        choices: the decisions in force.
        boxes_px: the faces found, in the order of their numbers, px of the print.
        width, height: of the print, px.
    """
    found = [shares(box, width, height) for box in boxes_px]
    given: dict[int, FaceChoice] = {}
    pairs = sorted(
        (-overlap(choice.box, box), place, index)
        for index, choice in enumerate(choices)
        if choice.box is not None
        for place, box in enumerate(found)
    )
    placed: set[int] = set()
    for negative, place, index in pairs:
        if -negative >= LEAST_OVERLAP and place not in given and index not in placed:
            given[place] = choices[index]
            placed.add(index)
    for choice in choices:
        if choice.box is None and choice.face is not None and choice.face <= len(found):
            given.setdefault(choice.face - 1, choice)
    every = next((c for c in choices if c.box is None and c.face is None), None)
    return [given.get(place, every) for place in range(len(found))]


def nearest(choices: Sequence[FaceChoice], box: Box) -> int | None:
    """Which of these decisions is about the face at a box (shares), or None."""
    ranked = [
        (overlap(choice.box, box), -index)
        for index, choice in enumerate(choices)
        if choice.box is not None
    ]
    best = max(ranked, default=(0.0, 0))
    return -best[1] if best[0] >= LEAST_OVERLAP else None
