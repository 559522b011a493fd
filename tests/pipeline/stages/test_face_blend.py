"""Redrawn faces go on their print without an edge, at any strength, with grain like the print's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.stages.face_alignment import TEMPLATE, align, cut_out
from pipeline.stages.face_blend import Redrawn, at_strength, put_on, redrawn
from pipeline.stages.face_colour import kept_px, proposal
from pipeline.stages.face_grain import grain_around
from pipeline.stages.face_shape import mask_of
from pipeline.stages.measure.luma import luma

Picture = NDArray[np.float32]

SIDE = 400


def _landmarks(scale: float = 0.5, at: tuple[float, float] = (200.0, 200.0)) -> Picture:
    return ((TEMPLATE - 256) * scale + np.array(at)).astype(np.float32)


def _photo(picture: Picture, *, grey: bool = False) -> Photo:
    return Photo.of(np.clip(picture, 0, 1).astype(np.float32), bit_depth=16, monochrome=grey)


def _scene(kind: str) -> Picture:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    plane = {
        "plain": np.full_like(x, 0.5),
        "gradient": 0.2 + 0.6 * x,
        "step": np.where(x + 0.3 * y > 0.7, 0.8, 0.25).astype(np.float32),
        "stripes": 0.5 + 0.2 * np.sin(40 * x + 9 * y),
    }[kind]
    return np.repeat(plane[..., None], 3, axis=2).astype(np.float32)


def _face(
    photo: Photo, made: Picture | None = None, *, strength: float = 1.0, scale: float = 0.5
) -> Redrawn:
    """A face whose network sharpened it and drew strong fine detail, or gave `made`."""
    landmarks = _landmarks(scale, (photo.width / 2, photo.height / 2))
    alignment = align(landmarks)
    assert alignment is not None
    aligned = cut_out(photo.samples, alignment)
    if made is None:
        soft = np.asarray(cv2.GaussianBlur(aligned, (0, 0), 3), np.float32)
        weave = 0.1 * np.sin(np.arange(512, dtype=np.float32) / 3)
        made = np.clip(aligned + (aligned - soft) + weave[:, None, None], 0, 1)
    proposed = proposal(aligned, made, 150.0, grey=photo.monochrome)
    mask = mask_of(landmarks, alignment, photo.samples.shape)
    return redrawn(aligned, proposed, mask, alignment, strength)


@pytest.mark.parametrize("kind", ["plain", "gradient", "step", "stripes"])
def test_no_edge_shows_on_any_background(kind: str) -> None:
    """Across the rim of the mask the change grows no faster than its own detail swings."""
    photo = _photo(_scene(kind))
    after, generated = put_on(photo, [_face(photo)])
    change = luma(after.pixels) - luma(photo.pixels)
    rim = (generated > 0) & (generated < 26)
    inside = generated > 230
    assert rim.sum() > 500 and inside.sum() > 5000
    steps = np.hypot(*np.gradient(change))
    assert steps[rim].max() < 0.2 * np.quantile(steps[inside], 0.99)
    assert np.abs(change[rim]).max() < 0.02


def test_a_constant_lightening_leaves_no_ridge_along_the_rim() -> None:
    photo = _photo(_scene("plain"))
    face = _face(photo, cut_out(photo.samples, _face(photo).alignment) + np.float32(0.1))
    after, _ = put_on(photo, [face])
    assert np.abs(after.pixels - photo.pixels).max() < 0.01


def test_strength_0_is_the_print_bit_for_bit() -> None:
    photo = _photo(_scene("stripes"))
    after, generated = put_on(photo, [_face(photo, strength=0.0)])
    assert np.array_equal(after.samples, photo.samples)
    assert generated.max() == 0


def test_more_strength_is_more_change_in_proportion() -> None:
    photo = _photo(_scene("step"))
    strengths = (0.25, 0.5, 0.75, 1.0)
    changes = [
        put_on(photo, [_face(photo, strength=s)])[0].pixels - photo.pixels for s in strengths
    ]
    whole = changes[-1]
    assert np.abs(whole).max() > 0.05
    for strength, change in zip(strengths, changes, strict=True):
        assert np.abs(change - strength * whole).max() < 1e-3


def test_each_face_has_a_strength_of_its_own() -> None:
    wide = np.concatenate([_scene("stripes"), _scene("stripes")], axis=1)
    photo = _photo(wide)
    faces = []
    for x, strength in ((200.0, 1.0), (600.0, 0.3)):
        landmarks = _landmarks(0.4, (x, 200.0))
        alignment = align(landmarks)
        assert alignment is not None
        aligned = cut_out(photo.samples, alignment)
        mask = mask_of(landmarks, alignment, photo.samples.shape)
        faces.append(redrawn(aligned, np.clip(aligned + 0.1, 0, 1), mask, alignment, strength))
    after, generated = put_on(photo, faces)
    change = after.pixels - photo.pixels
    assert change[200, 200, 0] == pytest.approx(0.1, abs=2e-3)
    assert change[200, 600, 0] == pytest.approx(0.03, abs=2e-3)
    assert generated[200, 200] == 255
    assert generated[200, 600] == pytest.approx(0.3 * 255, abs=2)


def test_outside_the_face_samples_stay_bit_for_bit() -> None:
    photo = _photo(_scene("stripes"))
    after, generated = put_on(photo, [_face(photo)])
    changed = np.any(after.samples != photo.samples, axis=2)
    assert changed.sum() > 5000
    assert not changed[:40].any() and not changed[:, :90].any()
    assert changed[generated > 100].mean() > 0.95


def test_a_monochrome_print_stays_monochrome() -> None:
    photo = _photo(_scene("step"), grey=True)
    after, _ = put_on(photo, [_face(photo)])
    assert after.monochrome
    assert not np.array_equal(after.samples, photo.samples)


def test_colours_keep_16_bits() -> None:
    """A slow ramp of many more than 256 steps has as many afterwards."""
    ramp = np.linspace(0.4, 0.5, SIDE, dtype=np.float32)[None, :, None]
    photo = _photo(np.repeat(np.repeat(ramp, SIDE, axis=0), 3, axis=2))
    face = _face(photo, cut_out(photo.samples, _face(photo).alignment))
    after, _ = put_on(photo, [face])
    row = after.samples[200, 120:280, 0].astype(int)
    assert len(np.unique(row)) == len(row)
    assert np.abs(after.samples.astype(int) - photo.samples).max() <= 8


def test_the_aligned_face_at_a_strength_lies_between_the_two() -> None:
    random = np.random.default_rng(2)
    aligned = random.random((512, 512, 3), dtype=np.float32)
    proposed = random.random((512, 512, 3), dtype=np.float32)
    mask = np.full((512, 512), 0.8, np.float32)
    assert np.array_equal(at_strength(aligned, proposed, mask, 0.0), aligned)
    half = at_strength(aligned, proposed, mask, 0.5)
    assert np.abs(half - (0.6 * aligned + 0.4 * proposed)).max() < 1e-6


def test_a_face_much_larger_than_the_template_is_not_blurred() -> None:
    """1500 px of face: what is finer than the template's px is still there afterwards."""
    side = 2400
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    fine = 0.1 * np.sin(x * 2.2) * np.sin(y * 2.0)
    plane = 0.5 + 0.1 * np.sin(x / 90) + fine
    photo = _photo(np.repeat(plane[..., None], 3, axis=2), grey=True)
    landmarks = _landmarks(4.5, (side / 2, side / 2))
    alignment = align(landmarks)
    assert alignment is not None
    aligned = cut_out(photo.samples, alignment)
    made = np.asarray(cv2.GaussianBlur(aligned, (0, 0), 2), np.float32)
    mask = mask_of(landmarks, alignment, photo.samples.shape)
    face = redrawn(aligned, proposal(aligned, made, 512.0), mask, alignment, 1.0)
    after, generated = put_on(photo, [face])
    centre = np.s_[900:1500, 900:1500]
    assert generated[centre].min() > 200
    left = after.pixels[centre][..., 0] - (plane - fine)[centre]
    assert left.std() == pytest.approx(fine[centre].std(), rel=0.05)


