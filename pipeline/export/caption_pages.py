"""The contact sheet on paper: every picture with its caption, as a PDF to print or to search."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.core.caption import Caption
from pipeline.core.photo import Photo
from pipeline.export.caption_grid import GAP, LINE, MARGIN, POINTS, TEXT_SIZE, Grid, grid_for
from pipeline.export.caption_text import (
    FONT,
    SUBSTITUTE,
    caption_lines,
    shown,
    typeface,
    width_at,
    wrapped,
)
from pipeline.io.colour import grey_profile, srgb_profile
from pipeline.io.output_colour import converted, output_colour
from pipeline.io.pdf_document import describe, icc_stream, intend, save
from pipeline.io.pillow_picture import pillow_picture

if TYPE_CHECKING:
    from PIL import Image

A4 = (210 / 25.4, 297 / 25.4)
LETTER = (8.5, 11.0)
"""Pages, (width, height) in inches."""

_LABEL_SIZE, _HEADER_SIZE, _FOOTER_SIZE = 6.5, 13.0, 7.0
_DESCENT = 0.293  # of Noto Sans, in sizes
_FRAME = 0.4
_PRINTED_DPI = 300
_JPEG_QUALITY = 90
_INK = {"label": 0.45, "title": 0.0, "facts": 0.15, "note": 0.35}
_LACKING = f"{SUBSTITUTE} stands for a letter that this typeface lacks; the picture's file has it."


@dataclass(frozen=True)
class CaptionedPicture:
    """One picture of the contact sheet.

    Args:
        photo: the picture, small and in any profile; or what gives it when its page is drawn, so
            that the pictures of a large box need not be in memory together.
        label: what to find it by: the print's name and the scan's.
        caption: what is known of it.
    """

    photo: Photo | Callable[[], Photo]
    label: str
    caption: Caption


@dataclass(frozen=True)
class CaptionSheet:
    """A contact sheet laid out, as the `Writer` of its file; made by `caption_pages`.

    Args:
        entries: in reading order.
        grid: where they are.
        title: at the top of every page.
        software: who made it.
    """

    entries: Sequence[CaptionedPicture]
    grid: Grid
    title: str
    software: str

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-len(self.entries) // self.grid.on_a_page)

    @property
    def lacking(self) -> str:
        """The letters that are shown as U+FFFD because the typeface lacks them, each once."""
        texts = [self.title]
        for entry in self.entries:
            said = entry.caption
            texts += [entry.label, said.title, said.date, said.place, said.note, *said.people]
        return "".join(sorted({c for text in texts for c in text if SUBSTITUTE in shown(c)}))

    def __call__(self, file: BinaryIO) -> None:
        """Write the PDF into an empty, seekable file; equal sheets give equal bytes."""
        _finish(_drawn(self), file, self.title, self.software)


def caption_pages(
    entries: Sequence[CaptionedPicture],
    page: tuple[float, float] = A4,
    title: str = "",
    *,
    software: str = "Shoebox",
) -> CaptionSheet:
    """Lay a contact sheet out on pages.

    Pictures are in sRGB; text is embedded Noto Sans and can be searched. A letter it lacks is
    shown as U+FFFD, and the foot of that page says so.

    Args:
        entries: in reading order.
        page: (width, height) of the paper in inches, such as `A4` or `LETTER`.
        title: at the top of every page and of the document, such as the box's name.
        software: who made it.

    Raises:
        UsageError: the page has no room for one picture.
        ValueError: no entries.
    """
    if not entries:
        raise ValueError("a contact sheet needs at least one picture")
    grid = grid_for(page, lambda room: max(len(_lines(entry, room)) for entry in entries))
    return CaptionSheet(entries, grid, title, software)


def _lines(entry: CaptionedPicture, room: float) -> list[tuple[str, str]]:
    label = wrapped(shown(entry.label), room, width_at(_LABEL_SIZE), 1)
    return [("label", line) for line in label] + caption_lines(
        entry.caption, room, width_at(TEXT_SIZE)
    )


def _drawn(sheet: CaptionSheet) -> bytes:
    """The pages as reportlab draws them."""
    from reportlab.pdfgen.canvas import Canvas

    out, grid, title = io.BytesIO(), sheet.grid, shown(sheet.title)
    size = grid.width, grid.height
    typeface()
    with _binary_streams():
        # Without a first font of ours every page would ask for Helvetica, which is not embedded.
        canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1, initialFontName=FONT)
        for number in range(sheet.pages):
            _draw_frame(canvas, grid, title, f"{number + 1} / {sheet.pages}")
            on_page = sheet.entries[number * grid.on_a_page : (number + 1) * grid.on_a_page]
            texts = [title]
            for place, entry in enumerate(on_page):
                lines = _lines(entry, grid.cell)
                _draw_entry(canvas, grid, grid.corner(place), entry, lines)
                texts += [line for _, line in lines]
            if any(SUBSTITUTE in text for text in texts):
                _draw_lacking(canvas, grid)
            canvas.showPage()
        canvas.save()
    return out.getvalue()


@contextmanager
def _binary_streams() -> Iterator[None]:
    """Reportlab else writes all streams in ASCII, a quarter larger; only a global can stop it."""
    from reportlab import rl_config

    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _draw_lacking(canvas: Any, grid: Grid) -> None:
    room = grid.width - 2 * MARGIN - POINTS / 2  # beside the page's number
    told = wrapped(_LACKING, room, width_at(_FOOTER_SIZE), 1)[0]
    _draw_text(canvas, told, MARGIN, MARGIN, _FOOTER_SIZE, _INK["note"])


def _draw_frame(canvas: Any, grid: Grid, title: str, number: str) -> None:
    room = grid.width - 2 * MARGIN
    for line in wrapped(title, room, width_at(_HEADER_SIZE), 1):
        _draw_text(canvas, line, MARGIN, grid.height - MARGIN - _HEADER_SIZE, _HEADER_SIZE, 0.0)
    canvas.setStrokeGray(0.75)
    canvas.setLineWidth(0.5)
    rule = grid.height - MARGIN - _HEADER_SIZE * 1.36 - 4
    canvas.line(MARGIN, rule, grid.width - MARGIN, rule)
    right = grid.width - MARGIN - width_at(_FOOTER_SIZE)(number)
    _draw_text(canvas, number, right, MARGIN, _FOOTER_SIZE, _INK["label"])


def _draw_entry(
    canvas: Any,
    grid: Grid,
    corner: tuple[float, float],
    entry: CaptionedPicture,
    lines: Sequence[tuple[str, str]],
) -> None:
    from reportlab.lib.utils import ImageReader

    left, bottom = corner
    photo = entry.photo if isinstance(entry.photo, Photo) else entry.photo()
    picture = _thumbnail(photo, grid)
    scale = min(grid.cell / picture.width, grid.picture / picture.height)
    width, height = picture.width * scale, picture.height * scale
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=_JPEG_QUALITY, subsampling=0)
    packed.seek(0)
    # The frame lies outside: a white border of the print must end somewhere.
    canvas.setStrokeGray(0.8)
    canvas.setLineWidth(2 * _FRAME)
    canvas.rect(left, bottom, width, height, stroke=1, fill=0)
    canvas.drawImage(ImageReader(packed), left, bottom, width, height)
    line_bottom = bottom - GAP
    for kind, line in lines:
        line_bottom -= LINE
        size = _LABEL_SIZE if kind == "label" else TEXT_SIZE
        _draw_text(canvas, line, left, line_bottom + _DESCENT * TEXT_SIZE, size, _INK[kind])


def _draw_text(canvas: Any, text: str, x: float, y: float, size: float, grey: float) -> None:
    canvas.setFont(FONT, size)
    canvas.setFillGray(grey)
    canvas.drawString(x, y, text)


def _thumbnail(photo: Photo, grid: Grid) -> Image.Image:
    """The photo in sRGB, with no more px than its place can show at 300 dpi."""
    from PIL import Image

    picture = pillow_picture(converted(photo, output_colour("srgb")).samples)
    most = (grid.cell / POINTS * _PRINTED_DPI, grid.picture / POINTS * _PRINTED_DPI)
    picture.thumbnail((max(1, round(most[0])), max(1, round(most[1]))), Image.Resampling.LANCZOS)
    return picture


def _finish(drawn: bytes, file: BinaryIO, title: str, software: str) -> None:
    """Say what reportlab cannot: in which colour space the numbers are, and no dates."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        pdf.docinfo = pdf.make_indirect(Dictionary())
        stream = icc_stream(pdf, srgb_profile())
        spaces = Dictionary(DefaultRGB=Array([Name.ICCBased, stream]))
        grey = grey_profile(None)
        if grey is not None:
            spaces.DefaultGray = Array([Name.ICCBased, icc_stream(pdf, grey)])
        shared = pdf.make_indirect(spaces)
        for page in pdf.pages:
            page.obj.Resources.ColorSpace = shared
        describe(pdf, title=title, software=software, xmp=None)
        intend(pdf, srgb_profile(), stream)
        save(pdf, file)
