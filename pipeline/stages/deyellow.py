"""De-yellow: take the yellowed base and the fading of the dyes back, where both are certain.

A print ages in its density: the base gains a stain (an offset) and each dye loses strength (a
factor). In pixel values that is a gain and an exponent per channel, so it is undone by the
curve `(value / white) ** exponent` through the print's own white and black. White, black and
the neutral they must reach are judged in Lab through the scan's profile; the curve itself runs
in the scan's own RGB, in float. A warm scene (a sunset, candlelight, a ginger cat) is told from
a stained print by what a stain cannot do; when in doubt the print is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.photo import Photo
from pipeline.io.colour import from_lab, to_lab
from pipeline.stages.base import Outcome, Stage, StageOptions, Tools, applied, skipped
from pipeline.stages.measure.cast import Cast, cast_of
from pipeline.stages.measure.luma import reduce_to
from pipeline.stages.measure.tone_kind import ToneKind, tone_kind

Pixels = NDArray[np.float32]

_FRESH_WHITE = 94.0
_FRESH_BLACK = 5.0
_PAPER_WHITE = 80.0
_LARGEST_STAIN = 25.0
_BLUE_LEFT = -3.0
_STEEPEST = 2.2
_VEIL = 0.5
_PREFER_FULL = 4.0


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


@dataclass(frozen=True)
class Judgement:
    """What is wrong with the colours: stained base, faded dyes, and why one believes it."""

    stained: bool
    faded: bool
    reason: str


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
    cast = cast_of(photo.pixels, photo.icc)
    kind: ToneKind = "monochrome"
    if not photo.monochrome:
        kind = tone_kind(photo.pixels, photo.icc).kind
    measures: dict[str, Any] = {"kind": kind, **_told("before", cast)}
    view = reduce_to(photo.pixels, 256)
    if kind == "colour":
        verdict = judge(cast, options)
        if not (verdict.stained or verdict.faded):
            return skipped(photo, verdict.reason, **measures)
        curve, share = _best_curve(view, cast, verdict, options, photo.icc)
        measures["unfade_share"] = share
        small = curve(view)
        pixels = curve(photo.pixels) if share > 0 or verdict.stained else photo.pixels
        reason = verdict.reason
    else:
        grey = kind == "toned" and options.tone == "neutral"
        faded = cast.black[0] > options.least_lift + 3.0 and options.unfade > 0
        if not (grey or faded):
            return skipped(photo, f"a {kind} print that has kept its contrast", **measures)
        unfade = options.unfade if faded else 0.0
        pixels = toned(photo.pixels, photo.icc, cast, unfade, grey)
        small = toned(view, photo.icc, cast, unfade, grey)
        reason = f"a {kind} print: contrast given back" if faded else "tone taken away as asked"
    change = _mean_change(view, small, photo.icc)
    measures["mean_change_ciede2000"] = round(change, 2)
    if change < 0.5:
        return skipped(
            photo, f"the correction would not be seen ({change:.1f} CIEDE2000)", **measures
        )
    result = photo.with_pixels(pixels)
    measures.update(_told("after", cast_of(result.pixels, result.icc)))
    return applied(result, reason, **measures)


def judge(cast: Cast, options: Options) -> Judgement:
    """Decide from the measured cast whether a colour print is stained or faded.

    Fading shows in the shadows: nothing on the print is dark any more, and what should be black
    has a colour. A stain shows in white: the lightest thing is yellowish, the greys lean the
    same way, and yet either the dyes have faded as well or there are still blue things, which
    light as yellow as that would have swallowed.
    """
    white_chroma = float(np.hypot(*cast.white[1:]))
    black_chroma = float(np.hypot(*cast.black[1:]))
    faded = cast.black[0] > options.least_lift and black_chroma > 4.0 and options.unfade > 0
    agree = float(np.dot(cast.white[1:], cast.greys)) > 0.25 * white_chroma**2
    paper = cast.white[0] >= _PAPER_WHITE and white_chroma <= _LARGEST_STAIN
    stained = (
        options.strength > 0
        and paper
        and cast.white[2] > 0
        and white_chroma >= options.least_cast
        and (faded or (agree and cast.bluest < _BLUE_LEFT))
    )
    told = []
    if stained:
        told.append(f"white has turned yellow (Lab chroma {white_chroma:.0f})")
    if faded:
        told.append(f"black has faded to lightness {cast.black[0]:.0f}")
    if not told:
        told.append(_innocent(cast, white_chroma, paper, options))
    return Judgement(stained, faded, "; ".join(told))


def _innocent(cast: Cast, chroma: float, paper: bool, options: Options) -> str:
    if chroma < options.least_cast:
        return "white is white and black is dark: no cast, no fading"
    if not paper:
        return "nothing on the print is light and pale enough to judge a cast by"
    return "the light tones are warm, but nothing proves that it is a stain and not the scene"


def _best_curve(
    view: Pixels, cast: Cast, verdict: Judgement, options: Options, icc: bytes | None
) -> tuple[AgeingCurve, float]:
    """The curve, and the share of the fading it takes back: as much as the greys agree with.

    A coloured veil can lie on the shadows alone; taking it off everywhere would tint the greys.
    """
    tried: list[tuple[float, AgeingCurve, float]] = []
    for share in (1.0, 0.75, 0.5, 0.25, 0.0) if verdict.faded else (0.0,):
        milder = options.model_copy(update={"unfade": options.unfade * share})
        curve = AgeingCurve(cast, verdict, milder, icc)
        left = float(np.hypot(*cast_of(curve(view), icc).greys)) + _PREFER_FULL * (1.0 - share)
        tried.append((left, curve, share))
    _, curve, share = min(tried, key=lambda one: one[0])
    return curve, share


class AgeingCurve:
    """The per-channel curve that brings white and black back.

    Args:
        cast: as measured.
        verdict: what is to be corrected.
        options: strengths.
        icc: profile that turns the neutral targets into RGB.
    """

    def __init__(self, cast: Cast, verdict: Judgement, options: Options, icc: bytes | None) -> None:
        ends = np.array([[cast.white, cast.black]], dtype=np.float32)
        goal = ends.copy()
        if verdict.stained:
            goal[0, 0, 1:] *= 1.0 - options.strength
        if verdict.faded:
            if cast.white[0] >= _PAPER_WHITE:
                lift = max(0.0, _FRESH_WHITE - cast.white[0])
                goal[0, 0, 0] += options.unfade * lift
            goal[0, 1, 0] += options.unfade * min(0.0, _FRESH_BLACK - cast.black[0])
            goal[0, 1, 1:] *= 1.0 - options.unfade
        found, wanted = from_lab(ends, icc)[0], from_lab(goal, icc)[0]
        tones = np.linspace(0.0, 1.0, 65536)
        self.table = np.stack(
            [
                _channel_curve(tones, found[:, c].astype(float), wanted[:, c].astype(float))
                for c in range(3)
            ]
        ).astype(np.float32)

    def __call__(self, pixels: Pixels) -> Pixels:
        """float32 (H, W, 3) in 0..1, corrected; read off the curve at 16 bit."""
        index = (pixels * 65535.0 + 0.5).astype(np.uint16)
        result = np.empty_like(pixels)
        for c in range(3):
            np.take(self.table[c], index[..., c], out=result[..., c])
        return result


def _channel_curve(
    tones: NDArray[np.float64], found: NDArray[np.float64], wanted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """One channel's curve through (found white -> wanted white) and (found -> wanted black).

    A part of the lift of black is taken off as veil (an even light over everything: flare,
    silvering), the rest as lost density. Which of the two a print suffers from cannot be told
    from black alone; this mixture is never far off for either.
    """
    white, black = max(found[0], 0.05), max(found[1], 0.0)
    veil = _VEIL * max(0.0, black - wanted[1])
    seen = np.maximum(tones - veil, 0.0) / (white - veil)
    exponent = 1.0
    if black - wanted[1] > 1e-3:
        depth = np.log(max(black - veil, 0.01) / (white - veil))
        exponent = np.log(max(wanted[1], 0.01) / max(wanted[0], 0.05)) / depth
    exponent = float(np.clip(exponent, 1.0, _STEEPEST))
    return np.asarray(np.clip(max(wanted[0], 0.05) * seen**exponent, 0.0, 1.0))


def toned(pixels: Pixels, icc: bytes | None, cast: Cast, unfade: float, grey: bool) -> Pixels:
    """A grey or toned picture with its contrast given back in Lab lightness.

    Args:
        pixels: float32 (H, W, 3), 0..1.
        icc: their profile.
        cast: as measured.
        unfade: 0..1, share of the lost contrast to give back.
        grey: take the tone away as well.

    Returns:
        float32 (H, W, 3); colour (a, b) is kept where `grey` is False.
    """
    lab = to_lab(pixels, icc)
    black = cast.black[0] + unfade * min(0.0, _FRESH_BLACK + 3.0 - cast.black[0])
    white = cast.white[0] + unfade * max(0.0, min(_FRESH_WHITE - cast.white[0], 10.0))
    gain = (white - black) / max(cast.white[0] - cast.black[0], 1.0)
    lab[..., 0] = np.clip((lab[..., 0] - cast.black[0]) * gain + black, 0.0, 100.0)
    if grey:
        lab[..., 1:] = 0.0
    return from_lab(lab, icc)


def _mean_change(before: Pixels, after: Pixels, icc: bytes | None) -> float:
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(to_lab(before, icc), to_lab(after, icc)).mean())


def _told(when: str, cast: Cast) -> dict[str, Any]:
    return {
        f"white_lab_{when}": [round(v, 1) for v in cast.white],
        f"black_lab_{when}": [round(v, 1) for v in cast.black],
        f"greys_ab_{when}": [round(v, 1) for v in cast.greys],
    }


STAGE = Stage(name="deyellow", version=1, options=Options, run=deyellow)
