"""Where everything lies in an archive package: each object once, by a telling name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.export.bag_paths import BagPaths, plain_part
from pipeline.export.naming import slug
from pipeline.store.library import Library
from pipeline.store.objects import StoredObject
from pipeline.store.rows import ExportRow, ObjectUse, PrintRow, ScanRow, StepRow

SCANS, BACKS, CAPTIONS, PRINTS = "data/scans", "data/backs", "data/captions", "data/prints"
EXPORTS, OTHERS = "data/exports", "data/objects"
MASK = "mask:"
"""How the role of a side image begins."""

_EXPORTS_FOLDER = "exports"
_LETTERS = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class PrintInBag:
    """One print of the package.

    Args:
        row: the print.
        scan: the scan it is on.
        steps: its whole history, the scan's steps first.
        backs: scans of its back.
    """

    row: PrintRow
    scan: ScanRow
    steps: tuple[StepRow, ...]
    backs: tuple[ScanRow, ...] = ()

    @property
    def folder(self) -> str:
        """Its folder in the package."""
        return f"{PRINTS}/{plain_part(self.row.name)}"

    @property
    def numbers(self) -> dict[int, int]:
        """By step id the step's number in the history, from 1."""
        return {step.id: number for number, step in enumerate(self.steps, 1)}


@dataclass(frozen=True)
class ExportInBag:
    """An exported file that goes along: its row, the file, its path in the package."""

    row: ExportRow
    source: Path
    path: str


@dataclass(frozen=True)
class Layout:
    """The package's contents but for what is written about them.

    Args:
        objects: by digest where each object lies.
        exports: exported files that are there with the length they had.
        left_out: exported files of the library that are gone or changed, by their recorded path.
        elsewhere: rows of exports that were written to a folder outside the library.
    """

    objects: Mapping[str, str]
    exports: tuple[ExportInBag, ...] = ()
    left_out: tuple[str, ...] = ()
    elsewhere: tuple[ExportRow, ...] = ()


@dataclass
class _Places:
    """Objects that have been given their path so far."""

    stored: Mapping[str, StoredObject]
    paths: BagPaths
    found: dict[str, str] = field(default_factory=dict)

    def give(self, sha256: str, folder: str, stem: str) -> None:
        """A path for an object of the package that has none yet."""
        if sha256 in self.stored and sha256 not in self.found:
            suffix = self.stored[sha256].suffix.lower()
            self.found[sha256] = self.paths.claim(folder, stem, suffix)


def lay_out_objects(
    stored: Sequence[StoredObject],
    scans: Sequence[ScanRow],
    prints: Sequence[PrintInBag],
    fronts: Mapping[int, int],
    captions: Mapping[str, str],
    paths: BagPaths,
) -> dict[str, str]:
    """Give every object its one path; an object used in several places lies where it is first met.

    Args:
        stored: the objects, all of them.
        scans: the scans, backs included.
        prints: the prints.
        fronts: for a scan that shows a back, the scan of its front.
        captions: files of captions: their names by digest.
        paths: hands out the paths.

    Returns:
        Paths by digest, as many as there are objects.
    """
    places = _Places({item.sha256: item for item in stored}, paths)
    for scan in scans:
        folder = BACKS if scan.id in fronts else SCANS
        number = fronts.get(scan.id, scan.id)
        places.give(scan.sha256, folder, f"{number:04d}_{slug(scan.name)}")
    for sha256, name in captions.items():
        places.give(sha256, CAPTIONS, slug(name))
    for item in prints:
        numbers = item.numbers
        for step in item.steps:
            for use in step.outputs:
                # Of a step on the whole scan only this print's own crop belongs here.
                if step.print_id is not None or use.sha256 == item.row.sha256:
                    stem = f"{numbers[step.id]:02d}-{_plain(step.stage)}"
                    folder, stem = _place_of(use, f"{item.folder}/", stem)
                    places.give(use.sha256, folder, stem)
        places.give(item.row.sha256, f"{item.folder}/steps", "00-print")
    for item_stored in stored:
        places.give(item_stored.sha256, OTHERS, item_stored.sha256)
    return places.found


def lay_out_exports(
    library: Library, rows: Sequence[ExportRow], paths: BagPaths
) -> tuple[tuple[ExportInBag, ...], tuple[str, ...], tuple[ExportRow, ...]]:
    """Which exported files go along: of each path the newest that was recorded, if it is there.

    Returns:
        (files that are there with their length; recorded paths that are gone or changed; rows of
        files outside the library's exports folder).
    """
    newest = {row.path: row for row in rows}
    there: list[ExportInBag] = []
    left_out: list[str] = []
    elsewhere: list[ExportRow] = []
    for recorded, row in sorted(newest.items()):
        parts = PurePosixPath(recorded).parts
        if len(parts) < 2 or parts[0] != _EXPORTS_FOLDER or ".." in parts:
            elsewhere.append(row)
            continue
        source = library.root / recorded
        if not _is_plain_file(library.exports, source, row.bytes):
            left_out.append(recorded)
            continue
        folder = paths.folder_like(EXPORTS, parts[1:-1])
        name = PurePosixPath(plain_part(parts[-1]))
        there.append(ExportInBag(row, source, paths.claim(folder, name.stem, name.suffix)))
    return tuple(there), tuple(left_out), tuple(elsewhere)


def _place_of(use: ObjectUse, folder: str, stem: str) -> tuple[str, str]:
    if use.role.startswith(MASK):
        return f"{folder}masks", f"{stem}-{_plain(use.role.removeprefix(MASK))}"
    return f"{folder}steps", stem


def _plain(name: str) -> str:
    return _LETTERS.sub("_", name)[:40] or "_"


def _is_plain_file(exports: Path, path: Path, length: int) -> bool:
    """A file of that length, reached without any symbolic link on the way from the exports."""
    try:
        inside = path.resolve(strict=True) == exports.resolve(strict=True) / os.path.relpath(
            path, exports
        )
        return inside and path.is_file() and path.stat().st_size == length
    except OSError:
        return False
