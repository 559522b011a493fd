from __future__ import annotations

import pytest

from tests.benchmarks.upstream import compare, upstream_missing


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.skipif(upstream_missing() is not None, reason=str(upstream_missing()))
def test_our_engine_equals_real_esrganer_on_the_same_weights() -> None:
    found = compare(side=48, tiled_side=64)
    assert found["psnr_db"] > 50
