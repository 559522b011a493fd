"""Edges too faint or too ragged to follow px by px are found, and nothing is lost with them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from pipeline.core.photo import Photo
from pipeline.demo.flatbed import LID_COLOURS, Laid, scan_page
from pipeline.models.model_set import ModelSet
from pipeline.stages.base import Outcome, Tools
from pipeline.stages.split import Options, split

PAGE = (640, 800)
DPI = 75.0


def run(page: NDArray[np.float32]) -> Outcome:
    return split(Photo.of(page, (DPI, DPI)), Options(), Tools(ModelSet({}, "cpu")))


def picture(
    width: int, height: int, border: int, paper: NDArray[np.float32]
) -> NDArray[np.float32]:
    inner = (width - 2 * border, height - 2 * border)
    pixels = cv2.resize(data.coffee().astype(np.float32) / 255, inner, interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(
        0.1 + 0.7 * pixels,
        border,
        border,
        border,
        border,
        cv2.BORDER_CONSTANT,
        value=paper.tolist(),
    ).astype(np.float32)


def lost(true: NDArray[np.float64], cut: NDArray[np.float64]) -> float:
    """Share of the true print outside the cut."""
    a, b = true.astype(np.float32), cut.astype(np.float32)
    return 1 - float(cv2.intersectConvexConvex(a, b)[0]) / float(cv2.contourArea(a))


@pytest.mark.parametrize("difference", [0.012, 0.005])
def test_a_white_border_nearly_as_white_as_the_lid_stays_with_its_print(difference: float) -> None:
    paper = np.array(LID_COLOURS["white"], np.float32) - np.float32(difference)
    laid = Laid(picture(300, 220, 14, paper), (320.0, 400.0), 5.0)
    outcome = run(scan_page(PAGE, [laid], lid="white", shadow=0.02, specks=10, seed=2))
    assert outcome.decision == "applied", outcome.reason
    (entry,) = outcome.measures["prints"]
    assert lost(laid.quad, np.array(entry["cut"]["quad"])) < 0.01
    assert entry["angle_degrees"] == pytest.approx(5.0, abs=0.2)


def deckled(width: int, height: int) -> NDArray[np.float32]:
    """Paper with a wavy cut, 5 px deep, a wave every 10 px."""
    x, y = np.arange(width)[None, :] + 0.5, np.arange(height)[:, None] + 0.5
    bite_x, bite_y = 2.5 - 2.5 * np.cos(x / 1.6), 2.5 - 2.5 * np.cos(y / 1.6)
    inside = np.minimum(np.minimum(x, width - x) - bite_y, np.minimum(y, height - y) - bite_x)
    return np.clip(inside + 0.5, 0, 1).astype(np.float32)


def test_a_deckle_edge_is_cut_at_its_teeth() -> None:
    paper = np.array((0.93, 0.9, 0.82), np.float32)
    laid = Laid(picture(320, 240, 16, paper), (320.0, 400.0), -8.0, deckled(320, 240))
    outcome = run(scan_page(PAGE, [laid], lid="grey", specks=10, seed=2))
    assert outcome.decision == "applied", outcome.reason
    (entry,) = outcome.measures["prints"]
    assert lost(laid.quad, np.array(entry["quad"])) < 0.01
    assert entry["angle_degrees"] == pytest.approx(-8.0, abs=0.2)


def test_photos_on_a_tinted_sheet_are_cut_and_its_writing_is_left() -> None:
    paper = np.array((0.93, 0.9, 0.82), np.float32)
    laid = [
        Laid(picture(260, 190, 10, paper), (200.0, 200.0), 2.0),
        Laid(picture(240, 180, 0, paper), (430.0, 560.0), -3.0),
    ]
    ground = np.empty((PAGE[1], PAGE[0], 3), np.float32)
    ground[:] = (0.24, 0.17, 0.12)
    x = np.arange(60, 190)
    path = np.stack([x, 330 + 4 * np.sin(x * 0.6)], 1).round().astype(np.int32)
    cv2.polylines(ground, [path], False, (0.85, 0.85, 0.85), 1, cv2.LINE_AA)
    outcome = run(scan_page(PAGE, laid, specks=10, seed=4, ground=ground))
    assert outcome.decision == "applied", outcome.reason
    assert outcome.measures["background"]["kind"] == "sheet"
    cuts = [np.array(entry["cut"]["quad"]) for entry in outcome.measures["prints"]]
    assert len(cuts) == 2
    assert all(min(lost(one.quad, cut) for cut in cuts) < 0.01 for one in laid)


def test_every_cut_can_be_laid_back_on_the_scan_by_the_quad_in_the_ledger() -> None:
    paper = np.array((0.93, 0.9, 0.82), np.float32)
    laid = [
        Laid(picture(300, 220, 12, paper), (200.0, 180.0), 11.0),
        Laid(picture(260, 200, 12, paper), (400.0, 560.0), 0.0),
    ]
    scan = Photo.of(scan_page(PAGE, laid, lid="grey", specks=10, seed=5), (DPI, DPI))
    outcome = split(scan, Options(), Tools(ModelSet({}, "cpu")))
    assert {entry["cut"]["resampled"] for entry in outcome.measures["prints"]} == {True, False}
    for photo, entry in zip(outcome.photos, outcome.measures["prints"], strict=True):
        quad = np.array(entry["cut"]["quad"])
        corners = np.array([[0, 0], [photo.width, 0], [0, photo.height]], np.float32)
        back = cv2.getAffineTransform(
            corners - np.float32(0.5), (quad[[0, 1, 3]] - 0.5).astype(np.float32)
        )
        laid_back = cv2.warpAffine(photo.pixels, back, PAGE, flags=cv2.INTER_CUBIC)
        inside = np.zeros(PAGE[::-1], np.uint8)
        middle = quad.mean(axis=0)
        inner = middle + (quad - middle) * 0.97
        cv2.fillConvexPoly(inside, np.round(inner).astype(np.int32), 1)
        error = (laid_back - scan.pixels)[inside > 0]
        allowed = 0.012 if entry["cut"]["resampled"] else 1e-4
        assert float(np.sqrt((error**2).mean())) < allowed
