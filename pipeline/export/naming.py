"""File names that every system takes, made from names that may hold anything."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

_LONGEST_STEM = 80
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))]
)


def slug(name: str) -> str:
    """A plain ASCII stem for a scan's name: a-z, A-Z, 0-9, `_` and `-`, at most 80 characters.

    Path parts, control characters and marks that change the reading direction are dropped;
    names reserved on Windows get an underscore.
    """
    stem = PurePosixPath(name.replace("\\", "/")).stem
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", ascii_only).strip("_-")[:_LONGEST_STEM] or "scan"
    return f"{plain}_" if plain.lower() in _RESERVED else plain


def export_stem(scan_name: str, print_name: str) -> str:
    """The stem of an exported file: readable by the scan's name, unique by the print's."""
    return f"{slug(scan_name)}_{print_name}"
