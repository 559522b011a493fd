"""What every PDF of Shoebox's has beside its pages: colour, title, metadata, and no date at all."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, BinaryIO

from pipeline.io.colour import profile_name, profile_space

if TYPE_CHECKING:
    from pikepdf import Object, Pdf

_VERSION = "1.7"
_NAME_LETTERS = 200


def icc_stream(pdf: Pdf, icc: bytes) -> Object:
    """A profile as the stream that ICCBased colour and output intents point to.

    Args:
        pdf: where it goes.
        icc: RGB or grey.
    """
    from pikepdf import Name

    grey = profile_space(icc) == "GRAY"
    return pdf.make_stream(
        zlib.compress(icc, 9),
        N=1 if grey else 3,
        Alternate=Name.DeviceGray if grey else Name.DeviceRGB,
        Filter=Name.FlateDecode,
    )


def describe(pdf: Pdf, *, title: str, software: str, xmp: bytes | None) -> None:
    """Title, program and XMP of the document, and how it wants to be printed.

    Args:
        pdf: what is described.
        title: what the window of a reader shows; any letters.
        software: who made it.
        xmp: a packet, stored as it is, or None.
    """
    from pikepdf import Dictionary, Name, String

    pdf.docinfo.Title = String(_plain(title))
    pdf.docinfo.Creator = String(_plain(software))
    pdf.docinfo.Trapped = Name("/False")
    # A reader's own "fit to page" would undo the true size.
    pdf.Root.ViewerPreferences = Dictionary(
        PrintScaling=Name("/None"), DisplayDocTitle=True, PickTrayByPDFSize=True
    )
    if xmp is not None:
        pdf.Root.Metadata = pdf.make_stream(xmp, Type=Name.Metadata, Subtype=Name.XML)


def intend(pdf: Pdf, icc: bytes, stream: Object) -> None:
    """Name the colour the document is meant for (ISO 32000-1, 14.11.5).

    Args:
        pdf: the document.
        icc: a profile for RGB or grey.
        stream: the same, as `icc_stream` made it.
    """
    from pikepdf import Array, Dictionary, Name, String

    # PDF/X wants a printer's profile; any other is an intent as PDF/A knows it.
    kind = "/GTS_PDFX" if icc[12:16] == b"prtr" else "/GTS_PDFA1"
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name(kind),
        OutputConditionIdentifier=String("Custom"),
        Info=String(_plain(profile_name(icc) or "ICC profile")),
        DestOutputProfile=stream,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def save(pdf: Pdf, file: BinaryIO) -> None:
    """Write the document: equal contents give equal bytes, and the id is a digest of them.

    Args:
        pdf: complete; its streams are written as they are.
        file: empty, seekable.
    """
    from pikepdf import ObjectStreamMode

    pdf.save(
        file,
        deterministic_id=True,
        force_version=_VERSION,
        fix_metadata_version=False,
        compress_streams=False,
        object_stream_mode=ObjectStreamMode.disable,
    )


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_NAME_LETTERS]
