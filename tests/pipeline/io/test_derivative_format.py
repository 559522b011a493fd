"""What a format cannot hold is refused before any work, with what it can."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.core.errors import UsageError
from pipeline.io.derivative_format import KINDS, DerivativeFormat


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"kind": "gif"}, "tiff, jpeg, png, webp, jxl, pdf"),
        ({"kind": "jpeg", "bit_depth": 16}, "only with 8"),
        ({"kind": "webp", "bit_depth": 16}, "only with 8"),
        ({"kind": "tiff", "bit_depth": 12}, "8 or 16"),
        ({"kind": "jpeg", "quality": 0}, "1 and 100"),
        ({"kind": "jxl", "quality": 101}, "1 and 100"),
        ({"kind": "tiff", "compression": "jpeg"}, "deflate and lzw"),
        ({"kind": "png", "compression": "lzw"}, "of tiff"),
        ({"kind": "jpeg", "lossless": True}, "webp, jxl, pdf"),
        ({"kind": "tiff", "lossless": True}, "always lossless"),
        ({"kind": "pdf", "bleed_px": -1}, "less than none"),
    ],
)
def test_a_wrong_choice_is_refused_with_what_is_allowed(asked: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        DerivativeFormat(**asked)


def test_each_kind_has_its_own_depth_and_ending() -> None:
    forms = [DerivativeFormat(kind) for kind in KINDS]
    assert [form.bit_depth for form in forms] == [16, 8, 16, 8, 8, 8]
    assert [form.suffix for form in forms] == [".tif", ".jpg", ".png", ".webp", ".jxl", ".pdf"]


def test_sizes_are_refused_only_beyond_what_a_format_can_say() -> None:
    for kind, side in (("jpeg", 65_535), ("webp", 16_383)):
        form = DerivativeFormat(kind)  # type: ignore[arg-type]
        form.refuse_size(side, side)
        for width, height in ((side + 1, 1), (1, side + 1)):
            with pytest.raises(UsageError, match="choose tiff, png or jxl"):
                form.refuse_size(width, height)
    for kind in ("tiff", "png", "jxl"):
        DerivativeFormat(kind).refuse_size(200_000, 3)  # type: ignore[arg-type]


def test_lossless_webp_is_refused_where_it_would_fill_the_memory() -> None:
    form = DerivativeFormat("webp", lossless=True)
    form.refuse_size(10_800, 7_200)
    with pytest.raises(UsageError, match="choose jxl"):
        form.refuse_size(12_000, 9_600)
    DerivativeFormat("webp").refuse_size(12_000, 9_600)
