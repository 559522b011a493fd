"""A face is cut out upright and goes back to where it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.stages.face_alignment import SIDE, TEMPLATE, align, cut_out, face_mask, put_back


def _placed(scale: float, degrees: float, shift: tuple[float, float]) -> NDArray[np.float32]:
    """The template's landmarks turned, scaled and moved into a picture."""
    angle = np.deg2rad(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return ((TEMPLATE - 256) @ turn.T + np.array(shift)).astype(np.float32)


@pytest.mark.parametrize("scale", [0.1, 0.6, 1.0, 3.0])
@pytest.mark.parametrize("degrees", [0.0, 25.0, -140.0])
def test_landmarks_land_on_the_template(scale: float, degrees: float) -> None:
    points = _placed(scale, degrees, (400.0, 300.0))
    alignment = align(points)
    assert alignment is not None
    landed = points @ alignment.matrix[:, :2].T + alignment.matrix[:, 2]
    assert np.abs(landed - TEMPLATE).max() < 0.01
    assert alignment.scale == pytest.approx(1 / scale, rel=1e-4)
    assert alignment.misfit < 1e-4


def test_a_mirrored_or_flattened_face_fits_badly() -> None:
    flat = _placed(0.3, 0.0, (200.0, 200.0)) * np.array([0.2, 1.0], np.float32)
    swapped = _placed(0.3, 0.0, (200.0, 200.0))[[1, 0, 2, 4, 3]]
    for points in (flat, swapped):
        alignment = align(points)
        assert alignment is None or alignment.misfit > 0.25


def test_useless_landmarks_give_no_alignment() -> None:
    assert align(np.full((5, 2), 40.0, dtype=np.float32)) is None
    assert align(np.full((5, 2), np.nan, dtype=np.float32)) is None
    assert align(np.zeros((4, 2), dtype=np.float32)) is None


@pytest.mark.parametrize("scale", [0.2, 0.45, 1.0, 2.4])
@pytest.mark.parametrize("degrees", [0.0, 20.0])
def test_what_is_cut_out_goes_back_to_the_same_place(scale: float, degrees: float) -> None:
    """A soft bump in the picture survives the way there and back, at any size of face."""
    side = int(SIDE * scale * 1.6) + 40
    centre = side / 2 - 3.3
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    bump = np.exp(-((x - centre) ** 2 + (y - centre) ** 2) / (2 * (60 * scale) ** 2))
    picture = np.repeat(bump[..., None], 3, axis=2).astype(np.float32)
    alignment = align(_placed(scale, degrees, (centre, centre)))
    assert alignment is not None
    face = cut_out(picture, alignment)
    assert face.shape == (SIDE, SIDE, 3)
    mask = face_mask()[..., None]
    back, where = put_back(face * mask, alignment, picture.shape)
    weight, _ = put_back(mask, alignment, picture.shape)
    weight = weight.reshape(weight.shape[:2])
    inside = weight > 0.5
    difference = np.abs(back[..., 0][inside] / weight[inside] - picture[where][..., 0][inside])
    assert difference.max() < 0.02


def test_the_mask_covers_the_face_and_fades_out_before_the_border() -> None:
    mask = face_mask()
    for x, y in TEMPLATE:
        assert mask[round(y), round(x)] > 0.8
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert border.max() == 0.0
    assert np.abs(np.diff(mask, axis=0)).max() < 0.05


def test_a_face_cut_by_the_edge_of_the_print_is_possible() -> None:
    picture = np.random.default_rng(0).random((80, 60, 3), dtype=np.float32)
    alignment = align(_placed(0.2, 5.0, (4.0, 70.0)))
    assert alignment is not None
    face = cut_out(picture, alignment)
    back, where = put_back(face * face_mask()[..., None], alignment, picture.shape)
    assert picture[where].shape == back.shape
    assert np.isfinite(face).all()


def test_a_face_larger_than_the_template_does_not_alias() -> None:
    board = (np.indices((2100, 2100)).sum(axis=0) % 2).astype(np.float32)
    picture = np.repeat(board[..., None], 3, axis=2)
    alignment = align(_placed(4.0, 0.0, (1050.0, 1050.0)))
    assert alignment is not None
    assert np.abs(cut_out(cv2.blur(picture, (1, 1)), alignment) - 0.5).max() < 0.05


def test_a_part_of_a_face_put_back_is_that_part_of_the_whole() -> None:
    alignment = align(_placed(0.6, 12.0, (200.0, 190.0)))
    assert alignment is not None
    soft = cv2.GaussianBlur(np.random.default_rng(3).random((SIDE, SIDE), np.float32), (0, 0), 6)
    drawn = soft * face_mask()
    whole = np.zeros((400, 420), np.float32)
    placed, where = put_back(drawn, alignment, whole.shape)
    whole[where] = placed
    pieces = np.zeros_like(whole)
    for top in range(0, 400, 90):
        for left in range(0, 420, 130):
            within = slice(top, min(top + 90, 400)), slice(left, min(left + 130, 420))
            placed, where = put_back(drawn, alignment, whole.shape, within)
            pieces[within][where] = placed
    assert np.abs(pieces - whole).max() < 0.01
    assert np.abs(pieces - whole).mean() < 1e-3


def test_samples_are_cut_out_as_floats_are() -> None:
    samples = np.random.default_rng(4).integers(0, 65536, (700, 500, 3)).astype(np.uint16)
    for scale in (0.3, 1.2):
        alignment = align(_placed(scale, 8.0, (240.0, 330.0)))
        assert alignment is not None
        floats = cut_out(samples.astype(np.float32) / np.float32(65535), alignment)
        assert np.abs(cut_out(samples, alignment) - floats).max() < 1e-4
        grey = cut_out(np.ascontiguousarray(samples[..., :1]), alignment)
        assert np.abs(grey - floats[..., :1]).max() < 1e-4


def test_beyond_a_near_edge_the_picture_is_mirrored_once() -> None:
    """More of the face lies beyond the edge than within: what mirrors must be cut out too."""
    ramp = np.repeat(np.linspace(0, 1, 600, dtype=np.float32)[None, :, None], 300, axis=0)
    picture = np.repeat(ramp, 3, axis=2)
    alignment = align(_placed(0.5, 0.0, (40.0, 150.0)))
    assert alignment is not None
    face = cut_out(picture, alignment)
    columns = np.abs((np.arange(SIDE) - 256) * 0.5 + 40.0)
    assert np.abs(face[256, 8:-8, 0] - columns[8:-8] / 599).max() < 2e-3
