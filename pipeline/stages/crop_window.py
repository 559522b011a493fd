"""Where to crop a picture so that the people in it keep their heads.

A crop to another shape leaves a window that can slide along one axis. Of all its places the one is
taken that shows most faces whole, then most with room around them, then most of those that do not
fit, and of equals the one nearest to the middle. All of these change only where a face meets an
edge of the window, so looking at those places alone finds the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.stages.resample import Box
from pipeline.stages.sheet_layout import Layout

LEAST_SCORE = 0.55
"""Certainty from which a find counts as a face, as in diagnose; the false finds known are below."""

_ABOVE = 0.5
"""Head room over a face, in heights of its box, which reaches from the hairline to the chin."""

_BESIDE = 0.25
"""Room at its sides and under its chin, in widths and heights of its box."""

_SLACK = 1e-6
_LEAST_REMOVED = 1.0
"""px of the picture; a crop that removes less removes nothing."""

Span = tuple[float, float]


@dataclass(frozen=True)
class Placing:
    """A crop and what it does to the faces.

    Args:
        layout: the layout with the window in its place.
        faces: boxes (left, top, right, bottom) in px of the picture, as they were given.
        cut: numbers, from 0, of those that are not wholly in the print once it is cut.
    """

    layout: Layout
    faces: tuple[Box, ...] = ()
    cut: tuple[int, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence when somebody does not fit."""
        if not self.cut:
            return ()
        faces = "face is" if len(self.faces) == 1 else "faces are"
        return (
            f"{len(self.cut)} of {len(self.faces)} {faces} cut by the crop; --fit pad shows all "
            "of the picture",
        )

    def as_measures(self) -> dict[str, Any]:
        """The facts as JSON; faces are counted from 1."""
        return {
            "faces_found": len(self.faces),
            "face_boxes_px": [[round(value, 1) for value in box] for box in self.faces],
            "faces_cut": [number + 1 for number in self.cut],
        }


def removes(layout: Layout, picture: tuple[int, int]) -> bool:
    """Whether anything of a picture of (width, height) px is not in the print."""
    left, top, right, bottom = layout.shown
    lost = picture[0] - (right - left), picture[1] - (bottom - top)
    return max(lost) >= _LEAST_REMOVED


def placed(layout: Layout, picture: tuple[int, int], faces: Sequence[Box]) -> Placing:
    """Slide the window of a crop to where the faces are.

    Args:
        layout: the crop with its window in the middle.
        picture: (width, height), px.
        faces: boxes (left, top, right, bottom) in px of the picture.

    Returns:
        The layout as it was when nothing can slide or no face asks for it.
    """
    boxes = [_within(box, picture) for box in faces]
    if boxes:
        used = layout.source[2] - layout.source[0], layout.source[3] - layout.source[1]
        free = picture[0] - used[0], picture[1] - used[1]
        axis = 0 if free[0] >= free[1] else 1
        if free[axis] > _SLACK:
            start = _best_start(layout, axis, free[axis], boxes, picture[axis])
            corner = [layout.source[0], layout.source[1]]
            corner[axis] = start
            layout = layout.moved_to(corner[0], corner[1])
    cut = tuple(i for i, box in enumerate(boxes) if not _inside(box, layout.shown))
    return Placing(layout, tuple(faces), cut)


def _best_start(layout: Layout, axis: int, free: float, boxes: list[Box], length: int) -> float:
    """Where the used part begins along the axis, px."""
    inset = layout.cut_off[axis]
    width = layout.shown[axis + 2] - layout.shown[axis]
    faces = [(box[axis], box[axis + 2]) for box in boxes]
    heads = [_with_room(face, axis, length) for face in faces]
    middle = free / 2
    starts = {middle, 0.0, free}
    for low, high in (*faces, *heads):
        centred = (low + high - width) / 2
        starts |= {start - inset for start in (low, high - width, centred)}

    def merit(start: float) -> tuple[float, ...]:
        window = start + inset, start + inset + width
        whole = sum(_holds(window, face) for face in faces)
        roomy = sum(_holds(window, head) for head in heads)
        part = sum(_share(window, face) for face in faces)
        # A face too large for the window is best cut alike on both sides.
        skew = sum(
            abs(sum(window) - sum(face)) / (face[1] - face[0])
            for face in faces
            if face[1] - face[0] > width
        )
        return whole, roomy, round(part, 6), -round(skew, 6), -round(abs(start - middle), 6), -start

    best = max((min(max(start, 0.0), free) for start in starts), key=merit)
    window = best + inset, best + inset + width
    kept = [i for i, face in enumerate(faces) if _holds(window, face)]
    if not kept or all(_holds(window, heads[i]) for i in kept):
        return best
    # The room that there is, shared out as it was wished for: most of it above.
    shared = _shared_out([faces[i] for i in kept], [heads[i] for i in kept], width) - inset
    shared = min(max(shared, 0.0), free)
    return shared if merit(shared)[:2] >= merit(best)[:2] else best


def _shared_out(faces: list[Span], heads: list[Span], width: float) -> float:
    """Where a window begins that has room on both sides of the faces it holds, px."""
    low, high = min(face[0] for face in faces), max(face[1] for face in faces)
    before = low - min(head[0] for head in heads)
    after = max(head[1] for head in heads) - high
    return low - (width - (high - low)) * before / max(before + after, _SLACK)


def _with_room(face: Span, axis: int, length: int) -> Span:
    size = face[1] - face[0]
    before = _ABOVE if axis == 1 else _BESIDE
    return max(0.0, face[0] - before * size), min(float(length), face[1] + _BESIDE * size)


def _within(box: Box, picture: tuple[int, int]) -> Box:
    """What of a box lies on the picture: a face at its edge may be found to reach beyond it."""
    width, height = picture
    left, top = min(max(box[0], 0.0), width - 1.0), min(max(box[1], 0.0), height - 1.0)
    return left, top, min(max(box[2], left + 1), width), min(max(box[3], top + 1), height)


def _holds(window: Span, face: Span) -> bool:
    return window[0] - _SLACK <= face[0] and face[1] <= window[1] + _SLACK


def _share(window: Span, face: Span) -> float:
    seen = min(window[1], face[1]) - max(window[0], face[0])
    return max(0.0, seen) / (face[1] - face[0])


def _inside(box: Box, shown: Box) -> bool:
    return _holds((shown[0], shown[2]), (box[0], box[2])) and _holds(
        (shown[1], shown[3]), (box[1], box[3])
    )
