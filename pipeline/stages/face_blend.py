"""Putting redrawn faces on their print: by difference, by mask, by strength.

What is added is not the network's face but its *difference* from the face that was cut out, so
that everything finer than the template (the paper's structure, the grain of a large face) stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo, Pixels, rounded
from pipeline.stages.face_alignment import Alignment, put_back
from pipeline.stages.face_grain import Grain
from pipeline.stages.measure.luma import luma
from pipeline.stages.pieces import Piece, each_piece, pieces

Plane = NDArray[np.float32]

_SIDE = 512
"""px of a piece of the print that faces are put back on."""


@dataclass(frozen=True)
class Redrawn:
    """What a network would change of a face.

    Args:
        change: float32 (512, 512, 4): the change of red, green and blue times the mask, and the
            mask.
        alignment: where the face lies.
        strength: share of the change that is put on the print, 0..1.
        grain: what to lay over it, or None.
    """

    change: NDArray[np.float32]
    alignment: Alignment
    strength: float = 1.0
    grain: Grain | None = None


def redrawn(
    aligned: Pixels,
    proposed: Pixels,
    mask: Plane,
    alignment: Alignment,
    strength: float,
    grain: Grain | None = None,
) -> Redrawn:
    """A face ready to be put on its print.

    Args:
        aligned: float32 (512, 512, 3) in 0..1, the print's face.
        proposed: the same from `face_colour.proposal`.
        mask: float32 (512, 512) in 0..1, how much of it is replaced.
        alignment: where the face lies.
        strength: share of the change, 0..1.
        grain: what to lay over it, or None.
    """
    change = np.concatenate([(proposed - aligned) * mask[..., None], mask[..., None]], axis=2)
    return Redrawn(change, alignment, strength, grain)


def at_strength(aligned: Pixels, proposed: Pixels, mask: Plane, strength: float) -> Pixels:
    """The aligned face as it would be at a strength, without grain: float32 (512, 512, 3).

    Strength 0 gives the very values of `aligned`.
    """
    share = mask[..., None] * np.float32(strength)
    return np.asarray(aligned + share * (proposed - aligned), np.float32)


def put_on(photo: Photo, faces: Sequence[Redrawn]) -> tuple[Photo, NDArray[np.uint8]]:
    """The print with its faces changed, and each px's share of the networks, 0..255.

    Faces that overlap share their px. Where no face is, and at strength 0, samples stay bit for
    bit what they were.
    """
    samples = photo.samples.copy()
    generated = np.zeros((photo.height, photo.width), np.uint8)
    channels = slice(1, 2) if photo.monochrome else slice(None)
    able = [face for face in faces if face.strength > 0]

    def one(piece: Piece) -> None:
        change, grain, share = _sum_of(able, photo, piece)
        touched = share > 0
        if not touched.any():
            return
        place = piece.rows, piece.columns
        changed = rounded((photo.part(*place) + change + grain[..., None])[..., channels])
        samples[place] = np.where(touched[..., None], changed, samples[place])
        generated[place] = np.rint(share * np.float32(255))

    each_piece(pieces(photo.height, photo.width, margin=0, side=_SIDE), one)
    return photo.with_samples(samples), generated


def _sum_of(faces: Sequence[Redrawn], photo: Photo, piece: Piece) -> tuple[Pixels, Plane, Plane]:
    """For a piece of the print: the change (h, w, 3), the grain and the networks' share (h, w)."""
    height, width = (px.stop - px.start for px in (piece.rows, piece.columns))
    change, grain = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    share, weight = np.zeros_like(grain), np.zeros_like(grain)
    for face in faces:
        placed, where = put_back(
            face.change, face.alignment, photo.samples.shape, (piece.rows, piece.columns)
        )
        if not placed.size:
            continue
        mask = np.clip(placed[..., 3], 0.0, 1.0)
        strength = np.float32(face.strength)
        change[where] += placed[..., :3] * strength
        share[where] += mask * strength
        weight[where] += mask
        if face.grain is not None:
            grain[where] += mask * _laid(face, face.grain, photo, piece, where)
    # Faces that overlap share their px.
    crowd = np.maximum(weight, 1.0)
    taken = share / crowd
    # Of the print's own grain (1 - taken) is left, so a face redrawn gently needs little more. All
    # that is missing would bring back the whole, and undo the likeness gained in small faces.
    laid = grain / np.maximum(weight, 1e-6) * np.square(taken)
    return _single(change / crowd[..., None]), _single(laid), _single(taken)


def _laid(
    face: Redrawn, grain: Grain, photo: Photo, piece: Piece, where: tuple[slice, slice]
) -> Plane:
    """The grain of a face where it lies within a piece."""
    rows, columns = (
        slice(whole.start + part.start, whole.start + part.stop)
        for whole, part in zip((piece.rows, piece.columns), where, strict=True)
    )
    return grain.at(rows, columns, luma(photo.part(rows, columns)))


def _single(values: NDArray[np.floating]) -> Plane:
    return np.asarray(values, dtype=np.float32)
