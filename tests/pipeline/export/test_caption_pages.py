"""The contact sheet on paper: every picture is on a page, in its colours, nothing overlaps."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pikepdf
import pytest
from PIL import Image

from pipeline.core.caption import Caption
from pipeline.core.errors import UsageError
from pipeline.core.photo import Photo
from pipeline.export.caption_pages import A4, LETTER, CaptionedPicture, caption_pages
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.profiles import adobe_rgb_profile

LONG = Caption("t " * 300, "1962?", "", "p " * 300, ("Anna " * 60,), (), "n " * 500)
SHORT = Caption("Großmutter", "1950s")


def _photo(height: int = 90, width: int = 120, icc: bytes | None = None) -> Photo:
    samples = np.random.default_rng(4).integers(0, 256, (height, width, 3)).astype(np.uint16)
    return Photo(samples * np.uint16(257), icc=icc)


def _entries(count: int, caption: Caption = SHORT) -> list[CaptionedPicture]:
    return [CaptionedPicture(_photo(), f"{n + 1:04d}-1 page.tif", caption) for n in range(count)]


def _pdf(
    entries: list[CaptionedPicture], page: tuple[float, float] = A4, title: str = "Box"
) -> pikepdf.Pdf:
    file = io.BytesIO()
    caption_pages(entries, page, title)(file)
    return pikepdf.open(file)


def _placed(page: pikepdf.Page) -> list[tuple[float, float, float, float]]:
    """(left, bottom, width, height) of every picture on a page, points."""
    matrices, current = [], [1.0, 0, 0, 1, 0, 0]
    for step in pikepdf.parse_content_stream(page):
        if str(step.operator) == "cm":
            current = [float(value) for value in step.operands]
        if str(step.operator) == "Do":
            matrices.append((current[4], current[5], current[0], current[3]))
    return matrices


@pytest.mark.parametrize(("count", "page"), [(1, A4), (9, A4), (40, LETTER), (7, A4[::-1])])
def test_every_picture_is_on_a_page_once_and_inside_its_margins(
    count: int, page: tuple[float, float]
) -> None:
    sheet = caption_pages(_entries(count, LONG), page, "Box")
    pdf = _pdf(_entries(count, LONG), page)
    assert len(pdf.pages) == sheet.pages
    placed = [_placed(one) for one in pdf.pages]
    assert sum(len(one) for one in placed) == count
    width, height = page[0] * 72, page[1] * 72
    for one in placed:
        for left, bottom, wide, high in one:
            assert left >= 35.9
            assert left + wide <= width - 35.9
            assert 36 <= bottom < bottom + high <= height - 36


@pytest.mark.parametrize("caption", [Caption(), SHORT, LONG])
def test_no_picture_lies_on_another_or_on_its_caption(caption: Caption) -> None:
    entries = _entries(30, caption)
    lines_under = caption_pages(entries, A4, "Box").grid.text
    for page in _pdf(entries).pages:
        boxes = [
            (left, bottom - lines_under, left + wide, bottom + high)
            for left, bottom, wide, high in _placed(page)
        ]
        for index, one in enumerate(boxes):
            for other in boxes[index + 1 :]:
                apart = (one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1]) or other[
                    3
                ] <= one[1]
                assert apart


@pytest.mark.parametrize(("height", "width"), [(300, 100), (100, 300), (50, 5), (200, 200)])
def test_pictures_keep_their_shape(height: int, width: int) -> None:
    pdf = _pdf([CaptionedPicture(_photo(height, width), "", Caption())])
    _, _, wide, high = _placed(pdf.pages[0])[0]
    assert wide / high == pytest.approx(width / height, rel=1e-3)


def test_the_page_is_the_paper_to_a_hundredth_of_a_point() -> None:
    for page, points in ((A4, (595.276, 841.890)), (LETTER, (612, 792))):
        pdf = _pdf(_entries(1), page)
        box = [float(value) for value in pdf.pages[0].obj.MediaBox]
        assert box == pytest.approx([0, 0, *points], abs=0.01)


def test_pictures_are_in_srgb_and_the_document_says_so() -> None:
    photo = Photo(np.full((40, 40, 3), (0, 50000, 0), np.uint16), icc=adobe_rgb_profile())
    pdf = _pdf([CaptionedPicture(photo, "", Caption())])
    resources = pdf.pages[0].obj.Resources
    assert resources.ColorSpace.DefaultRGB[1].read_bytes() == srgb_profile()
    assert resources.ColorSpace.DefaultGray[1].read_bytes() == grey_profile(None)
    (image,) = resources.XObject.values()
    with Image.open(io.BytesIO(image.read_raw_bytes())) as jpeg:
        red, green, blue = np.asarray(jpeg)[20, 20].astype(int)
    # This green of Adobe RGB is out of sRGB: the nearest has no red, and less blue than green.
    assert red < 10
    assert green == pytest.approx(195, abs=5)
    assert blue < 80


def test_grey_pictures_stay_grey() -> None:
    photo = Photo(np.full((40, 40, 1), 30000, np.uint16))
    pdf = _pdf([CaptionedPicture(photo, "", Caption())])
    (image,) = pdf.pages[0].obj.Resources.XObject.values()
    assert image.ColorSpace == "/DeviceGray"


def test_no_more_pixels_are_kept_than_paper_can_show() -> None:
    pdf = _pdf([CaptionedPicture(_photo(1500, 2000), "", Caption())])
    (image,) = pdf.pages[0].obj.Resources.XObject.values()
    _, _, wide, _ = _placed(pdf.pages[0])[0]
    assert int(image.Width) / (wide / 72) <= 302


def test_a_picture_may_be_fetched_when_its_page_is_drawn() -> None:
    fetched: list[int] = []

    def fetching(number: int) -> Callable[[], Photo]:
        def fetch() -> Photo:
            fetched.append(number)
            return _photo()

        return fetch

    sheet = caption_pages([CaptionedPicture(fetching(n), "", SHORT) for n in range(12)], A4, "")
    assert fetched == []
    sheet(io.BytesIO())
    assert fetched == list(range(12))


def test_equal_sheets_give_equal_bytes_without_a_date() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        caption_pages(_entries(10), A4, "Box")(file)
    first = files[0].getvalue()
    assert first == files[1].getvalue()
    for word in (b"CreationDate", b"ModDate", b"ReportLab", b"Helvetica"):
        assert word not in first


def test_the_typeface_is_embedded_in_part() -> None:
    pdf = _pdf(_entries(1))
    (font,) = pdf.pages[0].obj.Resources.Font.values()
    assert "NotoSans" in str(font.BaseFont)
    assert 1000 < len(font.FontDescriptor.FontFile2.read_bytes()) < 100_000
    assert "/ToUnicode" in font


def test_what_the_typeface_lacks_is_told() -> None:
    entries = [CaptionedPicture(_photo(), "1", Caption("日本 日", people=("אב",)))]
    sheet = caption_pages(entries, A4, "箱")
    assert sheet.lacking == "אב日本箱"
    assert caption_pages(_entries(1), A4, "Schachtel").lacking == ""


def test_hostile_words_are_only_words() -> None:
    title = "(Box) \\ 100 % <b>&amp; \x00\r\n) Tj"
    pdf = _pdf([CaptionedPicture(_photo(), "a)b(c\\", Caption("=1+1", note="<<>>"))], title=title)
    assert pdf.check_pdf_syntax() == []
    assert pdf.docinfo.Title == "(Box) \\ 100 % <b>&amp; ) Tj"


def test_a_page_too_small_and_a_sheet_of_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="no room"):
        caption_pages(_entries(1, LONG), (2.0, 3.0), "Box")
    with pytest.raises(UsageError, match="no room"):
        caption_pages(_entries(1, LONG), (8.0, 3.0), "Box")
    with pytest.raises(ValueError, match="at least one"):
        caption_pages([], A4, "Box")
