"""Files of captions as spreadsheets write them, and as they must not be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.caption import Caption
from pipeline.core.errors import CaptionsRefused
from pipeline.ingest.caption_file import matched, parse_captions, read_caption_file

FULL = Caption(
    title="Lake",
    date="1962?",
    edtf="1962?",
    place="Zürich",
    people=("Anna B.", "Smith, John"),
    keywords=("beach", "dog"),
    note="two\nlines",
)
TEXT = (
    "File,Print,TITLE,date,place,people,keywords,note\r\n"
    'a.tif,2,Lake,1962?,Zürich,"Anna B.; Smith, John","beach, dog","two\r\nlines"\r\n'
)


def only(text: str | bytes) -> Caption:
    data = text.encode() if isinstance(text, str) else text
    (row,) = parse_captions(data, "box.csv").rows
    return row.caption


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_common_spelling_of_a_table_says_the_same(
    encoding: str, delimiter: str, ending: str
) -> None:
    cells = ["a.tif", "2", "Lake", "1962?", "Zürich", '"Anna B.; Smith, John"', '"beach; dog"']
    cells.append(f'"two{ending}lines"')
    head = delimiter.join(["file", "print", "title", "date", "place", "people", "keywords", "note"])
    text = f"{head}{ending}{delimiter.join(cells)}{ending}{ending}"
    (row,) = parse_captions(text.encode(encoding), "box.csv").rows
    assert (row.line, row.file, row.ordinal, row.caption) == (2, "a.tif", 2, FULL)


def test_letter_case_of_columns_and_commas_among_keywords_do_not_matter() -> None:
    (row,) = parse_captions(TEXT.encode(), "box.csv").rows
    assert row.caption == FULL


def test_a_line_that_names_the_delimiter_is_followed() -> None:
    assert only("sep=;\nfile;title\na.tif;one, two").title == "one, two"


def test_columns_left_out_are_empty_and_empty_columns_are_no_columns() -> None:
    assert only("title,file,,\nLake,a.tif,,\n") == Caption(title="Lake")
    assert only("file\na.tif\n") == Caption()
    assert only("file,title\na.tif,Lake,,\n") == Caption(title="Lake")


def test_people_with_commas_and_no_semicolon_are_one_name_and_a_note_says_so() -> None:
    found = parse_captions(b'file,people\na.tif,"Anna, Bert"\n', "box.csv")
    assert found.rows[0].caption.people == ("Anna, Bert",)
    assert "line 2" in found.notes[0]
    assert "semicolons" in found.notes[0]
    assert parse_captions(b'file,people\na.tif,"Anna, Bert;"\n', "box.csv").notes == ()


def test_a_date_that_is_not_certain_is_kept_and_a_note_names_its_line() -> None:
    found = parse_captions(b"file,date\n\na.tif,1962\nb.tif,12.5.1962\n", "box.csv")
    assert found.rows[1].caption == Caption(date="12.5.1962")
    (note,) = found.notes
    assert note.startswith("box.csv, line 4: ")


REFUSED = {
    "an unknown column": (b"file,titel\n", r"line 1: unknown column 'titel'; did you mean title\?"),
    "no file column": (b"name,title\na,b\n", "no column named file"),
    "nothing": (b"", "no column named file"),
    "a column twice": (b"file,title,Title\n", "two columns are named title"),
    "Latin-1": ("file,title\na.tif,x\nb.tif,Zürich".encode("latin-1"), "line 3: byte 0xfc at 26 "),
    "Latin-1 after a mark": (b"\xef\xbb\xbffile\n\xe9", "line 2: byte 0xe9 at 8 "),
    "UTF-16 without its mark": ("file\na".encode("utf-16-le"), r"line 1: control .*UTF-16"),
    "UTF-32": ("file\na".encode("utf-32"), "UTF-32"),
    "half of a UTF-16 letter": ("file".encode("utf-16") + b"a", "UTF-16 is damaged"),
    "NUL": (b"file,title\na.tif,x\0y\n", r"line 2: control character U\+0000"),
    "an escape": (b"file,note\na.tif,\x1b[31m\n", r"line 2: control character U\+001B"),
    "a print that is no number": (b"file,print\na.tif,two\n", "line 2: 'two' in the column print"),
    "print 0": (b"file,print\na.tif,0\n", "line 2"),
    "a print in other digits": ("file,print\na.tif,\u0662\n".encode(), "line 2"),
    "a print too large": (b"file,print\na.tif,1000000000000000000000\n", "line 2"),
    "too many cells": (b"file;people\n\na.tif;Anna; Bert\n", "line 3: 3 cells under 2 columns"),
    "a cell under no column": (b"file,,title\na.tif,x,y\n", "line 2: column 2 has no name"),
    "no file named": (b"file,title\n,Lake\n", "line 2: the column file is empty"),
    "a print twice": (b"file,print\na.tif,1\nb.tif,\na.tif,1\n", "lines 2 and 4 .* a.tif, print 1"),
    "a quote never closed": (b'file,title\na.tif,"x\nb.tif,y\n', "line 2"),
    "words after a quote": (b'file,title\na.tif,"x" y\n', "line 2"),
    "a cell too long": (b"file,note\na.tif," + b"x" * 10_001, "line 2"),
    "a huge cell": (b"file,note\na.tif," + b"x" * 200_000, "line 2"),
    "too many rows": (b"file\n" + b"a\n" * 100_001, "line 100002: more than 100000 rows"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_table_that_cannot_be_trusted_is_refused_with_file_and_line(what: str) -> None:
    data, words = REFUSED[what]
    with pytest.raises(CaptionsRefused, match=words) as caught:
        parse_captions(data, "box.csv")
    assert "box.csv" in caught.value.line()


def test_the_remedy_for_another_encoding_is_to_save_as_utf_8() -> None:
    with pytest.raises(CaptionsRefused, match="byte 0xfc") as caught:
        parse_captions("file\nä.tif,ü".encode("cp1252").replace(b"\xe4", b"a"), "box.csv")
    assert "CSV UTF-8" in caught.value.line()


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "box.csv")
    for path in (tmp_path / "box.csv", tmp_path, tmp_path / "none.csv"):
        with pytest.raises(CaptionsRefused):
            read_caption_file(path)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "box.csv"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(CaptionsRefused, match="50 MB"):
        read_caption_file(path)


PIECES = [
    *("file", "title", "date", "print", "people", ",", ";", "\t", "\n", "\r\n", "\r", '"', "'"),
    *("=1", "a.tif", "b.tif", "1", "\ufeff", "\u2028", "\x85", "sep=;", " ", "ü"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=16), st.sampled_from(["utf-8", "utf-16"]))
def test_pieces_of_tables_in_any_order_are_read_or_refused(
    pieces: list[str], encoding: str
) -> None:
    try:
        rows = parse_captions(("file," + "".join(pieces)).encode(encoding), "box.csv").rows
    except CaptionsRefused as error:
        assert "box.csv" in error.detail
        return
    assert all(row.file and "\n" not in row.caption.title for row in rows)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for prefix in (b"", b"file,title\n", b"\xff\xfe"):
        try:
            parse_captions(prefix + data, "box.csv")
        except CaptionsRefused as error:
            assert "box.csv" in error.detail


SCANS = [("/box", b"a.tif"), ("/box", b"sub/B.png"), ("/box", b"odd\xff.tif"), ("/box", b"c\\d")]


def found_by(name: str) -> list[bytes]:
    said = matched(parse_captions(b'file\n"' + name.encode() + b'"\n', "box.csv"), SCANS)
    assert len(said.by_scan) + len(said.notes) == 1
    return [name for _, name in said.by_scan]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a.tif", b"a.tif"),
        ("A.TIF", b"a.tif"),
        ("./a.tif", b"a.tif"),
        ("sub\\b.png", b"sub/B.png"),
        ("sub/B.png", b"sub/B.png"),
        ("odd\\xff.tif", b"odd\xff.tif"),
        ("c\\d", b"c\\d"),
        ("c\\\\d", b"c\\d"),
    ],
)
def test_a_file_is_found_by_the_ways_its_name_is_written(written: str, name: bytes) -> None:
    assert found_by(written) == [name]


@pytest.mark.parametrize(
    "written",
    ["../box/a.tif", "/box/a.tif", "sub/../a.tif", "C:\\box\\a.tif", "b.png", "a", "a.tif/", "~"],
)
def test_a_path_that_leads_elsewhere_is_no_file_of_the_box(written: str) -> None:
    assert found_by(written) == []


def test_a_file_that_is_not_there_is_a_note_and_no_error() -> None:
    said = matched(parse_captions(b"file\nnone.tif\na.tif\n", "box.csv"), SCANS)
    assert said.notes == ("box.csv, line 2: none.tif is no scan here",)
    assert list(said.by_scan) == [("/box", b"a.tif")]


def test_two_spellings_of_one_file_are_refused_as_the_same_print() -> None:
    with pytest.raises(CaptionsRefused, match="lines 2 and 3"):
        matched(parse_captions(b"file\na.tif\nA.TIF\n", "box.csv"), SCANS)


def test_two_files_but_for_letter_case_are_told_apart_by_exact_names_only() -> None:
    scans = [("/box", b"a.tif"), ("/box", b"A.tif")]
    assert list(matched(parse_captions(b"file\nA.tif\n", "x"), scans).by_scan) == [scans[1]]
    assert matched(parse_captions(b"file\nA.TIF\n", "x"), scans).by_scan == {}


def test_a_name_in_several_boxes_needs_the_box_named() -> None:
    scans = [("/one", b"a.tif"), ("/two", b"a.tif")]
    with pytest.raises(CaptionsRefused, match="several boxes"):
        matched(parse_captions(b"file\na.tif\n", "x"), scans)
    said = matched(parse_captions(b"file,box\na.tif,/two\n", "x"), scans)
    assert list(said.by_scan) == [scans[1]]


def test_decomposed_letters_match_composed_ones() -> None:
    scans = [("/box", "Mu\u0308ller.tif".encode())]
    assert matched(parse_captions("file\nMüller.tif".encode(), "x"), scans).notes == ()
