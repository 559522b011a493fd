"""De-yellow: take the yellowed base and the fading back, where both are certain.

White, black and the neutral they must reach are judged in Lab through the scan's profile; the
curve itself (see `ageing_curve`) runs in the scan's own RGB, sample by sample. A warm scene (a
sunset, candlelight, a ginger cat) is told from a stained print, and a hazy one from a faded
print, by what ageing cannot do; when in doubt the print is left alone or moved less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.io.colour import to_lab
from pipeline.stages.ageing_curve import (
    AgeingCurve,
    dye_share,
    fresh_black,
    fresh_white,
    unstained_white,
)
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
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

_PAPER_WHITE = 80.0
_LARGEST_STAIN = 25.0
_SAME_WHITE = 8.0
_BLUE_LEFT = -3.0
_PREFER_FULL = 4.0
_BLUNT_FLOOR = 0.12
_CLEARLY_LIFTED = 1.0
_VIEW = 1280
_SMALL = 256
_STRANGEST_BLACK = 35.0


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
        description="Lab chroma of the print's white below which it counts as white",
    )
    least_lift: float = Field(
        default=8.0,
        ge=0.0,
        le=50.0,
        description="Lab lightness of the print's black above which it counts as faded",
    )
    most_move: float = Field(
        default=12.0,
        ge=1.0,
        le=60.0,
        description="mean change in CIEDE2000 that is not exceeded; larger ones are made smaller",
    )


@dataclass(frozen=True)
class Judgement:
    """What is wrong with the colours: stained base, fading, and why one believes it.

    Args:
        stained: white has turned yellow.
        faded: black is no longer black.
        reason: in plain words.
        dyes: 0..1, how far the fading looks like lost dyes and not like an even veil.
    """

    stained: bool
    faded: bool
    reason: str
    dyes: float = 0.0


def deyellow(photo: Photo, options: Options, tools: Tools) -> Outcome:
    """Take a yellow stain and fading back.

    Args:
        photo: any photo; monochrome ones only regain contrast and stay exactly grey, toned ones
            keep their tone unless the options ask for neutral.
        options: see `Options`.
        tools: not used.

    Returns:
        The corrected photo, or the very same one ("skipped"). Measures: Lab of the print's
        white and black before and after, kind of print, mean change in CIEDE2000.
    """
    del tools
    view = reduced(photo, _VIEW)
    cast = cast_of(view, photo.icc)
    kind: ToneKind = "monochrome"
    if not photo.monochrome:
        kind = tone_kind(view, photo.icc).kind
    measures: dict[str, Any] = {
        "kind": kind,
        "floor": round(cast.floor, 3),
        "paper_border": cast.border is not None,
        **_told("before", cast),
    }
    if kind == "colour":
        return _coloured(photo, reduce_to(view, _SMALL), cast, options, measures)
    return _grey_or_toned(photo, reduce_to(view, _SMALL), cast, options, kind, measures)


def _coloured(
    photo: Photo, view: Pixels, cast: Cast, options: Options, measures: dict[str, Any]
) -> Outcome:
    verdict = judge(cast, options, photo.icc)
    if not (verdict.stained or verdict.faded):
        return skipped(photo, verdict.reason, **measures)
    curve, share = _best_curve(view, cast, verdict, options, photo.icc)
    measures.update(unfade_share=share, dye_share=round(verdict.dyes, 2))
    change = _mean_change(view, curve(view), photo.icc)
    if change > options.most_move:
        curve.towards_identity(options.most_move / change)
        change = _mean_change(view, curve(view), photo.icc)
    measures["mean_change_ciede2000"] = round(change, 2)
    if change < 0.5:
        return skipped(photo, _unseen(change), **measures)
    return _finished(through_tables(photo, curve.samples), verdict.reason, measures)


def _grey_or_toned(
    photo: Photo,
    view: Pixels,
    cast: Cast,
    options: Options,
    kind: ToneKind,
    measures: dict[str, Any],
) -> Outcome:
    grey = kind == "toned" and options.tone == "neutral"
    lifted = cast.black[0] > options.least_lift + _CLEARLY_LIFTED and options.unfade > 0
    faded = lifted and _has_floor(cast)
    if not (grey or faded):
        told = "has kept its contrast"
        if lifted:
            told = "is pale, but no black floor proves that it has faded and was not taken so"
        return skipped(photo, f"a {kind} print that {told}", **measures)
    unfade = options.unfade if faded else 0.0
    change = _lift(view, photo.icc, cast, unfade, grey)
    if faded and not grey and change > options.most_move:
        unfade *= options.most_move / change
        change = _lift(view, photo.icc, cast, unfade, grey)
    measures["mean_change_ciede2000"] = round(change, 2)
    if change < 0.5:
        return skipped(photo, _unseen(change), **measures)
    reason = f"a {kind} print: contrast given back" if faded else "tone taken away as asked"
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


def judge(cast: Cast, options: Options, icc: bytes | None = None) -> Judgement:
    """Decide from the measured cast whether a colour print is stained or faded.

    Fading shows in the shadows: nothing on the print is dark any more. That alone may be haze.
    It is believed when what should be black has a colour and the greys lean the same way (lost
    dyes), or when many places share one and the same black (an even veil). A stain shows in
    white: the lightest thing is yellowish, the greys lean the same way, and yet either the dyes
    have faded as well, or the lightest thing is the paper's own border, or there are still blue
    things, which light as yellow as that would have swallowed.
    """
    white_chroma = float(np.hypot(*cast.white[1:]))
    faded, dyes = _fading(cast, options, icc)
    agree = float(np.dot(cast.white[1:], cast.greys)) > 0.25 * white_chroma**2
    paper = cast.white[0] >= _PAPER_WHITE and white_chroma <= _LARGEST_STAIN
    stained = (
        options.strength > 0
        and paper
        and cast.white[2] > abs(cast.white[1])
        and white_chroma >= options.least_cast
        and (faded or _border_is_white(cast) or (agree and cast.bluest < _BLUE_LEFT))
    )
    told = []
    if stained:
        told.append(f"white has turned yellow (Lab chroma {white_chroma:.0f})")
    if faded:
        told.append(f"black has faded to lightness {cast.black[0]:.0f}")
    if not told:
        told.append(_innocent(cast, white_chroma, paper, options))
    return Judgement(stained, faded, "; ".join(told), dyes)


def _fading(cast: Cast, options: Options, icc: bytes | None) -> tuple[bool, float]:
    """Whether black has faded, and the share of it that looks like lost dyes."""
    black = np.array(cast.black)
    chroma = float(np.hypot(*black[1:]))
    lifted = options.least_lift < black[0] < _STRANGEST_BLACK and options.unfade > 0
    if not lifted:
        return False, 0.0
    greys_agree = float(np.dot(black[1:], cast.greys)) > 0.25 * chroma**2
    dyes = dye_share(cast, icc) if chroma > 4.0 and greys_agree else 0.0
    veiled = black[0] > options.least_lift + _CLEARLY_LIFTED and _has_floor(cast)
    return dyes > 0 or veiled, dyes


def _border_is_white(cast: Cast) -> bool:
    """Whether the lightest thing is the paper's own border, which was white when it was new."""
    if cast.border is None:
        return False
    return float(np.linalg.norm(np.subtract(cast.border, cast.white))) < _SAME_WHITE


