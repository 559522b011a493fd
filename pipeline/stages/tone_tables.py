"""Tones changed by tables of all 65536 samples: exact to the bit, and no floats of the whole.

A colour curve is one table a channel. A toned print (sepia) gets its contrast back in Lab, which
is no table; but its colour is a function of its lightness, so the change is one, too.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels, Samples, rounded
from pipeline.core.samples import to_float
from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.ageing_curve import fresh_black, fresh_white
from pipeline.stages.measure.cast import Cast
from pipeline.stages.measure.luma import luma
from pipeline.stages.pieces import Piece, each_piece, pieces

Tables = NDArray[np.uint16]

LEVELS = 65536
_TOP = LEVELS - 1
_STEPS = 512
_BINS = 32
_NUDGE = 4.0
_MOST_COLOUR = 3.0


def contrast_given_back(
    pixels: Pixels, icc: bytes | None, cast: Cast, unfade: float, grey: bool
) -> Pixels:
    """A grey or toned picture with its contrast given back in Lab lightness.

    Args:
        pixels: float32 (H, W, 3), 0..1.
        icc: their profile.
        cast: as measured.
        unfade: 0..1, share of the lost contrast to give back.
        grey: take the tone away as well.

    Returns:
        float32 (H, W, 3); colour (a, b) is kept where `grey` is False.
    """
    lab = to_lab(pixels, icc)
    black = cast.black[0] + unfade * min(0.0, fresh_black(cast) - cast.black[0])
    white = fresh_white(cast.white[0], unfade)
    gain = (white - black) / max(cast.white[0] - cast.black[0], 1.0)
    lab[..., 0] = np.clip((lab[..., 0] - cast.black[0]) * gain + black, 0.0, 100.0)
    if grey:
        lab[..., 1:] = 0.0
    return from_lab(lab, icc)


def through_tables(photo: Photo, tables: Tables) -> Photo:
    """A photo with every channel read off its table.

    Args:
        photo: any photo, of C channels.
        tables: uint16 (C, 65536).
    """
    made = np.empty_like(photo.samples)

    def work(piece: Piece) -> None:
        given, result = (_part(samples, piece) for samples in (photo.samples, made))
        for channel, table in enumerate(tables):
            result[..., channel] = table[given[..., channel]]

    each_piece(pieces(photo.height, photo.width, margin=0), work)
    return photo.with_samples(made)


def grey_given_back(photo: Photo, cast: Cast, unfade: float) -> Photo:
    """The same as `contrast_given_back` for a photo of one channel."""
    levels = to_float(np.arange(LEVELS, dtype=np.uint16)).reshape(256, 256, 1).repeat(3, axis=2)
    curve = contrast_given_back(levels, photo.icc, cast, unfade, grey=False)
    return through_tables(photo, rounded(curve[..., 1]).reshape(1, LEVELS))


def tone_given_back(photo: Photo, view: Pixels, cast: Cast, unfade: float, grey: bool) -> Photo:
    """The same as `contrast_given_back` for a toned photo of any size.

    Every px moves as the print's usual colour of the same luma does. What it differs from that
    by, which is noise and spots, is carried over (or goes, with `grey`).

    Args:
        photo: a toned photo of three channels.
        view: float32 (h, w, 3), the photo reduced.
        cast, unfade, grey: see `contrast_given_back`.
    """
    usual = _usual_colours(view, photo.icc)
    after = contrast_given_back(usual[None], photo.icc, cast, unfade, grey)[0]
    share = np.zeros_like(usual) if grey else _carried_over(usual, photo.icc, cast, unfade)
    light = luma(usual[None])[0].astype(np.float64)
    levels = np.arange(LEVELS) / _TOP
    base, factor = (
        [np.interp(levels, light, plane).astype(np.float32) for plane in curves.T]
        for curves in ((after - share * usual) * _TOP + 0.5, share)
    )
    made = np.empty_like(photo.samples)

    def work(piece: Piece) -> None:
        given, result = (_part(samples, piece) for samples in (photo.samples, made))
        tone = np.asarray(cv2.cvtColor(np.ascontiguousarray(given), cv2.COLOR_RGB2GRAY))
        for channel in range(3):
            moved = factor[channel][tone]
            moved *= given[..., channel]
            moved += base[channel][tone]
            result[..., channel] = np.clip(moved, 0, _TOP, out=moved)

    each_piece(pieces(photo.height, photo.width, margin=0), work)
    return photo.with_samples(made)


def _part(samples: Samples, piece: Piece) -> Samples:
    return samples[piece.rows, piece.columns]


def _usual_colours(view: Pixels, icc: bytes | None) -> Pixels:
    """The colour a toned print has at each lightness: float32 (512, 3), ascending in luma."""
    lab = to_lab(view, icc).reshape(-1, 3)
    lab = lab[np.argsort(lab[:, 0], kind="stable")]
    groups = np.array_split(lab, min(_BINS, len(lab)))
    middles = np.array([np.median(group, axis=0) for group in groups])
    light = np.linspace(0.0, 100.0, _STEPS)
    # Towards black and white all colour ends.
    known = np.concatenate([[(0.0, 0.0, 0.0)], middles, [(100.0, 0.0, 0.0)]])
    tones = [np.interp(light, known[:, 0], known[:, c]) for c in (1, 2)]
    curve = np.stack([light, *tones], axis=1).astype(np.float32)
    colours = from_lab(curve[None], icc)[0]
    colours = colours[np.argsort(luma(colours[None])[0], kind="stable")]
    return np.ascontiguousarray(colours)


def _carried_over(usual: Pixels, icc: bytes | None, cast: Cast, unfade: float) -> Pixels:
    """How much larger a small difference in colour becomes when the contrast is back.

    Returns:
        float32 (N, 3), per channel; one that is at the end of its range differs no further.
    """
    lab = to_lab(usual[None], icc)
    before, after = np.zeros_like(usual), np.zeros_like(usual)
    for nudge in ((0, _NUDGE, 0), (0, -_NUDGE, 0), (0, 0, _NUDGE), (0, 0, -_NUDGE)):
        other = from_lab(lab + np.array(nudge, np.float32), icc)
        pair = np.concatenate([usual[None], other])
        moved = contrast_given_back(pair, icc, cast, unfade, grey=False)
        before += np.abs(pair[1] - pair[0])
        after += np.abs(moved[1] - moved[0])
    return np.clip(after / np.maximum(before, 1e-3), 0.0, _MOST_COLOUR)
