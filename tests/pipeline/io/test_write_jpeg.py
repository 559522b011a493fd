"""JPEG: full resolution of colour, exact density, IPTC where Photoshop puts it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, IptcImagePlugin

from pipeline.core.errors import StageContractBroken
from pipeline.io.blocks import Blocks
from pipeline.io.colour import srgb_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.write_jpeg import write_jpeg

NOISE = np.random.default_rng(0).integers(0, 65536, (150, 170, 3), np.uint16)
EXIF = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"


def written(samples: np.ndarray, blocks: Blocks, quality: int = 95) -> bytes:
    out = io.BytesIO()
    write_jpeg(out, samples, blocks, DerivativeFormat("jpeg", quality=quality))
    return out.getvalue()


@pytest.mark.parametrize("records", [b"\x1c\x02\x78\x00\x05Hello", b"\x1c\x02\x78\x00\x04Help"])
def test_iptc_is_found_by_another_reader_whether_its_length_is_odd_or_even(records: bytes) -> None:
    data = written(NOISE, Blocks(srgb_profile(), (300.0, 300.0), EXIF, b"<x/>", records))
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert IptcImagePlugin.getiptcinfo(image) == {(2, 120): records[5:]}
        assert image.info["icc_profile"] == srgb_profile()
        assert image.info["xmp"] == b"<x/>"
        assert image.info["jfif_unit"] == 1
        assert image.info["jfif_density"] == (300, 300)


def test_colour_keeps_its_full_resolution_and_grey_is_one_channel() -> None:
    with Image.open(io.BytesIO(written(NOISE, Blocks(None, None, EXIF)))) as image:
        assert {layer[1:3] for layer in image.layer} == {(1, 1)}  # type: ignore[attr-defined]
    with Image.open(io.BytesIO(written(NOISE[..., :1], Blocks(None, None, EXIF)))) as image:
        assert image.mode == "L"


def test_a_higher_quality_is_nearer_to_the_picture() -> None:
    errors = []
    for quality in (40, 80, 100):
        with Image.open(io.BytesIO(written(NOISE, Blocks(None, None, EXIF), quality))) as image:
            errors.append(np.abs(np.asarray(image, np.float64) - NOISE / 257).mean())
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1


def test_iptc_too_long_for_a_segment_is_refused() -> None:
    with pytest.raises(StageContractBroken, match="IPTC"):
        written(NOISE, Blocks(None, None, EXIF, None, bytes(65_520)))
