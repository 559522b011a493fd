"""Is a folder from elsewhere a whole and harmless archive package? (BagIt 1.0, RFC 8493)"""

from __future__ import annotations

import logging
import os
import re
import stat
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import BagRefused
from pipeline.core.progress import Progress
from pipeline.io.digest import file_digests
from pipeline.store.naming import printable

ALGORITHMS = ("sha256", "sha512")
PAYLOAD = "data/"

_KNOWN = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
"""Kinds of digests that other tools may have added manifests of."""

_DECLARATION = re.compile(
    rb"BagIt-Version: 1\.0\r?\nTag-File-Character-Encoding: UTF-8(\r?\n)?", re.IGNORECASE
)
_LARGEST_TAG_FILE = 256 * 1024 * 1024
_PIECE = 1 << 20


@dataclass(frozen=True)
class CheckedBag:
    """A bag whose every byte was found to be what its manifests say.

    Args:
        root: its folder.
        sha256: of every payload file, by path in the bag ("data/…").
        lengths: in bytes, likewise.
    """

    root: Path
    sha256: Mapping[str, str]
    lengths: Mapping[str, int]

    def path(self, name: str) -> Path:
        """Where a file of the payload lies.

        Raises:
            BagRefused: there is none of that name.
        """
        if name not in self.sha256:
            raise BagRefused(f"{self.root}: {printable(name)} is missing")
        return self.root / name


def survey_bag(root: Path) -> dict[str, int]:
    """The lengths of all files of a bag by path, found without opening any but bagit.txt.

    Raises:
        BagRefused: it is no BagIt 1.0 package, holds anything but plain files and folders with
            plain names, or needs files from elsewhere (fetch.txt).
    """
    if not root.is_dir():
        raise BagRefused(f"{root} is not a folder")
    lengths = dict(_files(root))
    if "bagit.txt" not in lengths:
        raise BagRefused(f"{root} has no bagit.txt")
    if not _DECLARATION.fullmatch(_start_of(root / "bagit.txt", 200)):
        raise BagRefused(f"{root / 'bagit.txt'} does not declare BagIt 1.0 in UTF-8")
    if "fetch.txt" in lengths:
        raise BagRefused(f"{root / 'fetch.txt'}: files from elsewhere are not fetched")
    for name, length in lengths.items():
        if not name.startswith(PAYLOAD) and length > _LARGEST_TAG_FILE:
            raise BagRefused(f"{root / name} is larger than any such file should be")
    return lengths


def check_bag(root: Path, lengths: Mapping[str, int], progress: Progress) -> CheckedBag:
    """Read every file of a bag once and compare it with all the manifests.

    The package `bagit` reads the manifests and judges structure and completeness; the digests are
    taken here, because bagit tells nobody how far it is.

    Args:
        root: the bag.
        lengths: what `survey_bag` found.
        progress: is told of the bytes hashed.

    Raises:
        BagRefused: a file is damaged, missing or too much; the detail names it.
    """
    payload = {name: length for name, length in lengths.items() if name.startswith(PAYLOAD)}
    listed = _listed(root, payload, lengths)
    progress.begin("check package", sum(lengths[name] for name in listed), "B")
    for name in sorted(listed):
        for algorithm, digest in _digests(root / name, list(listed[name]), progress).items():
            if digest != listed[name][algorithm].lower():
                raise BagRefused(f"{root / name} is damaged: its {algorithm} is {digest}")
    return CheckedBag(root, {name: listed[name]["sha256"].lower() for name in payload}, payload)


def _listed(
    root: Path, payload: Collection[str], present: Collection[str]
) -> dict[str, dict[str, str]]:
    """The digests of all manifests, by path and algorithm, after nothing was found missing."""
    import bagit

    # It would print what it raises, too.
    logging.getLogger("bagit").setLevel(logging.CRITICAL + 1)
    for kind in ("manifest", "tagmanifest"):
        for algorithm in ALGORITHMS:
            if f"{kind}-{algorithm}.txt" not in present:
                raise BagRefused(f"{root} has no {kind}-{algorithm}.txt")
    try:
        bag = bagit.Bag(str(root))
        listed = {name.replace(os.sep, "/"): dict(found) for name, found in bag.entries.items()}
        # bagit compares paths by their first letters only: ../bag-2 would be inside bag for it.
        _compare(root, payload, present, listed)
        if not bag.has_oxum():
            raise BagRefused(f"{root / 'bag-info.txt'} does not tell the Payload-Oxum")
        bag.validate(completeness_only=True)
    except (bagit.BagError, OSError, ValueError, LookupError) as error:
        raise BagRefused(f"{root}: {printable(str(error))}") from error
    return listed


def _compare(
    root: Path,
    payload: Collection[str],
    present: Collection[str],
    listed: Mapping[str, Mapping[str, str]],
) -> None:
    for name in sorted(payload):
        for algorithm in ALGORITHMS:
            if algorithm not in listed.get(name, {}):
                raise BagRefused(f"{root / name} is not in manifest-{algorithm}.txt")
    if missing := sorted(set(listed) - set(present)):
        raise BagRefused(f"{root}: {printable(missing[0])} is missing")
    for name, digests in listed.items():
        if unknown := sorted(set(digests) - _KNOWN):
            raise BagRefused(f"{root / name} has a digest of a kind {unknown[0]!r}")


def _files(root: Path) -> Iterator[tuple[str, int]]:
    """Every file below a folder: its path with `/`, its length; links are not followed."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            found = sorted(os.scandir(folder), key=lambda entry: entry.name)
            for entry in found:
                path = Path(entry.path)
                _check_name(entry.name, path)
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(path)
                elif stat.S_ISREG(status.st_mode):
                    yield path.relative_to(root).as_posix(), status.st_size
                else:
                    raise BagRefused(f"{printable(str(path))} is a link or no ordinary file")
        except OSError as error:
            raise BagRefused(f"{printable(str(folder))}: {error.strerror or error}") from error


def _check_name(name: str, path: Path) -> None:
    # A backslash or colon would lead elsewhere on Windows; two spellings of one letter, on a Mac.
    strange = any(unicodedata.category(character)[0] == "C" for character in name)
    if strange or "\\" in name or ":" in name or unicodedata.normalize("NFC", name) != name:
        raise BagRefused(f"{printable(str(path))} has a name that no package should hold")


def _start_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise BagRefused(f"{path}: {error.strerror or error}") from error


def _digests(path: Path, algorithms: list[str], progress: Progress) -> dict[str, str]:
    try:
        return file_digests(path, algorithms, progress)
    except OSError as error:
        raise BagRefused(f"{path}: {error.strerror or error}") from error
