"""An XMP packet as a tree of RDF: parsed with suspicion, searched, changed (ISO 16684-1)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.dom import Node, minidom
from xml.parsers.expat import ExpatError

from pipeline.io.caption_words import cleaned

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP = "http://ns.adobe.com/xap/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
EXIF = "http://ns.adobe.com/exif/1.0/"
SHOEBOX = "urn:shoebox:ns:1.0#"
"""Shoebox's own properties; it ends as XMP wants it, and nobody need own a domain for it."""

PREFIXES = {
    "rdf": RDF,
    "dc": DC,
    "xmp": XMP,
    "photoshop": PHOTOSHOP,
    "Iptc4xmpCore": IPTC_CORE,
    "Iptc4xmpExt": IPTC_EXT,
    "exif": EXIF,
    "shoebox": SHOEBOX,
}
MAX_PACKET = 4 * 2**20
"""Bytes of the longest packet that is parsed."""

Name = tuple[str, str]
"""Namespace and local name; "*" stands for any local name."""

_XML = "http://www.w3.org/XML/1998/namespace"
_EMPTY = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"/></x:xmpmeta>'
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_TAIL = '\n<?xpacket end="w"?>'


def empty_document() -> minidom.Document:
    """A packet that says nothing."""
    return minidom.parseString(_EMPTY)  # noqa: S318  (our own text)


def parsed(packet: bytes | None) -> tuple[minidom.Document, str]:
    """A packet from outside to be written on, or an empty one.

    Returns:
        (the document, which holds an rdf:RDF; what is to be said of a packet not taken, or "").
    """
    empty = empty_document()
    if packet is None or not packet.strip(b"\x00 \r\n\t"):
        return empty, ""
    # A packet needs no document type; one that brings entities along means no good.
    plain = packet.replace(b"\x00", b"")  # of UTF-16 too
    if len(packet) > MAX_PACKET or b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        return empty, "The scan's own XMP is not one that can be kept."
    try:
        found = minidom.parseString(packet.strip(b"\x00 \r\n\t"))  # noqa: S318  (no entities)
        found.toxml().encode()  # nesting without end, or letters that cannot be written
        inside = bool(found.getElementsByTagNameNS(RDF, "RDF"))
    except (ExpatError, ValueError, LookupError, RecursionError):
        return empty, "The scan's own XMP is damaged and was not kept."
    if not inside:
        return empty, "The scan's own XMP holds nothing that can be read and was not kept."
    return found, ""


def rdf_of(document: minidom.Document) -> minidom.Element:
    """The rdf:RDF element of a document that `parsed` or `empty_document` gave."""
    return document.getElementsByTagNameNS(RDF, "RDF")[0]


def packet_bytes(document: minidom.Document) -> bytes:
    """The document in its wrapper, UTF-8; writable in place, without padding."""
    top = document.documentElement
    assert top is not None  # no document is without
    return (_HEAD + top.toxml() + _TAIL).encode()


def descriptions(rdf: minidom.Element) -> list[minidom.Element]:
    """The rdf:Description elements at the top."""
    return [
        child
        for child in rdf.childNodes
        if isinstance(child, minidom.Element)
        and (child.namespaceURI, child.localName) == (RDF, "Description")
    ]


def _properties(rdf: minidom.Element, name: Name) -> list[minidom.Element]:
    """Properties written as elements."""
    return [
        child
        for description in descriptions(rdf)
        for child in description.childNodes
        if isinstance(child, minidom.Element)
        and child.namespaceURI == name[0]
        and name[1] in ("*", child.localName)
    ]


def _all_attributes(element: minidom.Element) -> list[minidom.Attr]:
    items = (element.attributes.item(number) for number in range(element.attributes.length))
    return [item for item in items if isinstance(item, minidom.Attr)]


def _attributes(description: minidom.Element, name: Name) -> list[minidom.Attr]:
    """Properties written as attributes."""
    return [
        attribute
        for attribute in _all_attributes(description)
        if attribute.namespaceURI == name[0] and name[1] in ("*", attribute.localName)
    ]


def has(rdf: minidom.Element, name: Name) -> bool:
    """Whether the property is there at all."""
    return bool(_properties(rdf, name) or any(_attributes(d, name) for d in descriptions(rdf)))


