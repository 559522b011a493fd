"""What an archive package says about its library, checked before anything is made from it."""

from __future__ import annotations

import csv
import json
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TextIO
from unicodedata import category

from pipeline.core.errors import BagRefused
from pipeline.ingest.bag_check import CheckedBag
from pipeline.store.ledger_load import LONGEST_LINE, check_card, read_rows
from pipeline.store.naming import printable
from pipeline.store.tables import APPEND_ONLY

FOLDER = "data/ledger/"
CARD = f"{FOLDER}schema.json"
OBJECTS = f"{FOLDER}objects.csv"
EXPORTS = "data/exports/"

_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,10})?")
_PRINT_NAME = re.compile(r"[0-9]{4,19}-[0-9]{1,19}[a-z]{0,8}")
_LONGEST_NAME = 255
_LARGEST_CARD = 64 * 1024
_LARGEST_LIST = 256 * 1024 * 1024


@dataclass(frozen=True)
class BaggedObject:
    """An object: its digest, its length in bytes, its suffix, and its path in the bag."""

    sha256: str
    bytes: int
    suffix: str
    path: str


@dataclass
class BaggedLibrary:
    """What a bag holds of a library.

    Args:
        id: the library's id.
        objects: every object, each once.
        exports: of each path in the library's exports folder ("exports/…") the digest of the
            newest file that was written there.
        rows: how many rows each table has.
    """

    id: str
    objects: list[BaggedObject] = field(default_factory=list)
    exports: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def read_library(bag: CheckedBag) -> BaggedLibrary:
    """Read every row that a bag has, and hold objects, files and rows against each other.

    Raises:
        BagRefused: a row, a path or a digest is none that Shoebox would have written, or an
            object has no file, or a file of another length or digest.
        LibraryTooNew: a newer Shoebox wrote the bag.
    """
    found = BaggedLibrary(_library_id(bag))
    places = _places(bag)
    with ledger_lines(bag) as tables:
        for name, lines in tables.items():
            count = 0
            for row in read_rows(name, lines):
                count += 1
                _take(found, name, row, places)
            found.rows[name] = count
    if found.rows.get("library") != 1:
        raise BagRefused(f"{bag.root / FOLDER}: there must be one row about the library")
    for item in found.objects:
        _check_file(bag, item)
    for path in found.exports:
        if above := next(
            (str(p) for p in PurePosixPath(path).parents if str(p) in found.exports), ""
        ):
            raise BagRefused(f"{FOLDER}export.jsonl: {printable(above)} is a file and a folder")
    if places:
        raise BagRefused(f"{bag.root / OBJECTS} names {min(places)}, which the ledger has not")
    return found


@contextmanager
def ledger_lines(bag: CheckedBag) -> Iterator[dict[str, Iterator[str]]]:
    """The lines of every table that a bag has, in an order fit for loading.

    Raises:
        BagRefused: there is a table that no ledger has, or a file is no text in UTF-8.
    """
    names = [
        path.removeprefix(FOLDER).removesuffix(".jsonl")
        for path in bag.sha256
        if path.startswith(FOLDER) and path.endswith(".jsonl")
    ]
    if strange := sorted(set(names) - set(APPEND_ONLY)):
        raise BagRefused(f"{bag.root / FOLDER}: the ledger has no table {strange[0]!r}")
    with ExitStack() as stack:
        tables: dict[str, Iterator[str]] = {}
        for name in APPEND_ONLY:
            if name in names:
                path = bag.path(f"{FOLDER}{name}.jsonl")
                file = stack.enter_context(path.open(encoding="utf-8", newline="\n"))
                tables[name] = _decoded(path, file)
        yield tables


def _decoded(path: Path, file: TextIO) -> Iterator[str]:
    try:
        # A line without end would fill the memory; cut here, it is refused as too long.
        while line := file.readline(LONGEST_LINE + 2):
            yield line.rstrip("\n")
    except UnicodeDecodeError as error:
        raise BagRefused(f"{path} is no text in UTF-8: {error.reason}") from error


