"""Faces: found, set upright, redrawn by a face network and blended back softly.

Network: GFPGAN (Wang, Li, Zhang, Shan 2021, doi:10.1109/CVPR46437.2021.00905), or a
super-resolution network in its place. A restored face is plausible, not proof: the stage is
generative, and its mask says which pixels it made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.errors import BadOutput, ShoeboxError
from pipeline.core.photo import Photo, Pixels, rounded
from pipeline.models.provider import FaceRestorer, Inference
from pipeline.stages.base import Outcome, Stage, Tools, skipped
from pipeline.stages.face_alignment import (
    SIDE,
    Alignment,
    cut_out,
    face_mask,
    put_back,
)
from pipeline.stages.face_finding import MeasuredFace, measured_faces
from pipeline.stages.fidelity import coarse, has_single_tone, keep_single_tone
from pipeline.stages.measure.resolution import luminance
from pipeline.stages.pieces import Piece, each_piece, pieces
from pipeline.stages.when_needed import WhenNeededOptions

ROLE = "faces"
DETECTOR_ROLE = "face_detector"

_ROOM = 1.25
"""A face may hold this much more detail than the network works at before it is left alone."""

_COARSE = 20.0
"""Blur, in px of the aligned face, above which the print's tones and colours are kept."""


_SIDE = 512
"""px of a piece of the print that faces are put back on."""


class Options(WhenNeededOptions):
    """Options of the faces stage."""

    strength: float = Field(
        0.8, ge=0.0, le=1.0, description="share of the network's face in the result, 0 to 1"
    )
    models: tuple[str, ...] = Field(
        ("GFPGANv1.4", "RealESRGAN_x4plus-ncnn", "RealESRGAN_x4plus"),
        min_length=1,
        description="networks that will do, best first",
    )
    min_score: float = Field(
        0.7, ge=0.0, le=1.0, description="certainty of the detector from which a face counts"
    )
    min_px: int = Field(
        24, ge=8, le=512, description="width of a face, px of the print, below which it is left"
    )
    max_misfit: float = Field(
        0.25,
        ge=0.0,
        description="distance of the landmarks from a frontal face, in eye distances, above "
        "which a face is left (profiles, false finds)",
    )


@dataclass(frozen=True)
class _Redrawn:
    """What a network would change of a face.

    Args:
        change: float32 (512, 512, 4): the change of red, green and blue times the mask, and the
            mask.
        alignment: where the face lies.
    """

    change: NDArray[np.float32]
    alignment: Alignment