def _has_floor(cast: Cast) -> bool:
    return cast.floor < _BLUNT_FLOOR


def _innocent(cast: Cast, chroma: float, paper: bool, options: Options) -> str:
    if chroma < options.least_cast:
        return "white is white and black is dark enough: no cast, no fading that is certain"
    if not paper:
        return "nothing on the print is light and pale enough to judge a cast by"
    return "the light tones are warm, but nothing proves that it is a stain and not the scene"


def _best_curve(
    view: Pixels, cast: Cast, verdict: Judgement, options: Options, icc: bytes | None
) -> tuple[AgeingCurve, float]:
    """The curve, and the share of the fading it takes back: as much as the greys agree with.

    Colour can be lost in the shadows alone; giving it back everywhere would tint the greys. An
    even veil has no such doubt.
    """
    white: tuple[float, ...] = cast.white
    if verdict.stained:
        white = unstained_white(cast, options.strength, icc)
    if verdict.faded:
        white = (fresh_white(white[0], options.unfade), *white[1:])
    black = min(fresh_black(cast), cast.black[0]) if verdict.faded else None
    tried: list[tuple[float, AgeingCurve, float]] = []
    for share in (1.0, 0.75, 0.5, 0.25, 0.0) if verdict.dyes > 0 else (1.0,):
        part = options.unfade * share
        curve = AgeingCurve(cast, white, black, verdict.stained, verdict.dyes, part, icc)
        tint = float(np.hypot(*cast_of(curve(view), icc).greys))
        left = verdict.dyes * tint + _PREFER_FULL * (1.0 - share)
        tried.append((left, curve, share))
    _, curve, share = min(tried, key=lambda one: one[0])
    return curve, share


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


STAGE = Stage(name="deyellow", version=2, options=Options, run=deyellow)
