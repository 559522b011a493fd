"""The evidence for damage, px by px, over a whole view: the network's, infrared's and the colour's.

All are log-odds, so they add up. The network was fitted on pictures much fuller of damage than
prints are, and told to miss little; its word is taken down by that much. What stops infrared is
damage unless the picture shows nothing at all there; what lets it pass is a dye, and must look like
damage all the more. A colour that a toned print cannot have speaks for bare paper or dirt.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.damage_colour import Tones, tones_of
from pipeline.stages.measure.damage_net import GRID, MARGIN, log_odds
from pipeline.stages.measure.damage_view import View
from pipeline.stages.measure.infrared import Infrared, blocked
from pipeline.stages.pieces import Piece, pieces

Odds = NDArray[np.uint8]
Plane = NDArray[np.float32]

SIDE = 1024
"""px of the view in a piece, without its margin; a multiple of the network's grid."""

STEPS = 10.0
"""Levels of the plane to one unit of log-odds."""

_MIDDLE = 128.0
_PER_DENSITY = 50.0
_FROM_DENSITY = 0.07
_NOISES = 4.0
_AGAINST, _FOR = -4.0, 13.0
_TOO_EAGER = 4.5
_STRANGE, _PER_STRANGE, _MOST_STRANGE = 1.8, 4.0, 7.0


def evidence(view: View, infrared: View | None, read: Infrared | None) -> Odds:
    """How likely each px is damage.

    Args:
        view: the picture.
        infrared: its infrared plane as a view of the same step, or None.
        read: how to read it; None or not trusted leaves it out.

    Returns:
        uint8 (H, W) of the view: log-odds in tenths above 128, see `level`.
    """
    tones = tones_of(view)
    plane: Odds = np.empty((view.height, view.width), np.uint8)
    for piece in pieces(view.height, view.width, margin=MARGIN, side=SIDE):
        odds = _seen(view, piece, tones)
        if infrared is not None and read is not None and read.trusted:
            odds += _from_infrared(view, infrared, read, piece)
        plane[piece.rows, piece.columns] = np.clip(np.rint(odds * STEPS + _MIDDLE), 0, 255)
    return plane


def level(odds: float) -> int:
    """The level of the plane that stands for some log-odds, 0..255."""
    return int(np.clip(round(odds * STEPS + _MIDDLE), 0, 255))


def _seen(view: View, piece: Piece, tones: Tones) -> Plane:
    """The log-odds of what is seen in a piece without its margin, float32 (h, w)."""
    pixels = view.part(piece.outer_rows, piece.outer_columns)
    down, across = (-length % GRID for length in pixels.shape[:2])
    laid = cv2.copyMakeBorder(pixels, 0, down, 0, across, cv2.BORDER_REPLICATE)
    odds = np.ascontiguousarray(log_odds(laid)[piece.inner]) - np.float32(_TOO_EAGER)
    if tones.toned:
        strange = tones.strangeness(pixels)[piece.inner]
        odds += np.clip(_PER_STRANGE * (strange - np.float32(_STRANGE)), 0.0, _MOST_STRANGE)
    return np.asarray(odds, np.float32)


def _from_infrared(view: View, infrared: View, read: Infrared, piece: Piece) -> Plane:
    density = blocked(view, infrared, read, piece)
    start = max(_FROM_DENSITY, _NOISES * read.noise)
    return np.asarray(np.clip(_PER_DENSITY * (density - np.float32(start)), _AGAINST, _FOR))
