"""Colour on its way out: 16-bit samples from the print's profile to the one that is asked for.

Little CMS converts, by way of imagecodecs, and always without its optimisation: optimised it puts a
coarse table of 33 steps a channel between two matrix profiles and is thousands of 16-bit codes off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ProfileRefused, UsageError
from pipeline.core.photo import Photo, Samples
from pipeline.io.colour import (
    ProfileSpace,
    grey_profile,
    profile_name,
    profile_space,
    srgb_profile,
)
from pipeline.io.in_order import in_order
from pipeline.io.profiles import named_profile, output_profile

Intent = Literal["perceptual", "relative", "saturation", "absolute"]
INTENTS: tuple[Intent, ...] = ("perceptual", "relative", "saturation", "absolute")
"""The rendering intents in the order of their ICC numbers, 0 to 3."""

_BAND_PIXELS = 1 << 20
_CODES = 1 << 16
_CHANNELS: dict[ProfileSpace, str] = {"RGB": "rgb", "GRAY": "gray", "CMYK": "cmyk"}


@dataclass(frozen=True)
class OutputColour:
    """The encoding a picture leaves in.

    Args:
        name: what was asked for: "srgb", "adobe-rgb", "display-p3" or a file's name.
        icc: the profile, RGB or grey.
        intent: what becomes of colours the encoding does not have. "relative" keeps every other
            one as it is; "perceptual" and "saturation" differ from it only with a printer's
            profile (one of tables): matrix profiles such as the three by name have but one table.
            "absolute" also copies the tint of the paper.
        black_point: black becomes the deepest black there is and the dark tones keep their
            differences. Without effect on "absolute", where both blacks are alike, and on
            "perceptual" and "saturation" of version 4 profiles, which have ICC's reference black.

    Raises:
        UsageError: no such intent.
        ProfileRefused: a profile for neither RGB nor grey.
    """

    name: str
    icc: bytes
    intent: Intent = "relative"
    black_point: bool = True

    def __post_init__(self) -> None:
        if self.intent not in INTENTS:
            raise UsageError(f"no such rendering intent: {self.intent}; use {', '.join(INTENTS)}")
        if self.space not in ("RGB", "GRAY"):
            raise ProfileRefused(f"{self.name}: it is not for RGB or grey pictures")

    @property
    def space(self) -> ProfileSpace | None:
        """What the profile is for."""
        return profile_space(self.icc)

    @property
    def description(self) -> str:
        """The profile's own name, or what was asked for when it has none."""
        return profile_name(self.icc) or self.name


def output_colour(
    profile: str | Path, intent: Intent = "relative", black_point: bool = True
) -> OutputColour:
    """The encoding of a name or a profile's file.

    Args:
        profile: "srgb", "adobe-rgb", "display-p3", or the path of an .icc or .icm file.
        intent, black_point: see `OutputColour`.

    Raises:
        ProfileRefused: the profile cannot be used for pictures that leave.
        UsageError: no such intent.
    """
    known = named_profile(str(profile)) is not None
    name = str(profile).lower() if known else Path(profile).name
    return OutputColour(name, output_profile(profile), intent, black_point)


def converted(photo: Photo, colour: OutputColour, *, threads: int | None = None) -> Photo:
    """The photo in another encoding, in 16 bits; size, resolution and infrared stay.

    A grey photo stays one channel, its tones moved from one tone curve to the other, when the
    target is grey or has a single tone curve. A printer's profile of tables has none: then the
    photo gets three channels, which print as neutral as that profile knows how.

    Args:
        photo: in any RGB or grey profile, None being sRGB. Grey photos may carry an RGB profile.
        colour: the encoding wanted.
        threads: how many bands are converted at once; None for one a core. The result is the same.

    Returns:
        The same photo when it is in that encoding already; else one with `colour.icc`, holding
        samples of its own.

    Raises:
        ProfileRefused: a colour photo and a profile for grey, or a profile that fails in use.
    """
    way = _way(photo, colour)
    if way.source == way.target:
        return photo
    samples = photo.samples
    height, width = samples.shape[:2]
    out = np.empty((height, width, 1 if way.target_space == "GRAY" else 3), np.uint16)
    table = way.of_all_greys() if photo.monochrome else None
    tops = range(0, height, max(1, _BAND_PIXELS // width))

    def fill(top: int) -> None:
        band = samples[top : top + tops.step]
        out[top : top + tops.step] = way.of(band) if table is None else table[band[..., 0]]

    for _ in in_order(fill, tops, threads=threads):
        pass
    return replace(photo, samples=out, icc=colour.icc)


def transformed(
    samples: Samples, source: bytes, target: bytes, intent: Intent, black_point: bool
) -> NDArray[Any]:
    """Samples of one profile in another, exactly: no tables but the profiles' own.

    Args:
        samples: uint16 (H, W, C), as many channels as the source has.
        source, target: RGB, grey or CMYK; the target may be Lab.

    Returns:
        uint16 (H, W, C) for the target, CMYK with 65535 as full ink; for Lab float32 (H, W, 3)
        with L in 0..100.

    Raises:
        ProfileRefused: Little CMS cannot use them together.
    """
    from imagecodecs import CMS, CmsError, cms_transform

    flags = int(CMS.FLAGS.NOOPTIMIZE)
    if black_point:
        flags |= int(CMS.FLAGS.BLACKPOINTCOMPENSATION)
    source_space, target_space = profile_space(source), profile_space(target)
    if source_space is None:
        raise ProfileRefused("pixels cannot be in the colour space of this profile")
    data = samples[..., 0] if source_space == "GRAY" else samples
    try:
        made: NDArray[Any] = cms_transform(
            np.ascontiguousarray(data),
            source,
            target,
            colorspace=_CHANNELS[source_space],
            outcolorspace=_CHANNELS[target_space] if target_space else "lab",
            outdtype="u2" if target_space else "f4",
            intent=INTENTS.index(intent),
            flags=flags,
        )
    except (CmsError, ValueError, RuntimeError) as error:
        names = f"{profile_name(source) or '?'} to {profile_name(target) or '?'}"
        raise ProfileRefused(f"{names}: the colours cannot be converted ({error})") from error
    return made.reshape(*samples.shape[:2], -1)


@dataclass(frozen=True)
class _Way:
    source: bytes
    target: bytes
    intent: Intent
    black_point: bool

    @property
    def target_space(self) -> ProfileSpace | None:
        return profile_space(self.target)

    def of(self, band: Samples) -> NDArray[Any]:
        if band.shape[2] == 1 and profile_space(self.source) == "RGB":
            band = np.repeat(band, 3, axis=2)
        return transformed(band, self.source, self.target, self.intent, self.black_point)

    def of_all_greys(self) -> NDArray[np.uint16]:
        """What every 16-bit grey becomes, uint16 (65536, C)."""
        greys = np.arange(_CODES, dtype=np.uint16).reshape(1, _CODES, 1)
        made: NDArray[np.uint16] = self.of(greys)[0]
        return made


def _way(photo: Photo, colour: OutputColour) -> _Way:
    source, target = photo.icc or srgb_profile(), colour.icc
    if photo.monochrome:
        source = grey_profile(source) or source
        target = grey_profile(target) or target
    elif colour.space == "GRAY":
        raise ProfileRefused(
            f"{colour.description}: it is for grey, and the picture is in colour",
            remedy="Choose an RGB profile: srgb, adobe-rgb, display-p3 or the print shop's.",
        )
    return _Way(source, target, colour.intent, colour.black_point)
