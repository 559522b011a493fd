"""Captions in plain words, and no more of a date than is known."""

from __future__ import annotations

import pytest

from pipeline.core.caption import Caption
from pipeline.io.caption_words import (
    certain_date,
    cleaned,
    cleaned_caption,
    cut,
    in_words,
    shortened,
)


def test_a_caption_reads_as_sentences() -> None:
    caption = Caption(
        "Picnic", "summer 1950s", "", "Lake Starnberg", ("Anna", "Karl"), ("lake",), "Aunt's album"
    )
    assert in_words(caption) == (
        "Picnic, summer 1950s, Lake Starnberg. People: Anna, Karl. Aunt's album."
    )


def test_a_question_mark_ends_a_sentence_and_nothing_says_nothing() -> None:
    assert in_words(Caption(date="1962?")) == "1962?"
    assert in_words(Caption(people=("Anna",))) == "People: Anna."
    assert in_words(Caption()) == ""
    assert in_words(Caption(keywords=("lake",))) == ""


@pytest.mark.parametrize(
    ("edtf", "known"),
    [
        ("1962-05-13", "1962-05-13"),
        ("1962-05", "1962-05"),
        ("1962", "1962"),
        ("1962-21", "1962"),  # spring
        ("1962-XX", "1962"),
        ("1962-05-XX", "1962-05"),
        ("1962-?05", "1962"),
        ("1962-05-~13", "1962-05"),
        ("1960-02-29", "1960-02-29"),
        ("1962-02-30", ""),
        ("1962-13", "1962"),
        ("1962-99-99", "1962"),
        ("0000", ""),
        ("1962?", ""),
        ("1962-05-13~", ""),
        ("195X", ""),
        ("1950/1959", ""),
        ("[1962,1963]", ""),
        ("1962-05-13T10:00:00", ""),
        ("", ""),
        ("1962\n", ""),
        ("१९६२", ""),
    ],
)
def test_a_date_is_given_as_far_as_it_is_certain(edtf: str, known: str) -> None:
    assert certain_date(edtf) == known


def test_what_no_block_can_hold_is_left_out() -> None:
    assert cleaned("a\x00b\x1f\x9bc\nd\te\ufffe\ud800") == "a b  c\nd\te?"
    assert cleaned("Łódź 東京 👵") == "Łódź 東京 👵"
    told = cleaned_caption(Caption(" A\x00", people=("\x01", " B "), keywords=("",)))
    assert told == Caption("A", people=("B",))


def test_texts_are_cut_at_whole_letters() -> None:
    assert cut("łódź", 3) == "ł"
    assert cut("aé", 2) == "a"
    assert cut("👵", 3) == ""
    assert cut("abc", 3) == "abc"


def test_a_shortened_caption_keeps_its_first_names() -> None:
    caption = Caption("x" * 90, people=("Anna", "Karl", "Eva"), keywords=("a" * 90, "b"))
    short = shortened(caption, 8)
    assert short == Caption("x" * 8, people=("Anna", "Karl"), keywords=("a" * 8,))
