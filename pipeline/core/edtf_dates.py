"""Dates as people write them on photographs, in EDTF (ISO 8601-2:2019) where that is certain.

A small strict grammar: each form below has one meaning, and what has two ("12.5.1962") has none
here. `parse_edtf` of the package `edtf` judges every result. Its own `text_to_edtf` is not used:
it drops doubt ("1962 or 1963" becomes 1962) and settles day and month by guessing.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_MOST_CHARACTERS = 100

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    spelling: number
    for number, name in enumerate(_MONTHS, start=1)
    for spelling in {name, name[:3], "sept" if number == 9 else name}
}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}

_CIRCA = re.compile(r"(?:circa|about|around|approximately|approx\.?|ca\.?|c\.?)\s*(?=.)(.+)")
_MAYBE = re.compile(r"(?:possibly|probably|perhaps|maybe)\s+(.+)|(.+?)\s*(?:\?|\(\?\))")
_EARLIER = re.compile(r"(?:before|until|by|not after|no later than)\s+(.+)")
_LATER = re.compile(r"(?:after|since|from|not before|no earlier than)\s+(.+)")
_BETWEEN = re.compile(r"between\s+(.+?)\s+and\s+(.+)")
_FROM_TO = re.compile(r"from\s+(.+?)\s+(?:to|until|till)\s+(.+)")
_RANGE = re.compile(r"(.+?)(?:\s+(?:-|to)\s+|(?<=\d{4})-(?=\d{4}$))(.+)")
_SHORT_RANGE = re.compile(r"(\d{2})(\d{2})-(\d{2})")
_OR = re.compile(r"(.+?)\s+or\s+(.+)")
_NUMERIC = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_TWO_YEARS = re.compile(r"(\d{2})\d{2}[./](\d{1,2})")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2([12]\d{3})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[./-]([12]\d{3})")
_EDTF_ONLY = re.compile(r"[0-9XYESTZ?~%.,:/\[\]{}+\-]+")

_YEAR = re.compile(r"[12]\d{3}")
_PLACE_UNKNOWN = re.compile(r"([12]\d\d)x|([12]\d)xx")
_DECADE = re.compile(r"(?:the\s+)?([12]\d\d)0'?s")
_PART_OF_DECADE = re.compile(
    r"(?:(?:in\s+)?the\s+)?(?:early|mid|middle|late|beginning|end)(?:\s+of)?[\s-]+(.+)"
)
_CENTURY = re.compile(r"(?:the\s+)?(\d{1,2})(st|nd|rd|th)\s+(?:century|c\.)")
_DAY = re.compile(r"([12]\d{3})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"([12]\d{3})-(\d{2})")

_COMMON = re.compile(
    r"(?:[12]\d\dX|[12]\dXX|(?P<year>[12]\d{3})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?)?)"
    r"[?~%]?|[12]\d{3}-2[1-4]"
)
_PAIR = re.compile(r"\[(?P<first>[12]\d{3}[\d-]*)(?:\.\.|,)(?P<last>[12]\d{3}[\d-]*)\]")


@dataclass(frozen=True)
class DateRead:
    """A date as it was understood.

    Args:
        edtf: valid EDTF, or "" when the words have no such form for certain.
        note: why it has none, in words; "" when it has one, or when nothing was written.
    """

    edtf: str
    note: str = ""


_NOTHING = DateRead("")


@lru_cache(maxsize=4096)
def read_date(text: str) -> DateRead:
    """A date in a person's words as EDTF, never more certain than the words.

    Where EDTF as it is checked here cannot hold everything ("summer 1950s", "early 1950s"), the
    result is the next larger time that surely holds the date (195X).

    Args:
        text: "1962?", "circa 1940", "June 1956", "between 1940 and 1945", or EDTF itself.
    """
    words = " ".join(text.split())
    if not words:
        return _NOTHING
    if len(words) > _MOST_CHARACTERS:
        return DateRead("", "it is too long to be read as a date")
    if ambiguous := _ambiguity(words):
        return DateRead("", ambiguous)
    if is_edtf(words):
        return DateRead(words)
    found = _read(words.lower().replace("\u2013", "-").replace("\u2014", "-"))
    if found and is_edtf(found):
        return DateRead(found)
    return DateRead("", "it has no certain EDTF form")


def is_edtf(text: str) -> bool:
    """Whether text is valid EDTF whose intervals run forwards."""
    if len(text) > _MOST_CHARACTERS or not _EDTF_ONLY.fullmatch(text):
        return False
    return _is_common(text) or _is_parsed(text)


def _is_common(text: str) -> bool:
    """Whether text has one of the commonest forms, which need no parser (it takes milliseconds)."""
    if match := _PAIR.fullmatch(text):
        first, last = match["first"], match["last"]
        # The parser takes no season in a set, and no dates of different precision.
        alike = len(first) == len(last) and "2" not in (first[5:6], last[5:6])
        return alike and first[:4] < last[:4] and _is_common(first) and _is_common(last)
    match = _COMMON.fullmatch(text)
    if match is None or match["day"] is None:
        return match is not None
    try:
        date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _is_parsed(text: str) -> bool:
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    try:
        # The package prints a line where it cannot build what it has parsed.
        with redirect_stdout(io.StringIO()):
            parsed = parse_edtf(text)
        backwards = "/" in text and parsed.lower_strict() > parsed.upper_strict()
    except (EDTFParseException, ValueError, TypeError, AttributeError, OverflowError):
        return False
    return not backwards


def _ambiguity(words: str) -> str:
    if _NUMERIC.fullmatch(words) and not (_DAY.fullmatch(words) or _day_of_numbers(words)):
        return "day and month cannot be told apart; write 1962-05-12 or 12 May 1962"
    if match := _TWO_YEARS.fullmatch(words):
        return f"it may be two years or a month; write it out, as in {words[:4]}/{match[1]}" + (
            f"{match[2]:0>2}"
        )
    if short := _SHORT_RANGE.fullmatch(words):
        year, end = int(short[2]), int(short[3])
        is_month_or_season = 1 <= end <= 12 or 21 <= end <= 41
        if end > year and is_month_or_season:
            return f"it may be a part of the year or a range; write {short[1]}{year:02d}/" + (
                f"{short[1]}{end:02d} for the range"
            )
    return ""


def _read(words: str) -> str:
    """EDTF of lower-case words, or ""; wider forms are tried before narrower ones."""
    for form in (_ranges, _choice, _open_ended, _qualified):
        if found := form(words):
            return found
    return _plain(words)


def _ranges(words: str) -> str:
    if match := _BETWEEN.fullmatch(words):
        return _joined(match[1], match[2], "[{}..{}]", _unqualified)
    if match := _FROM_TO.fullmatch(words) or _RANGE.fullmatch(words):
        return _joined(match[1], match[2], "{}/{}", _end_of_interval)
    if (match := _SHORT_RANGE.fullmatch(words)) and int(match[3]) > max(int(match[2]), 41):
        return f"{match[1]}{match[2]}/{match[1]}{match[3]}"
    return ""


def _choice(words: str) -> str:
    match = _OR.fullmatch(words)
    return _joined(match[1], match[2], "[{},{}]", _unqualified) if match else ""


def _open_ended(words: str) -> str:
    # The year named belongs to it: "before 1945" is also said of a picture of early 1945.
    if match := _EARLIER.fullmatch(words):
        return f"[..{found}]" if (found := _unqualified(match[1])) else ""
    if match := _LATER.fullmatch(words):
        return f"[{found}..]" if (found := _unqualified(match[1])) else ""
    return ""


def _joined(first: str, last: str, form: str, read: Callable[[str], str]) -> str:
    begin, end = read(first), read(last)
    if not begin or not end or begin[:4] > end[:4]:
        return ""
    return form.format(begin, end)


def _qualified(words: str) -> str:
    """Doubt and approximation, each alone or together."""
    mark, rest = "", words
    if match := _CIRCA.fullmatch(rest):
        mark, rest = "~", match[1]
    if match := _MAYBE.fullmatch(rest):
        mark, rest = ("%" if mark else "?"), match[1] or match[2]
        inner = _CIRCA.fullmatch(rest)
        if inner and mark == "?":
            mark, rest = "%", inner[1]
    if not mark:
        return ""
    found = _plain(rest)
    if not found:
        return ""
    # A season takes no mark here; its year does.
    return next((t for t in (found + mark, found[:4] + mark) if is_edtf(t)), "")


def _end_of_interval(words: str) -> str:
    return _qualified(words) or _plain(words)


def _unqualified(words: str) -> str:
    """One year, month or day that a set may hold."""
    found = _plain(words)
    return found if re.fullmatch(r"\d{4}(-(0\d|1[0-2])(-\d\d)?)?", found) else ""


def _plain(words: str) -> str:
    """A single date without doubt: day, month, season, year, decade, century."""
    for form in (_numbers, _named_month, _season, _decade_or_century):
        if found := form(words):
            return found
    return ""


def _numbers(words: str) -> str:
    if _YEAR.fullmatch(words):
        return words
    if _DAY.fullmatch(words) or _MONTH.fullmatch(words):
        return words if is_edtf(words) else ""
    if match := _MONTH_YEAR.fullmatch(words):
        return f"{match[2]}-{int(match[1]):02d}"
    if found := _day_of_numbers(words):
        return found
    return words.upper() if _PLACE_UNKNOWN.fullmatch(words) else ""


def _day_of_numbers(words: str) -> str:
    """Such as 31.12.1962 and 5/5/1962, where it does not matter which number is the day."""
    match = _DAY_MONTH_YEAR.fullmatch(words)
    if match is None:
        return ""
    low, high = sorted((int(match[1]), int(match[3])))
    certain = low == high or low <= 12 < high
    return f"{match[4]}-{low:02d}-{high:02d}" if certain else ""


def _named_month(words: str) -> str:
    """Such as "June 1956", "12 June 1956", "12th of June, 1956" and "June 12, 1956"."""
    parts = [part for part in re.split(r"[\s,]+|(?<=[a-z])\.\s*", words) if part and part != "of"]
    if not 2 <= len(parts) <= 3 or not _YEAR.fullmatch(parts[-1]):
        return ""
    named = [part for part in parts[:-1] if part in _MONTH_NUMBERS]
    days = [part for part in parts[:-1] if part not in _MONTH_NUMBERS]
    if len(named) != 1:
        return ""
    month = f"{parts[-1]}-{_MONTH_NUMBERS[named[0]]:02d}"
    if not days:
        return month
    day = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|\.)?", days[0])
    return f"{month}-{int(day[1]):02d}" if day else ""


def _season(words: str) -> str:
    match = re.fullmatch(rf"(?:the\s+)?({'|'.join(_SEASONS)})(?:\s+of)?(?:\s+the)?,?\s+(.+)", words)
    if match is None:
        return ""
    if _YEAR.fullmatch(match[2]):
        return f"{match[2]}-{_SEASONS[match[1]]}"
    return _decade_or_century(match[2])


def _decade_or_century(words: str) -> str:
    if match := _PART_OF_DECADE.fullmatch(words):
        # "early 1956" lies in 1956, as surely as "early 1950s" does in 195X.
        return match[1] if _YEAR.fullmatch(match[1]) else _decade_or_century(match[1])
    if match := _DECADE.fullmatch(words):
        # "1900s" is ten years to one and a hundred to another: the hundred hold both.
        return f"{match[1][:2]}XX" if match[1].endswith("0") else f"{match[1]}X"
    if match := _CENTURY.fullmatch(words):
        number = int(match[1])
        return f"{number - 1:02d}XX" if 11 <= number <= 30 else ""
    return ""