def _library_id(bag: CheckedBag) -> str:
    path = bag.path(CARD)
    if bag.lengths[CARD] > _LARGEST_CARD:
        raise BagRefused(f"{path} is larger than it should be")
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BagRefused(f"{path}: {error}") from error
    if not isinstance(card, dict):
        raise BagRefused(f"{path} is no JSON object")
    return check_card(card, str(path))


def _places(bag: CheckedBag) -> dict[str, str]:
    """By digest the path in the bag of every object."""
    path, places = bag.path(OBJECTS), dict[str, str]()
    if bag.lengths[OBJECTS] > _LARGEST_LIST:
        raise BagRefused(f"{path} is larger than it should be")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, strict=True):
                sha256, place = row.get("sha256"), row.get("path")
                if sha256 is None or place is None or not _DIGEST.fullmatch(sha256):
                    raise BagRefused(f"{path}: a line does not tell digest and path")
                if places.setdefault(sha256, place) != place:
                    raise BagRefused(f"{path} names {sha256} twice")
                if bag.sha256.get(place) != sha256:
                    raise BagRefused(f"{path}: {printable(place)} is not the object {sha256}")
    except (csv.Error, ValueError) as error:
        raise BagRefused(f"{path}: {error}") from error
    return places


def _take(found: BaggedLibrary, name: str, row: Mapping[str, Any], places: dict[str, str]) -> None:
    """Check what a table's types cannot, and note objects and exports."""
    if name == "library":
        _require(row["id"] == found.id, name, row, "the row is of another library than schema.json")
    elif name == "object":
        _require(_DIGEST.fullmatch(row["sha256"]), name, row, "no digest")
        _require(_SUFFIX.fullmatch(row["suffix"]), name, row, "no suffix")
        place = places.pop(row["sha256"], None)
        if place is None:
            raise BagRefused(f"{OBJECTS} does not name the object {row['sha256']}")
        found.objects.append(BaggedObject(row["sha256"], row["bytes"], row["suffix"], place))
    elif name == "scan":
        _require(_DIGEST.fullmatch(row["sha256"]), name, row, "no digest")
        shown = row["box"] + row["name"]  # Ends up in terminals.
        _require(not any(category(c) == "Cc" for c in shown), name, row, "control characters")
    elif name == "print":
        _require(_PRINT_NAME.fullmatch(row["name"]), name, row, "no name of a print")
    elif name == "export":
        _require(_DIGEST.fullmatch(row["sha256"]), name, row, "no digest")
        if inside(row["path"]):
            found.exports[row["path"]] = row["sha256"]


def inside(path: str) -> bool:
    """Whether an export lies in the library's own folder of exports, and can lie there again.

    Raises:
        BagRefused: the path is relative but leads elsewhere.
    """
    if PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute():
        return False
    plain = posixpath.normpath(path)
    longest = max(len(part.encode()) for part in path.split("/"))
    if not plain.startswith("exports/") or "\0" in path or longest > _LONGEST_NAME:
        raise BagRefused(f"{FOLDER}export.jsonl: {printable(path)} leads out of the exports")
    # People may give folders names that Windows reads as ways to elsewhere.
    return plain == path and (os.name != "nt" or not {"\\", ":"} & set(path))


def _check_file(bag: CheckedBag, item: BaggedObject) -> None:
    if bag.lengths[item.path] != item.bytes:
        raise BagRefused(
            f"{bag.root / item.path} has {bag.lengths[item.path]} bytes, {item.bytes} are recorded"
        )


def _require(holds: object, name: str, row: Mapping[str, Any], otherwise: str) -> None:
    if not holds:
        shown = printable(str(row.get("id", row.get("sha256", ""))))[:80]
        raise BagRefused(f"{FOLDER}{name}.jsonl, row {shown}: {otherwise}")
