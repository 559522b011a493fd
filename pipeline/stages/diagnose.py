"""Diagnose: look at the print before anything touches it, and write down what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools
from pipeline.stages.face_finding import find_faces
from pipeline.stages.measure.blocks import blockiness_in
from pipeline.stages.measure.cast import Cast, cast_of
from pipeline.stages.measure.noise import noise_in
from pipeline.stages.measure.resolution import RealResolution, real_resolution
from pipeline.stages.measure.sampling import MOST_PX, luma_tiles, reduced
from pipeline.stages.measure.sharpness import Sharpness, sharpness_in
from pipeline.stages.measure.tone_kind import tone_kind

DETECTOR_ROLE = "face_detector"

_NOISY_255 = 2.0
_BLOCKY = 0.15
_CLIPPED = 0.02
_SOFT_FRACTION = 0.5
_SOFT_PX = 2.0
_YELLOW = 6.0
_LIFTED = 8.0
_NEARLY_BLACK = 128  # half of one of 255 levels
_VIEW = 1280


class Options(StageOptions):
    """What is looked for, and from where on it is worth a warning."""

    count_faces: bool = Field(default=True, description="look for faces with the detector")
    least_face_score: float = Field(
        default=0.55, ge=0.0, le=1.0, description="detector confidence from which a face counts"
    )
    least_scan_dpi: float = Field(
        default=300.0,
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
        sharpness (px), noise (255ths), JPEG blocks, tone kind, cast (Lab), clipping (share of px
        at either end) and faces (score, box in px).
    """
    tools.progress.begin("diagnose", 3, "looks")
    tiles = luma_tiles(photo, most_px=most_px)
    resolution = real_resolution(photo)
    sigma = noise_in(tiles).sigma
    sharpness = sharpness_in(tiles, sigma)
    noise = sigma * 255.0
    blocks = blockiness_in(tiles)
    tools.progress.advance()
    view = reduced(photo, _VIEW)
    cast = cast_of(view, photo.icc)
    tone = tone_kind(view, photo.icc)
    kind = "monochrome" if photo.monochrome else tone.kind
    black, white = _clipping(photo, most_px)
    tools.progress.advance()
    faces = _faces(photo, options, tools)
    tools.progress.advance()
    measures: dict[str, Any] = {
        "scan_dpi": None if photo.dpi is None else [round(d, 1) for d in photo.dpi],
        "size_inches": None
        if photo.size_inches is None
        else [round(s, 2) for s in photo.size_inches],
        "resolution": resolution.as_measures(),
        "edge_blur_px": _rounded(sharpness.blur_px),
        "sharpest_edge_px": _rounded(sharpness.sharpest_px),
        "noise_255": round(noise, 2),
        "jpeg_blocks": round(blocks, 3),
        "kind": kind,
        "kind_by": {
            "chroma": round(tone.chroma, 2),
            "spread": round(tone.spread, 2),
            "spread_tail": round(tone.spread_tail, 2),
        },
        "white_lab": [round(v, 1) for v in cast.white],
        "black_lab": [round(v, 1) for v in cast.black],
        "greys_ab": [round(v, 1) for v in cast.greys],
        "clipped_black_share": round(black, 5),
        "clipped_white_share": round(white, 5),
    }
    if faces is not None:
        measures["faces"] = faces
    told = _colour_told(kind, cast)
    told += _detail_told(resolution, sharpness, noise, blocks)
    if max(black, white) > _CLIPPED:
        told.append(f"{max(black, white):.0%} of it is clipped")
    told.append(_faces_told(faces))
    reason = "; ".join(part for part in told if part)
    return Outcome(
        (photo,),
        "skipped",
        f"looked at, nothing changed: {reason}",
        measures,
        models=() if faces is None else (tools.models.face_detector().name,),
        notes=_warnings(photo, options),
    )


def _faces(photo: Photo, options: Options, tools: Tools) -> list[dict[str, Any]] | None:
    if not options.count_faces:
        return None
    found = find_faces(photo, tools.models.face_detector())
    return [
        {"score": round(f.score, 3), "box_px": [round(v, 1) for v in f.box]}
        for f in found
        if f.score >= options.least_face_score
    ]


def _clipping(photo: Photo, most_px: int) -> tuple[float, float]:
    """Share of px at the very bottom and at the very top in every channel."""
    apart = max(1, int(np.ceil(np.sqrt(photo.height * photo.width / most_px))))
    samples = photo.samples[::apart, ::apart]
    black = float((samples.max(axis=2) <= _NEARLY_BLACK).mean())
    white = float((samples.min(axis=2) >= 65535 - _NEARLY_BLACK).mean())
    return black, white


def _colour_told(kind: str, cast: Cast) -> list[str]:
    told = [{"monochrome": "black and white", "toned": "toned", "colour": "colour"}[kind]]
    if kind == "colour" and cast.white[2] > _YELLOW:
        told.append("whites yellowish")
    if cast.black[0] > _LIFTED:
        told.append("blacks faded")
    return told


def _detail_told(
    resolution: RealResolution, sharpness: Sharpness, noise: float, blocks: float
) -> list[str]:
    told = []
    if resolution.dpi is not None and resolution.fraction < _SOFT_FRACTION:
        told.append(f"holds detail for about {resolution.dpi:.0f} dpi")
    if sharpness.blur_px is not None and sharpness.blur_px >= _SOFT_PX:
        told.append(f"soft (edges {sharpness.blur_px:.1f} px)")
    if noise >= _NOISY_255:
        told.append("grainy")
    if blocks >= _BLOCKY:
        told.append("JPEG blocks")
    return told


def _faces_told(faces: list[dict[str, Any]] | None) -> str:
    if faces is None:
        return ""
    return {0: "no face", 1: "one face"}.get(len(faces), f"{len(faces)} faces")


def _warnings(photo: Photo, options: Options) -> tuple[str, ...]:
    if photo.dpi is not None and min(photo.dpi) < options.least_scan_dpi:
        return (
            f"scanned at {min(photo.dpi):.0f} dpi; {options.least_scan_dpi:.0f} dpi or more "
            "would keep more of the print",
        )
    return ()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


STAGE = Stage(
    name="diagnose",
    version=1,
    options=Options,
    run=diagnose,
    models=lambda options: {DETECTOR_ROLE: ("CenterFace",)} if options.count_faces else {},
)
