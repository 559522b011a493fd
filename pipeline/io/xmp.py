"""XMP packets: what a picture is, said in the standard's own words, beside what its scan said.

Digital source types are IPTC's (NewsCodes, http://cv.iptc.org/newscodes/digitalsourcetype/); the
property is `Iptc4xmpExt:DigitalSourceType`, and `Iptc4xmpExt:AISystemUsed` (IPTC Photo Metadata
Standard 2025.1) names the networks. Which property holds which part of a caption follows the same
standard and the guidelines of the Metadata Working Group (2.0, 2010). The packet's form is that of
ISO 16684-1. A packet holds no date of its writing and no random identifier: equal arguments give
equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.dom import minidom

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.io.caption_words import NO_CAPTION, certain_date, is_dated
from pipeline.io.said import NO_WORDS, ScanWords
from pipeline.io.xmp_tree import (
    DC,
    EXIF,
    IPTC_CORE,
    IPTC_EXT,
    PHOTOSHOP,
    SHOEBOX,
    XMP,
    about,
    add_bag,
    add_in_default_language,
    add_sequence,
    add_structures,
    add_text,
    empty_document,
    has,
    new_description,
    packet_bytes,
    parsed,
    property_text,
    rdf_of,
    remove,
)

_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"

PRINT = _SOURCE_TYPES + "print"
"""Digitised from a print on a non-transparent medium, and nothing done to it since."""

ENHANCED = _SOURCE_TYPES + "algorithmicallyEnhanced"
"""Altered by an algorithm that generates nothing."""

GENERATED = _SOURCE_TYPES + "compositeWithTrainedAlgorithmicMedia"
"""Edited with a generative model: some of what is seen was not recorded."""

_NEVER_WEAKENED = (GENERATED, _SOURCE_TYPES + "trainedAlgorithmicMedia")

MAX_JPEG_PACKET = 65_000
"""Bytes of XMP that fit in one JPEG segment, with some room."""

IDENTITY_NAMES = ("Library", "Print", "PictureSHA256", "ScanSHA256", "StepKey", "Recipe")
"""Local names of the properties that lead back to the ledger, in `SHOEBOX`."""

# What tells of the scan's file and not of the photograph: its layout, its identity and history,
# raw-converter settings that a program would apply once more.
_OF_THE_FILE = frozenset(
    {
        ("http://ns.adobe.com/tiff/1.0/", "*"),
        ("http://ns.adobe.com/xap/1.0/mm/", "*"),
        ("http://ns.adobe.com/camera-raw-settings/1.0/", "*"),
        ("http://ns.adobe.com/xmp/note/", "*"),
        (DC, "format"),
    }
    | {(XMP, name) for name in ("CreatorTool", "ModifyDate", "MetadataDate", "Thumbnails")}
    | {(EXIF, name) for name in ("PixelXDimension", "PixelYDimension", "ColorSpace")}
    | {(PHOTOSHOP, name) for name in ("ICCProfile", "ColorMode", "LegacyIPTCDigest")}
    | {(SHOEBOX, name) for name in IDENTITY_NAMES}
)
_ALWAYS_OURS = frozenset(
    {(DC, "description"), (IPTC_EXT, "DigitalSourceType"), (IPTC_EXT, "AISystemUsed")}
)
_TAKEN = ((PHOTOSHOP, "DateCreated"), (EXIF, "DateTimeOriginal"))
"""Where a packet says when a photograph was taken; of a scan, that is the day of scanning."""


@dataclass(frozen=True)
class XmpFields:
    """What a picture's packet says besides its description.

    Args:
        source_type: `PRINT`, `ENHANCED` or `GENERATED`.
        models: names of the networks that generated something.
        scan: the scan's own packet, whose words about the photograph are kept, or None.
        caption: what a person wrote; each field of it wins over the scan's.
        identity: what leads back to the ledger, or None.
        elsewhere: what the scan says outside its packet; for what nobody else says.
    """

    source_type: str
    models: tuple[str, ...] = ()
    scan: bytes | None = None
    caption: Caption = NO_CAPTION
    identity: PictureIdentity | None = None
    elsewhere: ScanWords = NO_WORDS


def xmp_packet(
    fields: XmpFields, *, description: str, creator_tool: str, max_bytes: int | None = None
) -> bytes:
    """A whole packet, UTF-8; the scan's properties come along, but for those of its file.

    The scan's own description goes to `exif:UserComment`, unless the scan has one; where its packet
    cannot be kept, that place says so. A scan that was said to be generated stays so.

    Args:
        fields: what to say.
        description: for `dc:description`; any letters.
        creator_tool: for `xmp:CreatorTool`.
        max_bytes: the scan's properties are left out when the packet would be longer.
    """
    document, comment = parsed(fields.scan)
    packet = _packet(document, fields, description, creator_tool, comment)
    if max_bytes is not None and len(packet) > max_bytes and fields.scan is not None:
        comment = "The scan's own XMP was too long to be kept in this file."
        return _packet(empty_document(), fields, description, creator_tool, comment)
    return packet


def _packet(
    document: minidom.Document,
    fields: XmpFields,
    description: str,
    creator_tool: str,
    comment: str,
) -> bytes:
    rdf = rdf_of(document)
    source_type, models = _honest(rdf, fields)
    comment = comment or property_text(rdf, (DC, "description")) or fields.elsewhere.caption
    scanned = _scanning_date(rdf) if is_dated(fields.caption) else ""
    subject = about(rdf)
    remove(rdf, _OF_THE_FILE | _ALWAYS_OURS | _replaced_by(fields.caption))
    ours = new_description(document, subject)
    add_text(ours, "xmp:CreatorTool", creator_tool)
    if scanned:
        add_text(ours, "xmp:CreateDate", scanned)
    add_text(ours, "Iptc4xmpExt:DigitalSourceType", source_type)
    if models:
        add_text(ours, "Iptc4xmpExt:AISystemUsed", models)
    _add_caption(ours, _completed(fields.caption, fields.elsewhere, rdf))
    if fields.elsewhere.creators and not has(rdf, (DC, "creator")):
        add_sequence(ours, "dc:creator", fields.elsewhere.creators)
    if fields.identity is not None:
        _add_identity(rdf, ours, fields.identity)
    add_in_default_language(ours, "dc:description", description)
    if comment and not has(rdf, (EXIF, "UserComment")):
        add_in_default_language(ours, "exif:UserComment", comment)
    return packet_bytes(document)


def _replaced_by(caption: Caption) -> frozenset[tuple[str, str]]:
    """The scan's properties that a person's caption stands for."""
    gone: set[tuple[str, str]] = set()
    if caption.title:
        gone.add((DC, "title"))
    if caption.keywords:
        gone.add((DC, "subject"))
    if caption.people:
        gone.add((IPTC_EXT, "PersonInImage"))
    if caption.place:
        gone |= {(IPTC_CORE, "Location"), (IPTC_EXT, "LocationShown")}
    if is_dated(caption):
        gone |= {*_TAKEN, (SHOEBOX, "DateAsWritten"), (SHOEBOX, "DateEDTF")}
    return frozenset(gone)


def _scanning_date(rdf: minidom.Element) -> str:
    """What the scan says as date taken, when it gives no date of its digitising; else ""."""
    if has(rdf, (XMP, "CreateDate")):
        return ""
    return next((text for name in _TAKEN if (text := property_text(rdf, name))), "")


def _completed(caption: Caption, words: ScanWords, rdf: minidom.Element) -> Caption:
    """The caption with what only the scan's other blocks say, neither it nor the packet."""
    title = "" if has(rdf, (DC, "title")) else words.title
    keywords = () if has(rdf, (DC, "subject")) else words.keywords
    place = "" if has(rdf, (IPTC_CORE, "Location")) else words.place
    return replace(
        caption,
        title=caption.title or title,
        keywords=caption.keywords or keywords,
        place=caption.place or place,
    )


