"""How alike two pictures are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.float32]


def ssim(one: Image, two: Image) -> float:
    """SSIM of two pictures, float32 (h, w, 3), on all channels.

    As Wang et al. 2004 (doi:10.1109/TIP.2003.819861) compute it, with a Gaussian window.
    """
    from skimage.metrics import structural_similarity

    return float(
        structural_similarity(
            one,
            two,
            data_range=1.0,
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def psnr(one: Image, two: Image) -> float:
    """Peak signal to noise ratio of two pictures in 0..1, dB, at most 100."""
    return float(
        -10 * np.log10(max(float(np.square(np.subtract(one, two, dtype=np.float64)).mean()), 1e-10))
    )
