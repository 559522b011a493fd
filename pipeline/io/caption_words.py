"""A caption in plain words, and as much of its date as is certain; fit for any metadata block."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from pipeline.core.caption import Caption

NO_CAPTION = Caption()
"""Of a print about which nobody has written anything."""

_DATE = re.compile(r"(\d{4})(?:-(\d\d|XX|[?~%]\d\d)(?:-(\d\d|XX|[?~%]\d\d))?)?", re.ASCII)
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_LETTERS = dict.fromkeys((0xFFFE, 0xFFFF))
_SENTENCE_ENDS = (".", "!", "?", "…", ":", "。", "！", "？")


def in_words(caption: Caption) -> str:
    """Title, date as it was written, place, people and note as sentences; "" for nothing."""
    where = ", ".join(part for part in (caption.title, caption.date, caption.place) if part)
    people = f"People: {', '.join(caption.people)}" if caption.people else ""
    return " ".join(_sentence(text) for text in (where, people, caption.note) if text.strip())


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith(_SENTENCE_ENDS) else f"{text}."


def certain_date(edtf: str) -> str:
    """The leading parts of an EDTF date that are known for certain, as a date of ISO 8601.

    Only a single date counts: "1962-05-13", "1962-05", "1962"; of a season and of unspecified or
    singly qualified parts, what stands before them: "1962-21", "1962-XX" and "1962-?05" give
    "1962". A date that is uncertain or approximate as a whole, an interval or a set gives "".
    """
    found = _DATE.fullmatch(edtf)
    if found is None or found[1] == "0000":
        return ""
    year, month, day = found.groups()
    if not (month or "").isdigit() or not 1 <= int(month) <= 12:
        return year
    if not (day or "").isdigit():
        return f"{year}-{month}"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def is_dated(caption: Caption) -> bool:
    """Whether a person said when the photograph was taken, however vaguely."""
    return bool(caption.date or caption.edtf)


def cleaned(text: str) -> str:
    """Without what UTF-8, XML or a field of text cannot hold; every line kept."""
    plain = _UNPRINTED.sub(" ", text).translate(_NO_LETTERS)
    return plain.encode("utf-8", "replace").decode()


def cleaned_caption(caption: Caption) -> Caption:
    """The caption with every text `cleaned` and without empty names."""
    return _each(caption, lambda text: cleaned(text).strip())


def shortened(caption: Caption, max_bytes: int) -> Caption:
    """The caption with each field cut to so many bytes of UTF-8; lists lose their last entries."""
    short = _each(caption, lambda text: cut(text, max_bytes))
    return replace(
        short,
        people=_leading(short.people, max_bytes),
        keywords=_leading(short.keywords, max_bytes),
    )


def cut(text: str, max_bytes: int) -> str:
    """As many whole letters from the start as fit into so many bytes of UTF-8."""
    return text.encode()[:max_bytes].decode("utf-8", "ignore")


def _leading(names: tuple[str, ...], max_bytes: int) -> tuple[str, ...]:
    kept: list[str] = []
    for name in names:
        max_bytes -= len(name.encode())
        if max_bytes < 0:
            break
        kept.append(name)
    return tuple(kept)


def _each(caption: Caption, change: Callable[[str], str]) -> Caption:
    return Caption(
        title=change(caption.title),
        date=change(caption.date),
        edtf=change(caption.edtf),
        place=change(caption.place),
        people=tuple(name for person in caption.people if (name := change(person))),
        keywords=tuple(word for keyword in caption.keywords if (word := change(keyword))),
        note=change(caption.note),
    )
