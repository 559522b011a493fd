"""What `shoebox captions` writes is read back as it was, and starts no formula."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.caption import Caption
from pipeline.core.edtf_dates import read_date
from pipeline.ingest.caption_file import parse_captions
from pipeline.ingest.caption_template import BYTE_ORDER_MARK, Line, caption_csv

WORDS = st.text(
    st.one_of(
        st.sampled_from("=+-@'\",;ä| "), st.characters(codec="utf-8", categories=("L", "N", "P"))
    ),
    max_size=12,
).map(lambda words: " ".join(words.split()))
NAMES = WORDS.filter(lambda words: bool(words) and ";" not in words)


@st.composite
def captions(draw: st.DrawFn) -> Caption:
    date = draw(WORDS)
    people = tuple(dict.fromkeys(draw(st.lists(NAMES, max_size=3))))
    keywords = tuple(dict.fromkeys(draw(st.lists(NAMES, max_size=3))))
    rest = {name: draw(WORDS) for name in ("title", "place", "note")}
    return Caption(date=date, edtf=read_date(date).edtf, people=people, keywords=keywords, **rest)


@given(captions(), NAMES)
def test_every_caption_comes_back_from_the_table_as_it_was(caption: Caption, file: str) -> None:
    import unicodedata

    if unicodedata.normalize("NFC", repr((caption, file))) != repr((caption, file)):
        return
    text = BYTE_ORDER_MARK + caption_csv([Line("/box", file, 2, caption)])
    (row,) = parse_captions(text.encode(), "x.csv").rows
    assert (row.file, row.ordinal, row.caption) == (file, 2, caption)


@given(st.sampled_from("=+-@\uff1d"), WORDS)
def test_no_cell_begins_like_a_formula(sign: str, words: str) -> None:
    said = Caption(title=sign + words, people=(f"{sign}A", "B"), note=f"{sign}1+1;{sign}2")
    text = caption_csv([Line("/box", f"{sign}cmd.tif", None, said)])
    for row in csv.reader(io.StringIO(text)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\uff1d"))]
    # A program that splits at semicolons sees quoted cells, never a bare formula.
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())


def test_the_box_is_a_column_only_where_there_are_several() -> None:
    one = Line("/one", "a.tif", None, Caption())
    assert '"box"' not in caption_csv([one])
    both = caption_csv([one, Line("/two", "a.tif", None, Caption())])
    assert [row.box for row in parse_captions(both.encode(), "x.csv").rows] == ["/one", "/two"]