def run(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Redraw the faces of a print that need it and that the network can better.

    Raises:
        ShoeboxError: of the kind the network raised, its detail naming the face.
        BadOutput: a redrawn face is unusable; the print then stays as it was.
    """
    if options.strength == 0.0:
        return skipped(photo, "the strength is 0")
    detector = tools.models.face_detector()
    limits = options.limits
    found = measured_faces(photo, detector, limits)
    reports = [candidate.report() for candidate in found]
    for candidate, report in zip(found, reports, strict=True):
        report["left_because"] = _why_left(candidate, options)
    chosen = [c for c, report in zip(found, reports, strict=True) if not report["left_because"]]
    single_tone = bool(chosen) and has_single_tone(photo)
    used = [detector.name]
    redrawn: list[_Redrawn] = []
    if chosen:
        restorer = tools.models.face_restorer()
        tools.progress.begin("faces", len(chosen), "face")
        for candidate in chosen:
            report = reports[candidate.number - 1]
            face, facts = _redraw(candidate, photo, restorer, single_tone=single_tone)
            report |= facts
            redrawn += face
            tools.progress.advance()
            if not report["left_because"] and report["model"] not in used:
                used.append(report["model"])
    restored = sum(not report["left_because"] for report in reports)
    measures = {"faces": reports, "restored": restored}
    if not restored:
        reason = "every face was left as it is" if found else "no face was found"
        return Outcome((photo,), "skipped", reason, measures, models=tuple(used))
    result, generated = _put_on(photo, redrawn, options.strength)
    return Outcome(
        (result,),
        "applied",
        f"{restored} of {len(found)} faces were redrawn",
        measures | {"single_tone": single_tone, "strength": options.strength},
        images={"generated": generated},
        models=tuple(used),
    )


def _put_on(
    photo: Photo, faces: list[_Redrawn], strength: float
) -> tuple[Photo, NDArray[np.uint8]]:
    """The print with its faces changed, and each px's share of the networks, 0..255."""
    samples = photo.samples.copy()
    generated = np.zeros((photo.height, photo.width), np.uint8)
    channels = slice(1, 2) if photo.monochrome else slice(None)

    def one(piece: Piece) -> None:
        change, weight = _sum_of(faces, photo, piece)
        touched = weight > 0
        if not touched.any():
            return
        place = piece.rows, piece.columns
        # Faces that overlap share their px.
        settled = change / np.maximum(weight, 1.0)[..., None] * np.float32(strength)
        changed = rounded((photo.part(*place) + settled)[..., channels])
        samples[place] = np.where(touched[..., None], changed, samples[place])
        generated[place] = np.rint(np.minimum(weight, 1.0) * np.float32(strength * 255))

    each_piece(pieces(photo.height, photo.width, margin=0, side=_SIDE), one)
    return photo.with_samples(samples), generated


def _sum_of(
    faces: list[_Redrawn], photo: Photo, piece: Piece
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """All changes (h, w, 3) to a piece of the print, times their masks, and the masks (h, w)."""
    height, width = (px.stop - px.start for px in (piece.rows, piece.columns))
    change, weight = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    for face in faces:
        placed, where = put_back(
            face.change, face.alignment, photo.samples.shape, (piece.rows, piece.columns)
        )
        change[where] += placed[..., :3]
        weight[where] += np.maximum(placed[..., 3], 0.0)
    return change, weight


def _redraw(
    candidate: MeasuredFace, photo: Photo, restorer: FaceRestorer, *, single_tone: bool
) -> tuple[list[_Redrawn], dict[str, Any]]:
    """One face redrawn, or none when the network would lose detail; and what was done."""
    if candidate.alignment is None:
        return [], {}
    aligned = cut_out(photo.samples, candidate.alignment)
    inference = _restore(restorer, aligned, candidate.name)
    own_px = float(inference.facts.get("reduced_to_px", SIDE))
    if candidate.real_px > _ROOM * own_px:
        return [], {
            "left_because": f"it holds more detail ({candidate.real_px:.0f} px across) than "
            f"{inference.model} works at ({own_px:.0f} px)"
        }
    mask = face_mask()
    change = _matched(inference.pixels, aligned, single_tone=single_tone) - aligned
    moved = float((np.abs(luminance(change)) * mask).sum() / mask.sum())
    face = _Redrawn(
        np.concatenate([change * mask[..., None], mask[..., None]], axis=2),
        candidate.alignment,
    )
    return [face], {
        "model": inference.model,
        "device": inference.device,
        "dtype": inference.dtype,
        "mean_change": round(moved, 4),
    }


def _why_left(candidate: MeasuredFace, options: Options) -> str:
    """Why a face is left as it is, or an empty string."""
    if candidate.face.score < options.min_score:
        return f"uncertain find (score {candidate.face.score:.2f})"
    if candidate.width < options.min_px:
        return f"too small ({candidate.width:.0f} px)"
    if candidate.alignment is None or candidate.alignment.misfit > options.max_misfit:
        return "not seen from the front"
    if options.only_when_needed and not candidate.faults:
        return "clean and sharp"
    return ""


def _restore(restorer: FaceRestorer, aligned: Pixels, name: str) -> Inference:
    try:
        inference = restorer.run(aligned)
    except ShoeboxError as error:
        raise type(error)(f"{name}: {error.detail}", remedy=error.advice) from error
    made = inference.pixels
    if made.shape != (SIDE, SIDE, 3):
        raise BadOutput(f"{name}: {restorer.name} gave {made.shape}")
    if not np.isfinite(made).all():
        raise BadOutput(f"{name}: {restorer.name} gave NaN or infinity")
    if float(np.ptp(made)) < 1e-5 < float(np.ptp(aligned)):
        raise BadOutput(f"{name}: {restorer.name} gave one flat colour")
    return inference


def _matched(made: Pixels, aligned: Pixels, *, single_tone: bool) -> Pixels:
    """The network's face in the print's tones and colours."""
    if single_tone:
        made = keep_single_tone(made, aligned, chroma_px=4.0)
    settled = np.clip(made + coarse(aligned - made, _COARSE), 0.0, 1.0)
    return np.asarray(settled, dtype=np.float32)


STAGE = Stage(
    name="faces",
    version=3,
    options=Options,
    run=run,
    models=lambda options: {ROLE: options.models, DETECTOR_ROLE: ("CenterFace",)},
    generative=True,
)
