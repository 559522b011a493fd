"""XMP packets: what a picture is, said in the standard's own words, beside what its scan said.

Digital source types are IPTC's (NewsCodes, http://cv.iptc.org/newscodes/digitalsourcetype/); the
property is `Iptc4xmpExt:DigitalSourceType`, and `Iptc4xmpExt:AISystemUsed` (IPTC Photo Metadata
Standard 2025.1) names the networks. The packet's form is that of ISO 16684-1. A packet holds no
date and no random identifier: equal arguments give equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.dom import Node, minidom
from xml.parsers.expat import ExpatError

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

_MAX_SCAN_BYTES = 4 * 2**20

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_XML = "http://www.w3.org/XML/1998/namespace"
_OURS = {"rdf": _RDF, "dc": _DC, "xmp": _XMP, "Iptc4xmpExt": _EXT, "exif": _EXIF}

# What tells of the scan's file and not of the photograph: its layout, its identity and history,
# raw-converter settings that a program would apply once more.
_FILE_NAMESPACES = frozenset(
    {
        "http://ns.adobe.com/tiff/1.0/",
        "http://ns.adobe.com/xap/1.0/mm/",
        "http://ns.adobe.com/camera-raw-settings/1.0/",
        "http://ns.adobe.com/xmp/note/",
    }
)
_FILE_PROPERTIES = frozenset(
    {(_XMP, name) for name in ("CreatorTool", "ModifyDate", "MetadataDate", "Thumbnails")}
    | {(_EXIF, name) for name in ("PixelXDimension", "PixelYDimension", "ColorSpace")}
    | {("http://ns.adobe.com/photoshop/1.0/", name) for name in ("ICCProfile", "ColorMode")}
    | {(_DC, "format")}
)
_REPLACED = frozenset({(_DC, "description"), (_EXT, "DigitalSourceType"), (_EXT, "AISystemUsed")})

_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}"/></x:xmpmeta>'
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>'


@dataclass(frozen=True)
class XmpFields:
    """What a picture's packet says besides its description.

    Args:
        source_type: `PRINT`, `ENHANCED` or `GENERATED`.
        models: names of the networks that generated something.
        scan: the scan's own packet, whose words about the photograph are kept, or None.
    """

    source_type: str
    models: tuple[str, ...] = ()
    scan: bytes | None = None


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
    document, comment = _scan_document(fields.scan)
    packet = _packet(document, fields, description, creator_tool, comment)
    if max_bytes is not None and len(packet) > max_bytes and fields.scan is not None:
        return _packet(
            _empty(),
            fields,
            description,
            creator_tool,
            "The scan's own XMP was too long to be kept in this file.",
        )
    return packet


def _packet(
    document: minidom.Document,
    fields: XmpFields,
    description: str,
    creator_tool: str,
    comment: str,
) -> bytes:
    rdf = _rdf_of(document)
    assert rdf is not None  # both makers of documents see to it
    source_type, models = _honest(rdf, fields)
    comment = comment or _property_text(rdf, (_DC, "description"))
    about = next((d.getAttributeNS(_RDF, "about") for d in _descriptions(rdf)), "")
    for name in _FILE_PROPERTIES | _REPLACED:
        _remove(rdf, name)
    for namespace in _FILE_NAMESPACES:
        _remove(rdf, (namespace, "*"))
    for emptied in [d for d in _descriptions(rdf) if _says_nothing(d)]:
        rdf.removeChild(emptied)
    ours = _element(document, "rdf:Description")
    for prefix, namespace in _OURS.items():
        ours.setAttribute(f"xmlns:{prefix}", namespace)
    ours.setAttributeNS(_RDF, "rdf:about", about)
    ours.setAttributeNS(_XMP, "xmp:CreatorTool", _clean(creator_tool))
    ours.setAttributeNS(_EXT, "Iptc4xmpExt:DigitalSourceType", source_type)
    if models:
        ours.setAttributeNS(_EXT, "Iptc4xmpExt:AISystemUsed", _clean(models))
    ours.appendChild(_in_default_language(document, "dc:description", description))
    if comment and not _has(rdf, (_EXIF, "UserComment")):
        ours.appendChild(_in_default_language(document, "exif:UserComment", comment))
    rdf.appendChild(ours)
    top = document.documentElement
    assert top is not None
    return (_HEAD + top.toxml() + _TAIL).encode()


def _empty() -> minidom.Document:
    return minidom.parseString(_EMPTY)  # noqa: S318  (our own text)


def _honest(rdf: minidom.Element, fields: XmpFields) -> tuple[str, str]:
    """The source type and the networks, told with what the scan says of them.

    A scan that was generated or edited so stays what it was, whatever was done to it here; one
    to which nothing was done here keeps its own type, a negative's for example.
    """
    said = _property_text(rdf, (_EXT, "DigitalSourceType"))
    if said in _NEVER_WEAKENED:
        before = _property_text(rdf, (_EXT, "AISystemUsed")).split(", ")
        return said, ", ".join(dict.fromkeys(name for name in (*before, *fields.models) if name))
    if fields.source_type == PRINT and said.startswith(_SOURCE_TYPES):
        return said, ""
    return fields.source_type, ", ".join(fields.models)


def _scan_document(packet: bytes | None) -> tuple[minidom.Document, str]:
    """The scan's packet to be written on, or an empty one, and what is to be said of it."""
    empty = _empty()
    if packet is None or not packet.strip(b"\x00 \r\n\t"):
        return empty, ""
    # A packet needs no document type; one that brings entities along means no good.
    plain = packet.replace(b"\x00", b"")  # of UTF-16 too
    if len(packet) > _MAX_SCAN_BYTES or b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        return empty, "The scan's own XMP is not one that can be kept."
    try:
        found = minidom.parseString(packet.strip(b"\x00 \r\n\t"))  # noqa: S318  (no entities)
        found.toxml().encode()  # nesting without end, or letters that cannot be written
        rdf = _rdf_of(found)
    except (ExpatError, ValueError, LookupError, RecursionError):
        return empty, "The scan's own XMP is damaged and was not kept."
    if rdf is None:
        return empty, "The scan's own XMP holds nothing that can be read and was not kept."
    return found, ""


