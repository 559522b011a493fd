"""Enlarge: a print of an exact size in px for a printer, made from a master.

A super-resolution network (Real-ESRGAN) draws at most its own factor from what the master really
resolves; a Lanczos kernel does the rest. Nothing is enlarged by a network that need not be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo, Samples, rounded
from pipeline.core.samples import to_float
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.face_alignment import Alignment, align
from pipeline.stages.face_finding import find_faces
from pipeline.stages.face_shares import FaceShare, Shares
from pipeline.stages.fidelity import has_single_tone
from pipeline.stages.generated_mask import NAME, generated_mask
from pipeline.stages.measure.resolution import real_resolution
from pipeline.stages.pieces import Piece, each_piece, pieces
from pipeline.stages.redraw import redraw
from pipeline.stages.resample import Box, resample_part

ROLE = "enlarge"
DETECTOR_ROLE = "face_detector"

_FACE_SCORE = 0.5
"""Certainty from which a find is spared; being wrong here costs nothing."""

_SIDE = 512
"""px of a piece of the sheet."""

Fit = Literal["pad", "crop"]


class Options(StageOptions):
    """Options of the enlarge stage."""

    width_px: int | None = Field(
        None, ge=1, le=60_000, description="width of the sheet, px; none: no enlargement"
    )
    height_px: int | None = Field(
        None, ge=1, le=60_000, description="height of the sheet, px; none: no enlargement"
    )
    target_dpi: float = Field(
        300.0, ge=10.0, le=4800.0, description="resolution of the sheet, px per inch"
    )
    fit: Fit = Field(
        "pad", description="pad: whole picture with white margins; crop: fill the sheet"
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


@dataclass(frozen=True)
class Layout:
    """Where a picture comes to lie on its sheet.

    Args:
        sheet: (width, height), px.
        content: (width, height) of the picture on the sheet, px.
        origin: (left, top) of the picture on the sheet, px.
        source: the part of the picture used, (left, top, right, bottom) in its px.
    """

    sheet: tuple[int, int]
    content: tuple[int, int]
    origin: tuple[int, int]
    source: Box

    @property
    def enlargement(self) -> float:
        """px on the sheet for each px of the picture, along the axis that grows more."""
        left, top, right, bottom = self.source
        return max(self.content[0] / (right - left), self.content[1] / (bottom - top))


def lay_out(photo: Photo, sheet: tuple[int, int], fit: Fit) -> Layout:
    """Fit a picture on a sheet.

    The sheet is turned to stand or lie as the picture does. Unequal resolutions of the scan in
    x and y are made good, so that a circle on the paper stays one.

    Args:
        photo: the picture.
        sheet: (width, height), px, of square px.
        fit: `pad` shows all of it with even margins, `crop` fills the sheet with its middle.
    """
    paper_width, paper_height = float(photo.width), float(photo.height)
    if photo.dpi is not None:
        paper_width, paper_height = photo.width / photo.dpi[0], photo.height / photo.dpi[1]
    if (paper_width > paper_height) != (sheet[0] > sheet[1]) and paper_width != paper_height:
        sheet = (sheet[1], sheet[0])
    across, down = sheet[0] / paper_width, sheet[1] / paper_height
    if fit == "pad":
        grow = min(across, down)
        content = (_at_most(paper_width * grow, sheet[0]), _at_most(paper_height * grow, sheet[1]))
        origin = ((sheet[0] - content[0]) // 2, (sheet[1] - content[1]) // 2)
        return Layout(sheet, content, origin, (0.0, 0.0, float(photo.width), float(photo.height)))
    grow = max(across, down)
    used = (photo.width * across / grow, photo.height * down / grow)
    left, top = (photo.width - used[0]) / 2, (photo.height - used[1]) / 2
    return Layout(sheet, sheet, (0, 0), (left, top, left + used[0], top + used[1]))


def _at_most(length: float, limit: int) -> int:
    return max(1, min(limit, round(length)))


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Make a sheet of exactly the size asked for.

    Raises:
        BadOutput: the network's picture is unusable.
        OutOfMemory: even the smallest tile did not fit.
    """
    if options.width_px is None or options.height_px is None:
        return skipped(photo, "no print size was asked for")
    layout = lay_out(photo, (options.width_px, options.height_px), options.fit)
    measures: dict[str, Any] = {
        "enlargement": round(layout.enlargement, 4),
        "sheet_px": list(layout.sheet),
        "content_px": list(layout.content),
        "origin_px": list(layout.origin),
        "source_box_px": [round(value, 2) for value in layout.source],
        "dpi": options.target_dpi,
    }
    sheet = np.full((layout.sheet[1], layout.sheet[0], photo.samples.shape[2]), 65535, np.uint16)
    left, top = layout.origin
    content = sheet[top : top + layout.content[1], left : left + layout.content[0]]
    by_model = options.use_model and options.strength > 0
    models: tuple[str, ...] = ()
    spared: list[Alignment] = []
    if by_model and layout.enlargement > options.plain_up_to:
        facts = _draw(photo, layout, content, tools)
        spared = _spared_faces(photo, layout, tools)
        measures |= facts | {"faces": len(spared)}
        models = (tools.models.face_detector().name, facts["inference"]["model"])
    else:
        measures["method"] = "Lanczos"
    faces = [FaceShare(face, options.face_strength) for face in spared]
    shares = Shares(options.strength, faces) if models else None
    _fill(photo, layout, content, shares)
    result = replace(
        photo, samples=sheet, dpi=(options.target_dpi, options.target_dpi), infrared=None
    )
    reason = f"{layout.enlargement:.2f} times the px of the master"
    images = {} if shares is None else {NAME: _generated(shares, layout)}
    return Outcome((result,), "applied", reason, measures, images=images, models=models)


def _generated(shares: Shares, layout: Layout) -> NDArray[np.uint8]:
    """The mask of the sheet's px that the network drew."""
    width, height = layout.content
    return generated_mask(shares, height, width, sheet=layout.sheet, origin=layout.origin)


def _draw(photo: Photo, layout: Layout, content: Samples, tools: Tools) -> dict[str, Any]:
    """Have the network draw the content; facts for the record."""
    found = real_resolution(photo)
    upscaler = tools.models.upscaler(ROLE)
    facts = redraw(
        photo,
        content,
        found.fraction,
        upscaler,
        tools.progress,
        single_tone=has_single_tone(photo),
        box=layout.source,
    )
    drawn = upscaler.scale * facts["network_input_px"][0] / photo.width
    return {
        **found.as_measures(),
        "method": "network" if drawn >= layout.enlargement else "network, then Lanczos",
        "enlarged_by_network": round(min(drawn, layout.enlargement), 4),
        "inference": facts,
    }


def _spared_faces(photo: Photo, layout: Layout, tools: Tools) -> list[Alignment]:
    """The faces on the content that are to be spared, in its px."""
    left, top, right, bottom = layout.source
    grow = np.array([layout.content[0] / (right - left), layout.content[1] / (bottom - top)])
    spared = []
    for face in find_faces(photo, tools.models.face_detector()):
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


STAGE = Stage(
    name="enlarge",
    version=2,
    options=Options,
    run=run,
    models=lambda options: (
        {ROLE: options.models, DETECTOR_ROLE: ("CenterFace",)} if options.use_model else {}
    ),
    generative=True,
)
