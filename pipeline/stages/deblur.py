"""Deblur: take a measured blur back, without drawing anything that is not there.

Which blur it is, how long and which way, is measured (`measure.blur`); what it did to every point
is computed from that, and taken back in lightness alone (`deconvolution`). A network of the role
`deblur`, if the recipe names one, takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo, Pixels
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.blending import blend
from pipeline.stages.deconvolution import deconvolved, defocus_psf, motion_psf
from pipeline.stages.face_shares import Shares
from pipeline.stages.fidelity import has_single_tone
from pipeline.stages.generated_mask import NAME, generated_mask
from pipeline.stages.measure.blur import Blur, blur_of
from pipeline.stages.measure.luma import luma
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles
from pipeline.stages.measure.sharpened import sharpened_of
from pipeline.stages.pieces import SIDE, Piece, work_in_pieces
from pipeline.stages.redraw import redraw

Plane = NDArray[np.float32]

ROLE = "deblur"

_TRIAL_PX = 500_000
"""px of tiles on which the result is judged before the print is touched."""


_MARGIN = {"defocus": 2, "motion": 6}
"""Sides of the point spread function that a piece looks around itself. What is so far away changes
a px of defocus by 0.0001, one of motion by 0.002 (11 px long) to 0.01 (20 px) at most."""


class Options(StageOptions):
    """Which blur is believed, and how far it is taken back."""

    kinds: tuple[Literal["defocus", "motion"], ...] = Field(
        default=("defocus", "motion"), description="kinds of blur that are taken back"
    )
    strength: float = Field(
        default=1.0, ge=0.0, le=1.0, description="share of the sharper picture in the result"
    )
    fidelity: float = Field(
        default=300.0,
        ge=10.0,
        le=5000.0,
        description="weight of agreeing with the scan over being free of noise and haloes",
    )
    least_sure: float = Field(
        default=0.9, ge=0.0, le=1.0, description="certainty of the kind of blur that is asked"
    )
    least_sigma_px: float = Field(
        default=0.8,
        ge=0.0,
        le=20.0,
        description="standard deviation of a blur that is worth taking back, px",
    )
    most_px: float = Field(
        default=40.0,
        ge=1.0,
        le=200.0,
        description="length or diameter of a blur beyond which too little is left, px",
    )
    most_noise_gain: float = Field(
        default=2.0,
        ge=1.0,
        le=20.0,
        description="how many times the noise may grow before the result is not kept",
    )
    models: tuple[str, ...] = Field(
        default=(),
        description="networks of the role deblur that do it instead, best first; none by default",
    )


def deblur(
    photo: Photo, options: Options, tools: Tools, *, most_px: int = MOST_PX, side: int = SIDE
) -> Outcome:
    """Take defocus or camera motion back.

    Args:
        photo: any photo; a monochrome one stays exactly grey, colours keep their tint.
        options: see `Options`.
        tools: `models.upscaler("deblur")` when the options name networks; the progress listener.
        most_px: px that the blur is measured on; all of a smaller picture.
        side: px of a piece.

    Returns:
        The sharper photo, or the very photo ("skipped") when it is not blurred, when the kind of
        blur is uncertain, when the scanner sharpened it already, or when taking the blur back
        would raise the noise too far. Measures: the blur, and of the trial the noise before and
        after and the share of px held back as haloes.

    Raises:
        BadOutput, OutOfMemory: of a network; see `Upscaler`.
    """
    blur = blur_of(photo, most_px=most_px)
    measures: dict[str, Any] = {"blur": blur.as_measures()}
    doubt = _doubt(blur, options)
    if not doubt and sharpened_of(photo, most_px=most_px).found:
        doubt = f"{_told(blur)}, but the scanner has sharpened it already"
    if doubt:
        return skipped(photo, doubt, **measures)
    if options.models:
        return _by_network(photo, blur, options, tools, measures)
    psf = _psf(blur)
    tiles = luma_tiles(photo, most_px=_TRIAL_PX)
    trial = _tried(tiles, psf, options)
    measures |= trial.as_measures()
    if trial.noise_gain > options.most_noise_gain:
        return skipped(photo, "taking the blur back would raise the noise too far", **measures)

    def work(part: Pixels, piece: Piece) -> Pixels:
        del piece
        before = np.ascontiguousarray(part[..., 1]) if photo.monochrome else luma(part)
        sharper = deconvolved(before, psf, options.fidelity)
        # The same step in all channels: tints stay, and grey stays exactly grey.
        change = np.float32(options.strength) * (sharper - before)
        return np.asarray(part + change[..., None], np.float32)

    result = work_in_pieces(
        photo,
        work,
        margin=_MARGIN[blur.kind] * len(psf),
        side=side,
        progress=tools.progress,
        label="deblur",
    )
    return applied(result, f"{_told(blur)} taken back", **measures)


@dataclass(frozen=True)
class _Trial:
    """What deblurring does to a few tiles: their noise before and after, 0..1."""

    noise: float
    noise_after: float

    @property
    def noise_gain(self) -> float:
        # Noise too faint to be seen may grow until it is.
        return self.noise_after / max(self.noise, 1.0 / 255)

    def as_measures(self) -> Mapping[str, float]:
        return {
            "noise_255": round(self.noise * 255, 2),
            "noise_after_255": round(self.noise_after * 255, 2),
        }


def _tried(tiles: Sequence[Plane], psf: Plane, options: Options) -> _Trial:
    sharper = [deconvolved(tile, psf, options.fidelity) for tile in tiles]
    return _Trial(noise_in(tiles).sigma, noise_in(sharper).sigma)


def _doubt(blur: Blur, options: Options) -> str:
    """Why the blur is left alone; empty when it is not."""
    told = _told(blur)
    small = blur.kind == "defocus" and blur.sigma_px < options.least_sigma_px
    doubts = (
        (options.strength == 0.0, "the strength is 0"),
        (blur.kind not in ("defocus", "motion"), "no blur of camera or lens was found"),
        (blur.kind not in options.kinds, f"{told}, which the recipe leaves to other stages"),
        (blur.sure < options.least_sure, f"{told}, but not certain enough ({blur.sure:.2f})"),
        (_extent(blur) > options.most_px, f"{told}: too much to be taken back"),
        (small, f"{told}: too little to be seen"),
    )
    return next((words for holds, words in doubts if holds), "")


def _extent(blur: Blur) -> float:
    return blur.length_px if blur.kind == "motion" else 4.0 * blur.sigma_px


def _psf(blur: Blur) -> Plane:
    if blur.kind == "motion":
        return motion_psf(blur.length_px, blur.angle_degrees)
    return defocus_psf(blur.radius_px or 2.0 * blur.sigma_px)


def _told(blur: Blur) -> str:
    if blur.kind == "motion":
        return f"camera motion of {blur.length_px:.0f} px at {blur.angle_degrees:.0f} degrees"
    return f"defocus of {blur.sigma_px:.1f} px"


def _by_network(
    photo: Photo, blur: Blur, options: Options, tools: Tools, measures: dict[str, Any]
) -> Outcome:
    network = tools.models.upscaler(ROLE)
    made = np.empty_like(photo.samples)
    facts = redraw(photo, made, 1.0, network, tools.progress, single_tone=has_single_tone(photo))
    share = Shares(options.strength)
    change = blend(made, photo.samples, share)
    measures |= {"mean_change": round(change, 5), "inference": facts}
    reason = f"{_told(blur)} taken back by {network.name}"
    return Outcome(
        (photo.with_samples(made),),
        "applied",
        reason,
        measures,
        images={NAME: generated_mask(share, photo.height, photo.width)},
        models=(network.name,),
    )


STAGE = Stage(
    name="deblur",
    version=1,
    options=Options,
    run=deblur,
    models=lambda options: {ROLE: options.models} if options.models else {},
    generative=True,
)
