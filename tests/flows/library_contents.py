"""What two libraries that came about in different ways must have in common."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path


def contents(library: Path) -> dict[str, str]:
    """Everything that must come out the same: digests of objects and exports, by path.

    An exported file names the library it comes from. That one name is put aside here, and nothing
    else, so that files of two libraries can be compared byte for byte.
    """
    card = library / "shoebox.json"
    own_id = json.loads(card.read_text())["library_id"].encode() if card.exists() else b""
    return {
        str(path.relative_to(library)): sha256(_without(own_id, path)).hexdigest()
        for folder in ("objects", "exports")
        for path in sorted((library / folder).rglob("*"))
        if path.is_file()
    }


def _without(own_id: bytes, path: Path) -> bytes:
    data = path.read_bytes()
    if not own_id:  # a library in the making has written nothing out yet
        return data
    exported = "exports" in path.parts
    assert data.count(own_id) == exported, f"{path} names its library once, objects never"
    return data.replace(own_id, b"-" * len(own_id))
