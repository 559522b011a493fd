"""WebP: what is inside beside the picture, and what a large one is packed with."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.core.samples import to_8_bit
from pipeline.io import write_webp as module
from pipeline.io.blocks import Blocks
from pipeline.io.colour import srgb_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.write_webp import write_webp

NOISE = np.random.default_rng(0).integers(0, 65536, (90, 120, 3), np.uint16)
EXIF = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
BLOCKS = Blocks(srgb_profile(), (300.0, 300.0), EXIF, b"<x/>", b"\x1c\x02\x78\x00\x02Hi")


def opened(form: DerivativeFormat) -> Image.Image:
    out = io.BytesIO()
    write_webp(out, NOISE, BLOCKS, form)
    image = Image.open(io.BytesIO(out.getvalue()))
    image.load()
    return image


@pytest.mark.parametrize("lossless", [False, True])
def test_profile_exif_and_xmp_are_inside(lossless: bool) -> None:
    image = opened(DerivativeFormat("webp", lossless=lossless))
    assert image.format == "WEBP"
    assert image.mode == "RGB"
    assert image.info["icc_profile"] == srgb_profile()
    assert image.info["xmp"] == b"<x/>"
    assert bytes(image.info["exif"]).removeprefix(b"Exif\x00\x00") == EXIF


def test_large_pictures_are_packed_with_less_effort_and_as_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lossy, exact = DerivativeFormat("webp"), DerivativeFormat("webp", lossless=True)
    wanted = to_8_bit(NOISE).astype(np.float64)
    before = np.abs(np.asarray(opened(lossy)) - wanted).mean()
    monkeypatch.setattr(module, "_LARGE", 0)
    np.testing.assert_array_equal(np.asarray(opened(exact)), wanted)
    assert np.abs(np.asarray(opened(lossy)) - wanted).mean() < 1.1 * before
