"""A diagnosis in plain words: sentences for the keeper of a family's pictures, not for a lab."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.photo import Photo
from pipeline.stages.measure.blur import Blur
from pipeline.stages.measure.cast import Cast
from pipeline.stages.measure.resolution import RealResolution
from pipeline.stages.measure.screen import Screen
from pipeline.stages.measure.sharpened import Sharpened

_SURE = 0.8
_NOISY_255 = 2.0
_VERY_NOISY_255 = 6.0
_POOR_JPEG = 60
_CLIPPED = 0.02
_SOFT_FRACTION = 0.5
_LITTLE_MORE = 0.6
_YELLOW = 6.0
_CAST = 6.0
_LIFTED = 8.0
_DULL = 78.0
_SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SCREENS = {
    "none": "",
    "halftone": "printed in halftone dots",
    "texture": "on textured paper",
}
_KINDS = {"monochrome": "black and white", "toned": "toned black and white", "colour": "colour"}


@dataclass(frozen=True)
class Seen:
    """What was measured on a print.

    Args:
        kind: "monochrome", "toned" or "colour".
        resolution: asked and real.
        blur: its kind and extent.
        sharpened: haloes of the scanner's sharpening.
        screen: of a printing press, or the texture of the paper.
        noise_255: standard deviation in 255ths.
        jpeg_quality: at which it was once saved, None when it was not.
        cast: the print's ends of tone.
        black, white: shares of px clipped, 0..1.
        faces: how many, and how many of them are too small to restore; None when not counted.
    """

    kind: str
    resolution: RealResolution
    blur: Blur
    sharpened: Sharpened
    screen: Screen
    noise_255: float
    jpeg_quality: int | None
    cast: Cast
    black: float
    white: float
    faces: tuple[int, int] | None


def told(seen: Seen) -> str:
    """The finding in one line: "Soft from camera motion, about 9 px at 30 degrees; faded"."""
    parts = [
        _KINDS[seen.kind],
        _softness(seen.blur, seen.resolution),
        "probably sharpened by the scanner" if seen.sharpened.found else "",
        _colour(seen.kind, seen.cast),
        _clipping(seen.black, seen.white),
        _SCREENS[seen.screen.kind],
        _grain(seen.noise_255),
        _compression(seen.jpeg_quality),
        _faces(seen.faces),
    ]
    line = "; ".join(part for part in parts if part)
    return line[:1].upper() + line[1:]


def warnings(
    photo: Photo, resolution: RealResolution, sharpened: Sharpened, least_dpi: float
) -> tuple[str, ...]:
    """What the keeper can do better with a new scan, a sentence each.

    Args:
        photo: the print as it was scanned.
        resolution: what it really holds.
        sharpened: whether the scanner sharpened it.
        least_dpi: scan resolution below which is warned.
    """
    found = []
    if photo.dpi is not None and round(min(photo.dpi)) < least_dpi:
        found.append(_coarse(min(photo.dpi), resolution.fraction, least_dpi))
    if sharpened.found:
        found.append(
            "edges look as if the scanner had sharpened this picture, which leaves haloes that "
            'cannot be undone; if it did, scan again with sharpening ("unsharp mask") off'
        )
    return tuple(found)


def _coarse(dpi: float, fraction: float, least: float) -> str:
    advice = f"scanned at {dpi:.0f} dpi; {least:.0f} dpi or more would keep more of the print"
    if fraction < _LITTLE_MORE:
        advice += f", though this one holds no finer detail than about {dpi * fraction:.0f} dpi"
    return advice


def _softness(blur: Blur, resolution: RealResolution) -> str:
    believed = blur.sure >= _SURE
    if blur.kind == "motion" and believed:
        return (
            f"soft from camera motion, about {blur.length_px:.0f} px "
            f"at {blur.angle_degrees:.0f} degrees"
        )
    if blur.kind == "defocus" and believed:
        return f"out of focus, points spread over about {2 * blur.radius_px:.0f} px"
    if blur.kind == "compression" and believed:
        return "soft from compression"
    if resolution.dpi is not None and resolution.fraction < _SOFT_FRACTION:
        return f"holds detail for about {resolution.dpi:.0f} dpi"
    return ""


def _colour(kind: str, cast: Cast) -> str:
    faded = cast.black[0] > _LIFTED or cast.white[0] < _DULL
    words = ["faded"] if faded else []
    if kind == "colour" and (named := _cast(cast)):
        words.append(f"{named} cast")
    return ", ".join(words)


def _cast(cast: Cast) -> str:
    """The colour that whites have taken on, "" when they are white."""
    _, a, b = cast.white
    if max(abs(a), abs(b)) <= _CAST:
        return ""
    if abs(b) >= abs(a):
        return "yellow" if b > _YELLOW else "blue"
    return "reddish" if a > 0 else "green"


def _clipping(black: float, white: float) -> str:
    words = [
        f"{name} lost on {share:.0%}"
        for name, share in (("shadows", black), ("highlights", white))
        if share > _CLIPPED
    ]
    return ", ".join(words)


def _grain(noise_255: float) -> str:
    if noise_255 < _NOISY_255:
        return ""
    return "very grainy" if noise_255 >= _VERY_NOISY_255 else "grainy"


def _compression(quality: int | None) -> str:
    return "" if quality is None or quality > _POOR_JPEG else f"JPEG of quality {quality}"


def _faces(faces: tuple[int, int] | None) -> str:
    if faces is None:
        return ""
    count, small = faces
    told = f"{_number(count)} {'face' if count == 1 else 'faces'}"
    if small == 0:
        return told
    if small == count:
        return (
            f"{told}, too small to restore" if count == 1 else f"{told}, all too small to restore"
        )
    return f"{told}, {_number(small)} too small to restore"


def _number(count: int) -> str:
    return _SMALL_NUMBERS[count] if count < len(_SMALL_NUMBERS) else str(count)
