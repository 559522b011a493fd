"""A PDF has the print's true size, its pixels, its colours and its boxes, and no date."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipeline.core.errors import StageContractBroken, UsageError
from pipeline.io.atomic import publish
from pipeline.io.blocks import Blocks
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.profiles import adobe_rgb_profile
from pipeline.io.write_pdf import PdfPage, write_pdf, write_pdf_pages
from tests.pipeline.io.printer_profile import printer_profile

RANDOM = np.random.default_rng(2)
COLOUR = RANDOM.integers(0, 256, (60, 90, 3), dtype=np.uint8)
GREY = COLOUR[..., :1]
DEEP = RANDOM.integers(0, 65536, (60, 90, 3), dtype=np.uint16)
XMP = '<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/">é</x:xmpmeta>'.encode()
LOSSLESS = DerivativeFormat("pdf", lossless=True)


def _written(
    samples: NDArray[Any],
    form: DerivativeFormat | None = None,
    *,
    dpi: tuple[float, float] | None = (300.0, 300.0),
    icc: bytes | None = None,
    title: str = "Lake",
) -> bytes:
    file = io.BytesIO()
    write_pdf(
        file, samples, Blocks(icc, dpi, b"", XMP), form or DerivativeFormat("pdf"), title=title
    )
    return file.getvalue()


def _opened(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def _box(page: pikepdf.Page, name: str) -> list[float]:
    return [float(value) for value in page.obj[name]]


def _image(pdf: pikepdf.Pdf) -> pikepdf.Object:
    return pdf.pages[0].obj.Resources.XObject.Print


@pytest.mark.parametrize(
    ("size", "dpi"),
    [((2400, 3000), (300, 300)), ((1181, 1772), (300, 300)), ((999, 7), (299.7, 72.5))],
)
def test_the_page_is_as_large_as_the_print(size: tuple[int, int], dpi: tuple[float, float]) -> None:
    width, height = size
    pdf = _opened(_written(np.zeros((height, width, 1), np.uint8), dpi=dpi))
    expected = [0, 0, width / dpi[0] * 72, height / dpi[1] * 72]
    np.testing.assert_allclose(_box(pdf.pages[0], "/MediaBox"), expected, atol=1e-6)
    drawn = pikepdf.parse_content_stream(pdf.pages[0])
    assert [str(step.operator) for step in drawn] == ["q", "cm", "Do", "Q"]
    matrix = [float(value) for value in drawn[1].operands]
    np.testing.assert_allclose(matrix, [expected[2], 0, 0, expected[3], 0, 0], atol=1e-6)


def test_eight_by_ten_inches_is_576_by_720_points_to_the_last_digit() -> None:
    pdf = _opened(_written(np.zeros((3000, 2400, 1), np.uint8)))
    assert list(pdf.pages[0].obj.MediaBox) == [0, 0, 576, 720]


def test_the_trim_box_lies_the_bleed_inside_and_the_others_are_the_sheet() -> None:
    pdf = _opened(_written(COLOUR, DerivativeFormat("pdf", bleed_px=12), dpi=(300.0, 150.0)))
    page = pdf.pages[0]
    sheet = [0, 0, 90 / 300 * 72, 60 / 150 * 72]
    assert _box(page, "/MediaBox") == pytest.approx(sheet)
    assert _box(page, "/BleedBox") == pytest.approx(sheet)
    across, down = 12 / 300 * 72, 12 / 150 * 72
    trim = [across, down, sheet[2] - across, sheet[3] - down]
    assert _box(page, "/TrimBox") == pytest.approx(trim)
    assert "/ArtBox" not in page.obj
    assert "/CropBox" not in page.obj


def test_without_bleed_the_cut_is_the_edge_of_the_page() -> None:
    pdf = _opened(_written(COLOUR))
    page = pdf.pages[0]
    assert _box(page, "/TrimBox") == _box(page, "/MediaBox")


@pytest.mark.parametrize("samples", [COLOUR, GREY])
def test_lossless_keeps_every_8_bit_pixel(samples: NDArray[np.uint8]) -> None:
    pdf = _opened(_written(samples, LOSSLESS))
    image = _image(pdf)
    assert image.Filter == "/FlateDecode"
    assert int(image.DecodeParms.Predictor) == 15
    kept = np.frombuffer(image.read_bytes(), np.uint8).reshape(samples.shape)
    assert np.array_equal(kept, samples)


def test_16_bits_are_kept_and_8_are_rounded() -> None:
    pdf = _opened(_written(DEEP, DerivativeFormat("pdf", 16)))
    deep = _image(pdf)
    assert int(deep.BitsPerComponent) == 16
    kept = np.frombuffer(deep.read_bytes(), ">u2").reshape(DEEP.shape)
    assert np.array_equal(kept, DEEP)
    pdf = _opened(_written(DEEP, LOSSLESS))
    rounded = np.frombuffer(_image(pdf).read_bytes(), np.uint8).reshape(DEEP.shape)
    assert np.array_equal(rounded, np.rint(DEEP / 257).astype(np.uint8))


def test_a_picture_of_many_bands_is_kept_lossless() -> None:
    tall = np.random.default_rng(1).integers(0, 256, (4000, 1100, 3), dtype=np.uint8)
    pdf = _opened(_written(tall, LOSSLESS))
    kept = np.frombuffer(_image(pdf).read_bytes(), np.uint8)
    assert np.array_equal(kept.reshape(tall.shape), tall)


@pytest.mark.parametrize("samples", [COLOUR, GREY])
def test_the_jpeg_inside_has_every_pixel_its_own_colour(samples: NDArray[np.uint8]) -> None:
    pdf = _opened(_written(samples, DerivativeFormat("pdf", quality=100)))
    image = _image(pdf)
    assert image.Filter == "/DCTDecode"
    with Image.open(io.BytesIO(image.read_raw_bytes())) as jpeg:
        assert jpeg.size == (90, 60)
        assert [layer[1:3] for layer in jpeg.layer] == [(1, 1)] * samples.shape[2]  # type: ignore[attr-defined]
        assert jpeg.info["dpi"] == (300, 300)
        decoded = np.asarray(jpeg).reshape(samples.shape)
    assert np.abs(decoded.astype(int) - samples).max() <= 4


def test_quality_is_heeded() -> None:
    sizes = [len(_written(COLOUR, DerivativeFormat("pdf", quality=q))) for q in (40, 95)]
    assert sizes[0] < 0.7 * sizes[1]


@pytest.mark.parametrize("icc", [None, adobe_rgb_profile(), printer_profile()])
def test_colour_is_based_on_the_profile_that_is_the_output_intent_too(icc: bytes | None) -> None:
    pdf = _opened(_written(COLOUR, icc=icc))
    space = _image(pdf).ColorSpace
    assert space[0] == "/ICCBased"
    assert int(space[1].N) == 3
    assert space[1].read_bytes() == (icc or srgb_profile())
    intent = pdf.Root.OutputIntents[0]
    assert intent.DestOutputProfile.objgen == space[1].objgen
    assert str(intent.S) == ("/GTS_PDFX" if icc == printer_profile() else "/GTS_PDFA1")


def test_grey_is_one_channel_with_a_grey_profile() -> None:
    pdf = _opened(_written(GREY))
    space = _image(pdf).ColorSpace
    assert int(space[1].N) == 1
    assert space[1].Alternate == "/DeviceGray"
    assert space[1].read_bytes() == grey_profile(None)


def test_the_xmp_packet_is_stored_as_it_is_and_the_title_any_letters() -> None:
    data = _written(COLOUR, title="Großmutter\x00 am\n See, Żółć 湖")
    pdf = _opened(data)
    assert pdf.Root.Metadata.read_bytes() == XMP
    assert XMP in data  # uncompressed: found by programs that know nothing of PDF
    assert pdf.docinfo.Title == "Großmutter am See, Żółć 湖"
    assert pdf.docinfo.Creator == "Shoebox"


def test_a_reader_is_asked_not_to_scale_it() -> None:
    pdf = _opened(_written(COLOUR))
    assert pdf.Root.ViewerPreferences.PrintScaling == "/None"


@pytest.mark.parametrize("form", [DerivativeFormat("pdf"), LOSSLESS])
def test_equal_pictures_give_equal_bytes_and_others_another_id(form: DerivativeFormat) -> None:
    first = _written(COLOUR, form)
    assert first == _written(COLOUR.copy(), form)
    for word in (b"CreationDate", b"ModDate", b"Producer"):
        assert word not in first
    with _opened(first) as one, _opened(_written(COLOUR[::-1], form)) as other:
        assert bytes(one.trailer.ID[0]) != bytes(other.trailer.ID[0])


def test_it_is_written_through_a_checked_part_file(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        write_pdf(file, COLOUR, Blocks(None, (300, 300), b""), LOSSLESS, title="")

    publish(tmp_path / "print.pdf", write)
    with pikepdf.open(tmp_path / "print.pdf") as pdf:
        assert pdf.check_pdf_syntax() == []
        assert "/Metadata" not in pdf.Root


def test_several_pages_share_a_profile_and_keep_their_own_sizes() -> None:
    pages = [
        PdfPage(COLOUR, (300, 300)),
        PdfPage(GREY, (300, 300)),
        PdfPage(COLOUR, (150, 150), bleed_px=2),
    ]
    file = io.BytesIO()
    write_pdf_pages(file, iter(pages), LOSSLESS, title="Sheets")
    pdf = _opened(file.getvalue())
    assert [float(page.obj.MediaBox[2]) for page in pdf.pages] == pytest.approx([21.6, 21.6, 43.2])
    assert _box(pdf.pages[2], "/TrimBox")[0] == pytest.approx(2 / 150 * 72)
    spaces = [page.obj.Resources.XObject.Print.ColorSpace[1].objgen for page in pdf.pages]
    assert spaces[0] == spaces[2] != spaces[1]


def test_without_resolution_there_is_no_page_and_the_remedy_is_told() -> None:
    with pytest.raises(UsageError, match="resolution is not known") as caught:
        _written(COLOUR, dpi=None)
    assert "--size" in caught.value.line()


@pytest.mark.parametrize("dpi", [0.1, 40000.0])
def test_a_page_that_pdf_cannot_have_is_refused(dpi: float) -> None:
    with pytest.raises(UsageError, match="a PDF page cannot be"):
        _written(COLOUR, dpi=(dpi, dpi))


def test_a_side_too_long_for_jpeg_is_refused_and_goes_lossless() -> None:
    strip = np.zeros((65_536, 3, 1), np.uint8)
    with pytest.raises(UsageError, match="65,535 px"):
        _written(strip, dpi=(10, 600))
    pdf = _opened(_written(strip, LOSSLESS, dpi=(10, 600)))
    assert int(_image(pdf).Height) == 65_536


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(StageContractBroken, match="3 channels"):
        _written(COLOUR, icc=grey_profile(None))
    with pytest.raises(StageContractBroken, match="1 channels"):
        _written(GREY, icc=srgb_profile())
    with pytest.raises(StageContractBroken, match="leaves nothing"):
        _written(COLOUR, DerivativeFormat("pdf", bleed_px=30))
    with pytest.raises(StageContractBroken, match="at least one page"):
        write_pdf_pages(io.BytesIO(), [], LOSSLESS, title="")


def test_points_are_decimal_numbers_of_six_places() -> None:
    pdf = _opened(_written(COLOUR, dpi=(301.0, 301.0)))
    assert pdf.pages[0].obj.MediaBox[2] == Decimal("21.528239")
