"""A face of known width, as a photograph of it would come out of a shoebox, and its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.core.photo import Photo
from tests.benchmarks import ageing_optics as optics
from tests.benchmarks import ageing_surface as surface
from tests.benchmarks.face_scenes import HEADS
from tests.benchmarks.pictures import Half, Image, named, seeds

WIDTHS = (20, 24, 32, 40, 50, 64, 80, 100, 130, 160)
"""px of the print."""

_LARGEST = 1.1
"""Of the face's own width: enlarged further, a portrait is too soft to be a truth."""

Ageing = Callable[[Image, np.random.Generator], Image]


def _mild(picture: Image, random: np.random.Generator) -> Image:
    soft = optics.scanned_softly(picture, 0.6)
    return optics.saved_as_jpeg(surface.grained(soft, 0.015, 0.5, random), 85)


def _soft(picture: Image, random: np.random.Generator) -> Image:
    return surface.grained(optics.scanned_softly(picture, 1.2), 0.01, 0.5, random)


def _grainy(picture: Image, random: np.random.Generator) -> Image:
    return surface.grained(optics.scanned_softly(picture, 0.5), 0.04, 0.6, random)


def _copied(picture: Image, random: np.random.Generator) -> Image:
    noisy = surface.scanned_noisily(optics.scanned_softly(picture, 0.5), 0.006, random)
    return optics.saved_as_jpeg(noisy, 35)


def _worn(picture: Image, random: np.random.Generator) -> Image:
    soft = surface.grained(optics.scanned_softly(picture, 1.0), 0.03, 0.6, random)
    return optics.saved_as_jpeg(soft, 60)


AGEINGS: dict[str, Ageing] = {
    "mild": _mild,
    "soft": _soft,
    "grainy": _grainy,
    "copied": _copied,
    "worn": _worn,
}
"""What a face went through: a little of everything, blur, grain, a bad JPEG, much of everything."""


@dataclass(frozen=True, eq=False)
class Case:
    """A face before and after ageing.

    Args:
        width: of the face, px of the print.
        ageing: key of `AGEINGS`.
        truth: float32 (h, w, 3) in 0..1, the print unaged.
        photo: the aged print.
        landmarks: float32 (5, 2), px of the print.
    """

    width: int
    ageing: str
    truth: Image
    photo: Photo
    landmarks: NDArray[np.float32]


def widths(half: Half) -> tuple[int, ...]:
    """Those of `WIDTHS` for which the portrait of a half is large enough to be shrunk."""
    return tuple(width for width in WIDTHS if width <= _LARGEST * HEADS[half].width)


def cases(half: Half, count: int) -> Iterator[Case]:
    """Every width with every ageing in turn, `count` in all; then again with other grain."""
    kinds, able = list(AGEINGS), widths(half)
    for number, seed in enumerate(seeds(half, count)):
        kind = kinds[number // len(able) % len(kinds)]
        yield case_of(half, able[number % len(able)], kind, seed)


def case_of(half: Half, width: int, ageing: str, seed: int) -> Case:
    """The portrait of a half shrunk until its face has a width, then aged; on 16 bits."""
    head = HEADS[half]
    whole = named(head.picture)
    share = width / head.width
    size = tuple(max(1, round(side * share)) for side in whole.shape[1::-1])
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    truth = np.clip(cv2.resize(whole, size, interpolation=how), 0, 1).astype(np.float32)
    steps = np.array(size) / np.array(whole.shape[1::-1])
    landmarks = ((np.array(head.landmarks) + 0.5) * steps - 0.5).astype(np.float32)
    aged = AGEINGS[ageing](truth, np.random.default_rng([seed, 29]))
    photo = Photo.of(np.clip(aged, 0, 1).astype(np.float32), (300.0, 300.0), bit_depth=16)
    return Case(width, ageing, truth, photo, landmarks)
