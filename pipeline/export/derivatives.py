"""Writing a finished picture out of the library, once, with what made it in the ledger."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.core.errors import StageContractBroken, TargetExists
from pipeline.core.photo import Photo
from pipeline.execute.workbench import software_versions
from pipeline.export.disclosure import (
    changes,
    describe,
    generated_in,
    source_type,
)
from pipeline.io.atomic import (
    Part,
    Writer,
    place,
    publish,
    remove_stale_parts,
    typed_write_errors,
    write_part,
)
from pipeline.io.checkpoint import read_checkpoint
from pipeline.io.derivative import DerivativeFormat, write_derivative
from pipeline.io.digest import sha256_file
from pipeline.io.read import inspect_scan
from pipeline.io.xmp import XmpFields
from pipeline.io.xmp_read import scan_xmp
from pipeline.store import queries, record
from pipeline.store.library import Library
from pipeline.store.lineage import lineage
from pipeline.store.rows import ExportRow, PrintRow, ScanRow, StepRow

CUTTING = "split"
"""The stage that only takes a print out of its scan."""

METADATA_VERSION = 2
"""Raised when files say more of themselves than before, so that older ones are written anew."""


@dataclass(frozen=True)
class ExportRequest:
    """One file to write.

    Args:
        scan: where the print came from.
        print_row: the print.
        step: the finished step whose photo is written: a master's or a derivative's last.
        target: the file; its folder is made.
        form: format and depth.
        overwrite: replace a file that Shoebox did not write or that was changed since.
    """

    scan: ScanRow
    print_row: PrintRow
    step: StepRow
    target: Path
    form: DerivativeFormat
    overwrite: bool = False


def write_export(library: Library, run_id: int, request: ExportRequest) -> tuple[ExportRow, bool]:
    """Write the file unless exactly it is there already; give its row and whether it was written.

    Raises:
        TargetExists: a file that is not ours, or was changed since, stands there.
        ObjectDamaged, ObjectMissing: the picture in the library is not whole.
        OriginalDamaged: the scan it came from is not; its metadata cannot be carried over.
        DiskFull, WriteFailed, LibraryReadOnly: nothing was published.
    """
    source = request.step.output()
    if source is None:
        raise StageContractBroken(f"step {request.step.id} ({request.step.stage}) made no photo")
    known = _export_there(library, request, source)
    if known is not None:
        return known, False
    photo = read_checkpoint(library.objects.verified_path(source))
    with library.ledger.read() as session:
        steps = lineage(session, request.print_row, source)
    original = library.objects.verified_original(request.scan.sha256)
    generated, changed = generated_in(library, steps), changes(steps)
    altered = any(name != CUTTING for name in changed)
    write = partial(
        write_derivative,
        photo,
        form=request.form,
        exif=inspect_scan(original, max_megapixels=float("inf")).exif,
        description=describe(request.scan, request.print_row, changed, generated),
        software=f"Shoebox {software_versions()['shoebox-prints']}",
        xmp=XmpFields(source_type(altered, generated), generated.models, scan_xmp(original)),
    )
    make_folder(request.target.parent)
    published, written = _published(library, request, write)
    with library.ledger.write() as session:
        export_id = record.add_export(
            session,
            run_id=run_id,
            print_id=request.print_row.id,
            step_id=request.step.id,
            path=_recorded_path(library, request.target),
            sha256=published.sha256,
            bytes=published.bytes,
            options=_options(request, source),
        )
        rows = queries.exports_of(session, request.print_row.id)
    return next(row for row in rows if row.id == export_id), written


def _export_there(library: Library, request: ExportRequest, source: str) -> ExportRow | None:
    """The row of an earlier export, when the same picture lies untouched at the target."""
    wanted = _options(request, source)
    same = [
        row
        for row in _exports_at(library, request)
        if row.options == wanted and row.step_id == request.step.id
    ]
    return same[-1] if same else None


def _options(request: ExportRequest, source: str) -> dict[str, Any]:
    """What makes the same file again."""
    return {**asdict(request.form), "source": source, "metadata": METADATA_VERSION}


def _exports_at(library: Library, request: ExportRequest) -> list[ExportRow]:
    """The rows of exports whose file lies untouched at the target."""
    if not os.path.lexists(request.target):
        return []
    if request.target.is_symlink() or not request.target.is_file():
        raise TargetExists(str(request.target))
    with library.ledger.read() as session:
        rows = queries.exports_of(session, request.print_row.id)
    path, digest = _recorded_path(library, request.target), sha256_file(request.target)
    return [row for row in rows if row.path == path and row.sha256 == digest]


def _published(library: Library, request: ExportRequest, write: Writer) -> tuple[Part, bool]:
    """The file written and published; or found there already, byte for byte.

    A file nobody has a row of may still be ours: a process may have died between publishing it
    and recording it. It is then the very file that would be written now.
    """
    target = request.target
    remove_stale_parts(target.parent, target=target.name)
    part = write_part(target.parent, target.name, write)
    if not os.path.lexists(target) or request.overwrite or _exports_at(library, request):
        place(part, target)
        return part, True
    if sha256_file(target) != part.sha256:
        part.discard()
        raise TargetExists(f"{target} was not written by Shoebox, or was changed since")
    # The same bytes once more: whether the name there is durable yet, nobody knows.
    place(part, target)
    return part, False


def _recorded_path(library: Library, target: Path) -> str:
    """Relative inside the library, so that a library may be moved as a whole; else absolute."""
    if target.is_relative_to(library.root):
        return target.relative_to(library.root).as_posix()
    return str(target)


def make_folder(folder: Path) -> None:
    """Make a folder for exports.

    Raises:
        DiskFull, WriteFailed, LibraryReadOnly: it cannot be made.
    """
    with typed_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def write_photo_file(
    photo: Photo,
    target: Path,
    form: DerivativeFormat,
    description: str,
    exif: bytes | None = None,
    xmp: XmpFields | None = None,
) -> None:
    """Write one photo to a file outside any library, atomically.

    Args:
        photo, form: what is written, and how.
        target: the file.
        description: for ImageDescription.
        exif: the scan's block or None.
        xmp: what its XMP packet says; None for no packet.

    Raises:
        DiskFull, WriteFailed: nothing was published.
    """
    write = partial(
        write_derivative,
        photo,
        form=form,
        exif=exif,
        description=description,
        software=f"Shoebox {software_versions()['shoebox-prints']}",
        xmp=xmp,
    )
    publish(target, write)
