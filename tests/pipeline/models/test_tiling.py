from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import StageContractBroken
from pipeline.models.tiling import grid, mirrored, spans


@given(
    length=st.integers(1, 3000),
    tile=st.integers(64, 300),
    overlap=st.integers(0, 16),
    scale=st.sampled_from([1, 2, 4]),
)
def test_the_shares_of_all_tiles_sum_to_one_at_every_px(
    length: int, tile: int, overlap: int, scale: int
) -> None:
    total = np.zeros(length * scale)
    found = spans(length, tile, overlap, scale)
    for span in found:
        assert span.source.size == found[0].source.size <= tile
        assert 0 <= span.source.min() <= span.source.max() < length
        assert span.skip + span.weight.size <= span.source.size * scale
        assert span.stop - span.start == span.weight.size
        total[span.start : span.stop] += span.weight
    np.testing.assert_allclose(total, 1.0, atol=1e-6)


@given(height=st.integers(1, 200), width=st.integers(1, 200), tile=st.integers(64, 100))
def test_tiles_that_are_only_copied_give_the_picture_back(
    height: int, width: int, tile: int
) -> None:
    picture = np.arange(height * width, dtype=np.float32).reshape(height, width) / (height * width)
    result = np.zeros_like(picture)
    for rows, columns in grid(height, width, tile, 16, 1):
        cut = picture[np.ix_(rows.source, columns.source)]
        used = cut[rows.skip :, columns.skip :][: rows.weight.size, : columns.weight.size]
        share = rows.weight[:, None] * columns.weight[None]
        result[rows.start : rows.stop, columns.start : columns.stop] += used * share
    np.testing.assert_allclose(result, picture, atol=1e-6)


def test_the_context_is_thrown_away_but_for_a_short_fade() -> None:
    first, second, *_ = spans(500, 128, 16, 4)
    assert first.weight[0] == 1
    assert first.weight[-1] < 0.05
    assert second.skip == (16 - 4) * 4
    assert np.count_nonzero(first.weight < 1) == 2 * 4 * 4


def test_mirroring_does_not_repeat_the_edge_px_and_works_beyond_one_picture() -> None:
    assert mirrored(np.arange(-3, 7), 4).tolist() == [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]
    assert mirrored(np.arange(-3, 4), 1).tolist() == [0] * 7
    assert mirrored(np.arange(-3, 5), 2).tolist() == [1, 0, 1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize(("tile", "overlap"), [(34, 16), (8, 4), (64, -1), (2, 0)])
def test_a_tile_too_small_for_its_overlap_is_refused(tile: int, overlap: int) -> None:
    with pytest.raises(StageContractBroken, match="cannot overlap"):
        spans(100, tile, overlap, 4)
