"""Names inside an archive package: plain ASCII, short, and different on every file system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_LONGEST_PART = 60
_LONGEST_FOLDER = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def plain_part(name: str) -> str:
    """One part of a path in plain ASCII: letters, digits, `_`, `-` and inner dots.

    Accents are dropped, everything else becomes `_`; names reserved on Windows get an underscore,
    and a name of which nothing is left is `_`. At most 60 characters.
    """
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", letters)
    plain = re.sub(r"\.{2,}", ".", plain).strip(".")[:_LONGEST_PART].strip(".") or "_"
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


class BagPaths:
    """Hands out paths below one folder, each once, also where a and A are the same letter."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def claim(self, folder: str, stem: str, suffix: str = "") -> str:
        """A path that nobody has: `folder/stem+suffix`, or with `-2`, `-3` … after the stem.

        Args:
            folder: an agreed folder, plain ASCII, parts divided by `/`.
            stem: plain ASCII.
            suffix: plain ASCII with its dot, or "".
        """
        number, path = 1, f"{folder}/{stem}{suffix}"
        while path.lower() in self._files or path.lower() in self._folders:
            number += 1
            path = f"{folder}/{stem}-{number}{suffix}"
        self._files.add(path.lower())
        parents = PurePosixPath(path.lower()).parents
        self._folders.update(str(parent) for parent in parents)
        return path

    def folder_like(self, folder: str, parts: Iterable[str]) -> str:
        """A folder below an agreed one for parts that may hold anything.

        Parts that lead upwards count as names like any other; a chain that grows too long is cut.
        """
        for part in parts:
            longer = f"{folder}/{plain_part(part)}"
            if len(longer) > _LONGEST_FOLDER:
                break
            folder = f"{longer}_" if longer.lower() in self._files else longer
        return folder
