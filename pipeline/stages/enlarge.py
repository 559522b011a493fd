"""Enlarge: a print of an exact size in px for a printer, made from a master.

A super-resolution network (Real-ESRGAN) draws at most its own factor from what the master really
resolves; a Lanczos kernel does the rest. Nothing is enlarged by a network that need not be, and
nothing is sharpened afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.core.photo import Photo, Samples, rounded
from pipeline.core.samples import to_float
from pipeline.models.provider import Face
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.crop_window import LEAST_SCORE, Placing, placed, removes
from pipeline.stages.face_alignment import Alignment, align
from pipeline.stages.face_finding import find_faces
from pipeline.stages.face_shares import FaceShare, Shares
from pipeline.stages.fidelity import has_single_tone
from pipeline.stages.generated_mask import NAME, generated_mask
from pipeline.stages.measure.resolution import RealResolution, real_resolution
from pipeline.stages.pieces import Piece, each_piece, pieces
from pipeline.stages.print_quality import PrintQuality, quality_of, require_worth
from pipeline.stages.redraw import redraw
from pipeline.stages.resample import resample_part
from pipeline.stages.sheet_layout import MOST_SHEET_PX, Fit, Layout, lay_out

ROLE = "enlarge"
DETECTOR_ROLE = "face_detector"

_FACE_SCORE = 0.5
"""Certainty from which a find is spared; being wrong here costs nothing."""

_SIDE = 512
"""px of a piece of the sheet."""


class Options(StageOptions):
    """Options of the enlarge stage."""

    width_px: int | None = Field(
        None,
        ge=1,
        le=MOST_SHEET_PX,
        description="width of the sheet, bleed included, px; none: no enlargement",
    )
    height_px: int | None = Field(
        None,
        ge=1,
        le=MOST_SHEET_PX,
        description="height of the sheet, bleed included, px; none: no enlargement",
    )
    target_dpi: float = Field(
        300.0, ge=10.0, le=4800.0, description="resolution of the sheet, px per inch"
    )
    fit: Fit = Field(
        "pad",
        description="pad: whole picture with white margins; crop: fill the sheet, faces kept in; "
        "shrink: the sheet takes the picture's shape",
    )
    border_px: int = Field(
        0, ge=0, le=MOST_SHEET_PX, description="white on each side inside the trimmed sheet, px"
    )
    bleed_px: int = Field(
        0, ge=0, le=MOST_SHEET_PX, description="px on each side of the sheet that are cut off"
    )
    max_enlargement: float = Field(
        6.0,
        ge=1.0,
        le=10_000.0,
        description="px of the sheet for each px of the master above which a print is refused",
    )
    use_model: bool = Field(True, description="let a network draw the detail of an enlargement")
    strength: float = Field(
        0.6, ge=0.0, le=1.0, description="share of the network's picture in the result, 0 to 1"
    )
    face_strength: float = Field(
        0.3, ge=0.0, le=1.0, description="the same on faces, which turn uncanny when overdrawn"
    )
    plain_up_to: float = Field(
        1.2, ge=1.0, le=16.0, description="enlargement up to which no network is used"
    )
    models: tuple[str, ...] = Field(
        ("RealESRGAN_x4plus-ncnn", "RealESRGAN_x4plus"),
        min_length=1,
        description="networks that will do, best first",
    )

    @model_validator(mode="after")
    def _bleed_cuts_nothing_that_is_kept_whole(self) -> Options:
        if self.bleed_px and not self.border_px and self.fit != "crop":
            raise ValueError(
                f"with fit {self.fit} a bleed would cut the picture's edge: use fit crop, or give "
                "a border"
            )
        return self

    def layout_of(self, picture: tuple[int, int], dpi: tuple[float, float] | None) -> Layout | None:
        """Where a picture of (width, height) px comes to lie; None when no size was asked for.

        Raises:
            SizeRefused: border and bleed leave no room for it.
        """
        if self.width_px is None or self.height_px is None:
            return None
        sheet = self.width_px, self.height_px
        return lay_out(picture, dpi, sheet, self.fit, border=self.border_px, bleed=self.bleed_px)

    def draws(self, layout: Layout) -> bool:
        """Whether a network has a share in a print laid out so."""
        return self.use_model and self.strength > 0 and layout.enlargement > self.plain_up_to


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Make a sheet of exactly the size asked for.

    Raises:
        SizeRefused: border and bleed leave no room for the picture.
        EnlargementRefused: it would be enlarged more than `max_enlargement` times.
        BadOutput: the network's picture is unusable.
        OutOfMemory: even the smallest tile did not fit.
    """
    picture = photo.width, photo.height
    layout = options.layout_of(picture, photo.dpi)
    if layout is None:
        return skipped(photo, "no print size was asked for")
    require_worth(layout, options.max_enlargement, options.target_dpi)
    draws, crops = options.draws(layout), removes(layout, picture)
    seen = find_faces(photo, tools.models.face_detector()) if draws or crops else []
    boxes = [face.box for face in seen if face.score >= LEAST_SCORE]
    placing = placed(layout, picture, boxes) if crops else Placing(layout)
    layout = placing.layout
    found = real_resolution(photo)
    measures = _geometry(layout, options) | (placing.as_measures() if crops else {})
    sheet = np.full((layout.sheet[1], layout.sheet[0], photo.samples.shape[2]), 65535, np.uint16)
    left, top = layout.origin
    content = sheet[top : top + layout.content[1], left : left + layout.content[0]]
    models: tuple[str, ...] = (tools.models.face_detector().name,) if draws or crops else ()
    shares, scale = None, None
    if draws:
        scale = tools.models.upscaler(ROLE).scale
        facts = _draw(photo, layout, content, found, tools)
        spared = _spared(seen, layout)
        shares = Shares(options.strength, [FaceShare(one, options.face_strength) for one in spared])
        measures |= {"faces": len(spared), "inference": facts}
        models = (*models, facts["model"])
    quality = quality_of(layout, picture, found.fraction, options.target_dpi, network_scale=scale)
    measures |= {"method": _method(quality, draws=draws), **found.as_measures()}
    measures |= quality.as_measures()
    # With what networks drew into the master: a plan tells what the scan itself held.
    measures["print_resolved_dpi"] = round(quality.real_dpi, 1)
    _fill(photo, layout, content, shares)
    dpi = options.target_dpi, options.target_dpi
    return Outcome(
        (replace(photo, samples=sheet, dpi=dpi, infrared=None),),
        "applied",
        f"{layout.enlargement:.2f} times the px of the master",
        measures,
        images={} if shares is None else {NAME: _generated(shares, layout)},
        models=models,
        notes=(*quality.warnings, *placing.warnings),
    )


