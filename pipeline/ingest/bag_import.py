"""An archive package brought back as a library: the same objects, the same ledger, the same files.

A package comes from elsewhere, so nothing in it is believed: every file is hashed, every row is
checked, every path is held against the package's own list, and only then is anything made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import BagRefused, DiskFull, NotALibrary
from pipeline.core.progress import Progress, Silent
from pipeline.ingest.bag_check import CheckedBag, check_bag, survey_bag
from pipeline.ingest.bag_ledger import (
    EXPORTS,
    FOLDER,
    BaggedLibrary,
    ledger_lines,
    read_library,
)
from pipeline.io.atomic import Writer, publish, sync_folder, typed_write_errors
from pipeline.store.ledger_dump import dump_tables
from pipeline.store.ledger_load import load_tables, read_rows
from pipeline.store.library import Library
from pipeline.store.new_library import check_target, new_library

_DATABASE_GROWTH = 4
"""A row with its indexes and its place in the journal takes at most so many times its line."""

_PIECE = 1 << 20


@dataclass(frozen=True)
class ImportReport:
    """What was brought back.

    Args:
        library_id: the library's id, the same as before.
        scans, prints, steps: how many the ledger has now.
        objects: how many objects, every one with its digest checked.
        bytes: of the objects together.
        exports: how many exported files lie in the exports folder again.
        exports_missing: exports that the ledger knows in that folder and the package has not,
            because they had been moved away or changed when it was made.
    """

    library_id: str
    scans: int
    prints: int
    steps: int
    objects: int
    bytes: int
    exports: int
    exports_missing: tuple[str, ...]


def import_bag(bag: Path, library_root: Path, progress: Progress | None = None) -> ImportReport:
    """Make a library of everything that a package holds.

    Nothing stays at the target when this fails. What a killed import left is not taken for a
    library by any command, and the next import begins anew.

    Args:
        bag: the package's folder; it is only read.
        library_root: absent or empty.
        progress: is told of the bytes hashed and copied.

    Raises:
        TargetExists: the target is a library already, or holds other files.
        BagRefused: the package is damaged, incomplete or not one that Shoebox wrote.
        LibraryTooNew: a newer Shoebox wrote it.
        DiskFull: there is not room enough; found out before the work if possible.
        NotALibrary: the database named by the environment is another library's.
        LibraryReadOnly, WriteFailed: the target cannot be written to.
    """
    progress = progress or Silent()
    check_target(library_root)
    _must_lie_apart(bag, library_root)
    lengths = survey_bag(bag)
    _must_have_room(library_root, lengths)
    checked = check_bag(bag, lengths, progress)
    known = read_library(checked)
    with new_library(library_root, known.id) as library:
        files = _exports_by_digest(checked)
        back = {path: files[sha] for path, sha in known.exports.items() if sha in files}
        total = sum(item.bytes for item in known.objects)
        progress.begin("import", total + sum(checked.lengths[name] for name in back.values()), "B")
        _bring_objects(checked, known, library, progress)
        _bring_exports(checked, back, library, progress)
        _bring_ledger(checked, library)
    return ImportReport(
        library_id=known.id,
        scans=known.rows.get("scan", 0),
        prints=known.rows.get("print", 0),
        steps=known.rows.get("step", 0),
        objects=len(known.objects),
        bytes=total,
        exports=len(back),
        exports_missing=tuple(sorted(set(known.exports) - set(back))),
    )


def _must_lie_apart(bag: Path, library_root: Path) -> None:
    if library_root.resolve().is_relative_to(bag.resolve()):
        raise BagRefused(
            f"{library_root} lies inside the package", remedy="Choose a folder outside of it."
        )


def _must_have_room(library_root: Path, lengths: Mapping[str, int]) -> None:
    """Compare the package's size with the free space before hours of hashing."""
    rows = sum(length for name, length in lengths.items() if name.startswith(FOLDER))
    needed = sum(lengths.values()) + _DATABASE_GROWTH * rows
    place = library_root.absolute()
    while not place.is_dir():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise DiskFull(
            f"{library_root}: the library needs {needed / 1e6:.1f} MB, {free / 1e6:.1f} MB are free"
        )


def _bring_objects(
    bag: CheckedBag, known: BaggedLibrary, library: Library, progress: Progress
) -> None:
    for item in known.objects:
        source = bag.path(item.path)
        stored = library.objects.put(_copy_of(source, progress), item.suffix)
        if stored.sha256 != item.sha256:
            raise BagRefused(f"{source} changed while it was being copied")


def _bring_exports(
    bag: CheckedBag, back: Mapping[str, str], library: Library, progress: Progress
) -> None:
    for path, name in sorted(back.items()):
        target, source = library.root / path, bag.path(name)
        with typed_write_errors(target):
            _make_folder(target.parent)
        found = publish(target, _copy_of(source, progress))
        if found.sha256 != bag.sha256[name]:
            raise BagRefused(f"{source} changed while it was being copied")


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, with durable names."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir()
        sync_folder(folder.parent)


def _bring_ledger(bag: CheckedBag, library: Library) -> None:
    """The rows come last, so that a ledger never names what is not there."""
    if (found := library.ledger.library_id()) is not None:
        _must_be_the_same(bag, library, found)
        return
    with ledger_lines(bag) as tables, library.ledger.write() as session:
        load_tables(session, tables)


def _must_be_the_same(bag: CheckedBag, library: Library, found: str) -> None:
    """Adopt a database (of the environment) that a killed import had already filled.

    Raises:
        NotALibrary: its rows are not those of the package.
    """
    same = found == library.id
    with ledger_lines(bag) as tables, library.ledger.read() as session:
        for name, lines in dump_tables(session).items():
            here, there = read_rows(name, lines), read_rows(name, tables.get(name, iter(())))
            same = same and all(a == b for a, b in zip_longest(here, there))
    if not same:
        raise NotALibrary(
            f"{library.ledger.name} holds the ledger of library {found} already",
            remedy="Name an empty database, or none.",
        )


def _exports_by_digest(bag: CheckedBag) -> dict[str, str]:
    """The names in a package are plain ASCII, those in a library are not: digests tell."""
    return {sha: name for name, sha in bag.sha256.items() if name.startswith(EXPORTS)}


def _copy_of(source: Path, progress: Progress) -> Writer:
    def write(target: BinaryIO) -> None:
        for piece in _pieces(source):
            target.write(piece)
            progress.advance(len(piece))

    return write


def _pieces(source: Path) -> Iterator[bytes]:
    """The bytes of a file that is no link even now.

    Raises:
        BagRefused: it cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(source, flags)
        try:
            while piece := os.read(descriptor, _PIECE):
                yield piece
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BagRefused(f"{source}: {error.strerror or error}") from error
