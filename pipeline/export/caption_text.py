"""Captions set in type: which letters the typeface has, where lines break, what is left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from pipeline.core.caption import Caption

SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
"""Stands on the page for a letter that the typeface lacks."""

FONT = "ShoeboxNotoSans"
_FAMILY = "Noto Sans"
_ELLIPSIS = "…"
_LONGEST = 4000

Width = Callable[[str], float]
"""How wide a text is, points."""


@cache
def typeface() -> Any:
    """Noto Sans as reportlab embeds it: Latin, Greek, Cyrillic; registered under `FONT`."""
    import fontpkg
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(FONT, str(fontpkg.path(_FAMILY)))
    pdfmetrics.registerFont(font)
    return font


def width_at(size: float) -> Width:
    """How wide a text is in the typeface at a size, points."""
    font = typeface()
    return lambda text: float(font.stringWidth(text, size))


def shown(text: str) -> str:
    """A text as it can be set: one line, composed, what cannot be shown by its substitute.

    Control and formatting characters (line ends, marks of direction) are spaces or nothing.
    """
    known = typeface().face.charToGlyph
    letters = []
    for letter in unicodedata.normalize("NFC", text[:_LONGEST]):
        if unicodedata.category(letter) == "Cf":
            continue
        if not letter.isprintable() or letter.isspace():
            letters.append(" ")
        elif ord(letter) in known:
            letters.append(letter)
        else:
            letters.append(SUBSTITUTE)
    return " ".join("".join(letters).split())


def wrapped(text: str, room: float, width: Width, most: int) -> list[str]:
    """A text on at most so many lines; what does not fit is left out behind an ellipsis.

    Args:
        text: one line, as `shown` gives it.
        room: width of a line, points.
        width: measures a text.
        most: lines, at least 1.

    Returns:
        No line is wider than the room; a word that is becomes several.
    """
    lines: list[str] = []
    rest = text
    while rest:
        if len(lines) == most:
            lines[-1] = _shortened(f"{lines[-1]} {rest}", room, width)
            break
        line, rest = _first_line(rest, room, width)
        lines.append(line)
    return lines


def caption_lines(caption: Caption, room: float, width: Width) -> list[tuple[str, str]]:
    """A caption as lines of (kind, text): "title", "facts" or "note".

    Args:
        caption: what is known.
        room: width of a line, points.
        width: measures a text.

    Returns:
        At most 2 lines each of the title, of date and place, of people, and of the note.
    """
    date_and_place = " · ".join(part for part in (caption.date, caption.place) if part.strip())
    parts = (
        ("title", caption.title),
        ("facts", date_and_place),
        ("facts", ", ".join(caption.people)),
        ("note", caption.note),
    )
    return [(kind, line) for kind, text in parts for line in wrapped(shown(text), room, width, 2)]


def _first_line(text: str, room: float, width: Width) -> tuple[str, str]:
    """As many words as fit, at least one letter; and the rest."""
    if width(text) <= room:
        return text, ""
    fits = _letters_that_fit(text, room, width)
    cut = text.rfind(" ", 0, fits + 1)
    if cut <= 0:
        return text[:fits], text[fits:].lstrip()
    return text[:cut], text[cut + 1 :]


def _shortened(text: str, room: float, width: Width) -> str:
    fits = _letters_that_fit(text, room - width(_ELLIPSIS), width)
    return text[:fits].rstrip(" ,.;:·") + _ELLIPSIS


def _letters_that_fit(text: str, room: float, width: Width) -> int:
    """The greatest number of first letters that fit, at least 1 (bisection)."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle]) <= room else (low, middle - 1)
    return low
