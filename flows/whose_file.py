"""Finding the record of an exported file: from the file alone to the steps that made it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from pipeline.core.caption import Caption, PictureIdentity
from pipeline.core.errors import NotOurFile, ScanUnreadable, UnknownPrint
from pipeline.export.derivatives import recorded_path
from pipeline.io.digest import sha256_file
from pipeline.io.identity_read import identity_of
from pipeline.store import queries
from pipeline.store.captions import caption_of
from pipeline.store.library import CARD, Library
from pipeline.store.lineage import lineage
from pipeline.store.rows import ExportRow, PrintRow, ScanRow, StepRow


@dataclass(frozen=True)
class FileRecord:
    """What the ledger knows of an exported file.

    Args:
        path: the file.
        sha256: its digest now.
        scan, print_row: what it shows.
        caption: what a person wrote about the print.
        export: the row of its writing, by its digest or else by its place; None when the ledger
            has none, say, because the file was converted by another program.
        unchanged: whether it still is, byte for byte, a file that Shoebox wrote.
        picture: hex SHA-256 of the object whose pixels it was written with.
        steps: the steps that led to that object, oldest first.
        beside: names of the other prints on it, when it is a sheet of many.
    """

    path: Path
    sha256: str
    scan: ScanRow
    print_row: PrintRow
    caption: Caption
    export: ExportRow | None
    unchanged: bool
    picture: str
    steps: tuple[StepRow, ...]
    beside: tuple[str, ...] = ()


def library_of(path: Path) -> Path | None:
    """The library that a file lies in, or None."""
    return next((f for f in path.absolute().parents if (f / CARD).is_file()), None)


def record_of_file(library: Library, path: Path) -> FileRecord:
    """Find a file's record by its digest, or by what it says of itself.

    Raises:
        ScanUnreadable: it cannot be read.
        NotOurFile: no export has its digest and it names no picture of this library.
    """
    try:
        sha256 = sha256_file(path)
        identity = identity_of(path)
    except OSError as error:
        raise ScanUnreadable(f"{path}: {error.strerror}") from error
    with library.ledger.read() as session:
        exports = queries.exports_of(session)
    same = [row for row in exports if row.sha256 == sha256]
    export = same[-1] if same else None
    if identity is None and export is None:
        raise NotOurFile(str(path))
    if identity is not None and identity.library != library.id and export is None:
        raise NotOurFile(f"{path} says that it comes from the library {identity.library}")
    return _record(library, path, sha256, identity, export, exports)


def _record(
    library: Library,
    path: Path,
    sha256: str,
    identity: PictureIdentity | None,
    export: ExportRow | None,
    exports: list[ExportRow],
) -> FileRecord:
    with library.ledger.read() as session:
        if export is not None:
            print_row = queries.print_by_id(session, export.print_id)
            picture = str(export.options.get("source", ""))
        else:
            assert identity is not None
            print_row = _print_named(session, identity, path)
            picture = identity.picture
            place = recorded_path(library, path.absolute())
            mine = [row for row in exports if row.print_id == print_row.id]
            export = next(
                (row for row in reversed(mine) if row.path == place),
                next((row for row in reversed(mine) if row.options.get("source") == picture), None),
            )
        steps = tuple(lineage(session, print_row, picture))
        if not steps:
            raise NotOurFile(f"{path}: the library has no record of the picture {picture}")
        return FileRecord(
            path,
            sha256,
            queries.scan_by_id(session, print_row.scan_id),
            print_row,
            caption_of(session, print_row),
            export,
            export is not None and export.sha256 == sha256,
            picture,
            steps,
            _beside(session, export, exports),
        )


def _beside(
    session: Session, export: ExportRow | None, exports: list[ExportRow]
) -> tuple[str, ...]:
    """A sheet of many prints has a row for each of them."""
    if export is None:
        return ()
    ids = {row.print_id for row in exports if row.sha256 == export.sha256} - {export.print_id}
    return tuple(sorted(queries.print_by_id(session, number).name for number in ids))


def _print_named(session: Session, identity: PictureIdentity, path: Path) -> PrintRow:
    try:
        return queries.print_by_name(session, identity.print_name)
    except UnknownPrint as error:
        raise NotOurFile(f"{path} names the print {identity.print_name}") from error
