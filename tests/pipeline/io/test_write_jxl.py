"""JPEG XL: the boxes around the codestream, and a header that says sRGB at 16 bits too."""

from __future__ import annotations

import io
import itertools
import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken
from pipeline.io.blocks import Blocks
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.jxl_codestream import labelled_srgb
from pipeline.io.write_jxl import write_jxl

EXIF = b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"
BLOCKS = Blocks(None, (300.0, 300.0), EXIF, b"<x/>")
EVERY = list(itertools.product((1, 3), (8, 16), (False, True)))


def ramp(channels: int, height: int = 64, width: int = 300) -> NDArray[Any]:
    across = np.linspace(0.05, 0.95, width)[None, :, None]
    whole = np.concatenate([across, across**1.2, across**0.8], axis=2)[..., :channels]
    return np.rint(np.tile(whole, (height, 1, 1)) * 65535).astype(np.uint16)


def written(
    samples: NDArray[Any], form: DerivativeFormat, blocks: Blocks = BLOCKS, threads: int = 1
) -> bytes:
    out = io.BytesIO()
    write_jxl(out, samples, blocks, form, threads=threads)
    return out.getvalue()


def boxes(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        found[name] = data[at + 8 : at + length]
        at += length
    return found


@pytest.mark.parametrize(("channels", "bits", "lossless"), EVERY)
def test_metadata_stands_in_boxes_before_the_picture(
    channels: int, bits: int, lossless: bool
) -> None:
    data = written(ramp(channels), DerivativeFormat("jxl", bits, lossless=lossless))
    found = boxes(data)
    names = [name for name in found if name != b"jxll"]
    assert names == [b"JXL ", b"ftyp", b"Exif", b"xml ", b"jxlc"]
    assert found[b"Exif"] == bytes(4) + EXIF
    assert found[b"xml "] == b"<x/>"


@pytest.mark.parametrize(("channels", "bits", "lossless"), EVERY)
def test_the_picture_comes_back_as_srgb(channels: int, bits: int, lossless: bool) -> None:
    samples = ramp(channels)
    data = written(samples, DerivativeFormat("jxl", bits, lossless=lossless))
    found = np.atleast_3d(imagecodecs.jpegxl_decode(data))
    assert found.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert found.reshape(samples.shape).shape == samples.shape
    top = 2**bits - 1
    wanted = samples / 65535
    tolerance = 0.51 / top if lossless else 0.03
    assert np.abs(found.reshape(samples.shape) / top - wanted).max() <= tolerance
    # The header is that of a file whose curve nobody had to set right: the 8-bit one's.
    head = boxes(data)[b"jxlc"][:64]
    assert labelled_srgb(head) == head


def test_the_label_alone_is_changed_and_only_where_it_was_another() -> None:
    linear = imagecodecs.jpegxl_encode(ramp(3), lossless=True, usecontainer=False)
    stream = boxes(linear)[b"jxlc"] if linear[:4] != b"\xff\x0a" else linear
    head = stream[:64]
    changed = labelled_srgb(head)
    assert sum((a ^ b).bit_count() for a, b in zip(head, changed, strict=True)) == 3
    already = imagecodecs.jpegxl_encode(ramp(3).astype(np.uint8), lossless=True)
    assert labelled_srgb(already[:64]) == already[:64]


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (40, 640), (123, 77), (256, 256), (3, 3000)])
def test_headers_of_all_kinds_of_sizes_are_understood(size: tuple[int, int]) -> None:
    samples = np.random.default_rng(1).integers(0, 65536, (*size, 3), np.uint16)
    data = written(samples, DerivativeFormat("jxl", 16, lossless=True))
    np.testing.assert_array_equal(imagecodecs.jpegxl_decode(data), samples)
    head = boxes(data)[b"jxlc"][:64]
    assert labelled_srgb(head) == head


def test_a_header_that_is_not_understood_is_refused() -> None:
    for head in (b"", b"\xff\xd8\xff\xe0" * 16, b"\xff\x0a\x00"):
        with pytest.raises(StageContractBroken):
            labelled_srgb(head)


def test_a_header_of_defaults_only_is_srgb_already() -> None:
    small_and_defaults = b"\xff\x0a" + b"\xff" * 62
    assert labelled_srgb(small_and_defaults) == small_and_defaults


def test_a_label_of_another_white_is_refused_rather_than_changed() -> None:
    head = boxes(written(ramp(3), DerivativeFormat("jxl", 16, lossless=True)))[b"jxlc"][:64]
    refused = 0
    # One bit after the other turned over: what is still understood says sRGB.
    for bit in range(16, 96):
        broken = (int.from_bytes(head, "little") ^ (1 << bit)).to_bytes(64, "little")
        try:
            again = labelled_srgb(broken)
        except StageContractBroken:
            refused += 1
        else:
            assert labelled_srgb(again) == again
    assert refused > 10


@pytest.mark.parametrize(("channels", "bits", "lossless"), EVERY)
def test_the_number_of_threads_changes_no_byte(channels: int, bits: int, lossless: bool) -> None:
    noise = np.random.default_rng(2).integers(0, 65536, (300, 400, channels), np.uint16)
    form = DerivativeFormat("jxl", bits, lossless=lossless)
    assert written(noise, form, threads=1) == written(noise, form, threads=4)


def test_a_lower_quality_is_a_smaller_file() -> None:
    noise = np.random.default_rng(2).integers(0, 65536, (200, 200, 3), np.uint16)
    sizes = [len(written(noise, DerivativeFormat("jxl", quality=q))) for q in (10, 50, 90, 100)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] / 4