def _noise(sigma: float, spot: float) -> Picture:
    noise = np.random.default_rng(3).standard_normal((SIDE, SIDE)).astype(np.float32)
    if spot:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), spot), np.float32)
    return (noise / noise.std() * sigma)[..., None]


@pytest.mark.parametrize("strength", [0.5, 1.0])
@pytest.mark.parametrize(("sigma", "spot"), [(0.02, 0.0), (0.03, 0.8)])
def test_a_face_drawn_smooth_has_fine_grain_like_what_is_around(
    sigma: float, spot: float, strength: float
) -> None:
    clean = _scene("gradient") * np.float32(0.5) + np.float32(0.25)
    photo = _photo(clean + _noise(sigma, spot), grey=True)
    landmarks = _landmarks()
    alignment = align(landmarks)
    assert alignment is not None
    aligned = cut_out(photo.samples, alignment)
    proposed = proposal(aligned, cut_out(clean, alignment), 256.0, grey=True)
    mask = mask_of(landmarks, alignment, photo.samples.shape)
    grain = grain_around(photo, alignment, kept_px(256.0))
    assert grain is not None
    levels, fine = [], []
    for laid in (None, grain):
        face = redrawn(aligned, proposed, mask, alignment, strength, laid)
        after, generated = put_on(photo, [face])
        rest = luma(after.pixels) - luma(clean)
        inside = generated > strength * 240
        levels.append(rest[inside].std())
        fine.append(_finest(rest)[inside].std())
    whole = _finest(luma(photo.pixels) - luma(clean)).std()
    assert fine[0] < 0.75 * whole, "without grain it is smooth"
    assert max(1.01 * fine[0], 0.45 * whole) < fine[1] < 1.2 * whole
    assert levels[0] < levels[1] < 1.1 * sigma


def _finest(plane: Picture) -> Picture:
    return plane - np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.6), np.float32)


def test_faces_that_overlap_share_their_pixels() -> None:
    photo = _photo(_scene("stripes"))
    once, mask = put_on(photo, [_face(photo)])
    twice, both = put_on(photo, [_face(photo), _face(photo)])
    assert np.abs(once.pixels - twice.pixels)[mask == 255].max() < 1e-3
    assert (both >= mask).all()


def test_pieces_of_the_print_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = _photo(_scene("step") + _noise(0.02, 0.5))
    face = _face(photo)
    grain = grain_around(photo, face.alignment, 5.0)
    face = Redrawn(face.change, face.alignment, 1.0, grain)
    whole, mask = put_on(photo, [face])
    monkeypatch.setattr("pipeline.stages.face_blend._SIDE", 37)
    cut, cut_mask = put_on(photo, [face])
    assert np.abs(whole.pixels - cut.pixels).max() < 0.01
    assert np.abs(whole.pixels - cut.pixels).mean() < 1e-4
    assert np.abs(mask.astype(int) - cut_mask).max() <= 3
