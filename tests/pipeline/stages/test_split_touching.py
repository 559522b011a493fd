"""Prints pushed together come apart along their seams, and only along those."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.demo.flatbed import Laid, LidKind, scan_page
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.split import Options, split
from pipeline.stages.split_covering import ways_to_cover
from pipeline.stages.split_outline import Rectangle
from pipeline.stages.split_pieces import directions, straight_pieces

PAGE = (640, 800)
DPI = 75.0


def picture(name: str, width: int, height: int, border: int = 0) -> NDArray[np.float32]:
    pixels = getattr(data, name)().astype(np.float32) / 255
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    inner = (width - 2 * border, height - 2 * border)
    pixels = 0.12 + 0.75 * cv2.resize(pixels, inner, interpolation=cv2.INTER_AREA)
    paper = (0.92, 0.90, 0.84)
    return cv2.copyMakeBorder(
        pixels, border, border, border, border, cv2.BORDER_CONSTANT, value=paper
    ).astype(np.float32)


def turned(laid: list[Laid], angle: float) -> list[Laid]:
    """A group of upright prints turned together around the middle of the page."""
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle = np.array(PAGE) / 2
    places = [(np.array(one.centre) - middle) @ axes + middle for one in laid]
    return [
        Laid(one.pixels, (float(x), float(y)), angle)
        for one, (x, y) in zip(laid, places, strict=True)
    ]


def run(laid: list[Laid], lid: LidKind = "black") -> Outcome:
    shadow = 0.0 if lid == "black" else 0.08
    page = scan_page(PAGE, laid, lid=lid, shadow=shadow, specks=8, seed=3)
    return split(Photo.of(page, (DPI, DPI)), Options(), Tools(ModelSet({}, "cpu")))


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    a, b = first.astype(np.float32), second.astype(np.float32)
    shared = cv2.intersectConvexConvex(a, b)[0]
    return float(shared / (cv2.contourArea(a) + cv2.contourArea(b) - shared))


def lost(true: NDArray[np.float64], cut: NDArray[np.float64]) -> float:
    """Share of the true print outside the cut."""
    a, b = true.astype(np.float32), cut.astype(np.float32)
    return 1 - float(cv2.intersectConvexConvex(a, b)[0]) / float(cv2.contourArea(a))


def assert_all_found(outcome: Outcome, laid: list[Laid]) -> None:
    assert outcome.decision == "applied", outcome.reason
    cuts = [np.array(entry["quad"]) for entry in outcome.measures["prints"]]
    assert len(cuts) == len(laid)
    for one in laid:
        best = max(cuts, key=lambda cut: overlap(one.quad, cut))
        assert overlap(one.quad, best) > 0.88  # shadows and a mm to spare count against it
        assert lost(one.quad, best) < 0.01
    for entry in outcome.measures["prints"]:
        assert min(abs(entry["angle_degrees"] - one.angle) for one in laid) < 0.25


SIDE_BY_SIDE = [
    Laid(picture("astronaut", 200, 260), (220.0, 400.0)),
    Laid(picture("coffee", 230, 160, 10), (435.0, 420.0)),
]
THREE = [
    Laid(picture("astronaut", 180, 240, 8), (220.0, 320.0)),
    Laid(picture("chelsea", 240, 170), (430.0, 350.0)),
    Laid(picture("camera", 170, 170, 8), (245.0, 525.0)),
]


@pytest.mark.parametrize("lid", ["white", "grey", "black"])
@pytest.mark.parametrize("angle", [0.0, -13.0])
def test_prints_that_touch_along_a_side_come_apart(lid: LidKind, angle: float) -> None:
    laid = turned(SIDE_BY_SIDE, angle)
    assert_all_found(run(laid, lid), laid)


def test_three_prints_pushed_together_come_apart() -> None:
    laid = turned(THREE, 7.0)
    assert_all_found(run(laid, "grey"), laid)


def test_a_print_whose_corner_touches_another_comes_off_it() -> None:
    host = Laid(picture("astronaut", 200, 260), (200.0, 400.0))
    low = 300.0  # the host's right side, which the guest's lowest-left corner reaches
    guest = Laid(picture("coffee", 220, 150, 8), (0.0, 0.0), 12.0)
    shift = low - guest.quad[:, 0].min()
    guest = Laid(guest.pixels, (float(shift), 400.0), 12.0)
    assert_all_found(run([host, guest], "white"), [host, guest])


def test_prints_of_nearly_one_width_come_apart_where_the_outline_steps() -> None:
    laid = [
        Laid(picture("astronaut", 220, 200), (300.0, 300.0)),
        Laid(picture("camera", 220, 180, 10), (306.0, 490.0)),
    ]
    assert_all_found(run(laid, "grey"), laid)


@pytest.mark.parametrize("lid", ["white", "grey", "black"])
def test_one_print_is_never_cut_at_a_line_within_its_picture(lid: LidKind) -> None:
    pixels = np.full((300, 420, 3), 0.75, np.float32)
    pixels[150:] = (0.25, 0.3, 0.2)  # a horizon from side to side
    pixels[:, 200:206] = 0.1  # and a mast from top to bottom
    outcome = run([Laid(pixels, (320.0, 400.0), 4.0)], lid)
    assert outcome.decision == "applied", outcome.reason
    assert len(outcome.photos) == 1


def test_a_rectangle_is_covered_by_itself_before_it_is_by_its_halves() -> None:
    part = np.zeros((200, 300), dtype=bool)
    part[40:160, 50:250] = True
    shown = (1.0, 1.0, 1.0, 1.0)
    whole = Rectangle((150.0, 100.0), (200.0, 120.0), 0.0, shown, 1.0, 0.0)
    left = Rectangle((100.0, 100.0), (100.0, 120.0), 0.0, (0.3, 1.0, 1.0, 1.0), 1.0, 0.0)
    right = Rectangle((200.0, 100.0), (100.0, 120.0), 0.0, (1.0, 1.0, 0.3, 1.0), 1.0, 0.0)
    ways = ways_to_cover(part, [left, right, whole], 3.0)
    assert [len(way.pieces) for way in ways] == [1, 2]
    assert ways[0].cost < ways[1].cost


def test_what_does_not_cover_the_outline_is_no_way() -> None:
    part = np.zeros((200, 300), dtype=bool)
    part[40:160, 50:250] = True
    left = Rectangle((100.0, 100.0), (100.0, 120.0), 0.0, (1.0,) * 4, 1.0, 0.0)
    assert ways_to_cover(part, [left], 3.0) == []


def test_the_pieces_of_a_turned_outline_have_its_direction() -> None:
    canvas = np.zeros((300, 300), np.uint8)
    box = cv2.boxPoints(((150.0, 150.0), (180.0, 120.0), 17.0))
    cv2.fillConvexPoly(canvas, np.round(box).astype(np.int32), 1)
    found = dict(directions(straight_pieces(canvas > 0, 3.0)))
    (angle,) = found
    assert angle == pytest.approx(17.0, abs=0.5)
