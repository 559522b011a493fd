"""A red disc is measured where it is and as large as it is, whatever the cast of the print."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.measure.red_pupil import HALF, UNIT, red_discs, redness, skin_of

Image = NDArray[np.float32]

SIDE = 2 * HALF + 1
SKIN = (0.8, 0.6, 0.5)


def patch(
    colour: tuple[float, ...], radius: float, x: float = 0.0, y: float = 0.0, hole: float = 0.0
) -> Image:
    """Skin with a disc of a colour, px from the middle; a black hole of a radius in the disc."""
    rows, columns = np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1]
    distance = np.hypot(columns - x, rows - y)
    made = np.broadcast_to(np.array(SKIN, np.float32), (SIDE, SIDE, 3)).copy()
    for size, paint in ((2.2 * radius, (0.25, 0.2, 0.15)), (radius, colour), (hole, (0.05,) * 3)):
        share = np.clip(size - distance + 0.5, 0, 1)[..., None]
        made += share * (np.array(paint) - made) * (size > 0)
    return made.astype(np.float32)


@pytest.mark.parametrize("radius", [4.0, 6.0, 9.0])
@pytest.mark.parametrize(("x", "y"), [(0, 0), (11, -6), (-9, 13)])
def test_the_disc_is_found_at_its_place_and_size(radius: float, x: float, y: float) -> None:
    disc = red_discs(patch((0.8, 0.2, 0.2), radius, x, y))[0]
    assert np.hypot(disc.x - HALF - x, disc.y - HALF - y) <= 1.5
    assert disc.radius == pytest.approx(radius, rel=0.25)
    assert disc.filled == 1.0
    assert disc.spill < 0.05
    assert disc.hue == pytest.approx(0, abs=1)


def test_gains_of_the_channels_hardly_move_the_figures() -> None:
    pixels = patch((0.75, 0.2, 0.2), 6.0)
    plain = red_discs(pixels)[0]
    for gains in ((1.0, 0.8, 0.8), (0.8, 0.9, 1.0), (0.5, 0.5, 0.5)):
        cast = red_discs((pixels * np.array(gains)).astype(np.float32))[0]
        assert cast.redness == pytest.approx(plain.redness, rel=0.12)
        assert cast.contrast == pytest.approx(plain.contrast, rel=0.12)


def test_skin_is_what_redness_is_measured_from() -> None:
    pixels = patch(SKIN, 6.0)
    ratio, red = skin_of(pixels)
    assert (ratio, red) == (pytest.approx(0.8 / 0.6, abs=0.01), pytest.approx(0.8, abs=0.01))
    assert np.abs(redness(pixels, ratio, red)[:10]).max() < 0.02


def test_a_pupil_within_a_red_disc_shows_as_a_dip() -> None:
    whole = red_discs(patch((0.8, 0.2, 0.2), 9.0))[0]
    iris = max(red_discs(patch((0.8, 0.2, 0.2), 9.0, hole=4.0)), key=lambda disc: disc.radius)
    assert whole.dip == pytest.approx(1.0, abs=0.02)
    assert iris.dip < 0.5


def test_a_dark_pupil_beside_is_seen_and_a_brow_above_is_not() -> None:
    pixels = patch((0.8, 0.2, 0.2), 5.0)
    assert red_discs(pixels)[0].darkest > 0.3
    beside, above = pixels.copy(), pixels.copy()
    beside[HALF - 5 : HALF + 6, HALF + 12 : HALF + 23] = 0.02
    above[: HALF - 20] = 0.02
    assert red_discs(beside)[0].darkest < 0.1
    assert red_discs(above)[0].darkest > 0.3


def test_grey_eyes_have_at_most_one_disc_and_that_of_no_redness() -> None:
    grey = np.random.default_rng(3).random((SIDE, SIDE, 1)).astype(np.float32)
    discs = red_discs(np.repeat(grey, 3, axis=2))
    assert len(discs) <= 1
    assert all(disc.contrast < 0.02 for disc in discs)


def test_what_lies_far_from_the_landmark_is_not_looked_at() -> None:
    discs = red_discs(patch((0.8, 0.2, 0.2), 4.0, x=0.3 * UNIT))
    assert all(np.hypot(disc.x - HALF, disc.y - HALF) <= 0.2 * UNIT for disc in discs)
