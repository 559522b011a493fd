"""Repair: fill dust, hairs, scratches and cracks from their surroundings; touch nothing else.

Filling follows Telea (2004, doi:10.1080/10867651.2004.10487596), channel by channel at full
depth. That leaves wide cracks too smooth, so they are given the grain of the print right beside
them. Every pixel outside the mask stays bit for bit what it was.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, skipped
from pipeline.stages.measure.damage import find_damage

_TILE = 512
_GRAIN_FROM_DEPTH = 2.0
_GRAIN_SIGMA = 2.0
_GRAIN_LIMIT = 3.0


class Options(StageOptions):
    """How sure the stage must be, and when it should leave a print to a person."""

    caution: float = Field(
        default=1.5,
        ge=-2.0,
        le=8.0,
        description="log-odds from which a speck or line counts as damage; higher repairs less",
    )
    most_share: float = Field(
        default=0.05,
        gt=0.0,
        le=0.5,
        description="share of the print (0..1) above which the finding is not believed",
    )
    least_px: int = Field(
        default=8, ge=1, le=10_000, description="damage of fewer px than this is left alone"
    )
    radius_px: float = Field(
        default=4.0, ge=1.0, le=30.0, description="how far around the filling looks, px"
    )
    grain: float = Field(
        default=1.0,
        ge=0.0,
        le=1.0,
        description="share of the neighbouring grain that wide fillings are given",
    )


def repair(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Find surface damage and fill it.

    Args:
        photo: any photo; a monochrome one stays exactly grey.
        options: see `Options`.
        tools: only the progress listener is used, one unit per tile that holds damage.

    Returns:
        The photo with the damage filled, and the mask as side image "damage"; or the very photo
        ("skipped") when there is none, or so much that it must be the picture itself.
    """
    per_mm = None if photo.dpi is None else max(photo.dpi) / 25.4
    damage = find_damage(photo.pixels, per_mm, options.caution)
    measures: dict[str, Any] = {
        "specks": damage.specks,
        "lines": damage.lines,
        "damaged_share": round(damage.share, 6),
        "widest_px": damage.widest,
    }
    if int(damage.mask.sum()) < options.least_px:
        return skipped(photo, "no dust or scratches found", **measures)
    if damage.share > options.most_share:
        reason = (
            f"what looks like damage covers {damage.share:.1%} of the print, more than the "
            f"{options.most_share:.0%} that is believed; left for a person to judge"
        )
        return Outcome((photo,), "skipped", reason, measures, _images(damage.mask), notes=(reason,))
    pixels = fill(photo.pixels, damage.mask, options.radius_px, tools, photo.monochrome)
    if options.grain > 0:
        regrain(pixels, damage.mask, options.grain)
    reason = (
        f"{damage.specks} specks and {damage.lines} scratches or hairs filled, "
        f"{damage.share:.2%} of the print"
    )
    return Outcome((photo.with_pixels(pixels),), "applied", reason, measures, _images(damage.mask))


def fill(
    pixels: NDArray[np.float32],
    mask: NDArray[np.bool_],
    radius: float,
    tools: Tools,
    monochrome: bool = False,
) -> NDArray[np.float32]:
    """Fill the masked px from their surroundings.

    Args:
        pixels: float32 (H, W, 3), 0..1.
        mask: bool (H, W), True where to fill.
        radius: px around each filled px that are looked at.
        tools: told of every tile.
        monochrome: fill one channel and copy it.

    Returns:
        float32 (H, W, 3); equal to `pixels` bit for bit wherever the mask is False.
    """
    result = pixels.copy()
    tiles = [
        (y, x)
        for y in range(0, mask.shape[0], _TILE)
        for x in range(0, mask.shape[1], _TILE)
        if mask[y : y + _TILE, x : x + _TILE].any()
    ]
    margin = int(8 * radius) + 8
    tools.progress.begin("repair", len(tiles), "tiles")
    for y, x in tiles:
        outer = (
            slice(max(0, y - margin), y + _TILE + margin),
            slice(max(0, x - margin), x + _TILE + margin),
        )
        inner = (slice(y, y + _TILE), slice(x, x + _TILE))
        holes = mask[outer].astype(np.uint8)
        top, left = y - outer[0].start, x - outer[1].start
        part = mask[inner]
        for channel in (1,) if monochrome else (0, 1, 2):
            # 16 bit, not float: OpenCV rounds a float plane to whole numbers while it fills.
            source = (pixels[outer][..., channel] * 65535.0 + 0.5).astype(np.uint16)
            filled = cv2.inpaint(source, holes, radius, cv2.INPAINT_TELEA)
            piece = filled[top : top + part.shape[0], left : left + part.shape[1]]
            result[inner][..., channel][part] = piece[part].astype(np.float32) / 65535.0
        tools.progress.advance()
    if monochrome:
        result[mask] = result[mask][:, 1:2]
    return result


def regrain(pixels: NDArray[np.float32], mask: NDArray[np.bool_], share: float) -> None:
    """Give wide fillings the grain of the print beside them, in place.

    Args:
        pixels: float32 (H, W, 3), 0..1, already filled; changed inside the mask only. Equal
            channels stay equal.
        mask: bool (H, W), what was filled.
        share: 0..1 of the grain.
    """
    holes = mask.astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(holes, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(holes, connectivity=8)
    deep = np.unique(labels[depth >= _GRAIN_FROM_DEPTH])
    for label in deep[deep > 0]:
        x, y, width, height = (int(v) for v in boxes[label, :4])
        part = labels[y : y + height, x : x + width] == label
        away = float(depth[y : y + height, x : x + width][part].max()) * 2.0 + 3.0
        grain = _grain_beside(pixels, mask, part, (y, x), away)
        if grain is not None:
            window = pixels[y : y + height, x : x + width]
            window[part] = np.clip(window[part] + np.float32(share) * grain, 0.0, 1.0)


def _grain_beside(
    pixels: NDArray[np.float32],
    mask: NDArray[np.bool_],
    part: NDArray[np.bool_],
    corner: tuple[int, int],
    away: float,
) -> NDArray[np.float32] | None:
    """Fine detail (N, 3) of the most similar undamaged place beside a filling, if there is one."""
    (y, x), (height, width) = corner, part.shape
    here = pixels[y : y + height, x : x + width][part]
    best: tuple[float, NDArray[np.float32]] | None = None
    for turn in range(8):
        angle = turn * np.pi / 4
        top, left = y + round(away * np.sin(angle)), x + round(away * np.cos(angle))
        if top < 0 or left < 0 or top + height > mask.shape[0] or left + width > mask.shape[1]:
            continue
        source = pixels[top : top + height, left : left + width]
        damaged = mask[top : top + height, left : left + width][part]
        if damaged.mean() > 0.3:
            continue
        smooth = cv2.GaussianBlur(source, (0, 0), _GRAIN_SIGMA)
        fine = (source - smooth)[part]
        fine[damaged] = 0.0
        # Strong detail is an edge of the picture, not grain: it stays where it is.
        limit = _GRAIN_LIMIT * float(np.median(np.abs(fine))) + 1e-4
        unlike = float(np.abs(smooth[part] - here).mean()) + float(np.abs(fine).mean())
        if best is None or unlike < best[0]:
            best = unlike, np.clip(fine, -limit, limit)
    return None if best is None else best[1]


def _images(mask: NDArray[np.bool_]) -> dict[str, NDArray[np.uint8]]:
    return {"damage": mask.astype(np.uint8) * 255}


STAGE = Stage(name="repair", version=1, options=Options, run=repair)
