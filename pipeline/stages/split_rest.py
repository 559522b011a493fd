"""What lies beside the prints and is certainly none: writing, and lid beside an album's sheet."""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.stages.split_edge import Look
from pipeline.stages.split_lid import Mask

WRITING_MM = 1.3
"""What has no thicker stroke is writing on an album's sheet, or a hair: no print."""
EVEN_TONE = 0.06
"""The lid beside an album's sheet varies by no more than this, 0..1."""


def is_writing(part: Mask, look: Look) -> bool:
    """Whether a small part is but thin strokes, measured at half of their own contrast."""
    strokes = part & (look.contrast > 0.5 * float(np.quantile(look.contrast[part], 0.95)))
    return _stroke_width(strokes) < WRITING_MM * look.per_mm


def is_strip_of_lid(part: Mask, look: Look) -> bool:
    """Whether a part is one even tone all along an edge of the scan: lid beside a sheet."""
    along = part[:, [0, -1]].mean(axis=0).max(), part[[0, -1]].mean(axis=1).max()
    low, high = np.quantile(look.residual[part], (0.3, 0.9), axis=0)
    return bool(max(along) > 0.95 and (high - low).max() < EVEN_TONE)


def _stroke_width(mask: Mask) -> float:
    """The thickest place of a mask, px; that of a line of writing is its pen's width."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        return 0.0
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(part, 1), cv2.DIST_L2, 3)
    return 2.0 * float(depth.max()) - 1.0
