"""Dates keep their doubt: what is read is valid EDTF, never more certain than the words."""

from __future__ import annotations

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.edtf_dates import is_edtf, read_date

READ = {
    "1962": "1962",
    "1962?": "1962?",
    "1962 (?)": "1962?",
    "probably 1962": "1962?",
    "circa 1940": "1940~",
    "c. 1940": "1940~",
    "ca. 1940": "1940~",
    "about 1940": "1940~",
    "ca. 1940?": "1940%",
    "1950s": "195X",
    "1950's": "195X",
    "circa 1950s": "195X~",
    "early 1950s": "195X",
    "summer 1950s": "195X",
    "1900s": "19XX",
    "19th century": "18XX",
    "20th century": "19XX",
    "June 1956": "1956-06",
    "12 June 1956": "1956-06-12",
    "June 12th, 1956": "1956-06-12",
    "around June 1956": "1956-06~",
    "Summer 1956": "1956-22",
    "spring of 1956": "1956-21",
    "autumn 1956": "1956-23",
    "winter 1956": "1956-24",
    "summer 1956?": "1956?",
    "1940-1945": "1940/1945",
    "1940 \u2013 1945": "1940/1945",
    "from 1940 to 1945": "1940/1945",
    "1962-63": "1962/1963",
    "between 1940 and 1945": "[1940..1945]",
    "1962 or 1963": "[1962,1963]",
    "before 1945": "[..1945]",
    "after 1945": "[1945..]",
    "1962-05-12": "1962-05-12",
    "31.12.1962": "1962-12-31",
    "12/31/1962": "1962-12-31",
    "5.5.1962": "1962-05-05",
    "12/1962": "1962-12",
    "195x": "195X",
    "[1962,1963]": "[1962,1963]",
    "1962-06?/1963": "1962-06?/1963",
}


@pytest.mark.parametrize("words", READ)
def test_what_is_certain_about_a_date_is_read(words: str) -> None:
    assert read_date(words).edtf == READ[words]
    assert read_date(f"  {words.upper() if words != '195x' else words} ").edtf == READ[words]
    assert read_date(words).note == ""


@pytest.mark.parametrize(
    "words",
    [
        "12.5.1962",
        "5/12/1962",
        "62",
        "'62",
        "1962/63",
        "1920-21",
        "1910-12",
        "1962-02-30",
        "31 June 1956",
        "13/1962",
        "Christmas 1975",
        "summer",
        "50s",
        "winter 1962/63",
        "1945-1940",
        "1945/1940",
        "June or July 1962",
        "1962 and 1963",
        "unknown",
        "1962??",
        "before the war",
        "[1962",
        "1" * 200,
        "\u0661\u0669\u0666\u0662",
    ],
)
def test_what_is_not_certain_is_left_to_the_words_with_a_note(words: str) -> None:
    assert read_date(words).edtf == ""
    assert read_date(words).note


def test_nothing_written_is_nothing_to_remark() -> None:
    assert read_date(" \n") == read_date("")
    assert (read_date("").edtf, read_date("").note) == ("", "")


def test_the_forms_that_lose_something_hold_the_date_all_the_same() -> None:
    for words, first, last in (("summer 1950s", 1950, 1959), ("1900s", 1900, 1999)):
        found = parse_edtf(read_date(words).edtf)
        assert (found.lower_strict().tm_year, found.upper_strict().tm_year) == (first, last)


@given(st.text(max_size=120))
def test_any_text_gives_valid_edtf_or_a_note(words: str) -> None:
    found = read_date(words)
    assert is_edtf(found.edtf) or not found.edtf
    assert bool(found.edtf or found.note) == bool(words.split())


PIECES = st.sampled_from(
    [
        *("1940", "1945", "195X", "12", "05", "31", "?", "~", "/", "-", ".", "..", "[", "]", "{"),
        *("}", ",", "or", "and", "between", "to", "from", "before", "after", "circa", "c."),
        *("summer", "spring", "June", "of", "the", "s", "1950s", "20th", "century", "early", "X"),
    ]
)


@given(st.lists(PIECES, max_size=7), st.sampled_from(["", " "]))
def test_pieces_of_dates_in_any_order_give_valid_edtf_or_a_note(
    pieces: list[str], between: str
) -> None:
    words = between.join(pieces)
    found = read_date(words)
    assert is_edtf(found.edtf) or not found.edtf
    if found.edtf:
        parse_edtf(found.edtf)


@given(st.integers(1000, 2999), st.sampled_from(["{}?", "circa {}", "before {}", "{} or 2999"]))
def test_a_year_in_doubt_never_becomes_a_year_for_certain(year: int, form: str) -> None:
    assert read_date(form.format(year)).edtf != str(year)


def test_long_runs_of_the_same_piece_are_no_dates() -> None:
    for words in ("[" * 100, "1962?/" * 16, "c. " * 33, "between " * 12, "1 " * 50, "early " * 16):
        assert read_date(words).edtf == ""


def test_nothing_is_printed_about_dates_that_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("../..", "../", "?1940~", "1940~-12?"):
        read_date(words)
    assert capsys.readouterr().out == ""


PARTS = st.from_regex(r"[12][0-9]{2}[0-9X]([0-9X]|-[0-3][0-9])?(-[0-3][0-9])?", fullmatch=True)


@given(PARTS, PARTS, st.sampled_from(["{}", "{}?", "{}~", "{}%", "[{}..{}]", "[{},{}]"]))
def test_what_is_taken_for_edtf_at_a_glance_is_edtf_to_its_parser(
    first: str, last: str, form: str
) -> None:
    text = form.format(first, last)
    if is_edtf(text):
        parse_edtf(text)
