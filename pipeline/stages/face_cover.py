"""How much of a face is behind something, or beyond the edge of the print.

Skin is looked for where it is nearly always seen: on the bridge of the nose and under the eyes, the
lighter half of it, so that dark glasses do not pass for skin. What of the lower face has another
hue, has lost its colour, or is far lighter or darker, is taken to be covered: by a mask, a scarf, a
sleeve, somebody's shoulder. A hand has the colour of the face and is not noticed.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Pixels
from pipeline.stages.face_alignment import SIDE, Alignment

MOSTLY = 0.45
"""Share from which a face is mostly covered: a mask from nose to chin covers 0.5 to 0.67."""

_CELLS = 64
_CELL = SIDE / _CELLS
"""px of the template for one cell looked at."""

_MIDDLE, _RADII = (256.0, 318.0), (112.0, 140.0)
"""The face without forehead and ears, px of the template."""

_EYES_END, _LOWER = 225.0, 295.0
"""Rows of the template: below the brows; below the middle of the nose."""

_DARKER, _LIGHTER = 48.0, 22.0
"""L* by which a covered part differs at least: shade and beards are darker than skin by less."""

_GREY_DARKER, _GREY_LIGHTER = 38.0, 18.0
"""The same where nothing but lightness can tell."""

_HUE = 40.0
"""Degrees by which a covered part differs in hue."""

_COLOURLESS = 0.4
"""Share of the skin's chroma below which a part has lost its colour."""

_LEAST_CHROMA = 9.0
"""Chroma from which hue means anything."""

_GREY_SKIN, _COLOURED_SKIN, _COLOURED = 6.0, 10.0, 16.0
"""Chroma: skin is grey below, surely coloured from; a part is coloured where skin is grey."""


def covered_share(aligned: Pixels, alignment: Alignment, shape: tuple[int, ...]) -> float:
    """How much of a face cannot be seen.

    Measured on faces with masks laid over them and without (12 photographs, half of them old): 66
    of 71 masked faces give 0.45 and more, none of 69 bare ones; dark glasses give 0.03, with 0.29
    at most. A half profile gives up to 0.43, from what is beside it. On grey
    prints lightness alone speaks: 15 of 18 dark masks are noticed, but few light ones.

    Args:
        aligned: float32 (512, 512, 3) in 0..1, as `cut_out` gives it.
        alignment: where it lies on the print.
        shape: (H, W, ...) of the print.

    Returns:
        Share of the face between brows and chin, 0..1.
    """
    y, x = np.mgrid[0:_CELLS, 0:_CELLS].astype(np.float32) * _CELL + (_CELL - 1) / 2
    radius = np.hypot((x - _MIDDLE[0]) / _RADII[0], (y - _MIDDLE[1]) / _RADII[1])
    face = (radius < 1) & (y > _EYES_END)
    hidden = (_unlike_skin(aligned, x, y) & (y > _LOWER)) | _beyond(x, y, alignment, shape)
    return float((hidden & face).sum() / face.sum())


def _unlike_skin(
    aligned: Pixels, x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.bool_]:
    small = cv2.resize(aligned, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    # Taken for sRGB: only differences within one face are looked at.
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.float32)
    skin = _skin(lab, x, y)
    lighter = lab[..., 0] - skin[0]
    hue, chroma = lab[..., 1:], np.hypot(lab[..., 1], lab[..., 2])
    own = float(np.hypot(skin[1], skin[2]))
    if own <= _GREY_SKIN:
        unlike = (lighter < -_GREY_DARKER) | (lighter > _GREY_LIGHTER) | (chroma > _COLOURED)
        return np.asarray(unlike, np.bool_)
    unlike = (lighter < -_DARKER) | (lighter > _LIGHTER)
    along = (hue @ skin[1:]) / np.maximum(chroma * own, 1e-6)
    unlike |= (chroma > _LEAST_CHROMA) & (along < np.cos(np.radians(_HUE)))
    if own > _COLOURED_SKIN:
        unlike |= chroma < _COLOURLESS * own
    return np.asarray(unlike, np.bool_)


def _skin(
    lab: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """L*, a*, b* of the skin on the bridge of the nose and under the eyes."""
    aside = np.abs(x - _MIDDLE[0])
    bridge = (aside < 16) & (y > 225) & (y < 290)
    below_eyes = (np.abs(aside - 62) < 26) & (y > 262) & (y < 290)
    seen = lab[bridge | below_eyes]
    lit = seen[seen[:, 0] >= np.median(seen[:, 0])]
    return np.asarray(np.median(lit, axis=0), np.float32)


def _beyond(
    x: NDArray[np.float32], y: NDArray[np.float32], alignment: Alignment, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Which cells of the template lie beyond the print's edge."""
    back = cv2.invertAffineTransform(alignment.matrix)
    across = back[0, 0] * x + back[0, 1] * y + back[0, 2]
    down = back[1, 0] * x + back[1, 1] * y + back[1, 2]
    inside = (across > -0.5) & (across < shape[1] - 0.5) & (down > -0.5) & (down < shape[0] - 0.5)
    return np.asarray(~inside, np.bool_)
