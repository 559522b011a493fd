"""Finished pictures as PDF: one picture a page, at the size it has on paper.

After ISO 32000-1:2008 (page boxes: 14.11.2; ICCBased colour: 8.6.5.5; output intents: 14.11.5). The
boxes are as PDF/X wants them: MediaBox and BleedBox are the sheet, TrimBox is what stays after the
cut, and there is neither an ArtBox nor a CropBox.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from numpy.typing import NDArray

from pipeline.core.errors import StageContractBroken, UsageError
from pipeline.core.photo import Dpi
from pipeline.io.blocks import Blocks
from pipeline.io.colour import grey_profile, profile_space, srgb_profile
from pipeline.io.derivative_format import DerivativeFormat
from pipeline.io.pdf_document import describe, icc_stream, intend, save
from pipeline.io.pillow_picture import pillow_picture
from pipeline.io.png_rows import packed_rows

if TYPE_CHECKING:
    from pikepdf import Array, Object, Page, Pdf

_POINTS_PER_INCH = 72
_LONGEST_PAGE = 14_400  # points, 200 in (ISO 32000-1, annex C)
_SHORTEST_PAGE = 3
_LONGEST_JPEG_SIDE = 65_535
_PNG_PREDICTOR = 15


@dataclass(frozen=True)
class PdfPage:
    """One picture that becomes one page.

    Args:
        samples: uint8 or uint16 (H, W, 1 or 3).
        dpi: samples per inch (across, down).
        icc: the profile of the samples, or None for sRGB (its tone curve, for grey).
        bleed_px: how far the cut lies inside each edge.
    """

    samples: NDArray[Any]
    dpi: Dpi | None
    icc: bytes | None = None
    bleed_px: int = 0


def write_pdf(
    file: BinaryIO,
    samples: NDArray[Any],
    blocks: Blocks,
    form: DerivativeFormat,
    *,
    title: str,
    software: str = "Shoebox",
) -> None:
    """Write one picture as a PDF of one page; equal arguments give equal bytes.

    Args:
        file: empty, seekable.
        samples: uint8 or uint16 (H, W, 1 or 3).
        blocks: profile, resolution and XMP. PDF has no place for EXIF and IPTC; XMP says the same.
        form: quality, or lossless; 16 bits are always lossless. The bleed.
        title: what the window of a reader shows.
        software: who made it.

    Raises:
        UsageError: no resolution, so no size; a page PDF cannot have; a JPEG side over 65,535 px.
        StageContractBroken: a profile for other pixels, or a bleed that leaves no picture.
    """
    page = PdfPage(samples, blocks.dpi, blocks.icc, form.bleed_px)
    write_pdf_pages(file, [page], form, title=title, xmp=blocks.xmp, software=software)


def write_pdf_pages(
    file: BinaryIO,
    pages: Iterable[PdfPage],
    form: DerivativeFormat,
    *,
    title: str,
    xmp: bytes | None = None,
    software: str = "Shoebox",
) -> None:
    """Write several pictures, one a page; pages are taken one by one and kept compressed.

    Args:
        file: empty, seekable.
        pages: at least one; the first one's profile is the document's output intent.
        form: quality or lossless; its bleed is not looked at.
        title: what the window of a reader shows.
        xmp: a packet for the whole document.
        software: who made it.

    Raises:
        UsageError, StageContractBroken: as `write_pdf`; or no pages.
    """
    import pikepdf

    with pikepdf.new() as pdf:
        profiles: dict[bytes, Object] = {}
        for page in pages:
            _add_page(pdf, page, form, profiles)
        if not profiles:
            raise StageContractBroken("a PDF needs at least one page")
        describe(pdf, title=title, software=software, xmp=xmp)
        intend(pdf, *next(iter(profiles.items())))
        save(pdf, file)


def _add_page(
    pdf: Pdf, page: PdfPage, form: DerivativeFormat, profiles: dict[bytes, Object]
) -> None:
    from pikepdf import Array, Dictionary, Name

    width, height = _points(page)
    icc = _profile(page)
    if icc not in profiles:
        profiles[icc] = icc_stream(pdf, icc)
    picture = _picture(pdf, page, form)
    picture.ColorSpace = Array([Name.ICCBased, profiles[icc]])
    made: Page = pdf.add_blank_page(page_size=(72, 72))
    sheet = Array([0, 0, width, height])
    made.obj.MediaBox = sheet
    made.obj.BleedBox = sheet
    made.obj.TrimBox = _trim(page, width, height)
    made.obj.Resources = Dictionary(XObject=Dictionary(Print=picture))
    made.obj.Contents = pdf.make_stream(f"q {width} 0 0 {height} 0 0 cm /Print Do Q".encode())


def _points(page: PdfPage) -> tuple[Decimal, Decimal]:
    """Width and height of the page in points: px / dpi * 72 to a millionth."""
    if page.dpi is None:
        raise UsageError(
            "the picture's resolution is not known, so a PDF page of it has no true size",
            remedy="Export a size, such as --size 8x10in, or tell the scan's --dpi.",
        )
    height, width = page.samples.shape[:2]
    sides = width / page.dpi[0] * _POINTS_PER_INCH, height / page.dpi[1] * _POINTS_PER_INCH
    if max(sides) > _LONGEST_PAGE or min(sides) < _SHORTEST_PAGE:
        inches = " x ".join(f"{side / _POINTS_PER_INCH:.4g}" for side in sides)
        raise UsageError(
            f"a PDF page cannot be {inches} in: its sides are 0.05 to 200 in",
            remedy="Choose another size or resolution, or export a TIFF.",
        )
    return _number(sides[0]), _number(sides[1])


def _trim(page: PdfPage, width: Decimal, height: Decimal) -> Array:
    from pikepdf import Array

    if page.dpi is None or 2 * page.bleed_px >= min(page.samples.shape[:2]):
        raise StageContractBroken(f"a bleed of {page.bleed_px} px leaves nothing of the picture")
    across, down = (_number(page.bleed_px / dpi * _POINTS_PER_INCH) for dpi in page.dpi)
    return Array([across, down, width - across, height - down])


def _number(points: float) -> Decimal:
    return Decimal(f"{points:.6f}".rstrip("0").rstrip("."))


def _profile(page: PdfPage) -> bytes:
    grey = page.samples.shape[2] == 1
    icc = page.icc
    if icc is None:
        icc = grey_profile(None) if grey else srgb_profile()
    if icc is None or profile_space(icc) != ("GRAY" if grey else "RGB"):
        raise StageContractBroken(
            f"{page.samples.shape[2]} channels with a profile for {profile_space(icc)}"
        )
    return icc


def _picture(pdf: Pdf, page: PdfPage, form: DerivativeFormat) -> Object:
    from pikepdf import Dictionary, Name

    height, width, channels = page.samples.shape
    if form.lossless or form.bit_depth == 16:
        bits = form.bit_depth
        stream = pdf.make_stream(b"".join(packed_rows(page.samples, bits)))
        stream.Filter = Name.FlateDecode
        stream.DecodeParms = Dictionary(
            Predictor=_PNG_PREDICTOR, Colors=channels, BitsPerComponent=bits, Columns=width
        )
    else:
        bits = 8
        stream = pdf.make_stream(_jpeg(page, form.quality))
        stream.Filter = Name.DCTDecode
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = width, height, bits
    return stream


def _jpeg(page: PdfPage, quality: int) -> bytes:
    if max(page.samples.shape[:2]) > _LONGEST_JPEG_SIDE:
        raise UsageError(
            "a side over 65,535 px does not fit into the JPEG of a PDF",
            remedy="Add --lossless, or choose another size.",
        )
    out = io.BytesIO()
    # The resolution is for those who take the picture out of the PDF again.
    pillow_picture(page.samples).save(
        out, "JPEG", quality=quality, subsampling=0, dpi=page.dpi or (0, 0)
    )
    return out.getvalue()
