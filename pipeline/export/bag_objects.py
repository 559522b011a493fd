"""Copying a library's files into an archive package, each compared with its digest on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.core.errors import (
    ObjectDamaged,
    ObjectMissing,
    OriginalDamaged,
    ShoeboxError,
)
from pipeline.core.progress import Progress
from pipeline.export.bag_folder import BagFolder
from pipeline.export.bag_layout import BACKS, CAPTIONS, SCANS, ExportInBag
from pipeline.store.library import Library
from pipeline.store.objects import StoredObject

_ORIGINALS = (f"{SCANS}/", f"{BACKS}/", f"{CAPTIONS}/")


def copy_objects(
    folder: BagFolder,
    library: Library,
    stored: Sequence[StoredObject],
    paths: Mapping[str, str],
    progress: Progress,
) -> None:
    """Copy every object to its path.

    Args:
        folder: the package.
        library: whose objects they are.
        stored: the objects.
        paths: by digest, where each goes.
        progress: is told of the bytes.

    Raises:
        OriginalDamaged: an original, or a file of captions, is gone or not what it was.
        ObjectDamaged, ObjectMissing: the same of a step's result.
        DiskFull, WriteFailed, LibraryReadOnly: it cannot be written.
    """
    progress.begin("copy objects", sum(item.bytes for item in stored), "B")
    for item in sorted(stored, key=lambda item: paths[item.sha256]):
        path = paths[item.sha256]
        try:
            source = library.objects.path(item.sha256)
            made = folder.copy(source, path, ObjectDamaged)
        except (ObjectMissing, ObjectDamaged) as error:
            raise _named(type(error), error.detail, path) from error
        if made.sha256 != item.sha256:
            raise _named(
                ObjectDamaged, f"{source}: the contents have the digest {made.sha256}", path
            )


def copy_exports(
    folder: BagFolder, exports: Sequence[ExportInBag], progress: Progress
) -> tuple[list[ExportInBag], list[str]]:
    """Copy exported files that are what was written; gives those, and the paths of the others.

    A file that a person edited since is theirs and not the library's: it stays out.

    Raises:
        DiskFull, WriteFailed, LibraryReadOnly: it cannot be written.
    """
    progress.begin("copy exported files", sum(item.row.bytes for item in exports), "B")
    kept: list[ExportInBag] = []
    changed: list[str] = []
    for item in exports:
        try:
            made = folder.copy(item.source, item.path, ObjectDamaged)
        except ObjectDamaged:
            (folder.root / item.path).unlink(missing_ok=True)
            changed.append(item.row.path)
            continue
        if made.sha256 == item.row.sha256:
            kept.append(item)
        else:
            folder.remove(item.path)
            changed.append(item.row.path)
    return kept, changed


def _named(kind: type[ShoeboxError], detail: str, path: str) -> ShoeboxError:
    """The error for a file of the library, telling what it is by its place in the package."""
    original = path.startswith(_ORIGINALS)
    what = path.removeprefix("data/")
    return (OriginalDamaged if original else kind)(f"{detail} (it is {what})")
