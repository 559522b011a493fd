"""The demo box: three files as a scanner would write them, made from public-domain photographs.

The pictures come with scikit-image: astronaut (NASA, public domain), chelsea, coffee and camera
(CC0). They are made several times larger than their detail, as a scan of a real print is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from pipeline.demo.ageing import Ageing, age
from pipeline.demo.flatbed import Laid, scan_page
from pipeline.io.atomic import publish
from pipeline.io.colour import srgb_profile
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.said import Said

Image = NDArray[np.float32]

PAGE_DPI = 600.0
PAGE_SIZE = (3540, 2160)
"""Part of a flatbed's glass, 5.9 x 3.6 in at 600 dpi, px."""
SINGLE_DPI = 300.0

ASTRONAUT = Ageing(
    fade=0.55, yellow=0.5, blur=0.7, jpeg_quality=60, noise=0.014, scratches=5, dust=24
)
CHELSEA = Ageing(fade=0.8, yellow=0.85, blur=0.5, noise=0.02, scratches=3, dust=16)
COFFEE = Ageing(fade=0.45, yellow=0.7, blur=0.6, jpeg_quality=70, noise=0.012, scratches=4, dust=20)
CAMERA = Ageing(fade=0.6, blur=0.6, noise=0.02, scratches=3, dust=16)


@dataclass(frozen=True, eq=False)
class DemoScan:
    """One file of the box with the truth behind it.

    Args:
        name: file name.
        photo: what the scanner saw.
        originals: the undamaged pictures on it in reading order, float32 (h, w, 3).
        quads: float64 (4, 2) each: where their paper lies on the scan, px.
        form: how the file is encoded.
    """

    name: str
    photo: Photo
    originals: tuple[Image, ...]
    quads: tuple[NDArray[np.float64], ...]
    form: DerivativeFormat


def make_demo_box(folder: Path) -> list[Path]:
    """Write the demo box into a folder, which is made when absent; the same bytes every time.

    Raises:
        DiskFull, WriteFailed: a file could not be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for make in (demo_page, demo_coffee, demo_camera):
        scan = make()
        publish(folder / scan.name, partial(_write, scan))
        paths.append(folder / scan.name)
    return paths


def demo_page() -> DemoScan:
    """A 600 dpi flatbed page, 8 bit: astronaut and chelsea with paper borders, a little askew."""
    astronaut, chelsea = _picture("astronaut"), _picture("chelsea")
    first = Laid(_print(astronaut, ASTRONAUT, border=48, seed=11), (920.0, 1090.0), -2.3)
    second = Laid(_print(chelsea, CHELSEA, border=42, seed=12), (2670.0, 860.0), 3.4)
    page = scan_page(PAGE_SIZE, (first, second), lid="white", shadow=0.1, specks=18, seed=13)
    photo = Photo.of(page, (PAGE_DPI, PAGE_DPI), srgb_profile(), bit_depth=8)
    form = DerivativeFormat("tiff", 8)
    return DemoScan("page_01.tif", photo, (astronaut, chelsea), (first.quad, second.quad), form)


def demo_coffee() -> DemoScan:
    """One print without margin, 16-bit TIFF, at 300 dpi."""
    coffee = _picture("coffee", width=450)
    scan = age(coffee, COFFEE, oversampling=2, seed=21)
    photo = Photo.of(_sensed(scan, seed=22), (SINGLE_DPI, SINGLE_DPI), srgb_profile(), bit_depth=16)
    form = DerivativeFormat("tiff", 16)
    return DemoScan("coffee.tif", photo, (coffee,), (_whole(photo),), form)


def demo_camera() -> DemoScan:
    """One black-and-white print without margin, a JPEG of low quality, at 300 dpi."""
    camera = _picture("camera", width=384)
    scan = _sensed(age(camera, CAMERA, oversampling=2, seed=31), seed=32)
    grey = np.repeat(scan[..., 1:2], 3, axis=2)
    photo = Photo.of(grey, (SINGLE_DPI, SINGLE_DPI), None, bit_depth=8, monochrome=True)
    form = DerivativeFormat("jpeg", 8, 55)
    return DemoScan("camera.jpg", photo, (camera,), (_whole(photo),), form)


def _write(scan: DemoScan, file: BinaryIO) -> None:
    said = Said(description="", software="Shoebox demo scanner", source_type="")
    write_derivative(scan.photo, file, scan.form, said=said)


def _picture(name: str, width: int | None = None) -> Image:
    from skimage import data

    load: Callable[[], NDArray[np.uint8]] = getattr(data, name)
    picture = load().astype(np.float32) / np.float32(255)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    if width is None:
        return picture
    height = round(picture.shape[0] * width / picture.shape[1])
    reduced: Image = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return reduced


def _print(picture: Image, ageing: Ageing, *, border: int, seed: int) -> Image:
    """An aged print at three scan px per px of the picture, with `border` px of paper around."""
    edge = border // 3
    paper = cv2.copyMakeBorder(
        picture, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(0.97, 0.97, 0.97)
    )
    return age(paper, ageing, oversampling=3, seed=seed)


def _sensed(scan: Image, seed: int) -> Image:
    """The scan with the scanner's own faint noise."""
    noise = np.random.default_rng(seed).standard_normal(scan.shape[:2]).astype(np.float32)
    return np.clip(scan + np.float32(0.003) * noise[..., None], 0, 1)


def _whole(photo: Photo) -> NDArray[np.float64]:
    width, height = photo.width, photo.height
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
