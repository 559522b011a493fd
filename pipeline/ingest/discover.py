"""What lies in a box: candidates for ingest, and everything that was passed over, by name."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import BoxRefused

_PICTURE_SUFFIXES = frozenset(
    {".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jpe", ".jfif"}  # read
    | {".bmp", ".gif", ".webp", ".heic", ".heif", ".jp2", ".j2k", ".jxl", ".psd", ".pdf"}
    | {".dng", ".nef", ".cr2", ".cr3", ".arw"}
)
"""Endings that claim to be pictures: a file with one is tried, and refused aloud if it is none."""

LINK = "a symbolic link is not followed"
"""Why a link is passed over."""

_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


@dataclass(frozen=True)
class Candidate:
    """A regular file that should be a scan; `name` is its path inside the box."""

    path: Path
    name: str


@dataclass(frozen=True)
class PassedOver:
    """Something in the box that is not tried, and why."""

    name: str
    reason: str


def discover(box: Path) -> tuple[list[Candidate], list[PassedOver]]:
    """Walk a box in sorted order, never following links.

    Hidden files and the systems' own files are silently ignored. Symbolic links, pipes, devices
    and files without a picture's ending are passed over and named.

    Raises:
        BoxRefused: the box is missing, is no folder or cannot be listed.
    """
    if not box.is_dir():
        raise BoxRefused(f"{box} is not a folder")
    candidates: list[Candidate] = []
    passed: list[PassedOver] = []
    try:
        _walk(box, "", candidates, passed)
    except OSError as error:
        raise BoxRefused(f"{error.filename or box} cannot be listed: {error.strerror}") from error
    return candidates, passed


def _walk(folder: Path, prefix: str, candidates: list[Candidate], passed: list[PassedOver]) -> None:
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    for entry in ordered:
        name = f"{prefix}{entry.name}"
        if entry.name.startswith(".") or entry.name.lower() in _SYSTEM_FILES:
            continue
        if entry.is_symlink():
            passed.append(PassedOver(name, LINK))
        elif entry.is_dir(follow_symlinks=False):
            _walk(folder / entry.name, f"{name}/", candidates, passed)
        elif not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
            passed.append(PassedOver(name, "not a regular file"))
        elif Path(entry.name).suffix.lower() in _PICTURE_SUFFIXES:
            candidates.append(Candidate(folder / entry.name, name))
        else:
            passed.append(PassedOver(name, "its ending is not that of a picture"))
