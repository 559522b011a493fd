"""Captions in type: nothing is wider than its room, nothing hostile gets through."""

from __future__ import annotations

import pytest

from pipeline.core.caption import Caption
from pipeline.export.caption_text import SUBSTITUTE, caption_lines, shown, width_at, wrapped

WIDTH = width_at(8.0)


@pytest.mark.parametrize(
    "text",
    ["Großmutter, 1950?", "Żółć, Łódź", "Ёлка и жена", "Ελλάδα „Ωδείον“", "Þórður — æ ø å ½ …"],
)
def test_european_letters_are_shown_as_they_are(text: str) -> None:
    assert shown(text) == text


def test_letters_that_the_typeface_lacks_are_seen_to_be_missing() -> None:
    assert shown("日本 Lake אב") == f"{SUBSTITUTE * 2} Lake {SUBSTITUTE * 2}"
    assert shown("\U0001f600!") == f"{SUBSTITUTE}!"


def test_accents_that_follow_their_letter_are_joined_to_it() -> None:
    assert shown("Mu\u0308ßig") == "Müßig"


def test_control_and_direction_characters_do_nothing() -> None:
    assert shown("a\nb\tc\x00d\x1b[31m\u2028e") == "a b c d [31m e"
    assert shown("\u202eevil\u202c\u200b\ufeff") == "evil"
    assert shown(" \t ") == ""


@pytest.mark.parametrize("room", [20.0, 63.5, 200.0])
@pytest.mark.parametrize(
    "text", ["one two three four five six seven eight", "Donaudampfschifffahrtsgesellschaft", "x"]
)
def test_no_line_is_wider_than_its_room(text: str, room: float) -> None:
    for most in (1, 2, 50):
        lines = wrapped(text, room, WIDTH, most)
        assert 1 <= len(lines) <= most
        assert all(WIDTH(line) <= room for line in lines)


def test_with_enough_lines_every_word_is_there() -> None:
    text = "in the garden behind the house with the cat"
    assert " ".join(wrapped(text, 60, WIDTH, 50)) == text
    assert "".join(wrapped("Donaudampfschiff", 30, WIDTH, 50)) == "Donaudampfschiff"


def test_what_does_not_fit_ends_in_an_ellipsis_and_what_fits_does_not() -> None:
    text = "in the garden behind the house with the cat"
    cut = wrapped(text, 60, WIDTH, 2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")
    assert text.startswith(" ".join(cut)[:-1].rstrip())
    assert wrapped(text, WIDTH(text), WIDTH, 1) == [text]
    assert wrapped("", 60, WIDTH, 2) == []


def test_a_caption_becomes_title_facts_and_note_of_two_lines_each() -> None:
    long = "word " * 200
    caption = Caption(long, "1962?", "1962?", long, ("Anna", "Bo"), ("x",), long)
    lines = caption_lines(caption, 150, WIDTH)
    assert [kind for kind, _ in lines] == ["title"] * 2 + ["facts"] * 3 + ["note"] * 2
    assert lines[2][1].startswith("1962? · word")
    assert lines[4][1] == "Anna, Bo"


def test_an_empty_caption_has_no_lines_and_a_missing_place_no_dot() -> None:
    assert caption_lines(Caption(), 150, WIDTH) == []
    assert caption_lines(Caption(date="1962?", place=" "), 150, WIDTH) == [("facts", "1962?")]


def test_a_note_as_long_as_a_book_is_cut_quickly() -> None:
    assert len(caption_lines(Caption(note="x" * 5_000_000), 150, WIDTH)) == 2
