"""What a person would denoise with instead: BM3D, OpenCV's and scikit-image's denoisers.

All take and give float32 (h, w, 3) in 0..1; a grey picture (three equal channels) stays grey.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.ageing_surface import is_grey

Image = NDArray[np.float32]

_PROGRAM = Path(__file__).with_name("bm3d_program.py")


def bm3d_installed() -> bool:
    """Whether BM3D can be scored here."""
    return find_spec("bm3d") is not None


def by_bm3d(pictures: Sequence[Image], sigmas: Sequence[float]) -> list[Image]:
    """BM3D told the noise's standard deviation (0..1) of each picture.

    Raises:
        subprocess.CalledProcessError: BM3D failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, wanted = Path(folder) / "given.npz", Path(folder) / "wanted.npz"
        planes = {
            str(i): picture[..., 0] if is_grey(picture) else picture
            for i, picture in enumerate(pictures)
        }
        held: dict[str, NDArray[np.generic]] = {**planes, "sigmas": np.array(sigmas, np.float64)}
        np.savez(given, **held)  # type: ignore[arg-type]
        subprocess.run([sys.executable, str(_PROGRAM), str(given), str(wanted)], check=True)
        made = np.load(wanted)
        found = [made[str(i)] for i in range(len(pictures))]
        return [one if one.ndim == 3 else _three(one) for one in found]


def estimated_sigma(picture: Image) -> float:
    """The noise's standard deviation as scikit-image estimates it (wavelets), 0..1."""
    from skimage.restoration import estimate_sigma

    if is_grey(picture):
        return float(estimate_sigma(picture[..., 0]))
    return float(estimate_sigma(picture, channel_axis=-1, average_sigmas=True))


def _by_opencv(picture: Image) -> Image:
    eight = np.rint(picture * 255).astype(np.uint8)
    if is_grey(picture):
        return _three(cv2.fastNlMeansDenoising(eight[..., 0]).astype(np.float32) / 255)
    return np.asarray(cv2.fastNlMeansDenoisingColored(eight), np.float32) / np.float32(255)


def _by_nl_means(picture: Image) -> Image:
    from skimage.restoration import denoise_nl_means

    if is_grey(picture):
        return _three(denoise_nl_means(picture[..., 0]))
    return np.asarray(denoise_nl_means(picture, channel_axis=-1), np.float32)


def _by_tv(picture: Image) -> Image:
    from skimage.restoration import denoise_tv_chambolle

    if is_grey(picture):
        return _three(denoise_tv_chambolle(picture[..., 0]))
    return np.asarray(denoise_tv_chambolle(picture, channel_axis=-1), np.float32)


def _by_wavelet(picture: Image) -> Image:
    from skimage.restoration import denoise_wavelet

    if is_grey(picture):
        return _three(denoise_wavelet(picture[..., 0]))
    return np.asarray(denoise_wavelet(picture, channel_axis=-1), np.float32)


RIVALS: dict[str, tuple[str, Callable[[Image], Image]]] = {
    "opencv_fastNlMeans": ("cv2", _by_opencv),
    "skimage_nl_means": ("skimage", _by_nl_means),
    "skimage_tv_chambolle": ("skimage", _by_tv),
    "skimage_wavelet": ("pywt", _by_wavelet),
}
"""At their defaults, by name: the module each needs, and how it is called."""


def installed_rivals() -> dict[str, Callable[[Image], Image]]:
    """The rivals whose module is installed."""
    return {name: way for name, (module, way) in RIVALS.items() if find_spec(module)}


def _three(plane: NDArray[np.floating]) -> Image:
    return np.repeat(np.asarray(plane, np.float32)[..., None], 3, axis=2)
