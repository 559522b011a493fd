"""The mask says of every px how much of it a network drew."""

from __future__ import annotations

import numpy as np

from pipeline.stages.face_alignment import TEMPLATE, align
from pipeline.stages.face_shares import FaceShare, Shares
from pipeline.stages.generated_mask import generated_mask


def test_a_plain_share_is_the_same_everywhere() -> None:
    mask = generated_mask(Shares(0.6), 30, 1000)
    assert (mask.shape, mask.dtype) == ((30, 1000), np.uint8)
    assert np.unique(mask).tolist() == [153]


def test_a_face_that_was_spared_is_not_in_the_mask() -> None:
    alignment = align((TEMPLATE / 2).astype(np.float32))
    assert alignment is not None
    mask = generated_mask(Shares(0.8, [FaceShare(alignment, 0.0)]), 256, 256)
    assert mask[140, 128] == 0
    assert mask[2, 2] == 204


def test_nothing_drawn_is_an_empty_mask_and_hardly_anything_is_not() -> None:
    assert not generated_mask(Shares(0.0), 20, 30).any()
    assert (generated_mask(Shares(0.0005), 20, 30) == 1).all()


def test_on_a_sheet_the_border_is_not_drawn() -> None:
    mask = generated_mask(Shares(1.0), 20, 30, sheet=(50, 40), origin=(10, 5))
    assert mask.shape == (40, 50)
    assert (mask[5:25, 10:40] == 255).all()
    assert int((mask > 0).sum()) == 600
