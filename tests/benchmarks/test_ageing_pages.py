"""The generated pages are what they say they are, so that what is measured on them counts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.benchmarks.ageing_pages import KINDS, Page, page
from tests.benchmarks.page_layout import Place, laid_touching
from tests.benchmarks.restoration_split import Cuts, score, tally


def shared(first: np.ndarray, second: np.ndarray) -> float:
    return float(cv2.intersectConvexConvex(first.astype(np.float32), second.astype(np.float32))[0])


@pytest.fixture(scope="module")
def shown() -> Page:
    return page(5)


def test_the_same_seed_gives_the_same_page(shown: Page) -> None:
    again = page(5)
    assert np.array_equal(shown.pixels, again.pixels)
    assert all(np.array_equal(a, b) for a, b in zip(shown.quads, again.quads, strict=True))


def test_ten_seeds_in_a_row_show_every_kind_of_page() -> None:
    assert set(KINDS) == {"apart", "white_on_white", "touching", "album", "no_margin"}
    assert len(KINDS) == 10


@pytest.mark.parametrize("seed", [1, 7, 9, 13])
def test_true_outlines_lie_on_the_page_and_hold_what_stands_out_from_the_lid(seed: int) -> None:
    made = page(seed)
    height, width = made.pixels.shape[:2]
    inside = np.zeros((height, width), np.uint8)
    for quad, angle in zip(made.quads, made.angles, strict=True):
        assert quad.min() > -1 and (quad < np.array([width, height]) + 1).all()
        top = quad[1] - quad[0]
        assert np.degrees(np.arctan2(top[1], top[0])) == pytest.approx(angle, abs=1e-6)
        cv2.fillConvexPoly(inside, np.round(quad).astype(np.int32), 1)
    lid = np.median(made.pixels[inside == 0], axis=0)
    far = np.abs(made.pixels - lid).max(axis=2) > 0.25
    assert far[inside > 0].mean() > 10 * far[inside == 0].mean()


def test_prints_touch_without_lying_on_each_other() -> None:
    for seed in range(6):
        places = laid_touching((215.9, 297.0), np.random.default_rng(seed))
        assert len(places) >= 2
        for i, one in enumerate(places):
            others = [place for j, place in enumerate(places) if j != i]
            assert all(shared(one.corners, other.corners) < 0.05 for other in others)
            grown = Place(one.centre, (one.size[0] + 2, one.size[1] + 2), one.angle)
            assert any(shared(grown.corners, other.corners) > 0 for other in others)


def test_a_perfect_cut_scores_one_and_a_page_kept_whole_scores_nothing(shown: Page) -> None:
    perfect = tally(5, shown, Cuts(shown.quads, shown.angles))
    assert score([perfect], 0.85) == 1.0
    assert max(perfect.off) == 0.0 and max(perfect.lost) < 1e-3
    assert score([tally(5, shown, Cuts((), ()))], 0.85) == 0.0
    one_missed = Cuts(shown.quads[:-1], shown.angles[:-1])
    assert max(tally(5, shown, one_missed).lost) > 0.9
