"""What kind of blur a picture has: none, defocus, motion, or what compression left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pipeline.core.photo import Photo
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.blur_scales import FitAt, fits_of
from pipeline.stages.measure.jpeg_quality import jpeg_quality_in
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles

Kind = Literal["none", "defocus", "motion", "compression"]

_COMPRESSED = 45
"""JPEG quality up to which what is lost to compression is most of what is lost."""

_BLOCKY = 0.8
"""Strength of JPEG's grid from which compression is blamed although no quality fits: clipping in
saturated colours can hide it. Pictures never compressed stay below 0.2."""

_LINE = 13.0
"""Gain of log likelihood from which a motion is believed; chosen, as the next, on tuning cases."""

_DISC = ((1.75, 1.85, 2.2, 2.4), (1000.0, 45.0, 20.0, 6.0))
"""Radius, px, and the gain from which a disc of this radius is believed."""

_MARGIN = 5.0


@dataclass(frozen=True)
class Blur:
    """The blur of a picture, in px of the photo it was measured on.

    Args:
        kind: what made the picture soft.
        sigma_px: standard deviation of the Gaussian as wide as the blur (half the radius of a
            disc); for motion that of the blur across its direction. 0 when there is none.
        length_px: how far the camera or the subject moved, px; 0 unless the kind is motion.
        angle_degrees: direction of the motion, 0..180, from the x axis (to the right) towards the
            y axis (downwards): clockwise as the picture is seen. 0 unless the kind is motion.
        sure: 0..1, how likely the kind is the right one.
        radius_px: radius of the disc of confusion, px; 0 unless the kind is defocus.
    """

    kind: Kind
    sigma_px: float = 0.0
    length_px: float = 0.0
    angle_degrees: float = 0.0
    sure: float = 0.0
    radius_px: float = 0.0

    def as_measures(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "kind": self.kind,
            "sigma_px": round(self.sigma_px, 2),
            "radius_px": round(self.radius_px, 2),
            "length_px": round(self.length_px, 1),
            "angle_degrees": round(self.angle_degrees, 1),
            "sure": round(self.sure, 3),
        }


def blur_of(photo: Photo, *, most_px: int = MOST_PX) -> Blur:
    """Measure the blur of a photo.

    Args:
        photo: any photo.
        most_px: px looked at of a larger picture.
    """
    tiles = luma_tiles(photo, most_px=most_px)
    fits = fits_of(photo, most_px=most_px)
    return blur_from(fits, jpeg_quality_in(tiles), blockiness_in(tiles))


def blur_from(fits: Sequence[FitAt], quality: int | None, blocks: float) -> Blur:
    """The blur of a photo from what was measured on it.

    Args:
        fits: see `fits_of`.
        quality: at which the photo was saved as JPEG, None when that does not show.
        blocks: how visible JPEG's grid is, see `blockiness_in`.
    """
    if not fits:
        return Blur("none")
    line = max(fits, key=lambda at: at.fit.plain - at.fit.line)
    disc = max(fits, key=lambda at: at.fit.plain - at.fit.disc)
    line_gain = line.fit.plain - line.fit.line
    disc_gain = disc.fit.plain - disc.fit.disc
    radius = disc.fit.radius * disc.scale
    moved, spread = line_gain - _LINE, disc_gain - _disc_asked(radius)
    if moved > 0 and line_gain > disc_gain:
        return Blur(
            "motion",
            sigma_px=line.fit.line_softness * line.scale,
            length_px=line.fit.length * line.scale,
            angle_degrees=line.fit.angle,
            sure=_sure(min(moved, line_gain - disc_gain)),
        )
    if spread > 0:
        return Blur("defocus", sigma_px=radius / 2, radius_px=radius, sure=_sure(spread))
    sharp = _sure(min(-moved, -spread) if line_gain > disc_gain else -spread)
    if blocks > _BLOCKY if quality is None else quality <= _COMPRESSED:
        return Blur("compression", sure=sharp)
    return Blur("none", sure=sharp)


def _disc_asked(radius: float) -> float:
    """Gain from which a disc is believed: scans that are finer than the print look like small ones.

    Their interpolation or the scanner's spot has a first zero too, near that of a disc of 1.6 px.
    """
    return float(np.interp(radius, *_DISC))


def _sure(margin: float) -> float:
    """Certainty, 0.5..1, of a gain of log likelihood beyond the one asked."""
    return float(1 / (1 + np.exp(-np.clip(margin / _MARGIN, 0.0, 30.0))))
