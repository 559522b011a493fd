"""Denoise: lower grain and sensor noise where it was measured, leave texture and edges.

What noise there is, how it varies with tone and frequency, and whether coarse grain is among it,
is measured once, on tiles spread over the picture. It is then taken out piece by piece, from
lightness and from the colour difference planes (see `dct_denoise`, `similar_blocks`). A printing
screen or a paper's texture, which is no noise, is taken out before (see `screen_removal`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.dct_denoise import (
    Grain,
    cleaned,
    grain_in,
    margin,
    octave_noises,
    pilot,
    without_coarse,
)
from pipeline.stages.measure.dct import BLOCK
from pipeline.stages.measure.noise import Noise
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles, spread_tiles
from pipeline.stages.measure.screen import NO_SCREEN, Screen, screen_in
from pipeline.stages.pieces import SIDE, Piece, work_in_pieces
from pipeline.stages.screen_removal import without_screen
from pipeline.stages.similar_blocks import REACH, by_similar_blocks, plane_noise

Plane = NDArray[np.float32]

_FULL_FROM = 2.0
"""Noise, as a multiple of the least that is treated, from which all of it is."""

_MIDDLE = np.float32(0.5)
"""Added to colour differences, so that greys lie in the middle of the range."""


class Options(StageOptions):
    """How much noise is taken away, and when the picture counts as clean."""

    quality: Literal["quick", "best"] = Field(
        default="best",
        description='"quick" shrinks single blocks, "best" blocks that look alike together',
    )
    strength: float = Field(
        default=1.0, ge=0.0, le=2.0, description="noise assumed, as a multiple of that measured"
    )
    colour_strength: float = Field(
        default=1.0, ge=0.0, le=3.0, description="the same for colour noise"
    )
    keep_grain: float = Field(
        default=0.4,
        ge=0.0,
        le=10.0,
        description="grain left so that surfaces do not turn to wax, in 255ths of full scale",
    )
    least_sigma: float = Field(
        default=1.5,
        ge=0.0,
        le=20.0,
        description="lightness noise below which the print is left alone, in 255ths of full scale",
    )
    least_colour_sigma: float = Field(
        default=1.0, ge=0.0, le=20.0, description="the same for colour noise, in 255ths"
    )
    octaves: int = Field(
        default=2, ge=1, le=4, description="how many octaves of grain size are treated"
    )
    remove_screen: bool = Field(
        default=True, description="take out halftone screens and the texture of paper"
    )


def denoise(
    photo: Photo, options: Options, tools: Tools, *, most_px: int = MOST_PX, side: int = SIDE
) -> Outcome:
    """Denoise a print.

    Args:
        photo: any photo; a monochrome one stays exactly grey.
        options: see `Options`.
        tools: only the progress listener is used, one unit per piece.
        most_px: px that noise is measured on; all of a smaller picture.
        side: px of a piece, a multiple of 64.

    Returns:
        The photo untouched ("skipped") when its noise is below the options' limits. Measures:
        noise before and after in 255ths of full scale, for lightness (the channels' mean) and
        colour, and the screen that was found.
    """
    screen = screen_in(luma_tiles(photo, most_px=most_px)) if options.remove_screen else NO_SCREEN
    measures: dict[str, Any] = {"screen": screen.as_measures()}
    given, told_screen = photo, ""
    if screen.kind != "none":
        photo = without_screen(photo, screen, side=side, progress=tools.progress)
        told_screen = f"{_screen_told(screen)} taken out; "
    tiles = _tiles(photo, most_px)
    noises = _noises(tiles, options.octaves)
    found = [_strongest(octaves) for octaves in noises]
    measures["noise_255"] = _noise_255(found)
    with ThreadPoolExecutor() as pool:
        keep = repeat(options.keep_grain / 255)
        removals = list(pool.map(_removal, tiles, noises, _asked(options), keep))
    if not any(removals):
        clean = f"no noise worth removing ({_told(found)})"
        if photo is given:
            return skipped(photo, clean, **measures)
        return applied(photo, told_screen + clean, **measures)
    deepest = max(removal.grain.depth for removal in removals if removal)
    best = options.quality == "best"

    def work(part: Pixels, piece: Piece) -> Pixels:
        del piece
        planes = _planes(part, photo.monochrome)
        return _picture(_without_noise(planes, removals, best))

    result = work_in_pieces(
        photo,
        work,
        margin=_margin(deepest, best),
        side=side,
        progress=tools.progress,
        label="denoise",
    )
    after = [_strongest(plane) for plane in _noises(_tiles(result, most_px), options.octaves)]
    measures["noise_after_255"] = _noise_255(after)
    reason = f"{told_screen}noise {_told(found)} lowered to {_told(after)}"
    return applied(result, reason, **measures)


@dataclass(frozen=True)
class _Removal:
    """What is taken out of one plane: its grain, of which a share (0..1) is put back."""

    grain: Grain
    put_back: float


def _without_noise(
    planes: Sequence[Plane], removals: Sequence[_Removal | None], best: bool
) -> list[Plane]:
    """Planes without their noise; one that has no removal stays as it is."""
    made = list(planes)
    noisy = [(n, removal.grain) for n, removal in enumerate(removals) if removal is not None]
    if best:
        finer = [without_coarse(planes[n], grain) for n, grain in noisy]
        guesses = [pilot(p, grain) for p, (_, grain) in zip(finer, noisy, strict=True)]
        known = [plane_noise(grain.noise, grain.strength) for _, grain in noisy]
        cleaner = by_similar_blocks(finer, guesses, known)
    else:
        cleaner = [cleaned(planes[n], grain) for n, grain in noisy]
    for (n, _), clean in zip(noisy, cleaner, strict=True):
        removal = removals[n]
        back = 0.0 if removal is None else removal.put_back
        made[n] = clean + np.float32(back) * (planes[n] - clean)
    return made


def _margin(depth: int, best: bool) -> int:
    """px around a px that decide what becomes of it, on the grid of blocks at every octave."""
    if not best:
        return margin(depth)
    grid = BLOCK << (depth - 1)
    return -(-(margin(depth) + REACH) // grid) * grid


def _asked(options: Options) -> list[tuple[float, float]]:
    """Strength and least noise (0..1) of the lightness and of the two colour planes."""
    colour = (options.colour_strength, options.least_colour_sigma / 255)
    return [(options.strength, options.least_sigma / 255), colour, colour]


def _removal(
    tiles: Sequence[Plane], noises: Sequence[Noise], asked: tuple[float, float], keep: float
) -> _Removal | None:
    """What to take out of a plane, so that about `keep` of noise remains; None when nothing."""
    strength, least = asked
    strongest = _strongest(noises)
    if strongest < least or strength <= 0:
        return None
    kept = min(0.5, keep / strongest) if strongest > 0 else 0.0
    return _Removal(grain_in(tiles, noises, strength), max(kept, _left_by_onset(strongest, least)))


def _left_by_onset(noise: float, least: float) -> float:
    """Share of the noise that is left, so that treatment sets in gently above the least noise.

    A picture just above the limit is nearly as clean as one just below it, which is left alone.
    """
    full = _FULL_FROM * least
    return float(np.clip((full - noise) / max(full - least, 1e-9), 0.0, 1.0))


def _tiles(photo: Photo, most_px: int) -> list[list[Plane]]:
    """Tiles of lightness and, of a colour photo, of the two colour differences."""
    places = spread_tiles(photo.height, photo.width, most_px=most_px)
    parts = [_planes(photo.part(*place), photo.monochrome) for place in places]
    return [list(plane) for plane in zip(*parts, strict=True)]


def _noises(planes: list[list[Plane]], octaves: int) -> list[list[Noise]]:
    with ThreadPoolExecutor() as pool:
        lightness = (n == 0 for n in range(len(planes)))
        return list(pool.map(octave_noises, planes, repeat(octaves), lightness))


def _planes(part: Pixels, monochrome: bool) -> list[Plane]:
    """Lightness and two colour differences in which noise of the channels is not correlated."""
    if monochrome:
        return [np.ascontiguousarray(part[..., 1])]
    red, green, blue = (part[..., c] for c in range(3))
    both = red + blue
    third, half, quarter = (np.float32(1 / n) for n in (3, 2, 4))
    return [
        (both + green) * third,
        (red - blue) * half + _MIDDLE,
        both * quarter - green * half + _MIDDLE,
    ]


def _picture(planes: list[Plane]) -> Pixels:
    if len(planes) == 1:
        return np.broadcast_to(planes[0][..., None], (*planes[0].shape, 3))
    mean, across, along = planes[0], planes[1] - _MIDDLE, planes[2] - _MIDDLE
    green = mean - along * np.float32(4 / 3)
    half = mean + along * np.float32(2 / 3)
    return np.stack([half + across, green, half - across], axis=2)


def _strongest(noises: Sequence[Noise]) -> float:
    """A plane's noise, 0..1: the largest of the fine noise at each octave."""
    return max(noise.sigma for noise in noises)


def _noise_255(noises: list[float]) -> dict[str, float]:
    colour = max(noises[1:], default=0.0)
    return {"lightness": round(noises[0] * 255, 2), "colour": round(colour * 255, 2)}


def _screen_told(screen: Screen) -> str:
    what = "halftone dots" if screen.kind == "halftone" else "a paper texture"
    return f"{what} of {screen.period_px:.1f} px"


def _told(noises: list[float]) -> str:
    colour = max(noises[1:], default=0.0) * 255
    return f"{noises[0] * 255:.1f}/255 in lightness, {colour:.1f} in colour"


STAGE = Stage(name="denoise", version=3, options=Options, run=denoise)
