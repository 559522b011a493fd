"""What an exported file says of itself, before it is put into EXIF, XMP and IPTC."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.io.caption_words import NO_CAPTION


@dataclass(frozen=True)
class Said:
    """Everything a file says of its picture; equal values give equal blocks.

    Args:
        description: one or more plain sentences about what was done; any letters.
        software: what wrote the file, as "Shoebox 0.1".
        source_type: one of `pipeline.io.xmp`'s PRINT, ENHANCED and GENERATED; "" for a file
            without an XMP packet.
        models: names of the networks that generated something.
        caption: what a person wrote about the print; an empty one where nobody has.
        identity: what leads back to the ledger; None for a file of no library.
        exif: the scan's own EXIF block without prefix, or None.
        xmp: the scan's own XMP packet, or None.
        iptc: the scan's own IPTC-IIM records, or None.
    """

    description: str
    software: str
    source_type: str
    models: tuple[str, ...] = ()
    caption: Caption = NO_CAPTION
    identity: PictureIdentity | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None


@dataclass(frozen=True)
class ScanWords:
    """What a scan says of its photograph elsewhere than in XMP; "" and () where nothing."""

    title: str = ""
    caption: str = ""
    place: str = ""
    keywords: tuple[str, ...] = ()
    creators: tuple[str, ...] = ()


NO_WORDS = ScanWords()
