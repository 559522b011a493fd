"""A pupil loses the light of the flash, and only that."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.photo import Photo
from pipeline.models.provider import Face
from pipeline.stages.eye_correction import corrected
from pipeline.stages.eye_patch import EyePatch, eye_patches
from pipeline.stages.measure.red_pupil import RedDisc, red_discs
from tests.benchmarks.ageing_flash import Flash, FlashPicture, flash_picture


def red_eye(pupil_px: float = 14, **how: object) -> tuple[Photo, EyePatch, FlashPicture]:
    """A print, its left eye, and how it came to be."""
    case = flash_picture("astronaut", pupil_px, Flash(**how))  # type: ignore[arg-type]
    (left, top), (right, _) = case.eyes
    unit = right - left
    points = [(left, top), (right, top), (left + unit / 2, top + 0.5 * unit)]
    points += [(left, top + 0.95 * unit), (right, top + 0.95 * unit)]
    photo = Photo.of(case.flashed)
    face = Face(0.9, (left, top, right, top + unit), np.array(points, np.float32))
    return photo, next(iter(eye_patches(photo, face))), case


def pupil(patch: EyePatch) -> RedDisc:
    return red_discs(patch.pixels)[0]


@pytest.mark.parametrize("colour", ["deep", "bright", "orange", "washed"])
def test_no_px_becomes_lighter_and_none_redder(colour: str) -> None:
    photo, patch, _ = red_eye(colour=colour)
    made = corrected(photo, patch, pupil(patch))
    assert made is not None
    before = photo.part(made.rows, made.columns)
    weights = np.array([0.2126, 0.7152, 0.0722])
    assert (made.pixels**2.2 @ weights <= before**2.2 @ weights + 1e-3).all()
    assert (made.pixels[..., 0] <= before[..., 0] + 1e-3).all()
    assert made.after < 0.1 < made.before


def test_where_the_mask_is_empty_nothing_changes() -> None:
    photo, patch, case = red_eye()
    made = corrected(photo, patch, pupil(patch))
    assert made is not None
    before = photo.part(made.rows, made.columns)
    assert np.array_equal(made.pixels[made.mask == 0], before[made.mask == 0])
    assert made.mask.min() == 0.0
    assert made.mask.max() == pytest.approx(1.0)
    inside = case.inside(0.6)[made.rows, made.columns]
    assert made.mask[inside].min() > 0.95


def test_the_core_is_neutral_and_as_dark_as_the_truth() -> None:
    photo, patch, case = red_eye(glint=0.0)
    made = corrected(photo, patch, pupil(patch))
    assert made is not None
    core = made.pixels[case.inside(0.6)[made.rows, made.columns]]
    truth = case.truth[made.rows, made.columns][case.inside(0.6)[made.rows, made.columns]]
    assert np.ptp(core, axis=1).max() < 0.02
    assert core.mean() == pytest.approx(truth.mean(), abs=0.08)


def test_a_disc_without_any_red_is_not_touched() -> None:
    photo, patch, case = red_eye()
    disc = pupil(patch)
    healthy = Photo.of(case.truth)
    assert corrected(healthy, patch, disc) is None
    assert photo.width == healthy.width


def test_an_eye_at_the_edge_of_the_print_is_corrected_as_far_as_it_goes() -> None:
    photo, patch, case = red_eye()
    made = corrected(photo, patch, pupil(patch))
    left = round(case.eyes[0][0]) - 3
    cut = Photo.of(np.ascontiguousarray(case.flashed[:, left:]))
    moved = EyePatch(patch.side, patch.pixels, patch.step, patch.left - left, patch.top, patch.unit)
    at_edge = corrected(cut, moved, pupil(patch))
    assert made is not None
    assert at_edge is not None
    assert at_edge.columns.start == 0
    assert at_edge.pixels.shape[1] < made.pixels.shape[1]
    assert at_edge.after < 0.1
