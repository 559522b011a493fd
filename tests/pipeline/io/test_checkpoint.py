"""A checkpoint gives back the very photo, and any tool can open it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from pipeline.core.errors import ObjectDamaged, ObjectMissing, StageContractBroken
from pipeline.core.photo import Photo
from pipeline.io import tiff_write
from pipeline.io.checkpoint import read_checkpoint, write_checkpoint, write_mask
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.read import read_scan

ADOBE = imagecodecs.cms_profile("adobergb")
LEVELS = np.random.default_rng(2).integers(0, 65536, (40, 70, 3)).astype(np.uint16)


def floats(levels: np.ndarray) -> np.ndarray:
    return levels.astype(np.float32) / np.float32(65535)


def saved(photo: Photo) -> bytes:
    out = io.BytesIO()
    write_checkpoint(photo, out)
    return out.getvalue()


def tall() -> Photo:
    return Photo(np.random.default_rng(4).integers(0, 65536, (900, 500, 3)).astype(np.uint16))


PHOTOS = {
    "plain": Photo.of(floats(LEVELS)),
    "everything": Photo.of(
        floats(LEVELS), (299.7, 600.0123), ADOBE, 16, infrared=floats(LEVELS[..., 0])
    ),
    "grey": Photo.of(floats(np.dstack([LEVELS[..., 0]] * 3)), (1200.0, 1200.0), None, 16, True),
    "grey, grey profile": Photo.of(
        floats(np.dstack([LEVELS[..., 0]] * 3)), None, grey_profile(None), 8, True
    ),
    "grey, colour profile": Photo.of(
        floats(np.dstack([LEVELS[..., 0]] * 3)), (72.0, 72.0), ADOBE, 8, True
    ),
    "one pixel": Photo.of(floats(LEVELS[:1, :1]), (300.0, 300.0), srgb_profile()),
    "all 16-bit levels": Photo.of(
        floats(np.dstack([np.arange(65536, dtype=np.uint16).reshape(256, 256)] * 3))
    ),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_comes_back_exactly(tmp_path: Path, name: str) -> None:
    photo = PHOTOS[name]
    path = tmp_path / "c.tif"
    path.write_bytes(saved(photo))
    back = read_checkpoint(path)
    np.testing.assert_array_equal(back.pixels, photo.pixels)
    assert (back.dpi, back.icc, back.bit_depth, back.monochrome) == (
        photo.dpi,
        photo.icc,
        photo.bit_depth,
        photo.monochrome,
    )
    if photo.infrared is None:
        assert back.infrared is None
    else:
        np.testing.assert_array_equal(back.infrared, photo.infrared)
    assert saved(photo) == path.read_bytes() == saved(back)


def test_other_programs_read_the_same_16_bit_pixels_resolution_and_profile(
    tmp_path: Path,
) -> None:
    path = tmp_path / "c.tif"
    path.write_bytes(saved(PHOTOS["everything"]))
    with tifffile.TiffFile(path) as tiff:
        page = tiff.pages[0].aspage()
        np.testing.assert_array_equal(page.asarray(), LEVELS)
        assert page.iccprofile == ADOBE
        assert page.tags[296].value == 2
        across = page.tags[282].value
        assert across[0] / across[1] == pytest.approx(299.7, abs=1e-6)
        assert len(tiff.pages) == 2
    np.testing.assert_array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1], LEVELS)
    with Image.open(path) as image:
        assert image.info["dpi"] == pytest.approx((299.7, 600.0123), abs=1e-3)
    path.write_bytes(saved(PHOTOS["grey"]))
    assert read_scan(path).photo.monochrome


def test_an_eight_bit_scan_passes_through_a_checkpoint_unchanged(tmp_path: Path) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    photo = Photo.of(np.dstack([levels] * 3).astype(np.float32) / np.float32(255))
    (tmp_path / "c.tif").write_bytes(saved(photo))
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "c.tif").pixels, photo.pixels)


def test_many_strips_are_put_together_in_order(tmp_path: Path) -> None:
    photo = tall()
    (tmp_path / "c.tif").write_bytes(saved(photo))
    with tifffile.TiffFile(tmp_path / "c.tif") as tiff:
        assert len(tiff.pages[0].aspage().dataoffsets) > 2
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "c.tif"), photo.samples)


def test_the_bytes_do_not_depend_on_the_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiff_write, "_STRIP_BYTES", 20_000)
    made = set()
    for cores in (1, 2, 3, 64):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        made.add(saved(tall()))
    assert len(made) == 1


def test_thousands_of_strips_come_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tiff_write, "_STRIP_BYTES", 1)
    photo = Photo(np.arange(5000 * 2 * 3, dtype=np.uint16).reshape(5000, 2, 3))
    (tmp_path / "c.tif").write_bytes(saved(photo))
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "c.tif").samples, photo.samples)
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "c.tif"), photo.samples)


def test_a_checkpoint_that_4_gb_do_not_hold_is_a_bigtiff(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tiff_write, "_CLASSIC_LIMIT", 100)
    photo, path = PHOTOS["everything"], tmp_path / "c.tif"
    path.write_bytes(saved(photo))
    back = read_checkpoint(path)
    np.testing.assert_array_equal(back.samples, photo.samples)
    np.testing.assert_array_equal(back.infrared, photo.infrared)
    assert back.dpi == photo.dpi
    with tifffile.TiffFile(path) as tiff:
        assert tiff.is_bigtiff
        assert len(tiff.pages) == 2
        np.testing.assert_array_equal(tiff.pages[0].asarray(), LEVELS)


def test_a_checkpoint_whose_writing_was_cut_short_is_no_tiff(tmp_path: Path) -> None:
    whole = saved(tall())

    class Filling(io.BytesIO):
        left = 0

        def write(self, data: object) -> int:
            size = len(bytes(data))  # type: ignore[call-overload]
            self.left -= size
            if self.left < 0:
                raise OSError(28, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    for share in (0.2, 0.9, 1.0):
        stream = Filling()
        stream.left = round((len(whole) - 20) * share)
        with pytest.raises(OSError, match="No space"):
            write_checkpoint(tall(), stream)
        (tmp_path / "c.tif").write_bytes(stream.getvalue().ljust(len(whole), b"\0"))
        assert not stream.getvalue().startswith(b"II")
        with pytest.raises(ObjectDamaged):
            read_checkpoint(tmp_path / "c.tif")


def test_a_damaged_checkpoint_is_never_returned(tmp_path: Path) -> None:
    data = saved(PHOTOS["everything"])
    path = tmp_path / "c.tif"
    for tenth in range(10):
        path.write_bytes(data[: len(data) * tenth // 10])
        with pytest.raises(ObjectDamaged, match=r"c\.tif"):
            read_checkpoint(path)
    for place in (len(data) // 3, len(data) // 2, len(data) * 3 // 4):
        flipped = bytearray(data)
        flipped[place] ^= 4
        path.write_bytes(flipped)
        with pytest.raises(ObjectDamaged):
            read_checkpoint(path)
    path.unlink()
    with pytest.raises(ObjectMissing):
        read_checkpoint(path)
    tifffile.imwrite(path, LEVELS, photometric="rgb")
    with pytest.raises(ObjectDamaged):
        read_checkpoint(path)


def test_masks_are_pngs_that_come_back(tmp_path: Path) -> None:
    mask = np.random.default_rng(1).random((30, 41)) > 0.5
    for data, expected in ((mask, mask * 255), (LEVELS[..., 0].astype(np.uint8),) * 2):
        out, again = io.BytesIO(), io.BytesIO()
        write_mask(data, out)
        write_mask(data, again)
        assert out.getvalue() == again.getvalue()
        np.testing.assert_array_equal(np.asarray(Image.open(out)), expected)
    with pytest.raises(StageContractBroken):
        write_mask(np.zeros((3, 3), np.float32), io.BytesIO())
