"""Sheets to look at: each face before, after and in truth, at 100 % and its features enlarged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.pictures import Image

_GAP = 8
_LINE = 22
_SHOWN = 256
"""Side, px, of an enlarged face and of its features."""

_EYES = (slice(190, 290), slice(156, 356))
_MOUTH = (slice(320, 420), slice(156, 356))
"""Rows and columns of an aligned face."""


@dataclass(frozen=True, eq=False)
class Row:
    """One face of a sheet.

    Args:
        title: what is written above it.
        prints: float32 (h, w, 3) in 0..1 each: before, after, truth.
        faces: float32 (512, 512, 3) of the same, aligned.
        landmarks: float32 (5, 2), px of the prints.
        width: of the face, px of the prints.
    """

    title: str
    prints: tuple[Image, ...]
    faces: tuple[Image, ...]
    landmarks: NDArray[np.float32]
    width: int


def write_sheet(rows: Sequence[Row], folder: Path) -> list[Path]:
    """One PNG for each width, its rows in order; the folder is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for width in sorted({row.width for row in rows}):
        path = folder / f"faces-{width:03}px.png"
        sheet = stacked([drawn(row) for row in rows if row.width == width])
        if not cv2.imwrite(str(path), sheet[..., ::-1]):
            raise OSError(f"{path} could not be written")
        paths.append(path)
    return paths


def drawn(row: Row) -> NDArray[np.uint8]:
    """A row as uint8 (h, w, 3): the prints at 100 %, the faces, eyes and mouths enlarged."""
    x, y = row.landmarks.mean(axis=0)
    reach = round(1.1 * row.width)
    parts = [_around(picture, round(float(x)), round(float(y)), reach) for picture in row.prints]
    parts += [_enlarged(face, _SHOWN) for face in row.faces]
    parts += [
        np.concatenate([_enlarged(face[eyes], _SHOWN) for eyes in (_EYES, _MOUTH)], axis=0)
        for face in row.faces
    ]
    tall = max(part.shape[0] for part in parts)
    wide = sum(part.shape[1] + _GAP for part in parts)
    sheet = np.full((tall + _LINE, wide, 3), 255, np.uint8)
    left = 0
    for part in parts:
        sheet[_LINE : _LINE + part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1] + _GAP
    cv2.putText(sheet, row.title, (2, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    return sheet


def stacked(sheets: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Rows below each other on white."""
    wide = max(sheet.shape[1] for sheet in sheets)
    filled = [
        np.pad(sheet, ((0, _GAP), (0, wide - sheet.shape[1]), (0, 0)), constant_values=255)
        for sheet in sheets
    ]
    return np.concatenate(filled, axis=0)


def _around(picture: Image, x: int, y: int, reach: int) -> NDArray[np.uint8]:
    rows = slice(max(0, y - reach), y + reach)
    columns = slice(max(0, x - reach), x + reach)
    return _eight_bit(picture[rows, columns])


def _enlarged(face: Image, width: int) -> NDArray[np.uint8]:
    height = round(width * face.shape[0] / face.shape[1])
    return _eight_bit(np.asarray(cv2.resize(face, (width, height), interpolation=cv2.INTER_CUBIC)))


def _eight_bit(picture: Image) -> NDArray[np.uint8]:
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
