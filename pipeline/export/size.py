"""Print sizes as people write them: `8x10in`, `10x15cm`, `100x150mm`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from pipeline.core.errors import SizeRefused

_INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
_PATTERN = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*[x×]\s*(\d+(?:\.\d+)?)\s*(in|cm|mm|\")\s*", re.IGNORECASE
)
_SIDE_LIMIT_INCHES = 200.0
_DPI_RANGE = (72.0, 2400.0)


@dataclass(frozen=True)
class PrintSize:
    """A size on paper and the resolution it is to be printed at.

    Args:
        text: as the person wrote it, without spaces.
        width: inches.
        height: inches.
        dpi: dots per inch of the finished file.
    """

    text: str
    width: float
    height: float
    dpi: float

    @property
    def pixels(self) -> tuple[int, int]:
        """(width, height) in px, rounded to the nearest."""
        return math.floor(self.width * self.dpi + 0.5), math.floor(self.height * self.dpi + 0.5)

    @property
    def label(self) -> str:
        """A name for folders and messages, such as `8x10in-300dpi`."""
        return f"{self.text}-{self.dpi:g}dpi"


def parse_size(text: str, dpi: float) -> PrintSize:
    """Read a size such as `8x10in`.

    Args:
        text: width x height and a unit: in, cm or mm.
        dpi: 72 to 2400.

    Raises:
        SizeRefused: not of that form, zero, over 200 inches, or a resolution out of range.
    """
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise SizeRefused(repr(text))
    unit = match[3].lower().replace('"', "in")
    width, height = (float(match[i]) * _INCHES[unit] for i in (1, 2))
    if not (0 < width <= _SIDE_LIMIT_INCHES and 0 < height <= _SIDE_LIMIT_INCHES):
        raise SizeRefused(f"{text!r}: each side must be over 0 and at most 200 inches")
    if not (math.isfinite(dpi) and _DPI_RANGE[0] <= dpi <= _DPI_RANGE[1]):
        raise SizeRefused(f"{dpi:g} dpi is outside 72 to 2400", remedy="Give --dpi 300.")
    return PrintSize(f"{match[1]}x{match[2]}{unit}", width, height, dpi)
