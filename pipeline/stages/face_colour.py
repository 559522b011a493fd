"""A network's face in the tones and colours of the print.

The network is trusted with lightness and with detail. What the print itself tells of the face
stays the print's: all colour, and every tone coarser than its real pixels.
"""

from __future__ import annotations

import numpy as np

from pipeline.core.photo import Pixels
from pipeline.stages.face_alignment import SIDE
from pipeline.stages.fidelity import coarse, keep_single_tone
from pipeline.stages.measure.resolution import luminance

_COARSE = 0.8
"""Blur, real px, above which the print's tones are kept. Two portraits at two sizes, aged three
ways, came nearer to the truth by 0.016, 0.017, 0.013 and 0.008 in embedding distance with 0.5,
0.9, 1.7 and 3; the one that lost most lost 0.001, 0.005, 0.010 and 0.013."""

_COARSEST = 20.0
"""The same, px of the template, at most."""

_CHROMA = 0.3
"""Blur, real px, on the print's colour."""

_CHROMA_FOR_NOISE = 45.0
"""How much more of it, real px, for each 1 of noise (0..1)."""

_MOST_CHROMA = 12.0
"""Blur on the print's colour, px of the template, at most."""


def proposal(
    aligned: Pixels, made: Pixels, detail_px: float, *, noise: float = 0.0, grey: bool = False
) -> Pixels:
    """The network's face as it would stand in the print, without grain.

    Args:
        aligned: float32 (512, 512, 3) in 0..1, the print's face.
        made: float32 (512, 512, 3) in 0..1, the network's.
        detail_px: px across the aligned face that are real, 1..512.
        noise: standard deviation of the print's fine noise, 0..1: the more, the softer is the
            colour that is taken from the print.
        grey: the print is monochrome; the three channels that come in equal go out equal.

    Returns:
        float32 (512, 512, 3) in 0..1: the lightness of `made` with the print's coarse tones, and
        the print's colour.
    """
    blur = min((_CHROMA + _CHROMA_FOR_NOISE * noise) * _real_px(detail_px), _MOST_CHROMA)
    if grey:
        # One channel, so that the three of the result are equal to the last bit.
        aligned, drawn = aligned[..., :1], luminance(made)[..., None]
    else:
        drawn = keep_single_tone(made, aligned, chroma_px=blur)
    settled = np.clip(drawn + coarse(aligned - drawn, kept_px(detail_px)), 0.0, 1.0)
    whole = np.repeat(settled, 3, axis=2) if grey else settled
    return np.asarray(whole, dtype=np.float32)


def kept_px(detail_px: float) -> float:
    """Blur, standard deviation in px of the template, above which the print's tones are kept."""
    return min(_COARSE * _real_px(detail_px), _COARSEST)


def _real_px(detail_px: float) -> float:
    """px of the template for each real one."""
    return SIDE / float(np.clip(detail_px, 1.0, SIDE))
