"""Writing a finished picture out of the library, once, with what made it in the ledger."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.core.errors import StageContractBroken, TargetExists
from pipeline.core.photo import Photo
from pipeline.export.export_story import ExportStory, export_story, said_of
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
from pipeline.io.digest import sha256_bytes, sha256_file
from pipeline.io.output_colour import OutputColour
from pipeline.io.said import Said
from pipeline.store import queries, record
from pipeline.store.library import Library
from pipeline.store.rows import ExportRow, PrintRow, ScanRow, StepRow

if TYPE_CHECKING:
    from pipeline.export.credentials import Credentials

METADATA_VERSION = 3
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
        colour: the encoding it is converted to; None keeps the picture's own.
        credentials: what it is signed with, or None.
    """

    scan: ScanRow
    print_row: PrintRow
    step: StepRow
    target: Path
    form: DerivativeFormat
    overwrite: bool = False
    colour: OutputColour | None = None
    credentials: Credentials | None = None


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
    with library.ledger.read() as session:
        story = export_story(
            library, session, request.scan, request.print_row, request.step, source
        )
    options = _options(request, story)
    there = _exports_at(library, request)
    same = [row for row in there if row.options == options and row.step_id == request.step.id]
    if same:
        return same[-1], False
    write = _writer(library, library.objects.verified_path(source), request, story)
    make_folder(request.target.parent)
    published, written = published_once(
        request.target,
        write,
        is_ours=bool(there),
        overwrite=request.overwrite,
    )
    with library.ledger.write() as session:
        export_id = record.add_export(
            session,
            run_id=run_id,
            print_id=request.print_row.id,
            step_id=request.step.id,
            path=recorded_path(library, request.target),
            sha256=published.sha256,
            bytes=published.bytes,
            options=options,
        )
        rows = queries.exports_of(session, request.print_row.id)
    return next(row for row in rows if row.id == export_id), written


def _writer(library: Library, picture: Path, request: ExportRequest, story: ExportStory) -> Writer:
    """What writes the file, and signs it when that is asked for."""
    said = said_of(library, story)

    def write(file: BinaryIO) -> None:
        # Read here and named nowhere, so that a conversion can let go of what it converted.
        write_derivative(
            read_checkpoint(picture), file, request.form, said=said, colour=request.colour
        )

    if request.credentials is None:
        return write
    from pipeline.export.signing import claim_facts, signing

    facts = claim_facts(library, story, said)
    return signing(write, request.credentials, request.form.kind, facts, request.target.parent)


def _options(request: ExportRequest, story: ExportStory) -> dict[str, Any]:
    """What makes the same file again."""
    options = {
        **asdict(request.form),
        "source": story.identity.picture,
        "metadata": METADATA_VERSION,
    }
    if story.caption:
        options["caption"] = {**asdict(story.caption)}
        options["caption"] |= {
            name: list(getattr(story.caption, name)) for name in ("people", "keywords")
        }
    if request.colour is not None:
        options["colour"] = colour_options(request.colour)
    if request.credentials is not None:
        options["signed_by"] = sha256_bytes(request.credentials.pair.chain)
    return options


def colour_options(colour: OutputColour) -> dict[str, Any]:
    """An encoding as an export's options: what decides the file's pixels."""
    return {
        "profile": colour.name,
        "profile_sha256": sha256_bytes(colour.icc),
        "intent": colour.intent,
        "black_point_compensation": colour.black_point,
    }


def _exports_at(library: Library, request: ExportRequest) -> list[ExportRow]:
    """The rows of exports whose file lies untouched at the target."""
    with library.ledger.read() as session:
        rows = queries.exports_of(session, request.print_row.id)
    return untouched(library, rows, request.target)


def untouched(library: Library, rows: Sequence[ExportRow], target: Path) -> list[ExportRow]:
    """Those of some exports whose file lies at a place, as it was written.

    Raises:
        TargetExists: something else than a plain file stands there.
    """
    if not os.path.lexists(target):
        return []
    if target.is_symlink() or not target.is_file():
        raise TargetExists(str(target))
    path = recorded_path(library, target)
    here = [row for row in rows if row.path == path]
    digest = sha256_file(target) if here else ""
    return [row for row in here if row.sha256 == digest]


def published_once(
    target: Path, write: Writer, *, is_ours: bool, overwrite: bool
) -> tuple[Part, bool]:
    """The file written and published; or found there already, byte for byte.

    A file nobody has a row of may still be ours: a process may have died between publishing it
    and recording it. It is then the very file that would be written now.

    Args:
        target: the file.
        write: writes it.
        is_ours: whether what stands there was written by us and not changed since.
        overwrite: replace it whatever it is.

    Raises:
        TargetExists: another file stands there.
        DiskFull, WriteFailed, LibraryReadOnly: nothing was published.
    """
    remove_stale_parts(target.parent, target=target.name)
    part = write_part(target.parent, target.name, write)
    if not os.path.lexists(target) or overwrite or is_ours:
        place(part, target)
        return part, True
    if sha256_file(target) != part.sha256:
        part.discard()
        raise TargetExists(f"{target} was not written by Shoebox, or was changed since")
    # The same bytes once more: whether the name there is durable yet, nobody knows.
    place(part, target)
    return part, False


def recorded_path(library: Library, target: Path) -> str:
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


def write_photo_file(photo: Photo, target: Path, form: DerivativeFormat, said: Said) -> None:
    """Write one photo to a file outside any library, atomically.

    Args:
        photo, form: what is written, and how.
        target: the file.
        said: what the file says of itself.

    Raises:
        DiskFull, WriteFailed: nothing was published.
    """
    publish(target, partial(write_derivative, photo, form=form, said=said))