def _geometry(layout: Layout, options: Options) -> dict[str, Any]:
    return {
        "sheet_px": list(layout.sheet),
        "trim_px": list(layout.trim),
        "content_px": list(layout.content),
        "origin_px": list(layout.origin),
        "source_box_px": [round(value, 2) for value in layout.source],
        "dpi": options.target_dpi,
    }


def _method(quality: PrintQuality, *, draws: bool) -> str:
    if not draws:
        return "Lanczos"
    return "network" if quality.by_lanczos <= 1.0 else "network, then Lanczos"


def _generated(shares: Shares, layout: Layout) -> NDArray[np.uint8]:
    """The mask of the sheet's px that the network drew."""
    width, height = layout.content
    return generated_mask(shares, height, width, sheet=layout.sheet, origin=layout.origin)


def _draw(
    photo: Photo, layout: Layout, content: Samples, found: RealResolution, tools: Tools
) -> dict[str, Any]:
    """Have the network draw the content; facts for the record."""
    return redraw(
        photo,
        content,
        found.fraction,
        tools.models.upscaler(ROLE),
        tools.progress,
        single_tone=has_single_tone(photo),
        box=layout.source,
    )


def _spared(faces: Sequence[Face], layout: Layout) -> list[Alignment]:
    """The faces on the content that are to be spared, in its px."""
    left, top = layout.source[:2]
    grow = np.array(layout.scale)
    spared = []
    for face in faces:
        landmarks = (face.landmarks + 0.5 - np.array([left, top])) * grow - 0.5
        alignment = align(landmarks.astype(np.float32))
        x, y = landmarks.mean(axis=0)
        on_sheet = 0 <= x < layout.content[0] and 0 <= y < layout.content[1]
        if alignment is not None and face.score >= _FACE_SCORE and on_sheet:
            spared.append(alignment)
    return spared


def _fill(photo: Photo, layout: Layout, content: Samples, shares: Shares | None) -> None:
    """Enlarge plainly; with shares, blend what the network has drawn there with it, in place."""

    def one(piece: Piece) -> None:
        place = piece.rows, piece.columns
        made = resample_part(photo.samples, layout.content, *place, layout.source)
        made = np.clip(made, 0.0, 1.0)
        if shares is not None:
            share = shares.at(piece, content.shape)[..., None]
            made += share * (to_float(content[place]) - made)
        content[place] = rounded(made)

    each_piece(pieces(layout.content[1], layout.content[0], margin=0, side=_SIDE), one)


def _models(options: Options) -> dict[str, tuple[str, ...]]:
    """A network that draws needs to know the faces it is to spare, a crop those it is to keep."""
    wanted = {ROLE: options.models} if options.use_model else {}
    if options.use_model or options.fit == "crop":
        wanted[DETECTOR_ROLE] = ("CenterFace",)
    return wanted


STAGE = Stage(
    name="enlarge",
    version=3,
    options=Options,
    run=run,
    # The detector is asked for whatever the fit: the recipe's may give way to the command's.
    models=_models,
    generative=True,
)