def _add_caption(ours: minidom.Element, caption: Caption) -> None:
    if taken := certain_date(caption.edtf):
        add_text(ours, "photoshop:DateCreated", taken)
    if caption.place:
        add_text(ours, "Iptc4xmpCore:Location", caption.place)
    if caption.date:
        add_text(ours, "shoebox:DateAsWritten", caption.date)
    if caption.edtf:
        add_text(ours, "shoebox:DateEDTF", caption.edtf)
    if caption.title:
        add_in_default_language(ours, "dc:title", caption.title)
    if caption.keywords:
        add_bag(ours, "dc:subject", caption.keywords)
    if caption.people:
        add_bag(ours, "Iptc4xmpExt:PersonInImage", caption.people)
    if caption.place:
        shown = add_structures(ours, "Iptc4xmpExt:LocationShown")
        add_in_default_language(shown, "Iptc4xmpExt:LocationName", caption.place)


def _add_identity(rdf: minidom.Element, ours: minidom.Element, identity: PictureIdentity) -> None:
    values = (
        identity.library,
        identity.print_name,
        identity.picture,
        identity.scan,
        identity.step,
        identity.recipe,
    )
    for name, value in zip(IDENTITY_NAMES, values, strict=True):
        add_text(ours, f"shoebox:{name}", value)
    if not has(rdf, (DC, "source")):
        add_text(ours, "dc:source", f"sha256:{identity.scan}")


def _honest(rdf: minidom.Element, fields: XmpFields) -> tuple[str, str]:
    """The source type and the networks, told with what the scan says of them.

    A scan that was generated or edited so stays what it was, whatever was done to it here; one
    to which nothing was done here keeps its own type, a negative's for example.
    """
    said = property_text(rdf, (IPTC_EXT, "DigitalSourceType"))
    if said in _NEVER_WEAKENED:
        before = property_text(rdf, (IPTC_EXT, "AISystemUsed")).split(", ")
        return said, ", ".join(dict.fromkeys(name for name in (*before, *fields.models) if name))
    if fields.source_type == PRINT and said.startswith(_SOURCE_TYPES):
        return said, ""
    return fields.source_type, ", ".join(fields.models)
