"""A contact sheet of a library: every current print before and after."""

from __future__ import annotations

from pathlib import Path

from pipeline.config.recipe import recipe_from_document
from pipeline.core.photo import Photo
from pipeline.export.contact_sheet import contact_sheet
from pipeline.export.derivatives import write_photo_file
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.derivative import DerivativeFormat
from pipeline.store import queries
from pipeline.store.library import Library, open_library
from pipeline.store.status import library_status


def write_contact_sheet(root: Path, target: Path) -> None:
    """Write a JPEG with every finished print before | after; replaces an earlier sheet.

    Raises:
        LibraryDamaged: the library or a picture in it is not whole.
        DiskFull, WriteFailed: nothing was published.
    """
    with open_library(root, write=False) as library:
        pairs = _pairs(library)
    if pairs:
        write_photo_file(
            contact_sheet(pairs), target, DerivativeFormat("jpeg", 8, 92), "Before and after"
        )


def _pairs(library: Library) -> list[tuple[str, Photo, Photo]]:
    with library.ledger.read() as session:
        run = queries.latest_run(session)
        items = library_status(session).items
        last = recipe_from_document(run.recipe, "last run").stage_names()[-1] if run else ""
        found = []
        for item in items:
            row = item.print_row
            step = queries.latest_done(session, row.id, last) if row else None
            after = step.output() if step else None
            if row and after:
                found.append((f"{item.scan.name} · {row.name}", row.sha256, after))
    return [
        (label, _photo(library, before), _photo(library, after)) for label, before, after in found
    ]


def _photo(library: Library, sha256: str) -> Photo:
    return read_checkpoint(library.objects.verified_path(sha256))
