"""Specks in eyes and mouths are spared, scratches across a face are not."""

from __future__ import annotations

import numpy as np

from pipeline.stages.measure.damage_guard import rim_px, sparing

_FACE = np.array([[80, 100], [120, 100], [100, 122], [85, 142], [115, 142]], np.float32)


def _mask() -> np.ndarray:
    return np.zeros((240, 220), bool)


def test_a_catch_light_and_a_gap_between_teeth_are_spared() -> None:
    mask = _mask()
    mask[98:101, 79:82] = mask[141:144, 99:102] = True
    assert not sparing(mask, [_FACE]).any()
    assert mask.any()


def test_a_speck_on_the_forehead_and_a_scratch_across_both_eyes_stay() -> None:
    mask = _mask()
    mask[60:64, 98:102] = True
    mask[95:97, 10:200] = True
    assert np.array_equal(sparing(mask, [_FACE]), mask)


def test_a_face_at_the_corner_or_turned_aside_is_spared_too() -> None:
    aside = np.array([[3, 8], [9, 8], [4, 20], [4, 34], [8, 34]], np.float32)
    mask = _mask()
    mask[7:10, 2:5] = True
    assert not sparing(mask, [aside]).any()


def test_without_faces_the_very_mask_comes_back() -> None:
    mask = _mask()
    assert sparing(mask, []) is mask
    assert rim_px((400, 600)) == 10
