"""What sheets for people have in common: paper, ink, typeface, colours as a screen shows them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from pipeline.core.photo import Photo
from pipeline.io.colour import from_lab, to_lab

PAPER = (250, 249, 246)
INK = (48, 46, 43)
FAINT = (140, 136, 130)
SHEET_DPI = 150.0


def blank_sheet(width: int, height: int) -> tuple[PillowImage.Image, ImageDraw.ImageDraw]:
    """An empty sheet of that size in px, and what draws on it."""
    sheet = PillowImage.new("RGB", (width, height), PAPER)
    return sheet, ImageDraw.Draw(sheet)


def finished(sheet: PillowImage.Image) -> Photo:
    """The sheet as an 8-bit photo in sRGB at 150 dpi."""
    samples = np.asarray(sheet, dtype=np.uint16) * np.uint16(257)
    return Photo(samples, dpi=(SHEET_DPI, SHEET_DPI), icc=None, bit_depth=8)


def as_shown(pixels: NDArray[np.float32], icc: bytes | None) -> NDArray[np.uint8]:
    """Pixels float32 (H, W, 3) of a photo with that profile, as uint8 in sRGB."""
    if icc is not None:
        pixels = from_lab(to_lab(pixels, icc), None)
    shown: NDArray[np.uint8] = np.round(pixels * 255).astype(np.uint8)
    return shown


def shortened(draw: ImageDraw.ImageDraw, text: str, typeface: Any, room: float) -> str:
    """The text on one line, its middle left out when it is too long for the room, px."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if draw.textlength(text, font=typeface) <= room:
        return text
    keep = len(text) - 1
    while keep > 1:
        head, tail = text[: (keep + 1) // 2], text[len(text) - keep // 2 :]
        if draw.textlength(f"{head}…{tail}", font=typeface) <= room:
            return f"{head}…{tail}"
        keep -= 1
    return "…"


def wrapped(text: str, size: int, room: float) -> list[str]:
    """The words on as many lines as they need in a room, px, in a typeface of that size."""
    typeface = font(size)
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and typeface.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def font(size: int) -> Any:
    """Pillow's built-in typeface; without FreeType its small bitmap font."""
    return ImageFont.load_default(size=size)
