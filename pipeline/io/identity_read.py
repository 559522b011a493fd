"""Whose picture a file is: the way back to the ledger, read from its XMP with suspicion."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.core.caption import PictureIdentity
from pipeline.io.xmp import IDENTITY_NAMES
from pipeline.io.xmp_read import file_xmp
from pipeline.io.xmp_tree import SHOEBOX, parsed, property_text, rdf_of

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PATTERNS = {
    "Library": re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}", re.ASCII),
    "Print": re.compile(r"\d{4,12}-\d{1,6}[a-z]{0,6}", re.ASCII),
    "PictureSHA256": _DIGEST,
    "ScanSHA256": _DIGEST,
    "StepKey": _DIGEST,
    "Recipe": re.compile(r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]{0,200}"),
}


def identity_of(path: Path) -> PictureIdentity | None:
    """What a TIFF, JPEG, PNG, WebP, JPEG XL or PDF file says of its place in a library.

    The file may be anybody's: every value is one of the form that Shoebox writes, or the whole is
    None. That the values are true is for the ledger to say.

    Raises:
        OSError: the file cannot be read.
    """
    document, _ = parsed(file_xmp(path))
    rdf = rdf_of(document)
    values = {name: property_text(rdf, (SHOEBOX, name)) for name in IDENTITY_NAMES}
    if not all(_PATTERNS[name].fullmatch(value) for name, value in values.items()):
        return None
    return PictureIdentity(
        library=values["Library"],
        print_name=values["Print"],
        picture=values["PictureSHA256"],
        scan=values["ScanSHA256"],
        step=values["StepKey"],
        recipe=values["Recipe"],
    )
