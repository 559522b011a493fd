"""Damage to a print's surface: dust, hairs, scratches, creases, tears and stains, with the truth.

Sizes are millimetres of paper, so that the same print scanned finer shows the same defects more px
wide. What each does to light:

- dust lies on the paper or on the glass: an opaque, ragged speck, light or dark;
- a hair or fibre is a long opaque thread that bends slowly, one tone from end to end;
- a scratch takes the layers away from the top: on colour paper first cyan dye (red light comes
  back), then magenta, then yellow, until white paper shows; its depth changes along it and it is
  broken off where the tip jumped. Dirt may have filled it;
- a crease breaks the emulsion: a ragged row of flakes down to the paper, and a soft shadow beside
  it where the paper is bent;
- a tear comes in from the rim, ragged, white with the paper's core;
- a stain is a soft yellowish filter over a picture that is still there: nothing to be filled, so
  it is no part of the truth.

Infrared light passes the dyes of colour pictures almost whole and is stopped or scattered by all
that lies on or breaks the surface, as film scanners' dust removal uses it (US patent 5,266,805,
Edgar, 1993). Metallic silver stops it like visible light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import ageing_defects as defects
from tests.benchmarks.ageing_strokes import Print

Image = NDArray[np.float32]
Plane = NDArray[np.float32]

KINDS = ("dust", "hair", "scratch", "crease", "tear", "stain")
VISIBLE = 0.05
"""Change of the strongest channel from which a px counts as damaged, 0..1 (13 of 255 levels)."""


@dataclass(frozen=True)
class Amounts:
    """How many defects of each kind fall on the picture; none by default."""

    dust: int = 0
    hair: int = 0
    scratch: int = 0
    crease: int = 0
    tear: int = 0
    stain: int = 0


@dataclass(frozen=True, eq=False)
class Damaged:
    """A damaged picture and what is known about it.

    Args:
        picture: float32 (h, w, 3) in 0..1.
        covers: per kind, float32 (h, w) in 0..1: how much of each px a defect hides.
        mask: bool (h, w): px that damage visibly changed (by `VISIBLE`), stains and shadows aside.
        infrared: float32 (h, w) in 0..1, of a print whose picture is dyes.
        ignored: bool (h, w): visibly under a stain or a crease's shadow; nothing to be filled,
            and no fault if it is.
    """

    picture: Image
    covers: dict[str, Plane]
    mask: NDArray[np.bool_]
    infrared: Plane
    ignored: NDArray[np.bool_]


def damaged(
    picture: Image, amounts: Amounts, px_per_mm: float, random: np.random.Generator
) -> Damaged:
    """Damage a print.

    Args:
        picture: float32 (h, w, 3) in 0..1; one with three equal channels stays grey.
        amounts: how many defects of each kind.
        px_per_mm: px of the scan per mm of paper.
        random: of everything that falls at random.
    """
    grey = bool(np.array_equal(picture[..., 0], picture[..., 2]))
    work = Print(picture.copy(), px_per_mm, random, grey)
    covers = {kind: np.zeros(picture.shape[:2], np.float32) for kind in KINDS}
    soft = np.ones(picture.shape, np.float32)
    for _ in range(amounts.stain):
        soft *= defects.stain(work, covers["stain"])
    for _ in range(amounts.crease):
        path = defects.crease_path(work)
        soft *= defects.crease_shadow(work, path)
        for stroke in defects.crease(work, path):
            work.put(stroke, covers["crease"])
    work.picture *= soft
    made = {
        "scratch": defects.scratch,
        "tear": defects.tear,
        "hair": defects.hair,
        "dust": defects.dust,
    }
    for kind, make in made.items():
        for _ in range(getattr(amounts, kind)):
            for stroke in make(work):
                work.put(stroke, covers[kind])
    result = np.clip(work.picture, 0, 1)
    opaque = np.max([covers[kind] for kind in KINDS if kind != "stain"], axis=0)
    changed = np.abs(result - picture).max(axis=2) >= VISIBLE
    mask = changed & (opaque >= 0.25)
    infrared = _infrared(picture, work.infrared, random)
    return Damaged(result, covers, mask, infrared, changed & ~mask)


def silver_infrared(picture: Image, random: np.random.Generator) -> Plane:
    """What infrared shows of a print of metallic silver: the picture itself, float32 (h, w)."""
    light = picture.mean(axis=2)
    noise = random.normal(0, 0.01, light.shape)
    return np.clip(0.05 + 0.85 * light + noise, 0, 1).astype(np.float32)


def _infrared(picture: Image, passed: Plane, random: np.random.Generator) -> Plane:
    """Infrared through dyes: a little of the cyan dye shows; a softer focus, uneven light."""
    leak = random.uniform(0.03, 0.12)
    dyes = 1.0 - leak + leak * picture[..., 0]
    uneven = cv2.resize(
        random.uniform(0.92, 1.0, (3, 3)).astype(np.float32), picture.shape[1::-1], interpolation=2
    )
    seen = cv2.GaussianBlur(0.88 * dyes * uneven * passed, (0, 0), random.uniform(0.5, 0.9))
    # The lens is made for visible light: infrared falls a little beside it.
    shift = np.array([[1, 0, random.normal(0, 0.3)], [0, 1, random.normal(0, 0.3)]])
    seen = cv2.warpAffine(seen, shift, seen.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    noise = random.normal(0, 0.008, seen.shape)
    return np.clip(seen + noise, 0, 1).astype(np.float32)
