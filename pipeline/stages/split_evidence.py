"""How surely the sides of a rectangle are edges of paper, seen across many px of each side at once.

An edge too faint or too ragged to be followed px by px (a white border on a white lid, a deckle
edge, a dark corner on a black lid) still shows in the median of all profiles across a few
millimetres of a side: noise falls with the root of their number and dust drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from pipeline.stages.split_edge import Look
from pipeline.stages.split_outline import Rectangle

Points = NDArray[np.float64]
Profiles = NDArray[np.float32]

SEGMENT_MM = 5.0
"""Profiles are put together over so much of a side."""
SEAM_MM = 2.5
"""The same where two prints meet and the picture changes beside the seam."""
SEAM_NEAR_MM = 1.4
"""A seam lies this near to the line of a side."""
SEAM_OVER_MEDIAN = 2.5
"""How many times the usual change beside it a seam is; of that borders are no part."""
TRIM = 0.06
"""Share of a side left out at each end, where corners are rounded or covered."""
STEP = 0.5
"""Distance between the samples of a profile, px."""
NEAR_MM = 1.2
"""An edge this far from its side, to either side of it, is the side's own (deckle, shadow)."""
FAINT_STEP = 0.006
"""Smallest change over 2 px that is an edge in the profile of a segment, 0..1."""
CALM_MM = (4.9, 4.2, 3.5, 2.8, 2.1, 1.4, 0.7)
"""Depths inside of a side between which a picture is looked at for how it goes on, mm."""
CALM_STEP_MM = CALM_MM[0] - CALM_MM[1]
OVER_TREND = 3.0
"""How many times steeper than the picture behind it an edge is; a sky that fades is not."""
SEGMENTS_COUNT = 0.9
"""Worth of a side seen in segments against one followed px by px."""
OTHERS_MM = 2.5
"""Around other prints lies their shadow; so much of it is not looked at."""
FAINT_BORDER_STEP = 0.0022
"""Smallest change over 2 px that is an edge in the profile of a whole side, 0..1."""
WIDEST_BORDER_MM = 28.0
"""No white border is wider; instant prints have 25 mm at the bottom."""
TOOTH_DEPTH_MM = 0.8
"""A deckle edge reaches so far beyond the line that its median shows."""
NEAREST_BORDER_MM = 1.5
"""A border narrower than this cannot be told from a shadow."""


def confirmed(found: Rectangle, look: Look) -> Rectangle:
    """A rectangle whose sides count as seen where their segments show an edge, too."""
    right, bottom, left, top = (
        max(share, SEGMENTS_COUNT * seen_share(look, found.corners, side))
        for side, share in enumerate(found.sides)
    )
    return replace(found, sides=(right, bottom, left, top))


