"""Print sizes as people write them: `8x10in`, `10,5x15 cm`, `2048x1536px`, `A4`, `wallet`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction

from pipeline.core.errors import SizeRefused
from pipeline.stages.sheet_layout import MOST_SHEET_PX

_MM_PER_INCH = Fraction("25.4")
_INCHES = {"in": Fraction(1), "cm": 10 / _MM_PER_INCH, "mm": 1 / _MM_PER_INCH}
_NUMBER = r"([0-9]{1,6}(?:[.,][0-9]{1,9})?)"
_SIZE = re.compile(rf"(?:custom\s*)?{_NUMBER}\s*[x×*]\s*{_NUMBER}\s*(in|inch|cm|mm|px|\"|″)")
_LENGTH = re.compile(rf"{_NUMBER}\s*(in|inch|cm|mm|\"|″)")
_UNITS = {'"': "in", "″": "in", "inch": "in"}

_SIDE_LIMIT_INCHES = 200
_DPI_RANGE = (72.0, 2400.0)
_FINEST = 10_000_000
"""Largest denominator of a length in inches: any number of mm with 4 decimals is one exactly."""

_SHOWN = 40

NAMED: dict[str, tuple[str, str, str]] = {
    # ISO 216, millimetres.
    "A0": ("841", "1189", "mm"),
    "A1": ("594", "841", "mm"),
    "A2": ("420", "594", "mm"),
    "A3": ("297", "420", "mm"),
    "A4": ("210", "297", "mm"),
    "A5": ("148", "210", "mm"),
    "A6": ("105", "148", "mm"),
    "A7": ("74", "105", "mm"),
    "A8": ("52", "74", "mm"),
    "B4": ("250", "353", "mm"),
    "B5": ("176", "250", "mm"),
    # ANSI/ASME Y14.1 and what shops in North America call them.
    "letter": ("8.5", "11", "in"),
    "legal": ("8.5", "14", "in"),
    "tabloid": ("11", "17", "in"),
    "wallet": ("2.5", "3.5", "in"),
    # Postcards of the Universal Postal Union's usual size; photographs of ICAO Doc 9303.
    "postcard": ("148", "105", "mm"),
    "passport": ("35", "45", "mm"),
    # Paper of photo labs: the number is the shorter side in inches.
    "3R": ("3.5", "5", "in"),
    "4R": ("4", "6", "in"),
    "5R": ("5", "7", "in"),
    "6R": ("6", "8", "in"),
    "8R": ("8", "10", "in"),
    "10R": ("10", "12", "in"),
    "11R": ("11", "14", "in"),
}
"""Sizes known by a name: width, height and unit, as they are defined."""

_BY_WORD = {name.lower(): name for name in NAMED}


@dataclass(frozen=True)
class PrintSize:
    """A size on paper and the resolution it is to be printed at.

    Args:
        text: as the person wrote it, without spaces, or a size's name; plain ASCII.
        width: inches, after trimming.
        height: inches.
        dpi: dots per inch of the finished file.
    """

    text: str
    width: float
    height: float
    dpi: float

    @property
    def pixels(self) -> tuple[int, int]:
        """(width, height) of the trimmed print in px, rounded to the nearest."""
        return _px(self.width, self.dpi), _px(self.height, self.dpi)

    @property
    def millimetres(self) -> tuple[float, float]:
        """(width, height) of the trimmed print in mm."""
        return self.width * 25.4, self.height * 25.4

    @property
    def label(self) -> str:
        """A name for folders and messages, such as `8x10in-300dpi`."""
        return f"{self.text}-{self.dpi:g}dpi"

    def length_px(self, inches: float) -> int:
        """A length on this paper, such as a border, in px, rounded to the nearest."""
        return _px(inches, self.dpi)

    def bleed_px(self, inches: float) -> int:
        """A bleed in whole px: rounded up, for what a shop asks for is the least it takes."""
        exact = _exact(inches) * Fraction(repr(float(self.dpi)))
        return math.ceil(exact)

    def sheet_px(self, bleed_px: int = 0) -> tuple[int, int]:
        """(width, height) of the whole sheet in px: the exact print with its bleed all round."""
        width, height = self.pixels
        return width + 2 * bleed_px, height + 2 * bleed_px


def parse_size(text: str, dpi: float) -> PrintSize:
    """Read a size such as `8x10in`, `10,5x15cm`, `custom 13x18 cm`, `2048x1536px` or `A4`.

    Args:
        text: width x height and a unit (in, cm, mm, or px at this resolution), or a name of
            `NAMED`, in capitals or not.
        dpi: 72 to 2400.

    Raises:
        SizeRefused: nothing of the kind, zero, over 200 inches or 60,000 px, or a resolution out
            of range.
    """
    if not (math.isfinite(dpi) and _DPI_RANGE[0] <= dpi <= _DPI_RANGE[1]):
        raise SizeRefused(f"{dpi:g} dpi is outside 72 to 2400", remedy="Give --dpi 300.")
    plain = " ".join(text.lower().split())
    match = _SIZE.fullmatch(plain)
    if match is not None:
        first, second = (number.replace(",", ".") for number in match.groups()[:2])
        unit = _UNITS.get(match[3], match[3])
        name = f"{first}x{second}{unit}"
    else:
        name = _name_of(plain, text)
        first, second, unit = NAMED[name]
    if unit == "px" and ("." in first or "." in second):
        raise SizeRefused(f"{_told(text)}: px come whole")
    inch = _INCHES[unit] if unit != "px" else 1 / Fraction(repr(float(dpi)))
    width, height = (float(Fraction(number) * inch) for number in (first, second))
    size = PrintSize(name, width, height, float(dpi))
    if not all(0 < side <= _SIDE_LIMIT_INCHES for side in (width, height)):
        raise SizeRefused(f"{_told(text)}: each side must be over 0 and at most 200 inches")
    if not all(1 <= side <= MOST_SHEET_PX for side in size.pixels):
        across, down = size.pixels
        raise SizeRefused(
            f"{_told(text)} at {dpi:g} dpi is {across} x {down} px; each side may have 1 to "
            f"{MOST_SHEET_PX}",
            remedy="Choose a lower --dpi.",
        )
    return size


def parse_length(text: str, *, most: float = 4.0, what: str = "length") -> float:
    """Read a length such as `3mm`, `0.125in`, `0,3 cm` or `0`.

    Args:
        text: a number and its unit: in, cm or mm; zero needs none.
        most: inches it may have.
        what: what it is the length of, for messages: "bleed".

    Returns:
        Inches, 0 to `most`.

    Raises:
        SizeRefused: nothing of the kind, negative, or too long.
    """
    plain = " ".join(text.lower().split())
    if re.fullmatch(r"0+(?:[.,]0+)?", plain):
        return 0.0
    match = _LENGTH.fullmatch(plain)
    remedy = f"Write the {what} as 3mm, 0.3cm or 0.125in."
    if match is None:
        raise SizeRefused(f"{_told(text)} is no {what}", remedy=remedy)
    number, unit = match[1].replace(",", "."), _UNITS.get(match[2], match[2])
    inches = float(Fraction(number) * _INCHES[unit])
    if inches > most:
        limit = f"{most:g} in ({most * 25.4:.0f} mm)"
        raise SizeRefused(f"{_told(text)}: the {what} may be at most {limit}", remedy=remedy)
    return inches


def _name_of(plain: str, text: str) -> str:
    """The name of a size, or a refusal that tells the nearest ones."""
    if re.fullmatch(rf"{_NUMBER}\s*[x×*]\s*{_NUMBER}", plain):
        bare = re.sub(r"\s*[×*x]\s*", "x", plain)
        raise SizeRefused(f"{_told(text)} has no unit", remedy=f"Write {bare}in or {bare}cm.")
    word = re.sub(r"[\s_-]+", "", plain)
    for prefix in ("", "din", "iso", "us"):
        name = _BY_WORD.get(word.removeprefix(prefix))
        if name is not None:
            return name
    near = get_close_matches(word[:_SHOWN], list(_BY_WORD), n=3, cutoff=0.5)
    names = ", ".join(_BY_WORD[one] for one in near) or ", ".join(NAMED)
    raise SizeRefused(f"{_told(text)}; {'nearest' if near else 'known'} names: {names}")


def _told(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def _px(inches: float, dpi: float) -> int:
    # Reckoned in whole numbers: 6.35 mm at 150 dpi are 37.5 px, not 37.49999.
    return math.floor(_exact(inches) * Fraction(repr(float(dpi))) + Fraction(1, 2))


def _exact(inches: float) -> Fraction:
    return Fraction(inches).limit_denominator(_FINEST)
