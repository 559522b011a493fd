"""A contact sheet of a library: every current print before and after."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.photo import Photo
from pipeline.export.contact_sheet import contact_sheet
from pipeline.export.derivatives import write_photo_file
from pipeline.export.export_story import sheet_said
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.derivative import DerivativeFormat
from pipeline.store.library import Library, open_library
from pipeline.store.masters import masters
from pipeline.store.status import library_status


def write_contact_sheet(root: Path, target: Path) -> bool:
    """Write a JPEG with every finished print before | after; replaces an earlier sheet.

    Returns:
        Whether there was a finished print to show.

    Raises:
        LibraryDamaged: the library or a picture in it is not whole.
        DiskFull, WriteFailed: nothing was published.
    """
    with open_library(root, write=False) as library:
        pairs = _pairs(library)
    if pairs:
        write_photo_file(
            contact_sheet(pairs),
            target,
            DerivativeFormat("jpeg", 8, 92),
            sheet_said("Before and after"),
        )
    return bool(pairs)


def _pairs(library: Library) -> list[tuple[str, Photo, Photo]]:
    with library.ledger.read() as session:
        finished = masters(session)
        found = [
            (f"{item.scan.name} · {row.name}", row.sha256, finished[row.id].sha256)
            for item in library_status(session).items
            if (row := item.print_row) and row.id in finished
        ]
    return [
        (label, _photo(library, before), _photo(library, after)) for label, before, after in found
    ]


def _photo(library: Library, sha256: str) -> Photo:
    return read_checkpoint(library.objects.verified_path(sha256))
