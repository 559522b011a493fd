"""De-yellow: take the yellowed base, lost dyes and a veil back, where it is certain they are there.

What happened to a colour print is estimated by `measure.ageing` as its chemistry would put it:
how much of each dye is left, what density the paper gained, how much light lies over it. The
estimate has been taught sunsets, candlelight and fog, and says how certain it is; below that the
print is left alone. A paper border, which was white once, is the surest witness of a stain. The
curve itself (see `ageing_curve`) runs in the scan's own RGB, sample by sample. Grey and toned
prints have their own way: they regain contrast and keep their tone.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.io.colour import to_lab
from pipeline.stages.ageing_curve import AgeingCurve
from pipeline.stages.ageing_proof import believed, in_words, why_not
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.measure.ageing import Ageing, ageing_of
from pipeline.stages.measure.cast import Cast, cast_of
from pipeline.stages.measure.luma import reduce_to
from pipeline.stages.measure.sampling import reduced
from pipeline.stages.measure.tone_kind import ToneKind, tone_kind
from pipeline.stages.tone_tables import (
    contrast_given_back,
    grey_given_back,
    through_tables,
    tone_given_back,
)

Pixels = NDArray[np.float32]

_SHARES = (1.0, 0.75, 0.5, 0.25)
_PREFER_FULL = 8.0
_SURELY_GREY, _TRUST_IN_GREYS = 6.0, 2.0
_BLUNT_FLOOR = 0.12
_CLEARLY_LIFTED = 1.0
_VIEW = 1280
_SMALL = 256


class Options(StageOptions):
    """How far to go, and what counts as cast and fading."""

    strength: float = Field(
        default=1.0, ge=0.0, le=1.0, description="share of the cast that is taken away"
    )
    unfade: float = Field(
        default=1.0, ge=0.0, le=1.0, description="share of the lost contrast that is given back"
    )
    tone: Literal["keep", "neutral"] = Field(
        default="keep",
        description="toned prints (sepia): keep their tone, or make them neutral grey",
    )
    least_cast: float = Field(
        default=4.0,
        ge=0.0,
        le=50.0,
        description="Lab chroma of the print's paper border below which it counts as white",
    )
    least_lift: float = Field(
        default=8.0,
        ge=0.0,
        le=50.0,
        description="Lab lightness of a grey print's black above which it counts as faded",
    )
    least_certainty: float = Field(
        default=0.9,
        ge=0.0,
        le=1.0,
        description="how certain it must be that a colour print has aged, 1 being wholly",
    )
    most_move: float = Field(
        default=20.0,
        ge=1.0,
        le=60.0,
        description="mean change in CIEDE2000 that is not exceeded; larger ones are made smaller",
    )


def deyellow(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Take a yellow stain and fading back.

    Args:
        photo: any photo; monochrome ones only regain contrast and stay exactly grey, toned ones
            keep their tone unless the options ask for neutral, hand-tinted ones their paint.
        options: see `Options`.
        tools: not used.

    Returns:
        The corrected photo, or the very same one ("skipped"). Measures: kind of print, Lab of
        its white and black before and after, what is believed to have happened and how certain
        that is, mean change in CIEDE2000.
    """
    del tools
    view = reduced(photo, _VIEW)
    cast = cast_of(view, photo.icc)
    kind, tinted = _kind(photo, view)
    measures: dict[str, Any] = {
        "kind": kind,
        "hand_tinted": tinted,
        "floor": round(cast.floor, 3),
        "paper_border": cast.border is not None,
        **_told("before", cast),
    }
    if kind == "colour" and not tinted:
        return _coloured(photo, view, cast, options, measures)
    return _grey_or_toned(photo, reduce_to(view, _SMALL), cast, options, kind, measures)


def _kind(photo: Photo, view: Pixels) -> tuple[ToneKind, bool]:
    """The kind of print, and whether it is a tinted one."""
    if photo.monochrome:
        return "monochrome", False
    tone = tone_kind(view, photo.icc)
    return tone.kind, tone.tinted


