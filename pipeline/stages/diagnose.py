"""Diagnose: look at the print before anything touches it, and write down what is there."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools
from pipeline.stages.diagnosis_told import Seen, told, warnings
from pipeline.stages.face_finding import find_faces
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.blur import blur_from
from pipeline.stages.measure.blur_scales import fits_of
from pipeline.stages.measure.cast import Cast, cast_of
from pipeline.stages.measure.jpeg_quality import jpeg_quality_in
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles, reduced
from pipeline.stages.measure.screen import screen_in
from pipeline.stages.measure.sharpened import sharpened_in
from pipeline.stages.measure.sharpness import sharpness_in
from pipeline.stages.measure.specks import resolution_beneath_specks
from pipeline.stages.measure.tone_kind import Tone, tone_kind

DETECTOR_ROLE = "face_detector"

_NEARLY_BLACK = 128  # half of one of 255 levels
_VIEW = 1280
_MANY_TILES = 8


class Options(StageOptions):
    """What is looked for, and from where on it is worth a warning."""

    count_faces: bool = Field(default=True, description="look for faces with the detector")
    least_face_score: float = Field(
        default=0.55, ge=0.0, le=1.0, description="detector confidence from which a face counts"
    )
    least_face_px: float = Field(
        default=24.0,
        ge=4.0,
        le=512.0,
        description="width of a face, px at the print's real resolution, below which it is told "
        "to be too small to restore",
    )
    least_scan_dpi: float = Field(
        default=600.0,
        ge=50.0,
        le=4800.0,
        description="scan resolution in samples per inch below which a warning is given",
    )


def diagnose(photo: Photo, options: Options, tools: Tools, *, most_px: int = MOST_PX) -> Outcome:
    """Measure a print.

    Args:
        photo: any photo.
        options: see `Options`.
        tools: `models.face_detector()` is asked for the faces when they are to be counted.
        most_px: px that fine things are measured on; all of a smaller picture.

    Returns:
        The very same photo. The reason is the finding in plain words; measures hold resolution,
        sharpness (px), kind and extent of blur, haloes of sharpening, printing screen or paper
        texture (period in px), noise (255ths), quality of
        JPEG, tone kind, cast (Lab), clipping (share of px at either end) and faces (score, box in
        px, width in px of real resolution, whether too small to restore).
    """
    tools.progress.begin("diagnose", 4, "looks")
    tiles = luma_tiles(photo, most_px=most_px)
    noise = noise_in(tiles)
    # Edges are many on a large print: half of its tiles tell their width as well as all.
    sharpness = sharpness_in(tiles[:: 1 + (len(tiles) > _MANY_TILES)], noise.sigma)
    resolution, specked = resolution_beneath_specks(photo, tiles, noise.sigma)
    tools.progress.advance()
    quality = jpeg_quality_in(tiles)
    fits = fits_of(photo, most_px=most_px, clear_of_specks=noise.sigma if specked else None)
    blocks = blockiness_in(tiles)
    screen = screen_in(tiles)
    blur = blur_from(fits, quality, blocks)
    sharpened = sharpened_in(tiles, noise.sigma, fits, quality)
    tools.progress.advance()
    view = reduced(photo, _VIEW)
    cast, tone = cast_of(view, photo.icc), tone_kind(view, photo.icc)
    kind = "monochrome" if photo.monochrome else tone.kind
    black, white = _clipping(photo, most_px)
    tools.progress.advance()
    faces = _faces(photo, options, tools, resolution.fraction)
    tools.progress.advance()
    measures: dict[str, Any] = {
        **_paper(photo),
        "resolution": resolution.as_measures(),
        "edge_blur_px": _rounded(sharpness.blur_px),
        "sharpest_edge_px": _rounded(sharpness.sharpest_px),
        "blur": blur.as_measures(),
        "pre_sharpened": sharpened.as_measures(),
        "screen": screen.as_measures(),
        "noise_255": round(noise.sigma * 255.0, 2),
        "jpeg_blocks": round(blocks, 3),
        "jpeg_quality": quality,
        "kind": kind,
        **_colours(tone, cast),
        "clipped_black_share": round(black, 5),
        "clipped_white_share": round(white, 5),
    }
    if faces is not None:
        measures["faces"] = faces
    seen = Seen(
        kind=kind,
        resolution=resolution,
        blur=blur,
        sharpened=sharpened,
        screen=screen,
        noise_255=noise.sigma * 255.0,
        jpeg_quality=quality,
        cast=cast,
        black=black,
        white=white,
        faces=None if faces is None else (len(faces), sum(f["too_small"] for f in faces)),
    )
    return Outcome(
        (photo,),
        "skipped",
        told(seen),
        measures,
        models=() if faces is None else (tools.models.face_detector().name,),
        notes=warnings(photo, resolution, sharpened, options.least_scan_dpi),
    )


def _paper(photo: Photo) -> dict[str, Any]:
    size = photo.size_inches
    return {
        "scan_dpi": None if photo.dpi is None else [round(d, 1) for d in photo.dpi],
        "size_inches": None if size is None else [round(s, 2) for s in size],
    }


def _colours(tone: Tone, cast: Cast) -> dict[str, Any]:
    return {
        "kind_by": {
            "chroma": round(tone.chroma, 2),
            "spread": round(tone.spread, 2),
            "spread_tail": round(tone.spread_tail, 2),
        },
        "white_lab": [round(v, 1) for v in cast.white],
        "black_lab": [round(v, 1) for v in cast.black],
        "greys_ab": [round(v, 1) for v in cast.greys],
    }


def _faces(
    photo: Photo, options: Options, tools: Tools, fraction: float
) -> list[dict[str, Any]] | None:
    """The faces of a print; `fraction` is its real detail over that of its px."""
    if not options.count_faces:
        return None
    found = find_faces(photo, tools.models.face_detector())
    return [
        {
            "score": round(face.score, 3),
            "box_px": [round(v, 1) for v in face.box],
            "real_width_px": round((face.box[2] - face.box[0]) * fraction, 1),
            "too_small": (face.box[2] - face.box[0]) * fraction < options.least_face_px,
        }
        for face in found
        if face.score >= options.least_face_score
    ]


def _clipping(photo: Photo, most_px: int) -> tuple[float, float]:
    """Share of px at the very bottom and at the very top in every channel."""
    apart = max(1, int(np.ceil(np.sqrt(photo.height * photo.width / most_px))))
    samples = photo.samples[::apart, ::apart]
    channels = [samples[..., channel] for channel in range(samples.shape[2])]
    black = float((reduce(np.maximum, channels) <= _NEARLY_BLACK).mean())
    white = float((reduce(np.minimum, channels) >= 65535 - _NEARLY_BLACK).mean())
    return black, white


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


STAGE = Stage(
    name="diagnose",
    version=2,
    options=Options,
    run=diagnose,
    models=lambda options: {DETECTOR_ROLE: ("CenterFace",)} if options.count_faces else {},
)
