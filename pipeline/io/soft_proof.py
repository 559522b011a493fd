"""Soft proof: how much of a picture's colour a printer or an encoding cannot keep.

Method. Every px looked at goes to the device with the chosen intent and black point, and from the
device's values back to CIE Lab (relative colorimetric with the same black point; absolute when that
was chosen): what the paper will show, seen by an eye that takes its white, and with black point
compensation its black, for white and black. The difference from the picture's own Lab is CIEDE2000
(CIE 142-2001, by scikit-image). Over 2 it can be seen side by side, and the colour counts as lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.core.errors import ProfileRefused
from pipeline.core.photo import Photo
from pipeline.io.colour import (
    grey_profile,
    lab_profile,
    profile_name,
    profile_space,
    srgb_profile,
)
from pipeline.io.output_colour import Intent, transformed

VISIBLE = 2.0
"""CIEDE2000 above which a colour counts as lost."""

MOST_PIXELS = 1 << 18
_SEED = 20
_GREYS = "greys"
_GREY_CHROMA = 10.0
_STRONG_CHROMA = 45.0
_DARK_L = 25.0
_LIGHT_L = 85.0
_HUES = (
    (15.0, "pinks"),
    (48.0, "reds"),
    (80.0, "oranges and browns"),
    (112.0, "yellows"),
    (170.0, "greens"),
    (225.0, "turquoises"),
    (310.0, "blues"),
    (345.0, "purples"),
    (360.0, "pinks"),
)
"""Where a hue ends, as the angle of CIE Lab (D50), degrees; in sRGB full red lies at 41, yellow at
100, green at 134, cyan at 197, blue at 301 and magenta at 328."""


@dataclass(frozen=True)
class ProofReport:
    """What a soft proof found.

    Args:
        profile: the device's or encoding's own name.
        intent: the rendering intent asked for.
        black_point: whether the black point was compensated.
        pixels: how many px were looked at.
        share: of them whose colour is lost (CIEDE2000 over 2), 0..1.
        mean, percentile_95, worst: CIEDE2000 over all of them.
        lost: share of all px by the hue that is lost, largest first.
        mostly: the largest loss in words, such as "strong greens"; "" when nothing is lost.
    """

    profile: str
    intent: Intent
    black_point: bool
    pixels: int
    share: float
    mean: float
    percentile_95: float
    worst: float
    lost: tuple[tuple[str, float], ...]
    mostly: str

    def as_json(self) -> dict[str, Any]:
        """The report for --json: plain values, shares and differences rounded."""
        return {
            "profile": self.profile,
            "intent": self.intent,
            "black_point_compensation": self.black_point,
            "pixels": self.pixels,
            "share_lost": round(self.share, 5),
            "ciede2000": {
                "mean": round(self.mean, 3),
                "percentile_95": round(self.percentile_95, 3),
                "worst": round(self.worst, 3),
                "lost_over": VISIBLE,
            },
            "lost_by_hue": {hue: round(share, 5) for hue, share in self.lost},
            "mostly": self.mostly,
        }

    def sentence(self) -> str:
        """The report in one sentence for a person."""
        if self.share == 0:
            return f"Every colour of the picture keeps its look with the profile {self.profile}."
        percent = 100 * self.share
        share = "less than 1 %" if percent < 1 else f"{percent:.0f} %"
        return (
            f"{share} of the picture visibly changes colour with the profile {self.profile}, "
            f"mostly {self.mostly} (CIEDE2000 {self.percentile_95:.1f} at the 95th percentile, "
            f"{self.worst:.0f} at worst)."
        )


def soft_proof(
    photo: Photo, icc: bytes, intent: Intent = "relative", black_point: bool = True
) -> ProofReport:
    """What a picture loses on its way into a profile; the picture itself is not changed.

    Args:
        photo: of any size; at most 262,144 px are looked at, one from each cell of a grid and the
            same ones every time.
        icc: an RGB, grey or CMYK profile.
        intent, black_point: see `pipeline.io.output_colour.OutputColour`.

    Raises:
        ProfileRefused: the profile cannot be used.
    """
    from skimage.color import deltaE_ciede2000

    looked, source = _encoding(_looked_at(photo), photo.icc)
    there = transformed(looked, source, icc, intent, black_point)
    back: Intent = "absolute" if intent == "absolute" else "relative"
    shown = transformed(there, icc, lab_profile(), back, black_point).reshape(-1, 3)
    own = transformed(looked, source, lab_profile(), back, black_point).reshape(-1, 3)
    change: NDArray[np.float64] = deltaE_ciede2000(own, shown)
    if not np.isfinite(change).all():
        raise ProfileRefused(f"{profile_name(icc) or 'the profile'}: it gives no colours")
    lost = change > VISIBLE
    by_hue = _lost_by_hue(own, lost)
    mostly = ""
    if by_hue:
        most = own[lost][_hues(own[lost]) == by_hue[0][0]]
        mostly = _in_words(by_hue[0][0], most)
    return ProofReport(
        profile_name(icc) or "the profile",
        intent,
        black_point,
        lost.size,
        float(lost.mean()),
        float(change.mean()),
        float(np.percentile(change, 95)),
        float(change.max()),
        tuple(by_hue),
        mostly,
    )


def _looked_at(photo: Photo) -> NDArray[np.uint16]:
    """One px from a random place in every cell of a grid, uint16 (rows, columns, C).

    Random places, but always the same: a fixed step could fall in with a screen or a weave.
    """
    height, width = photo.height, photo.width
    if height * width <= MOST_PIXELS:
        return photo.samples
    rows = max(1, min(height, int(np.sqrt(MOST_PIXELS * height / width))))
    columns = max(1, min(width, MOST_PIXELS // rows))
    random = np.random.default_rng(_SEED)
    within = random.random((2, rows, columns))
    y = (np.arange(rows)[:, None] + within[0]) * height / rows
    x = (np.arange(columns)[None, :] + within[1]) * width / columns
    picked: NDArray[np.uint16] = photo.samples[y.astype(np.intp), x.astype(np.intp)]
    return picked


def _encoding(samples: NDArray[np.uint16], icc: bytes | None) -> tuple[NDArray[np.uint16], bytes]:
    """Samples with the profile that stands for their number of channels."""
    source = icc or srgb_profile()
    if samples.shape[2] == 1 and profile_space(source) == "RGB":
        grey = grey_profile(source)
        if grey is None:
            return np.repeat(samples, 3, axis=2), source
        source = grey
    return samples, source


def _lost_by_hue(lab: NDArray[np.float32], lost: NDArray[np.bool_]) -> list[tuple[str, float]]:
    """The share of all px that is lost, by the name of their hue, largest first."""
    names, counts = np.unique(_hues(lab[lost]), return_counts=True)
    shares = [(str(name), float(n) / lost.size) for name, n in zip(names, counts, strict=True)]
    return sorted(shares, key=lambda pair: (-pair[1], pair[0]))


def _hues(lab: NDArray[np.float32]) -> NDArray[np.str_]:
    """The name of each colour's hue; `lab` is (N, 3)."""
    angle = np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
    ends = np.array([end for end, _ in _HUES])
    names = np.array([name for _, name in _HUES] + [_HUES[0][1]])
    coloured = names[np.searchsorted(ends, angle, side="right")]
    return np.where(_chroma(lab) < _GREY_CHROMA, _GREYS, coloured)


def _in_words(hue: str, lab: NDArray[np.float32]) -> str:
    """The hue with what its colours have in common; `lab` is (N, 3)."""
    lightness, chroma = float(np.median(lab[:, 0])), float(np.median(_chroma(lab)))
    if lightness < _DARK_L:
        return f"dark {hue}"
    if chroma > _STRONG_CHROMA:
        return f"strong {hue}"
    return f"light {hue}" if lightness > _LIGHT_L else hue


def _chroma(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    made: NDArray[np.float32] = np.hypot(lab[:, 1], lab[:, 2])
    return made
