"""Checkpoints: a Photo as a lossless 16-bit TIFF that any tool can open, and back unchanged.

What TIFF has no field for (the source's depth, monochrome, the exact resolution, whether the
profile was only assumed) stands as JSON in ImageDescription. Infrared is a second page.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import (
    InputRefused,
    ObjectDamaged,
    ObjectMissing,
    StageContractBroken,
)
from pipeline.core.photo import Dpi, Photo
from pipeline.io.colour import grey_profile, profile_space, srgb_profile
from pipeline.io.read_tiff_page import check_segments, layout_of
from pipeline.io.read_tiff_pixels import decode_page
from pipeline.io.tiff_directory import Directory, DirectoryReader, text_entry
from pipeline.io.tiff_write import TiffPage, write_tiff

_MARK = "shoebox checkpoint"
_DESCRIPTION, _ICC = 270, 34675


def write_checkpoint(photo: Photo, file: BinaryIO) -> None:
    """Write a photo as a 16-bit TIFF; equal photos give equal bytes.

    Args:
        photo: what to keep; its samples are written as they are.
        file: empty and seekable; its first bytes are written last.
    """
    grey = photo.monochrome and profile_space(photo.icc) != "RGB"
    samples = photo.samples
    if photo.monochrome and not grey:
        samples = np.broadcast_to(samples, (photo.height, photo.width, 3))
    icc = photo.icc
    if icc is None:
        icc = grey_profile(None) if grey else srgb_profile()
    state = {
        "file": _MARK,
        "version": 1,
        "bit_depth": photo.bit_depth,
        "dpi": photo.dpi,
        "infrared": photo.infrared is not None,
        "monochrome": photo.monochrome,
        "profile_assumed": photo.icc is None,
    }
    text = json.dumps(state, sort_keys=True)
    pages = [TiffPage(samples, photo.dpi, icc, {_DESCRIPTION: text_entry(text)})]
    if photo.infrared is not None:
        plane = photo.infrared[..., np.newaxis]
        pages.append(TiffPage(plane, photo.dpi, None, {_DESCRIPTION: text_entry("infrared")}))
    write_tiff(file, pages)


def read_checkpoint(path: Path) -> Photo:
    """Read a photo that `write_checkpoint` wrote.

    Raises:
        ObjectMissing: there is no such file.
        ObjectDamaged: cut, damaged, or not a checkpoint.
    """
    try:
        with path.open("rb") as file:
            return _photo(file)
    except FileNotFoundError as error:
        raise ObjectMissing(str(path)) from error
    except (InputRefused, StageContractBroken) as error:
        raise ObjectDamaged(f"{path}: {error.detail}") from error
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ObjectDamaged(f"{path}: not a whole checkpoint ({error})") from error


def _photo(file: BinaryIO) -> Photo:
    reader = DirectoryReader(file)
    pages = reader.chain()
    state = json.loads(pages[0][_DESCRIPTION].raw.rstrip(b"\x00"))
    if state["file"] != _MARK or state["version"] != 1:
        raise ValueError("it is of another kind or version")
    colour = _samples(file, reader, pages, 0)
    if state["monochrome"]:
        colour = colour[..., :1]
    icc = None if state["profile_assumed"] else pages[0].get(_ICC)
    dpi: Dpi | None = (state["dpi"][0], state["dpi"][1]) if state["dpi"] else None
    return Photo(
        samples=np.ascontiguousarray(colour),
        dpi=dpi,
        icc=icc.raw if icc else None,
        bit_depth=state["bit_depth"],
        infrared=_samples(file, reader, pages, 1)[..., 0] if state["infrared"] else None,
    )


def _samples(
    file: BinaryIO, reader: DirectoryReader, pages: list[Directory], index: int
) -> NDArray[Any]:
    if index >= len(pages):
        raise ValueError(f"page {index + 1} is missing")
    layout = layout_of(pages[index])
    check_segments(layout, pages[index], reader.size)
    return decode_page(file, index, layout, pages[index])


def write_mask(mask: NDArray[Any], file: BinaryIO) -> None:
    """Write a mask as an 8-bit grey PNG; equal masks give equal bytes.

    Args:
        mask: bool (H, W), written as 0 and 255, or uint8 (H, W), written as it is.

    Raises:
        StageContractBroken: another dtype or shape.
    """
    from imagecodecs import png_encode

    if mask.ndim != 2 or mask.size == 0 or mask.dtype not in (np.bool_, np.uint8):
        raise StageContractBroken(f"a mask is bool or uint8 (H, W), not {mask.dtype} {mask.shape}")
    data = mask.astype(np.uint8) * np.uint8(255) if mask.dtype == np.bool_ else mask
    file.write(png_encode(np.ascontiguousarray(data), level=6))
