"""What of an estimated ageing is believed, by what it could be mistaken for.

Warm light makes white yellow as a stain does, and haze makes black pale as fading does. Light
leaves black black, though, haze leaves it without a colour and without a floor, and paper was
white once: by that the scene is told from the print. When in doubt it was the scene.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.io.colour import from_lab
from pipeline.stages.measure.ageing import Ageing, linear
from pipeline.stages.measure.ageing_signs import density
from pipeline.stages.measure.cast import Cast

Triple = tuple[float, float, float]

_LARGEST_STAIN = 25.0
_PAPER_WHITE = 80.0
_BLUE_LEFT = -3.0
_YELLOW_NOT_ORANGE = 2.5
_CLEARLY_FADED = 0.93
_CLEAR_VEIL = 0.008
_STAIN_ALONE = 0.4
_WITHOUT_FLOOR = 0.2
_BEYOND_DOUBT = 0.988
_NO_FLOOR = 0.2
_COLOURED_BLACK = 0.35
_FLOORS = (0.12, 0.35)
_LEAST_SHARE, _LEAST_OF_COLOURED = 0.25, 0.7
_WORTH_TELLING = (0.92, 0.02, 0.01)


def believed(told: Ageing, cast: Cast, least_certainty: float, least_cast: float) -> Ageing | None:
    """What of an ageing is believed; None when there is no proof that the print has aged.

    Args:
        told: as estimated.
        cast: the print's tonal ends, greys and border.
        least_certainty: 0..1, how certain the estimate must be.
        least_cast: Lab chroma below which paper counts as white.
    """
    certain = _is_certain(told, cast, least_certainty) and _fading_shows(told, cast)
    ageing = _held(told, cast) if certain else Ageing(certainty=told.certainty)
    white = _white_of_paper(cast, least_cast)
    if white is not None and (cast.border is not None or not certain):
        return replace(ageing, stain=_stain_of(white, ageing))
    return ageing if certain else None


def in_words(ageing: Ageing) -> str:
    """What happened to the print, for people."""
    told = []
    least_left, stain, veil = _WORTH_TELLING
    dyes = zip(("cyan", "magenta", "yellow"), ageing.left, strict=True)
    lost = [f"{name} by {100 * (1 - left):.0f} %" for name, left in dyes if left < least_left]
    if lost:
        told.append("dyes have faded (" + ", ".join(lost) + ")")
    if ageing.stain[2] - min(ageing.stain) > stain:
        told.append(f"the paper has turned yellow (density {ageing.stain[2]:.2f} in blue)")
    if ageing.veil > veil:
        told.append(f"a veil of {100 * ageing.veil:.1f} % lies over it")
    return "; ".join(told) or "its colours have aged a little"


def why_not(told: Ageing) -> str:
    """Why a print is left alone, for people."""
    if told.certainty < 0.5:
        return "its tones are those of a fresh print: no cast, no fading that is certain"
    return "its tones may be the scene's own: nothing proves a stain or fading"


def _is_certain(told: Ageing, cast: Cast, least_certainty: float) -> bool:
    """Whether it is certain enough.

    A stain alone could be warm light, and a print without a floor may never have had a black:
    both have to be surer.
    """
    doubt = 1.0 - least_certainty
    if not _shadows_faded(told):
        doubt *= _STAIN_ALONE
    if cast.floor >= _NO_FLOOR:
        doubt *= _WITHOUT_FLOOR
    return told.certainty > 0 and told.certainty >= 1.0 - doubt


def _shadows_faded(told: Ageing) -> bool:
    return min(told.left) < _CLEARLY_FADED or told.veil > _CLEAR_VEIL


def _fading_shows(told: Ageing, cast: Cast) -> bool:
    """Whether fading has left its mark on black: a floor that many places share, or a colour.

    An estimate beyond doubt needs none.
    """
    marked = cast.floor < _NO_FLOOR or _coloured_black(cast)
    return marked or not _shadows_faded(told) or told.certainty >= _BEYOND_DOUBT


def _coloured_black(cast: Cast) -> bool:
    return float(np.hypot(*cast.black[1:])) > _COLOURED_BLACK * max(cast.black[0], 1.0)


def _held(told: Ageing, cast: Cast) -> Ageing:
    """The ageing with less of what all channels lost alike, where no floor tells where black was.

    What one channel lost more than another shows in the colour of the shadows all the same.
    """
    least = _LEAST_OF_COLOURED if _coloured_black(cast) else _LEAST_SHARE
    share = float(np.interp(cast.floor, _FLOORS, (1.0, least)))
    most = max(told.left)
    left = [one / most * most**share for one in told.left]
    return replace(told, left=(left[0], left[1], left[2]), veil=told.veil * share)


def _white_of_paper(cast: Cast, least_cast: float) -> Triple | None:
    """Lab of what surely was white paper and is now yellow; None when there is nothing like it.

    The paper's own border is. So is the lightest thing when the greys lean the same way and yet
    there are blue things left, which a light as yellow as that would have swallowed. Old paper is
    yellow; what is orange was lit so.
    """
    if cast.border is not None:
        return cast.border if _is_stained(cast.border, least_cast) else None
    white = cast.white
    agree = float(np.dot(white[1:], cast.greys)) > 0.25 * float(np.dot(white[1:], white[1:]))
    yellow = white[2] > _YELLOW_NOT_ORANGE * abs(white[1])
    proven = white[0] >= _PAPER_WHITE and yellow and agree and cast.bluest < _BLUE_LEFT
    return white if proven and _is_stained(white, least_cast) else None


def _is_stained(white: Triple, least_cast: float) -> bool:
    chroma = float(np.hypot(*white[1:]))
    return white[2] > abs(white[1]) and least_cast <= chroma <= _LARGEST_STAIN


def _stain_of(white: Triple, ageing: Ageing) -> Triple:
    """The stain under which white paper looks like `white` on a print that aged so.

    A stain only takes light away: the channel it spared most is as light as white ever was.
    """
    values = from_lab(np.array([[white]], np.float32), None)[0, 0]
    seen = (linear(values) - ageing.veil) / (1.0 - ageing.veil)
    left, stain = np.array(ageing.left), np.array(ageing.stain)
    fresh = (density(seen) - stain) / left
    stain = np.maximum(stain + left * (fresh - fresh.min()), 0.0)
    return float(stain[0]), float(stain[1]), float(stain[2])
