"""Denoise: lower grain and sensor noise where it was measured, leave texture and edges.

What noise there is, how it varies with tone and frequency, and whether coarse grain is among it,
is measured once, on tiles spread over the picture. It is then taken out piece by piece, from
lightness and from the colour difference planes (see `dct_denoise`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.dct_denoise import Grain, cleaned, grain_in, margin, octave_noises
from pipeline.stages.measure.noise import Noise
from pipeline.stages.measure.sampling import MOST_PX, spread_tiles
from pipeline.stages.pieces import SIDE, Piece, work_in_pieces

Plane = NDArray[np.float32]


class Options(StageOptions):
    """How much noise is taken away, and when the picture counts as clean."""

    strength: float = Field(
        default=1.0, ge=0.0, le=2.0, description="noise assumed, as a multiple of that measured"
    )
    colour_strength: float = Field(
        default=1.2, ge=0.0, le=3.0, description="the same for colour noise"
    )
    keep_grain: float = Field(
        default=0.8,
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
        noise before and after in 255ths of full scale, for lightness and colour.
    """
    tiles = _tiles(photo, most_px)
    noises = _noises(tiles, options.octaves)
    found = [_strongest(octaves) for octaves in noises]
    measures = {"noise_255": _noise_255(found)}
    with ThreadPoolExecutor() as pool:
        keep = repeat(options.keep_grain / 255)
        removals = list(pool.map(_removal, tiles, noises, _asked(options), keep))
    if not any(removals):
        return skipped(photo, f"no noise worth removing ({_told(found)})", **measures)
    deepest = max(removal.grain.depth for removal in removals if removal)

    def work(part: Pixels, piece: Piece) -> Pixels:
        del piece
        return _picture(
            [
                plane if removal is None else removal.of(plane)
                for plane, removal in zip(_planes(part, photo.monochrome), removals, strict=True)
            ]
        )

    result = work_in_pieces(
        photo,
        work,
        margin=margin(deepest),
        side=side,
        progress=tools.progress,
        label="denoise",
    )
    after = [_strongest(plane) for plane in _noises(_tiles(result, most_px), options.octaves)]
    measures["noise_after_255"] = _noise_255(after)
    reason = f"noise {_told(found)} lowered to {_told(after)}"
    return applied(result, reason, **measures)


@dataclass(frozen=True)
class _Removal:
    """What is taken out of one plane: its grain, of which a share (0..1) is put back."""

    grain: Grain
    put_back: float

    def of(self, plane: Plane) -> Plane:
        clean = cleaned(plane, self.grain)
        return clean + np.float32(self.put_back) * (plane - clean)


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
    put_back = min(0.5, keep / strongest) if strongest > 0 else 0.0
    return _Removal(grain_in(tiles, noises, strength), put_back)


def _tiles(photo: Photo, most_px: int) -> list[list[Plane]]:
    """Tiles of lightness and, of a colour photo, of the two colour differences."""
    places = spread_tiles(photo.height, photo.width, most_px=most_px)
    parts = [_planes(photo.part(*place), photo.monochrome) for place in places]
    return [list(plane) for plane in zip(*parts, strict=True)]


def _noises(planes: list[list[Plane]], octaves: int) -> list[list[Noise]]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(octave_noises, planes, repeat(octaves)))


def _planes(part: Pixels, monochrome: bool) -> list[Plane]:
    if monochrome:
        return [np.ascontiguousarray(part[..., 1])]
    return [np.asarray(p) for p in cv2.split(cv2.cvtColor(part, cv2.COLOR_RGB2YCrCb))]


def _picture(planes: list[Plane]) -> Pixels:
    if len(planes) == 1:
        return np.broadcast_to(planes[0][..., None], (*planes[0].shape, 3))
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2RGB), np.float32)


def _strongest(noises: Sequence[Noise]) -> float:
    """A plane's noise, 0..1: the largest of the fine noise at each octave."""
    return max(noise.sigma for noise in noises)


def _noise_255(noises: list[float]) -> dict[str, float]:
    colour = max(noises[1:], default=0.0)
    return {"lightness": round(noises[0] * 255, 2), "colour": round(colour * 255, 2)}


def _told(noises: list[float]) -> str:
    colour = max(noises[1:], default=0.0) * 255
    return f"{noises[0] * 255:.1f}/255 in lightness, {colour:.1f} in colour"


STAGE = Stage(name="denoise", version=2, options=Options, run=denoise)
