"""What a person would use instead to mend colours, each at its documented defaults.

Programs are run as programs (ImageMagick; autolevels, which is GPL-3); one that is not installed
is absent from the result. All get and give 8-bit sRGB, which is what they are made for.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_MAGICK = {
    "ImageMagick -auto-level": ("-auto-level",),
    "ImageMagick -channel RGB -auto-level": ("-channel", "RGB", "-auto-level"),
    "ImageMagick -normalize": ("-normalize",),
    "ImageMagick -channel RGB -normalize": ("-channel", "RGB", "-normalize"),
    "ImageMagick -contrast-stretch 1%": ("-contrast-stretch", "1%"),
    "ImageMagick -channel RGB -contrast-stretch 1%": ("-channel", "RGB", "-contrast-stretch", "1%"),
}
_AUTOLEVELS = {
    "autolevels": (),
    "autolevels to 0 and 255": ("--blackpoint", "0", "--whitepoint", "255"),
}


def corrected_by_rivals(pictures: Sequence[Image]) -> dict[str, list[Image]]:
    """Every picture corrected by every rival that is there.

    Args:
        pictures: float32 (h, w, 3) in 0..1 each.

    Returns:
        the corrected pictures by the rival's name, float32 (h, w, 3).
    """
    made = {name: [rival(one) for one in pictures] for name, rival in _functions().items()}
    made.update(_by_magick(pictures))
    made.update(_by_autolevels(pictures))
    return made


def absent_rivals() -> list[str]:
    """Programs that are not installed here, and so are not scored."""
    magick = [] if magick_program() else ["ImageMagick"]
    return magick + ([] if autolevels_program() else ["autolevels"])


def magick_program() -> str | None:
    """ImageMagick's `convert`; something else of that name does not count."""
    for place in ("magick", "/usr/bin/convert", "convert"):
        found = shutil.which(place)
        if found is None:
            continue
        told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
        if "ImageMagick" in told.stdout and "Copyright" in told.stdout:
            return found
    return None


def autolevels_program() -> str | None:
    """The command line program of the package autolevels."""
    beside = Path(sys.executable).with_name("autolevels")
    return str(beside) if beside.exists() else shutil.which("autolevels")


def _functions() -> dict[str, Callable[[Image], Image]]:
    return {
        "Pillow autocontrast": partial(_autocontrast, cutoff=0.0, tone=False),
        "Pillow autocontrast 1%": partial(_autocontrast, cutoff=1.0, tone=False),
        "Pillow autocontrast, tone kept": partial(_autocontrast, cutoff=0.0, tone=True),
        "Pillow autocontrast 1%, tone kept": partial(_autocontrast, cutoff=1.0, tone=True),
        "grey-world": grey_world,
        "white-patch": white_patch,
        "scikit-image equalize_hist": _equalised,
        "scikit-image equalize_adapthist": _adaptively_equalised,
        "scikit-image rescale_intensity": _rescaled,
    }


def grey_world(picture: Image) -> Image:
    """Every channel times what makes its mean that of all (Buchsbaum 1980)."""
    mean = picture.mean(axis=(0, 1))
    return np.clip(picture * (mean.mean() / np.maximum(mean, 1e-3)), 0, 1).astype(np.float32)


def white_patch(picture: Image) -> Image:
    """Every channel times what makes its 99 % quantile white (Land, McCann 1971)."""
    top = np.quantile(picture, 0.99, axis=(0, 1))
    return np.clip(picture / np.maximum(top, 1e-3), 0, 1).astype(np.float32)


def _autocontrast(picture: Image, cutoff: float, tone: bool) -> Image:
    from PIL import Image as Pillow
    from PIL import ImageOps

    given = Pillow.fromarray(_bytes(picture))
    return _float(np.asarray(ImageOps.autocontrast(given, cutoff=cutoff, preserve_tone=tone)))


def _equalised(picture: Image) -> Image:
    from skimage.exposure import equalize_hist

    planes = [equalize_hist(picture[..., c]) for c in range(3)]
    return np.stack(planes, axis=2).astype(np.float32)


def _adaptively_equalised(picture: Image) -> Image:
    from skimage.exposure import equalize_adapthist

    return np.asarray(equalize_adapthist(picture), np.float32)


def _rescaled(picture: Image) -> Image:
    from skimage.exposure import rescale_intensity

    planes = []
    for c in range(3):
        ends = tuple(np.quantile(picture[..., c], (0.02, 0.98)).tolist())
        planes.append(rescale_intensity(picture[..., c], in_range=ends, out_range=(0.0, 1.0)))
    return np.stack(planes, axis=2).astype(np.float32)


def _by_magick(pictures: Sequence[Image]) -> dict[str, list[Image]]:
    program = magick_program()
    if program is None:
        return {}
    made: dict[str, list[Image]] = {name: [] for name in _MAGICK}
    with TemporaryDirectory() as folder:
        given, result = Path(folder) / "given.png", Path(folder) / "result.png"
        for picture in pictures:
            _write(given, picture)
            for name, options in _MAGICK.items():
                subprocess.run([program, given, *options, result], check=True)
                made[name].append(_read(result))
    return made


def _by_autolevels(pictures: Sequence[Image]) -> dict[str, list[Image]]:
    program = autolevels_program()
    if program is None:
        return {}
    made: dict[str, list[Image]] = {}
    with TemporaryDirectory() as folder:
        names = [Path(folder) / f"{number:04d}.png" for number in range(len(pictures))]
        for path, picture in zip(names, pictures, strict=True):
            _write(path, picture)
        for turn, (name, options) in enumerate(_AUTOLEVELS.items()):
            out = Path(folder) / f"out{turn}"
            command = [program, *options, "--outdir", out, "--outsuffix", ".png", "--", *names]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            paths = [out / path.name for path in names]
            if done.returncode == 0 and all(path.exists() for path in paths):
                made[name] = [_read(path) for path in paths]
    return made


def _bytes(picture: Image) -> Bytes:
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _float(picture: NDArray[np.uint8]) -> Image:
    return picture.astype(np.float32) / np.float32(255)


def _write(path: Path, picture: Image) -> None:
    cv2.imwrite(str(path), np.ascontiguousarray(_bytes(picture)[..., ::-1]))


def _read(path: Path) -> Image:
    opened = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR))
    return _float(np.ascontiguousarray(opened[..., ::-1]).astype(np.uint8))