def _rdf_of(document: minidom.Document) -> minidom.Element | None:
    return next(iter(document.getElementsByTagNameNS(_RDF, "RDF")), None)


def _descriptions(rdf: minidom.Element) -> list[minidom.Element]:
    return [
        child
        for child in rdf.childNodes
        if isinstance(child, minidom.Element)
        and (child.namespaceURI, child.localName) == (_RDF, "Description")
    ]


def _properties(rdf: minidom.Element, name: tuple[str, str]) -> list[minidom.Element]:
    """Properties written as elements; "*" stands for any name."""
    return [
        child
        for description in _descriptions(rdf)
        for child in description.childNodes
        if isinstance(child, minidom.Element)
        and child.namespaceURI == name[0]
        and name[1] in ("*", child.localName)
    ]


def _all_attributes(element: minidom.Element) -> list[minidom.Attr]:
    items = (element.attributes.item(number) for number in range(element.attributes.length))
    return [item for item in items if isinstance(item, minidom.Attr)]


def _attributes(description: minidom.Element, name: tuple[str, str]) -> list[minidom.Attr]:
    """Properties written as attributes; "*" stands for any name."""
    return [
        attribute
        for attribute in _all_attributes(description)
        if attribute.namespaceURI == name[0] and name[1] in ("*", attribute.localName)
    ]


def _has(rdf: minidom.Element, name: tuple[str, str]) -> bool:
    return bool(_properties(rdf, name) or any(_attributes(d, name) for d in _descriptions(rdf)))


def _property_text(rdf: minidom.Element, name: tuple[str, str]) -> str:
    """The text of a property, of its first language where it has several; "" for none."""
    for description in _descriptions(rdf):
        for attribute in _attributes(description, name):
            return attribute.value.strip()
    for element in _properties(rdf, name):
        items = element.getElementsByTagNameNS(_RDF, "li") or [element]
        return (_text(items[0]) or element.getAttributeNS(_RDF, "resource")).strip()
    return ""


def _text(node: minidom.Element) -> str:
    return "".join(c.data for c in node.childNodes if c.nodeType == Node.TEXT_NODE)


def _remove(rdf: minidom.Element, name: tuple[str, str]) -> None:
    for element in _properties(rdf, name):
        if element.parentNode is not None:
            element.parentNode.removeChild(element)
    for description in _descriptions(rdf):
        for attribute in _attributes(description, name):
            description.removeAttributeNode(attribute)


def _says_nothing(description: minidom.Element) -> bool:
    return not any(isinstance(child, minidom.Element) for child in description.childNodes) and all(
        a.name.split(":")[0] == "xmlns" or a.namespaceURI == _RDF
        for a in _all_attributes(description)
    )


def _element(document: minidom.Document, name: str) -> minidom.Element:
    return document.createElementNS(_OURS[name.split(":", maxsplit=1)[0]], name)


def _in_default_language(document: minidom.Document, name: str, text: str) -> minidom.Element:
    """A property that has one text for every language."""
    outer, choice, item = (_element(document, n) for n in (name, "rdf:Alt", "rdf:li"))
    item.setAttributeNS(_XML, "xml:lang", "x-default")
    item.appendChild(document.createTextNode(_clean(text)))
    choice.appendChild(item)
    outer.appendChild(choice)
    return outer


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(c if c in "\t\n" or c >= " " else " " for c in text if c not in "\ufffe\uffff")