def _coloured(
    photo: Photo, view: Pixels, cast: Cast, options: Options, measures: dict[str, Any]
) -> Outcome:
    told = ageing_of(view, photo.icc)
    measures["certainty"] = round(told.certainty, 3)
    ageing = believed(told, cast, options.least_certainty, options.least_cast)
    if ageing is None:
        return skipped(photo, why_not(told), **measures)
    measures.update(_as_measures(ageing))
    curve = AgeingCurve(ageing, options.strength, options.unfade, photo.icc)
    small = reduce_to(view, _SMALL)
    share = _agreed_share(small, curve, photo.icc)
    curve.towards_identity(share)
    measures["share"] = share
    change = _mean_change(small, curve(small), photo.icc)
    if change > options.most_move:
        curve.towards_identity(options.most_move / change)
        change = _mean_change(small, curve(small), photo.icc)
    measures["mean_change_ciede2000"] = round(change, 2)
    if change < 0.5:
        return skipped(photo, _unseen(change), **measures)
    return _finished(through_tables(photo, curve.samples), in_words(ageing), measures)


def _agreed_share(view: Pixels, curve: AgeingCurve, icc: bytes | None) -> float:
    """How much of a correction the greys of the picture agree with; 1 unless it tints them.

    An estimate made from dark and light tones can be wrong about the ones in between.
    """
    corrected = curve(view)
    tints = {}
    for share in _SHARES:
        greys = cast_of(view + np.float32(share) * (corrected - view), icc).greys
        tints[share] = float(np.hypot(*greys))
    trust = _TRUST_IN_GREYS if min(tints.values()) < _SURELY_GREY else 1.0
    return min(tints, key=lambda share: trust * tints[share] + _PREFER_FULL * (1.0 - share))


def _as_measures(ageing: Ageing) -> dict[str, Any]:
    return {
        "density_left": [round(v, 3) for v in ageing.left],
        "stain_density": [round(v, 3) for v in ageing.stain],
        "veil": round(ageing.veil, 4),
    }


def _grey_or_toned(
    photo: Photo,
    view: Pixels,
    cast: Cast,
    options: Options,
    kind: ToneKind,
    measures: dict[str, Any],
) -> Outcome:
    grey = kind == "toned" and options.tone == "neutral"
    name = "hand-tinted" if measures["hand_tinted"] else kind
    lifted = cast.black[0] > options.least_lift + _CLEARLY_LIFTED and options.unfade > 0
    faded = lifted and _has_floor(cast)
    if not (grey or faded):
        told = "has kept its contrast"
        if lifted:
            told = "is pale, but no black floor proves that it has faded and was not taken so"
        return skipped(photo, f"a {name} print that {told}", **measures)
    unfade = options.unfade if faded else 0.0
    change = _lift(view, photo.icc, cast, unfade, grey)
    if faded and not grey and change > options.most_move:
        unfade *= options.most_move / change
        change = _lift(view, photo.icc, cast, unfade, grey)
    measures["mean_change_ciede2000"] = round(change, 2)
    if change < 0.5:
        return skipped(photo, _unseen(change), **measures)
    reason = f"a {name} print: contrast given back" if faded else "tone taken away as asked"
    if photo.monochrome:
        result = grey_given_back(photo, cast, unfade)
    else:
        result = tone_given_back(photo, view, cast, unfade, grey)
    return _finished(result, reason, measures)


def _finished(result: Photo, reason: str, measures: dict[str, Any]) -> Outcome:
    measures.update(_told("after", cast_of(reduced(result, _VIEW), result.icc)))
    return applied(result, reason, **measures)


def _unseen(change: float) -> str:
    return f"the correction would not be seen ({change:.1f} CIEDE2000)"


def _has_floor(cast: Cast) -> bool:
    return cast.floor < _BLUNT_FLOOR


def _lift(view: Pixels, icc: bytes | None, cast: Cast, unfade: float, grey: bool) -> float:
    return _mean_change(view, contrast_given_back(view, icc, cast, unfade, grey), icc)


def _mean_change(before: Pixels, after: Pixels, icc: bytes | None) -> float:
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(to_lab(before, icc), to_lab(after, icc)).mean())


def _told(when: str, cast: Cast) -> dict[str, Any]:
    return {
        f"white_lab_{when}": [round(v, 1) for v in cast.white],
        f"black_lab_{when}": [round(v, 1) for v in cast.black],
        f"greys_ab_{when}": [round(v, 1) for v in cast.greys],
    }


STAGE = Stage(name="deyellow", version=3, options=Options, run=deyellow)