def property_text(rdf: minidom.Element, name: Name) -> str:
    """The text of a property, of its first language where it has several; "" for none."""
    for description in descriptions(rdf):
        for attribute in _attributes(description, name):
            return attribute.value.strip()
    for element in _properties(rdf, name):
        items = element.getElementsByTagNameNS(RDF, "li") or [element]
        return (_text(items[0]) or element.getAttributeNS(RDF, "resource")).strip()
    return ""


def _text(node: minidom.Element) -> str:
    return "".join(c.data for c in node.childNodes if c.nodeType == Node.TEXT_NODE)


def remove(rdf: minidom.Element, names: Iterable[Name]) -> None:
    """Take properties out, and the descriptions that say nothing any more."""
    for name in names:
        for element in _properties(rdf, name):
            if element.parentNode is not None:
                element.parentNode.removeChild(element)
        for description in descriptions(rdf):
            for attribute in _attributes(description, name):
                description.removeAttributeNode(attribute)
    for emptied in [d for d in descriptions(rdf) if _says_nothing(d)]:
        rdf.removeChild(emptied)


def _says_nothing(description: minidom.Element) -> bool:
    return not any(isinstance(child, minidom.Element) for child in description.childNodes) and all(
        a.name.split(":")[0] == "xmlns" or a.namespaceURI == RDF
        for a in _all_attributes(description)
    )


def about(rdf: minidom.Element) -> str:
    """What the packet is about; "" for the file it stands in."""
    return next((d.getAttributeNS(RDF, "about") for d in descriptions(rdf)), "")


def new_description(document: minidom.Document, about: str) -> minidom.Element:
    """A further rdf:Description at the end, which knows all of `PREFIXES`."""
    ours = _element(document, "rdf:Description")
    for prefix, namespace in PREFIXES.items():
        ours.setAttribute(f"xmlns:{prefix}", namespace)
    ours.setAttributeNS(RDF, "rdf:about", about)
    rdf_of(document).appendChild(ours)
    return ours


def add_text(parent: minidom.Element, name: str, text: str) -> None:
    """A simple property such as "xmp:CreatorTool"."""
    parent.setAttributeNS(PREFIXES[name.split(":", maxsplit=1)[0]], name, cleaned(text))


def add_in_default_language(parent: minidom.Element, name: str, text: str) -> None:
    """A property that has one text for every language (rdf:Alt)."""
    item = _listed(parent, name, "rdf:Alt", [text])
    for child in item.childNodes:
        if isinstance(child, minidom.Element):
            child.setAttributeNS(_XML, "xml:lang", "x-default")


def add_bag(parent: minidom.Element, name: str, texts: Iterable[str]) -> None:
    """A property of several texts without order (rdf:Bag)."""
    _listed(parent, name, "rdf:Bag", texts)


def add_sequence(parent: minidom.Element, name: str, texts: Iterable[str]) -> None:
    """A property of several texts in order (rdf:Seq)."""
    _listed(parent, name, "rdf:Seq", texts)


def add_structures(parent: minidom.Element, name: str) -> minidom.Element:
    """A property that is a bag of one structure; the structure is given, to be filled."""
    bag = _listed(parent, name, "rdf:Bag", [""])
    item = bag.childNodes[0]
    assert isinstance(item, minidom.Element)  # just made
    item.setAttributeNS(RDF, "rdf:parseType", "Resource")
    for text in list(item.childNodes):
        item.removeChild(text)
    return item


def _listed(
    parent: minidom.Element, name: str, container: str, texts: Iterable[str]
) -> minidom.Element:
    document = parent.ownerDocument
    assert document is not None  # `_element` made it in one
    outer, inner = _element(document, name), _element(document, container)
    for text in texts:
        item = _element(document, "rdf:li")
        item.appendChild(document.createTextNode(cleaned(text)))
        inner.appendChild(item)
    outer.appendChild(inner)
    parent.appendChild(outer)
    return inner


def _element(document: minidom.Document, name: str) -> minidom.Element:
    return document.createElementNS(PREFIXES[name.split(":", maxsplit=1)[0]], name)
