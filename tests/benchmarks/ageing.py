"""The ageing simulator: what decades, a shoebox and a scanner do to a picture, in that order.

    scene optics -> film grain -> dyes or silver of the print -> surface damage -> scanner -> JPEG

Each cause is modelled and documented in a file of its own: `ageing_optics` (defocus, motion,
scanner blur, sharpening, JPEG), `ageing_surface` (grain, scanner noise, halftone, paper texture),
`ageing_colour` (dye fading, stain, veil, toning, silver mirroring), `ageing_damage` (dust, hairs,
scratches, creases, tears, stains) and `ageing_pages` (prints on the glass of a scanner). Here they
are put together: one seed, one aged print, and all that is true of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks import ageing_colour, ageing_optics, ageing_surface
from tests.benchmarks.ageing_damage import Amounts, damaged
from tests.benchmarks.pictures import colour_picture, grey_picture

Image = NDArray[np.float32]

PX_PER_MM = 12.0
"""Px of the scan per mm of paper: about 300 dpi."""


@dataclass(frozen=True, eq=False)
class Aged:
    """One aged print, scanned.

    Args:
        picture: float32 (h, w, 3) in 0..1, as scanned.
        truth: float32 (h, w, 3), the clean picture.
        mask: bool (h, w): where damage covers it.
        infrared: float32 (h, w), as a scanner with an infrared lamp sees it.
        dpi: of the scan.
        story: what was done, in words and numbers, in the order of doing.
    """

    picture: Image
    truth: Image
    mask: NDArray[np.bool_]
    infrared: Image
    dpi: float
    story: tuple[str, ...]


def aged(seed: int, side: int = 512) -> Aged:
    """An aged print: every third one black and white; everything follows from the seed.

    Args:
        seed: even for tuning, odd for reporting; also says which pictures are drawn from.
        side: px of the longest side at most.
    """
    random = np.random.default_rng([seed, 4])
    grey = seed // 2 % 3 == 2
    truth = grey_picture(seed, side) if grey else colour_picture(seed, side)
    story: list[str] = []
    picture = _taken(truth, random, story)
    picture = _printed(picture, grey, random, story)
    amounts = Amounts(
        dust=int(random.integers(0, 30)),
        hair=int(random.integers(0, 3)),
        scratch=int(random.integers(0, 4)),
        crease=int(random.random() < 0.2),
    )
    hurt = damaged(picture, amounts, PX_PER_MM, random)
    story.append(f"{amounts.dust} dust, {amounts.hair} hairs, {amounts.scratch} scratches")
    picture = _scanned(hurt.picture, random, story)
    dpi = PX_PER_MM * 25.4
    return Aged(picture, truth, hurt.mask, hurt.infrared, dpi, tuple(story))


def _taken(picture: Image, random: np.random.Generator, story: list[str]) -> Image:
    """Camera and film."""
    drawn = random.random()
    if drawn < 0.2:
        radius = float(random.uniform(1.5, 3.5))
        picture = ageing_optics.defocused(picture, radius)
        story.append(f"defocus {radius:.1f} px")
    elif drawn < 0.4:
        length, angle = float(random.uniform(5, 14)), float(random.uniform(0, 180))
        picture = ageing_optics.moved(picture, length, angle)
        story.append(f"motion {length:.0f} px at {angle:.0f} degrees")
    grain = float(random.uniform(0.0, 0.03))
    story.append(f"grain {grain * 255:.1f}/255")
    return ageing_surface.grained(picture, grain, float(random.uniform(0.3, 0.8)), random)


def _printed(picture: Image, grey: bool, random: np.random.Generator, story: list[str]) -> Image:
    """What time did to the print."""
    if grey:
        silver = ageing_colour.SilverAgeing(
            silver=float(random.uniform(0.6, 1.0)),
            yellow=float(random.uniform(0.0, 0.15)),
            mirror=float(random.uniform(0.0, 0.5)),
        )
        story.append(f"silver {silver.silver:.2f} left, yellow {silver.yellow:.2f}")
        return ageing_colour.silver_aged(picture, silver)
    kind = ageing_colour.KINDS[int(random.integers(len(ageing_colour.KINDS)))]
    story.append(f"faded: {kind}")
    return ageing_colour.faded(picture, ageing_colour.drawn_fading(kind, random))


def _scanned(picture: Image, random: np.random.Generator, story: list[str]) -> Image:
    """Scanner, and now and then a JPEG."""
    picture = ageing_optics.scanned_softly(picture, float(random.uniform(0.3, 0.5)))
    picture = ageing_surface.scanned_noisily(picture, float(random.uniform(0.002, 0.006)), random)
    if random.random() < 0.25:
        quality = int(random.integers(50, 90))
        picture = ageing_optics.saved_as_jpeg(picture, quality)
        story.append(f"JPEG {quality}")
    return picture
