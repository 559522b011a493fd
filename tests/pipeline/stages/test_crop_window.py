"""A crop slides to where the faces are: compared with every place it could have had."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.crop_window import placed, removes
from pipeline.stages.resample import Box
from pipeline.stages.sheet_layout import Layout, lay_out

PICTURE = (1000, 600)


@st.composite
def _faces(draw: st.DrawFn) -> list[Box]:
    boxes: list[Box] = []
    for _ in range(draw(st.integers(0, 6))):
        side = draw(st.floats(12, 260))
        left = draw(st.floats(-10, PICTURE[0] - side / 2))
        top = draw(st.floats(-10, PICTURE[1] - side / 2))
        boxes.append((left, top, left + side, top + 1.3 * side))
    return boxes


def _whole(layout: Layout, faces: list[Box], start: float, axis: int) -> int:
    """Faces wholly in the print when its window begins there, as far as they are on the picture."""
    corner = [layout.source[0], layout.source[1]]
    corner[axis] = start
    shown = layout.moved_to(corner[0], corner[1]).shown
    low, high = shown[axis], shown[axis + 2]
    limit = PICTURE[axis]
    return sum(
        low <= min(max(face[axis], 0), limit - 1) + 1e-6
        and min(face[axis + 2], limit) <= high + 1e-6
        for face in faces
    )


@settings(max_examples=150, deadline=None)
@given(_faces(), st.sampled_from([(300, 300), (200, 900), (900, 200), (500, 290)]), st.data())
def test_no_other_place_of_the_window_holds_more_faces(
    faces: list[Box], sheet: tuple[int, int], data: st.DataObject
) -> None:
    bleed = data.draw(st.integers(0, 20))
    layout = lay_out(PICTURE, None, sheet, "crop", bleed=bleed)
    made = placed(layout, PICTURE, faces)
    free = [PICTURE[i] - (layout.source[i + 2] - layout.source[i]) for i in (0, 1)]
    axis = int(np.argmax(free))
    reached = _whole(layout, faces, made.layout.source[axis], axis)
    best = max(
        _whole(layout, faces, start, axis) for start in np.linspace(0, max(free[axis], 0), 400)
    )
    assert reached >= best
    assert made.layout.source[0] >= -1e-6
    assert made.layout.source[2] <= PICTURE[0] + 1e-6
    assert made.layout.source[1] >= -1e-6
    assert made.layout.source[3] <= PICTURE[1] + 1e-6
    assert made.layout.scale == pytest.approx(layout.scale)
    kept = [face for number, face in enumerate(faces) if number not in made.cut]
    left, top, right, bottom = made.layout.shown
    for face in kept:
        assert left - 1e-5 <= max(face[0], 0)
        assert top - 1e-5 <= max(face[1], 0)
        assert min(face[2], PICTURE[0]) <= right + 1e-5
        assert min(face[3], PICTURE[1]) <= bottom + 1e-5


def test_without_faces_a_crop_stays_in_the_middle() -> None:
    layout = lay_out(PICTURE, None, (300, 300), "crop")
    assert placed(layout, PICTURE, []).layout == layout


def test_a_crop_that_already_holds_the_faces_with_room_stays_in_the_middle() -> None:
    layout = lay_out(PICTURE, None, (300, 300), "crop")
    made = placed(layout, PICTURE, [(480.0, 200.0, 520.0, 250.0)])
    assert made.layout.source == pytest.approx(layout.source)
    assert made.cut == ()


def test_a_face_gets_room_above_when_there_is_some() -> None:
    """A picture twice as high as wide, cropped to a square; the face is near its top."""
    layout = lay_out((600, 1200), None, (300, 300), "crop")
    made = placed(layout, (600, 1200), [(250.0, 100.0, 350.0, 220.0)])
    assert made.layout.source == pytest.approx((0.0, 40.0, 600.0, 640.0))


def test_room_that_is_scarce_is_mostly_left_above() -> None:
    """The window is 150 px high, the face 120: 60 and 30 px of room were wished for."""
    layout = lay_out((1200, 1000), None, (1200, 150), "crop")
    made = placed(layout, (1200, 1000), [(200.0, 500.0, 300.0, 620.0)])
    assert made.layout.source == pytest.approx((0.0, 480.0, 1200.0, 630.0))


def test_faces_count_by_what_is_left_after_the_bleed_is_cut() -> None:
    """The face lies at the left edge of the sheet, within its bleed: nothing can save it."""
    layout = lay_out((400, 400), None, (440, 440), "crop", bleed=40)
    made = placed(layout, (400, 400), [(0.0, 100.0, 60.0, 180.0)])
    assert made.cut == (0,)
    assert made.as_measures()["faces_cut"] == [1]


def test_the_trim_not_the_sheet_is_moved_to_the_face() -> None:
    layout = lay_out((1000, 400), None, (480, 480), "crop", bleed=40)
    made = placed(layout, (1000, 400), [(700.0, 150.0, 800.0, 270.0)])
    assert made.cut == ()
    # 25 px beside the face, then 40 px of bleed at 1.2 px each.
    assert made.layout.shown[2] == pytest.approx(825.0)
    assert made.layout.source[2] == pytest.approx(825.0 + 40 / 1.2)


def test_a_face_too_large_for_the_window_is_cut_alike_on_both_sides() -> None:
    layout = lay_out((1200, 600), None, (600, 60), "crop")
    made = placed(layout, (1200, 600), [(500.0, 40.0, 700.0, 340.0)])
    top, bottom = made.layout.source[1], made.layout.source[3]
    assert (top + bottom) / 2 == pytest.approx(190.0)
    assert made.cut == (0,)


def test_only_what_is_lost_counts_as_a_crop() -> None:
    assert not removes(lay_out((400, 300), None, (800, 600), "crop"), (400, 300))
    assert not removes(lay_out((400, 300), None, (800, 600), "pad"), (400, 300))
    assert removes(lay_out((400, 300), None, (800, 500), "crop"), (400, 300))
    assert removes(lay_out((400, 300), None, (800, 600), "crop", bleed=20), (400, 300))
