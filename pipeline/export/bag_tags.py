"""BagIt's own files (RFC 8493): the declaration, what the package is, and all the manifests.

They are written from the digests taken while the payload was written. The package `bagit` reads
them back and judges: its own writer declares version 0.97, changes the process's working folder
and reads every file once more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.core.errors import UsageError, WriteFailed
from pipeline.core.progress import Progress, Silent
from pipeline.export.bag_folder import BagFolder
from pipeline.io.digest import file_digests

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALGORITHMS = ("sha256", "sha512")
PAYLOAD = "data/"

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_OURS = frozenset({"bagging-date", "payload-oxum", "bag-software-agent"})
_PIECE = 1 << 20


def checked_info(info: Mapping[str, str]) -> dict[str, str]:
    """What a person wants to say in bag-info.txt, each value on one line.

    Args:
        info: by label, such as "Source-Organization" or "Contact-Name"; empty values are dropped.

    Raises:
        UsageError: a label that RFC 8493 does not allow, or one that Shoebox fills in itself.
    """
    checked: dict[str, str] = {}
    for label, value in info.items():
        if not _LABEL.fullmatch(label) or label.lower() in _OURS:
            raise UsageError(
                f"{label!r} cannot be said in bag-info.txt",
                remedy="Use labels of RFC 8493, such as Source-Organization or Contact-Name.",
            )
        line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
        if line:
            checked[label] = line
    return checked


def write_tags(folder: BagFolder, info: Mapping[str, str], *, date: str, agent: str) -> None:
    """Write everything that makes a folder with a payload a bag.

    Args:
        folder: its payload is complete.
        info: for bag-info.txt, already checked.
        date: Bagging-Date, YYYY-MM-DD.
        agent: Bag-Software-Agent.
    """
    payload = {path: found for path, found in folder.files.items() if path.startswith(PAYLOAD)}
    size = sum(found.bytes for found in payload.values())
    lines = {
        **info,
        "Bag-Size": _size_in_words(size),
        "Bag-Software-Agent": agent,
        "Bagging-Date": date,
        "Payload-Oxum": f"{size}.{len(payload)}",
    }
    folder.write_text("bagit.txt", DECLARATION)
    folder.write_lines("bag-info.txt", (f"{label}: {value}" for label, value in lines.items()))
    for name in ALGORITHMS:
        listed = ((path, getattr(found, name)) for path, found in sorted(payload.items()))
        folder.write_lines(f"manifest-{name}.txt", (f"{digest}  {path}" for path, digest in listed))
    tags = {path: found for path, found in folder.files.items() if path not in payload}
    for name in ALGORITHMS:
        listed = ((path, getattr(found, name)) for path, found in sorted(tags.items()))
        folder.write_lines(
            f"tagmanifest-{name}.txt", (f"{digest}  {path}" for path, digest in listed)
        )


def check_bag(root: Path, progress: Progress | None = None) -> int:
    """Read a bag back as anybody would who is given it; gives the number of files checked.

    The package `bagit` judges its structure, its tags and whether anything is missing or too much;
    then every file is hashed again and compared with all the manifests that bagit read.

    Args:
        root: the bag.
        progress: is told of every byte read.

    Raises:
        WriteFailed: it is no valid bag.
    """
    import bagit

    progress = progress or Silent()
    try:
        bag = bagit.Bag(str(root))
        bag.validate(completeness_only=True)
    except (bagit.BagError, ValueError) as error:
        raise WriteFailed(f"{root}: the package does not validate: {error}") from error
    total = sum((root / path).stat().st_size for path in bag.entries)
    progress.begin("check package", total, "B")
    for path, expected in sorted(bag.entries.items()):
        for name, digest in _hashed(root / path, list(expected), progress).items():
            if expected[name].lower() != digest:
                raise WriteFailed(f"{root / path}: its {name} read back is {digest}")
    return len(bag.entries)


def _hashed(path: Path, names: list[str], progress: Progress) -> dict[str, str]:
    try:
        return file_digests(path, names, progress)
    except OSError as error:
        raise WriteFailed(f"{path}: {error.strerror or error}") from error


def _size_in_words(size: int) -> str:
    """Decimal units, as RFC 8493 shows them: "42.6 GB"."""
    amount, unit = float(size), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