def with_border(found: Rectangle, look: Look, others: NDArray[np.bool_]) -> Rectangle:
    """A rectangle grown to the white border around it, where one shows on the lid.

    Where two sides or more have one, the others get the narrowest of them: a little lid on the
    picture harms no one.

    Args:
        found: the print as far as it stands out from the lid.
        look: the image against its lid.
        others: bool (H, W), all that belongs to other prints.

    Returns:
        The rectangle as it is unless the lid is white: elsewhere borders stand out.
    """
    if not look.white:
        return found
    reach = 2 * round(OTHERS_MM * look.per_mm) + 1
    hidden = cv2.dilate(others.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    beyond = [border_beyond(look, found.corners, side, hidden) for side in range(4)]
    seen = [distance for distance in beyond if distance is not None]
    if not seen:
        return found
    usual = min(seen) if len(seen) > 1 else 0.0
    right, bottom, left, top = (usual if distance is None else distance for distance in beyond)
    turn = np.radians(found.angle)
    axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    x, y = np.array(found.centre) + np.array([(right - left) / 2, (bottom - top) / 2]) @ axes
    size = (found.size[0] + left + right, found.size[1] + top + bottom)
    return replace(found, centre=(float(x), float(y)), size=size)


def covered_by(prints: Sequence[Rectangle], look: Look) -> NDArray[np.bool_]:
    """bool (H, W), where any of the prints lies."""
    canvas = np.zeros(look.contrast.shape, np.uint8)
    for found in prints:
        cv2.fillConvexPoly(canvas, np.round(found.corners - 0.5).astype(np.int32), 1)
    return canvas > 0


def side_profiles(
    look: Look,
    corners: Points,
    side: int,
    depths: Points,
    *,
    hidden: NDArray[np.bool_] | None,
    segment_mm: float = SEGMENT_MM,
) -> Profiles:
    """Median profiles across one side, a segment each.

    Args:
        look: the image against its lid.
        corners: (4, 2) clockwise from the top left, continuous px.
        side: 0 right, 1 bottom, 2 left, 3 top.
        depths: (D,) px outwards of the side at which to look.
        hidden: bool (H, W), what belongs to other prints and is not looked at.
        segment_mm: length of a segment, mm.

    Returns:
        float32 (segments, D, 3), difference from the lid; NaN where nothing could be seen.
    """
    start, end = corners[(side + 1) % 4], corners[(side + 2) % 4]
    length = float(np.hypot(*(end - start)))
    along = (end - start) / max(length, 1e-6)
    outward = np.array([along[1], -along[0]])
    places = np.arange(TRIM * length, (1 - TRIM) * length, 1.0)
    points = (start + places[:, None] * along)[:, None, :] + depths[None, :, None] * outward
    where = (points - 0.5).astype(np.float32)
    seen = cv2.remap(
        look.residual, where[..., 0], where[..., 1], cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(np.nan,) * 3,
    )  # fmt: skip
    if hidden is not None:
        covered = cv2.remap(
            hidden.astype(np.uint8), where[..., 0], where[..., 1], cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT, borderValue=1,
        )  # fmt: skip
        seen[covered > 0] = np.nan
    count = int(np.clip(round(length / (segment_mm * look.per_mm)), 6, 80))
    return np.stack([_median(part) for part in np.array_split(seen, count)])


def _median(part: Profiles) -> Profiles:
    """Median over the first axis of what is seen; NaN where less than half is."""
    unseen = np.isnan(part[..., 0])
    usable = unseen.mean(axis=0) <= 0.5
    result = np.full(part.shape[1:], np.nan, np.float32)
    if usable.any():
        chosen = part[:, usable]
        plain = not unseen[:, usable].any()
        middle = np.median(chosen, axis=0) if plain else np.nanmedian(chosen, axis=0)
        result[usable] = middle
    return result


def seen_share(look: Look, corners: Points, side: int) -> float:
    """Share of a side along which there is an edge, 0..1.

    An edge changes by more than noise within 2 px, and much faster than the picture goes on to
    change inside: a sky that fades into the lid has no edge.
    """
    reach = 6.0 * look.per_mm
    depths = np.arange(-reach, NEAR_MM * look.per_mm + 2.0, STEP)
    profiles = side_profiles(look, corners, side, depths, hidden=None)
    stride = round(1 / STEP)
    change = np.abs(profiles[:, 2 * stride :] - profiles[:, : -2 * stride])
    at = depths[stride:-stride]
    near = np.abs(at) <= NEAR_MM * look.per_mm
    peak = change[:, near].max(axis=(1, 2))
    # the calmest place behind: a border is even, a picture is somewhere, a fading sky nowhere
    marks = [int(np.abs(depths + mm * look.per_mm).argmin()) for mm in CALM_MM]
    rises = np.abs(np.diff(profiles[:, marks], axis=1)).max(axis=2)
    trend = rises.min(axis=1) * 2.0 / (CALM_STEP_MM * look.per_mm)
    seen = (peak > max(FAINT_STEP, 2 * look.spread)) & (peak > OVER_TREND * trend)
    return float(np.mean(seen))


def seam_share(look: Look, corners: Points, side: int) -> float:
    """Share of a side along which the picture changes in a line, as where two prints meet, 0..1.

    Unlike `seen_share` it looks for a peak against the picture on both sides: inside of a picture
    changes lie anywhere, at a seam they lie on it.
    """
    reach = 5.0 * look.per_mm
    depths = np.arange(-reach, reach, STEP)
    profiles = side_profiles(look, corners, side, depths, hidden=None, segment_mm=SEAM_MM)
    stride = round(1 / STEP)
    change = np.abs(profiles[:, 2 * stride :] - profiles[:, : -2 * stride]).max(axis=2)
    change = np.nan_to_num(change)
    at = np.abs(depths[stride:-stride])
    beside = change[:, at > 1.3 * SEAM_NEAR_MM * look.per_mm]
    ordinary = SEAM_OVER_MEDIAN * np.median(beside, axis=1)
    # the line is the outline's, shadow and all; the seam may lie beside it, but in one line
    around = maximum_filter1d(change, 2 * stride + 1, axis=1)
    stands_out = (around > FAINT_STEP) & (around > ordinary[:, None])
    return float(stands_out[:, at <= SEAM_NEAR_MM * look.per_mm].mean(axis=0).max())


def border_beyond(
    look: Look, corners: Points, side: int, hidden: NDArray[np.bool_]
) -> float | None:
    """How far outside of a side a fainter edge runs along it, px; None where there is none.

    The rectangle may be the picture alone, and its white border too like the lid to be seen px by
    px. The border's edge is a line of constant sign along most of the side.
    """
    far = WIDEST_BORDER_MM * look.per_mm
    depths = np.arange(-3.0, far, STEP)
    profiles = side_profiles(look, corners, side, depths, hidden=hidden)
    with np.errstate(all="ignore"):
        whole = _median(profiles)
    stride = round(1 / STEP)
    sharp = np.full_like(profiles, np.nan)
    sharp[:, stride:-stride] = profiles[:, 2 * stride :] - profiles[:, : -2 * stride]
    fine = np.full_like(whole, np.nan)
    fine[stride:-stride] = whole[2 * stride :] - whole[: -2 * stride]
    wide = np.full_like(whole, np.nan)
    wide[3 * stride : -3 * stride] = whole[6 * stride :] - whole[: -6 * stride]
    agree = np.nanmean(np.sign(sharp) == np.sign(fine)[None], axis=0)
    seen = np.mean(~np.isnan(sharp), axis=0)
    # noise of the whole side's profile, from what it does where nothing is
    quiet = float(1.4826 * np.nanmedian(np.abs(fine))) if np.isfinite(fine).any() else 1.0
    least = max(FAINT_BORDER_STEP, 5.0 * quiet)
    edge = (np.abs(fine) > least) & (np.abs(fine) > 0.55 * np.abs(wide))
    edge &= (agree > 0.8) & (seen > 0.6)
    found = edge.any(axis=1) & (depths > NEAREST_BORDER_MM * look.per_mm)
    if not found.any():
        return None
    first = int(found.argmax())
    # a valley of shadow has two flanks; paper ends at the inner one, or half a tooth beyond it
    return float(depths[first]) + TOOTH_DEPTH_MM * look.per_mm
